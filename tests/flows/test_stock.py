"""Stock documents: each whole or absent, once, and the shelf agrees with the journal."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from services.domain.errors import (
    CodeMalformed,
    CodeUnknown,
    DocumentKnown,
    DocumentSettled,
    DocumentUnknown,
    OutcomeUnknown,
    OutOfStock,
    RequestReused,
)
from services.flows import baskets
from services.flows import stock as flow
from services.flows.shop import Shop
from services.store import books, db, journal, stock
from services.store.db import LEDGER
from services.store.stock import Document
from tests.faults import STATEMENTS_MAX, FailingConnection
from tests.flows.test_checkout import counts, fill, pay
from tests.flows.test_returns import settle, sold, take_back
from tests.shop import GTINS, JEANS, SOCKS, TEE, make_shop, open_store

SUPPLIER = "棉田服饰"


def receive(shop: Shop, *lines: tuple[str, int], number: str = "", key: str = "") -> Document:
    return flow.receive(
        shop,
        lines or ((TEE, 10), (JEANS, 5)),
        number=number,
        supplier=SUPPLIER,
        operator_id="he",
        request_id=key or shop.new_id(),
    )


def shelf(*skus: str) -> list[int | None]:
    held = stock.on_hand(skus)
    return [held.get(sku) for sku in skus]


def events(kind: str) -> int:
    return sum(row.type == kind for row in journal.after(0, 1000))


@pytest.fixture(autouse=True)
def agrees(shop: Shop):  # type: ignore[no-untyped-def]
    """Whatever a test did, the books hold afterwards."""
    yield
    assert books.differences() == []


def test_a_delivery_is_on_hand_and_a_sale_takes_from_it(shop: Shop) -> None:
    receive(shop, (TEE, 10), (GTINS[JEANS].lstrip("0"), 5))
    pay(shop, fill(shop, "1", TEE, TEE, JEANS))
    assert shelf(TEE, JEANS) == [8, 4]
    assert [(m.kind, m.quantity) for m in stock.movements(TEE)] == [("sold", -2), ("received", 10)]


def test_what_comes_back_is_on_the_shelf_again(shop: Shop) -> None:
    receive(shop, (TEE, 10))
    sale = sold(shop, TEE, TEE)
    assert shelf(TEE) == [8]
    take_back(shop, sale, (1, 1))
    settle(shop, None)
    assert shelf(TEE) == [9]
    assert [m.kind for m in stock.movements(TEE)] == ["returned", "sold", "received"]


def test_an_article_that_no_document_named_is_not_kept(shop: Shop) -> None:
    pay(shop, fill(shop, "1", TEE))
    assert shelf(TEE) == [None]
    receive(shop, (TEE, 3))
    assert shelf(TEE) == [3]  # what was sold before came from a shelf that nobody had counted


def test_one_article_on_two_lines_is_added_up(shop: Shop) -> None:
    document = receive(shop, (TEE, 2), (JEANS, 1), (GTINS[TEE], 3))
    assert [(line.sku, line.quantity) for line in stock.lines_of(document.document_id)] == [
        (TEE, 5),
        (JEANS, 1),
    ]


def test_a_delivery_is_journalled_and_told_once_per_request(shop: Shop) -> None:
    first = receive(shop, key="key-1", number="DN-1")
    assert receive(shop, key="key-1", number="DN-1").document_id == first.document_id
    assert shelf(TEE, JEANS) == [10, 5]
    assert events("stock.received") == 1
    with pytest.raises(RequestReused):
        receive(shop, (TEE, 11), key="key-1", number="DN-1")


def test_a_delivery_note_is_entered_once_unless_it_was_taken_back(shop: Shop) -> None:
    first = receive(shop, number="DN-1")
    with pytest.raises(DocumentKnown):
        receive(shop, number="DN-1")
    flow.take_back(shop, first.document_id, operator_id="he", request_id="back-1")
    assert shelf(TEE, JEANS) == [0, 0]
    receive(shop, number="DN-1")
    assert shelf(TEE, JEANS) == [10, 5]


@pytest.mark.parametrize(
    ("code", "refusal"),
    [("NO-SUCH", CodeUnknown), ("6901028014572", CodeMalformed), ("", CodeMalformed)],
)
def test_a_line_that_names_no_article_refuses_the_whole_document(
    shop: Shop, code: str, refusal: type[Exception]
) -> None:
    with pytest.raises(refusal):
        receive(shop, (TEE, 1), (code, 1))
    assert shelf(TEE) == [None] and counts()["journal"] == 0


def test_a_counter_document_takes_back_and_is_not_taken_back_itself(shop: Shop) -> None:
    document = receive(shop)
    counter = flow.take_back(shop, document.document_id, operator_id="he", request_id="b1")
    assert counter.reverses == document.document_id
    assert flow.take_back(shop, document.document_id, operator_id="he", request_id="b1") == counter
    for settled in (document, counter):
        with pytest.raises(DocumentSettled):
            flow.take_back(shop, settled.document_id, operator_id="he", request_id=shop.new_id())
    with pytest.raises(DocumentUnknown):
        flow.take_back(shop, "no-such", operator_id="he", request_id=shop.new_id())
    assert shelf(TEE, JEANS) == [0, 0]
    assert events("stock.received") == 2


def test_pieces_are_written_off_with_a_reason(shop: Shop) -> None:
    receive(shop)
    flow.adjust(shop, [(TEE, -2)], reason="damaged", note="水渍", operator_id="he", request_id="a1")
    assert shelf(TEE) == [8]
    assert stock.movements(TEE)[0].kind == "adjusted"


def transfer(shop: Shop, direction: str, *lines: tuple[str, int], number: str = "") -> Document:
    return flow.transfer(
        shop,
        lines,
        direction=direction,
        other_store="S0002",
        number=number,
        operator_id="he",
        request_id=shop.new_id(),
    )


def test_what_goes_out_has_left_the_shelf_and_a_loss_on_the_way_stays_with_the_paper(shop: Shop) -> None:
    receive(shop)
    sent = transfer(shop, "out", (TEE, 4), (JEANS, 1))
    assert (sent.state, shelf(TEE, JEANS)) == ("in_transit", [6, 4])
    arrived = flow.arrive(shop, sent.document_id, [(TEE, 3)], operator_id="he", request_id="arr")
    assert (arrived.state, shelf(TEE, JEANS)) == ("arrived", [6, 4])
    assert [(x.sku, x.quantity, x.expected, x.found) for x in stock.lines_of(sent.document_id)] == [
        (TEE, -4, 4, 3),
        (JEANS, -1, 1, 0),
    ]
    assert flow.arrive(shop, sent.document_id, [(TEE, 3)], operator_id="he", request_id="arr") == arrived
    with pytest.raises(DocumentSettled):
        flow.arrive(shop, sent.document_id, [(TEE, 4)], operator_id="he", request_id="again")


def test_what_is_announced_is_on_hand_when_it_has_arrived_with_what_is_really_there(shop: Shop) -> None:
    coming = transfer(shop, "in", (TEE, 4), number="T-7")
    assert shelf(TEE) == [None]
    flow.arrive(shop, coming.document_id, [(TEE, 3), (SOCKS, 2)], operator_id="he", request_id="arr")
    assert shelf(TEE, SOCKS) == [3, 2]
    with pytest.raises(DocumentKnown):
        transfer(shop, "in", (TEE, 4), number="T-7")


def test_a_transfer_out_that_comes_back_is_on_the_shelf_again(shop: Shop) -> None:
    receive(shop)
    sent = transfer(shop, "out", (TEE, 4))
    flow.take_back(shop, sent.document_id, operator_id="he", request_id="b1")
    assert shelf(TEE) == [10]
    assert flow.find(sent.document_id).state == "reversed"


def test_an_announced_transfer_that_never_comes_is_cancelled(shop: Shop) -> None:
    coming = transfer(shop, "in", (TEE, 4))
    cancelled = flow.take_back(shop, coming.document_id, operator_id="he", request_id="b1")
    assert (cancelled.document_id, cancelled.state) == (coming.document_id, "cancelled")
    assert shelf(TEE) == [None]


def test_a_long_document_is_told_in_parts_of_one_transaction(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(flow, "LINES_OF_EVENT", 2)
    receive(shop, (TEE, 1), (JEANS, 2), (SOCKS, 3))
    assert events("stock.received") == 2


@pytest.mark.parametrize(
    "damage",
    [
        "UPDATE stock SET on_hand = on_hand + 1 WHERE sku = 'T-W-S'",
        "DELETE FROM stock WHERE sku = 'T-W-S'",
        "INSERT INTO stock VALUES ('K-W', 0)",
        "UPDATE stock_line SET quantity = 9 WHERE sku = 'J-B-27'",
        "DELETE FROM stock_line WHERE sku = 'J-B-27'",
    ],
)
def test_a_piece_that_the_journal_does_not_know_is_found(shop: Shop, damage: str) -> None:
    receive(shop)
    pay(shop, fill(shop, "1", TEE))
    with pytest.raises(ZeroDivisionError), db.write():
        LEDGER.execute_sql(damage)
        (wrong,) = books.differences()
        assert wrong.startswith(("stock 'T-W-S'", "stock 'K-W'", "stock_line ("))
        _ = 1 // 0  # and undone


def test_a_shop_that_warns_sells_below_zero_and_one_that_refuses_does_not(shop: Shop) -> None:
    receive(shop, (TEE, 1))
    pay(shop, fill(shop, "1", TEE, TEE), key="k1")
    assert shelf(TEE) == [-1]
    strict = make_shop(oversell="refuse", new_id=shop.new_id)
    before = counts()
    shown = fill(strict, "2", TEE, JEANS)
    with pytest.raises(OutOfStock) as refusal:
        pay(strict, shown, till="2", key="k2")
    assert refusal.value.details == {"articles": [{"sku": TEE, "short": 2}]}
    assert {**counts(), "request": 0} == {**before, "request": 0}
    assert shelf(TEE) == [-1]
    receive(shop, (TEE, 2))
    pay(strict, shown, till="2", key="k2")
    assert shelf(TEE, JEANS) == [0, None]


def race(*runs: Callable[[], object]) -> list[object]:
    """All at once; what each gave or raised."""
    start, ends = threading.Barrier(len(runs)), [None] * len(runs)  # type: list[object]

    def one(n: int) -> None:
        start.wait()
        try:
            ends[n] = runs[n]()
        except OutOfStock as error:
            ends[n] = error

    threads = [threading.Thread(target=one, args=(n,)) for n in range(len(runs))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return ends


def test_the_last_unit_sold_by_two_tills_at_once_has_one_winner(tmp_path: Path, soak: int) -> None:
    """50 races, 1,000 with --soak."""
    open_store(tmp_path / "race.db")
    shop = make_shop(oversell="refuse")
    for n in range(50 * soak):
        receive(shop, (TEE, 1))
        first, second = fill(shop, "1", TEE), fill(shop, "2", TEE)
        before = counts()
        ends = race(
            lambda shown=first, key=f"one-{n}": pay(shop, shown, key=key),  # type: ignore[misc]
            lambda shown=second, key=f"two-{n}": pay(shop, shown, till="2", key=key),  # type: ignore[misc]
        )
        assert sum(isinstance(end, OutOfStock) for end in ends) == 1, ends
        gained = {table: counts()[table] - before[table] for table in before}
        assert (gained["sale"], gained["journal"], gained["request"]) == (1, 1, 1)
        assert shelf(TEE) == [0]
        for till in "12":
            clear(shop, till)
    assert journal.first_break() == 0
    assert books.differences() == []


def clear(shop: Shop, till: str) -> None:
    """The loser's basket stands as it was; it must not sell in the next race."""
    held = baskets.current(shop, till)
    for line in held.standing:
        baskets.set_quantity(shop, till, line.line_id, 0, basket_id=held.basket_id)


def test_a_document_is_whole_or_absent_wherever_storage_fails(
    shop: Shop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = sqlite3.connect
    monkeypatch.setattr(sqlite3, "connect", lambda *a, **k: real(*a, **{"factory": FailingConnection, **k}))
    open_store(tmp_path / "faulty.db")
    whole = (1, 2, 1, 1, 10, 5)

    def state() -> tuple[int, ...]:
        tables = ("stock_document", "stock_line", "journal", "request")
        rows = [LEDGER.execute_sql(f"SELECT COUNT(*) FROM {t}").fetchone()[0] for t in tables]
        held = stock.on_hand([TEE, JEANS])
        return (*rows, held.get(TEE, 0), held.get(JEANS, 0))

    for n in range(1, STATEMENTS_MAX):
        before = state()
        FailingConnection.fail_at, FailingConnection.seen = n, []
        try:
            receive(shop, key=f"key{n}")
            failed = False
        except (OutcomeUnknown, sqlite3.OperationalError) as error:
            assert "injected" in str(error) or isinstance(error, OutcomeUnknown)
            failed = True
        FailingConnection.fail_at = 0
        gained = tuple(b - a for a, b in zip(before, state(), strict=True))
        assert gained in ((0,) * 6, whole), (n, gained)
        if gained != whole:
            receive(shop, key=f"key{n}")
            assert tuple(b - a for a, b in zip(before, state(), strict=True)) == whole
        if not failed:
            return
    pytest.fail("the fault loop never reached a clean run")


def test_a_repeat_gives_the_first_document_also_when_an_article_has_left_the_catalogue(shop: Shop) -> None:
    """Refused, somebody would enter the delivery again."""
    delivery = receive(shop, (TEE, 10), key="key-r")
    off = dict(reason="damaged", note="", operator_id="he", request_id="key-a")
    written = flow.adjust(shop, [(TEE, -1)], **off)  # type: ignore[arg-type]
    sent = dict(direction="in", other_store="S0002", number="", operator_id="he", request_id="key-t")
    coming = flow.transfer(shop, [(TEE, 2)], **sent)  # type: ignore[arg-type]
    there = dict(operator_id="he", request_id="key-i")
    arrived = flow.arrive(shop, coming.document_id, [(TEE, 2)], **there)  # type: ignore[arg-type]
    with db.write():
        LEDGER.execute_sql("DELETE FROM article WHERE sku = ?", (TEE,))
    assert receive(shop, (TEE, 10), key="key-r").document_id == delivery.document_id
    assert flow.adjust(shop, [(TEE, -1)], **off) == written  # type: ignore[arg-type]
    assert flow.transfer(shop, [(TEE, 2)], **sent).document_id == coming.document_id  # type: ignore[arg-type]
    assert flow.arrive(shop, coming.document_id, [(TEE, 2)], **there) == arrived  # type: ignore[arg-type]
    assert shelf(TEE) == [11]
