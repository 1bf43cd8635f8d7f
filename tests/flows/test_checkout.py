"""Closing a sale: whole or absent, once, and in balance."""

from __future__ import annotations

import random
import sqlite3
import threading
from pathlib import Path

import msgspec
import pytest

from services.domain.errors import (
    BasketChanged,
    BasketEmpty,
    OutcomeUnknown,
    RequestReused,
    SaleUnknown,
    TenderRefused,
    TenderShort,
)
from services.flows import baskets, checkout, copies
from services.flows.shop import Shop
from services.store import db, jobs, journal
from services.store.db import LEDGER
from services.store.sales import Sale
from tests.faults import STATEMENTS_MAX, FailingConnection
from tests.shop import JEANS, SOCKS, TEE, open_store

TABLES = ("sale", "sale_line", "tender", "posting", "job", "journal", "request")


def fill(shop: Shop, till: str = "1", *skus: str) -> tuple[str, int]:
    for sku in skus or (TEE, JEANS, TEE):
        baskets.add(shop, till, sku=sku, code="", quantity=1, request_id=shop.new_id())
    basket = baskets.current(shop, till)
    return basket.basket_id, basket.version


def pay(
    shop: Shop, shown: tuple[str, int], minor: int = 600_00, *, till: str = "1", key: str = "key"
) -> str:
    sale = checkout.settle(
        shop,
        till,
        basket_id=shown[0],
        version=shown[1],
        tendered=[("cash", minor)],
        operator_id="zhou",
        request_id=key,
    )
    return sale.sale_id


def counts() -> dict[str, int]:
    return {t: LEDGER.execute_sql(f"SELECT COUNT(*) FROM {t}").fetchone()[0] for t in TABLES}


def test_a_cash_sale_gives_change_and_leaves_an_empty_basket(shop: Shop) -> None:
    sale = checkout.find(pay(shop, fill(shop)))
    assert sale.total.minor == 2 * 99_00 + 329_00
    (cash,) = sale.tenders
    assert (cash.amount.minor, cash.tendered.minor, cash.change.minor) == (527_00, 600_00, 73_00)
    assert sale.number == "S0001-1-000001"
    assert baskets.current(shop, "1").lines == ()
    assert [job.kind for job in jobs.of_sale(sale.sale_id)] == ["drawer", "receipt"]


def test_postings_of_every_sale_sum_to_zero(shop: Shop) -> None:
    for n in range(5):
        pay(shop, fill(shop), key=f"k{n}")
    rows = LEDGER.execute_sql("SELECT sale_id, SUM(amount_minor), COUNT(*) FROM posting GROUP BY sale_id")
    assert [(total, n) for _, total, n in rows] == [(0, 2)] * 5


def test_the_journal_row_tells_the_whole_sale(shop: Shop) -> None:
    sale = checkout.find(pay(shop, fill(shop)))
    (row,) = [r for r in journal.after(0, 10) if r.type == "sale.completed"]
    event = msgspec.json.decode(row.body)
    assert event["seq"] == row.seq == sale.journal_seq
    assert event["dataschema"] == "sale.completed/1.5"
    assert event["data"]["total_minor"] == 527_00
    assert [line["quantity"] for line in event["data"]["line_items"]] == [2, 1]
    assert event["bizday"] == event["data"]["business_day"] == "2026-11-22"
    assert journal.first_break() == 0


def test_a_repeat_answers_the_first_sale_and_other_content_is_refused(shop: Shop) -> None:
    shown = fill(shop)
    first = pay(shop, shown)
    assert pay(shop, shown) == first
    with pytest.raises(RequestReused):
        pay(shop, shown, 700_00)
    assert counts()["sale"] == 1
    assert checkout.find_by_request("key").sale_id == first


def test_a_key_that_comes_again_with_another_total_is_refused(shop: Shop) -> None:
    """A till that showed 98.00 must not be told that the sale of 99.00 is the one it wished for."""
    baskets.add(shop, "1", sku=TEE, code="", quantity=1, request_id="add")
    bag = baskets.current(shop, "1")

    def settle(total_minor: int) -> Sale:
        return checkout.settle(
            shop,
            "1",
            basket_id=bag.basket_id,
            version=bag.version,
            tendered=[("cash", 99_00)],
            operator_id="zhou",
            request_id="pay",
            total_minor=total_minor,
        )

    first = settle(99_00)
    with pytest.raises(RequestReused):
        settle(98_00)
    assert settle(99_00) == first


def test_nothing_is_charged_under_an_unknown_key(shop: Shop) -> None:
    with pytest.raises(SaleUnknown):
        checkout.find_by_request("never")


@pytest.mark.parametrize(
    ("minor", "refusal"),
    [(526_99, TenderShort), (0, TenderShort), (10**12, TenderRefused)],
)
def test_money_that_does_not_fit_is_refused_and_nothing_changes(
    shop: Shop, minor: int, refusal: type[Exception]
) -> None:
    shown = fill(shop)
    before = counts()
    with pytest.raises(refusal):
        pay(shop, shown, minor)
    assert counts() == before
    assert baskets.current(shop, "1").pieces == 3


def test_a_basket_that_changed_after_it_was_shown_is_not_sold(shop: Shop) -> None:
    shown = fill(shop)
    baskets.scan(shop, "1", "T-W-M")
    with pytest.raises(BasketChanged) as refused:
        pay(shop, shown)
    assert refused.value.details["total_minor"] == 626_00


def test_an_empty_or_wholly_removed_basket_is_not_sold(shop: Shop) -> None:
    basket_id, _ = fill(shop, "1", TEE)
    after = baskets.set_quantity(shop, "1", 1, 0, basket_id=basket_id)
    with pytest.raises(BasketEmpty):
        pay(shop, (basket_id, after.version))


def test_removed_lines_stay_in_the_sale_as_void(shop: Shop) -> None:
    basket_id, _ = fill(shop, "1", TEE, SOCKS)
    after = baskets.set_quantity(shop, "1", 1, 0, basket_id=basket_id)
    sale = checkout.find(pay(shop, (basket_id, after.version)))
    assert [(held.line.sku, held.line.voided, held.net.minor) for held in sale.lines] == [
        (TEE, True, 0),
        (SOCKS, False, 29_00),
    ]
    assert sale.total.minor == 29_00


def test_each_till_numbers_its_sales_without_gaps_whatever_fails(shop: Shop) -> None:
    rng = random.Random(7)
    for n in range(40):
        till = rng.choice("12")
        shown = fill(shop, till, SOCKS)
        if rng.random() < 0.4:
            with pytest.raises(TenderShort):
                pay(shop, shown, 1, till=till, key=f"bad{n}")
        pay(shop, baskets_shown(shop, till), 100_000_00, till=till, key=f"k{n}")
    for till in "12":
        rows = LEDGER.execute_sql("SELECT till_seq FROM sale WHERE till = ? ORDER BY till_seq", (till,))
        assert [seq for (seq,) in rows] == list(range(1, sales_of(till) + 1))


def sales_of(till: str) -> int:
    return int(LEDGER.execute_sql("SELECT COUNT(*) FROM sale WHERE till = ?", (till,)).fetchone()[0])


def baskets_shown(shop: Shop, till: str) -> tuple[str, int]:
    basket = baskets.current(shop, till)
    return basket.basket_id, basket.version


def test_a_copy_is_numbered_journalled_and_made_once_per_request(shop: Shop) -> None:
    sale_id = pay(shop, fill(shop))
    first = copies.copy_receipt(shop, sale_id, operator_id="zhou", till="1", request_id="c1")
    again = copies.copy_receipt(shop, sale_id, operator_id="zhou", till="1", request_id="c1")
    second = copies.copy_receipt(shop, sale_id, operator_id="zhou", till="1", request_id="c2")
    assert (first.copy_number, again.job_id, second.copy_number) == (1, first.job_id, 2)
    assert [r.type for r in journal.after(0, 10)] == ["sale.completed", "receipt.copied", "receipt.copied"]


def test_a_sale_is_whole_or_absent_wherever_storage_fails(
    shop: Shop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = sqlite3.connect
    monkeypatch.setattr(sqlite3, "connect", lambda *a, **k: real(*a, **{"factory": FailingConnection, **k}))
    open_store(tmp_path / "faulty.db")
    for n in range(1, STATEMENTS_MAX):
        shown = fill(shop)
        before = counts()
        FailingConnection.fail_at, FailingConnection.seen = n, []
        try:
            pay(shop, shown, key=f"key{n}")
            failed = False
        except Exception as error:
            assert "injected" in str(error) or isinstance(error, OutcomeUnknown), error
            failed = True
        FailingConnection.fail_at = 0
        gained = {t: counts()[t] - before[t] for t in TABLES}
        absent, whole = {t: 0 for t in TABLES}, whole_sale()
        assert gained in (absent, whole), (n, FailingConnection.seen[-1], gained)
        assert failed == (len(FailingConnection.seen) >= n), n
        if gained == absent:
            pay(shop, shown, key=f"key{n}")  # the same key again: once, and the connection still works
            assert {t: counts()[t] - before[t] for t in TABLES} == whole
        if not failed:
            assert journal.first_break() == 0
            return
    pytest.fail("the fault loop never reached a clean run")


def whole_sale() -> dict[str, int]:
    return {"sale": 1, "sale_line": 2, "tender": 1, "posting": 2, "job": 2, "journal": 1, "request": 1}


def test_eight_tills_share_syncs_and_every_sale_stands_once(shop: Shop) -> None:
    def sell(till: str) -> None:
        for n in range(20):
            pay(shop, fill(shop, till, SOCKS), 29_00, till=till, key=f"{till}-{n}")

    threads = [threading.Thread(target=sell, args=(str(till),)) for till in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert counts()["sale"] == counts()["journal"] == 160
    assert journal.first_break() == 0
    numbers = [n for (n,) in LEDGER.execute_sql("SELECT number FROM sale")]
    assert len(set(numbers)) == 160


def test_one_key_from_eight_threads_at_once_sells_once(shop: Shop) -> None:
    shown = fill(shop)
    answers: list[str] = []
    start = threading.Barrier(8)

    def press() -> None:
        start.wait()
        answers.append(pay(shop, shown))

    threads = [threading.Thread(target=press) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(answers) == 8 and len(set(answers)) == 1
    assert counts()["sale"] == 1


def test_a_failure_in_one_thread_undoes_nothing_of_another(shop: Shop) -> None:
    """Members of one group: the second one fails while the first one waits for its sync."""
    inside, release = threading.Event(), threading.Event()

    def slow() -> None:
        with db.write():
            LEDGER.execute_sql("INSERT INTO box VALUES ('slow', '1')")
            inside.set()
            release.wait()

    def bad() -> None:
        with pytest.raises(ZeroDivisionError), db.write():
            LEDGER.execute_sql("INSERT INTO box VALUES ('bad', '1')")
            _ = 1 // 0

    first = threading.Thread(target=slow)
    first.start()
    inside.wait()
    second = threading.Thread(target=bad)
    second.start()
    while LEDGER._waiting == 0:
        pass
    release.set()
    first.join()
    second.join()
    assert [k for (k,) in LEDGER.execute_sql("SELECT key FROM box")] == ["slow"]
