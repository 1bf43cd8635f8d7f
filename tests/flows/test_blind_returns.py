"""Goods without a receipt: the lowest price of the last days, on a new gift card, with four eyes."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from services.domain.errors import (
    ApprovalNeeded,
    ApproverRefused,
    BasketChanged,
    CodeUnknown,
    PinRefused,
    RequestReused,
    ReturnRefused,
    ShopError,
)
from services.domain.ledger import GIFT_CARDS
from services.domain.periods import period
from services.domain.return_rules import ReturnRules
from services.flows import (
    baskets,
    blind_returns,
    catalogue,
    checkout,
    discounts,
    gift_cards,
    poslog,
    spool,
    voids,
)
from services.flows import stock as stock_flow
from services.flows.approvals import Approval
from services.flows.catalogue import StyleChange
from services.flows.coming_back import returnable
from services.flows.shop import Shop
from services.registry import discover
from services.reports.answer import answer
from services.reports.contract import Question, Report
from services.store import books, db, journal, sales, stock
from services.store import catalogue as shelf
from services.store import gift_cards as cards
from services.store import prices as lists
from services.store.catalogue import Article
from services.store.db import LEDGER
from services.store.sales import Sale
from tests.faults import each_failure
from tests.shop import GTINS, JEANS, SHANGHAI, SOCKS, TEE, Clock, make_shop

REPORTS: dict[str, Report] = discover("services.reports", "REPORT")
MANAGER = Approval(approver_id="he", pin="735290", reason="lost receipt")
DAY_MS, DAY = 24 * 3_600_000, "2026-11-22"


def take_back(shop: Shop, *pieces: tuple[str, int], total: int, key: str = "", **more: object) -> Sale:
    given: dict[str, object] = {"reason": "size", "approval": MANAGER, "operator_id": "zhou", **more}
    return blind_returns.take_back(
        shop,
        "1",
        pieces=pieces,
        total_minor=total,
        request_id=key or shop.new_id(),
        **given,  # type: ignore[arg-type]
    )


def worth(shop: Shop, code: str) -> int:
    return blind_returns.offer(shop, code=code).unit_minor


def sell(shop: Shop, sku: str, minor: int, *, discount_bp: int = 0) -> Sale:
    baskets.add(shop, "2", sku=sku, code="", quantity=1, request_id=shop.new_id())
    basket = baskets.current(shop, "2")
    if discount_bp:
        basket = discounts.discount(
            shop,
            "2",
            basket_id=basket.basket_id,
            line_id=1,
            percent_bp=discount_bp,
            amount_minor=0,
            reason="worn",
            approval=MANAGER,
            operator_id="zhou",
        )
    return checkout.settle(
        shop,
        "2",
        basket_id=basket.basket_id,
        version=basket.version,
        tendered=[("cash", minor)],
        operator_id="zhou",
        request_id=shop.new_id(),
    )


def reprice(shop: Shop, minor: int) -> None:
    change = StyleChange(name="纯棉基础 T 恤", category="tops", garment="tee", prices={TEE: minor})
    catalogue.change_style(shop, "T1", change, operator_id="he", request_id=shop.new_id())


def balances() -> dict[str, int]:
    rows = LEDGER.execute_sql("SELECT account, SUM(amount_minor) FROM posting GROUP BY account").fetchall()
    return {account: int(minor) for account, minor in rows if minor}


def test_goods_come_back_for_a_new_card_which_then_pays(shop: Shop) -> None:
    stock_flow.receive(
        shop, [(TEE, 3)], number="", supplier="mill", operator_id="he", request_id=shop.new_id()
    )
    document = take_back(shop, (TEE, 2), (SOCKS, 1), total=227_00)
    assert (document.kind, document.original_id, document.total.minor) == (sales.RETURN, "", -227_00)
    assert (document.reason, document.approver_id) == ("size", "he")
    assert [(t.key, t.amount.minor) for t in document.tenders] == [("gift_card", -227_00)]
    assert checkout.find(document.sale_id) == document
    assert stock.on_hand([TEE])[TEE] == 5
    assert balances() == {GIFT_CARDS: -227_00, "revenue:sales": 227_00}
    (move,) = cards.moves(document.sale_id)
    assert (move.kind, move.amount_minor, move.balance_minor) == ("issued", 227_00, 227_00)
    baskets.add(shop, "1", sku=SOCKS, code="", quantity=1, request_id=shop.new_id())
    basket = baskets.current(shop, "1")
    paid = gift_cards.redeem(
        shop,
        "1",
        basket_id=basket.basket_id,
        version=basket.version,
        code=move.code,
        amount_minor=0,
        operator_id="zhou",
        request_id=shop.new_id(),
    )
    assert paid.paid_minor == 29_00
    assert books.differences() == [] and journal.first_break() == 0


def test_the_paper_says_it_had_no_receipt_and_hands_over_the_card(shop: Shop) -> None:
    document = take_back(shop, (TEE, 1), total=99_00)
    (row,) = LEDGER.execute_sql(
        "SELECT job_id FROM job WHERE sale_id = ? AND kind = 'receipt'", (document.sale_id,)
    )
    job = spool.jobs.by_id(row[0])
    assert job is not None
    (move,) = cards.moves(document.sale_id)
    printed = repr(spool.paper(shop, job, []))
    for text in ("退货", "无小票", "99.00", move.code):
        assert text in printed, text
    assert move.code not in repr(spool.receipt_ops(shop, document))  # a screen never shows it


def test_headquarters_hears_of_a_return_without_an_original(shop: Shop) -> None:
    take_back(shop, (TEE, 1), total=99_00)
    (told,) = [
        msg for (msg,) in LEDGER.execute_sql("SELECT body FROM journal WHERE type = 'sale.completed'")
    ]
    assert b'"kind":"return"' in told and b"original_id" not in told and b"return_of" not in told
    assert b'"approver_id":"he"' in told
    exported = "".join(poslog.export("S0001", "CNY", DAY))
    assert '<Return ItemType="Stock">' in exported and "TransactionLink" not in exported


def test_it_is_always_two_people_and_the_second_may_approve_it(shop: Shop) -> None:
    with pytest.raises(ApprovalNeeded) as refused:
        take_back(shop, (TEE, 1), total=99_00, approval=None)
    assert refused.value.details["right"] == "return_blind"
    assert refused.value.details["size"] == 99_00
    with pytest.raises(ApprovalNeeded):  # a manager does not do it alone either
        take_back(shop, (TEE, 1), total=99_00, approval=None, operator_id="he")
    with pytest.raises(PinRefused):
        take_back(shop, (TEE, 1), total=99_00, approval=Approval(approver_id="he", pin="1" * 6, reason="x"))
    with pytest.raises(ApproverRefused):
        take_back(
            shop, (TEE, 1), total=99_00, approval=Approval(approver_id="zhou", pin="204816", reason="x")
        )
    assert balances() == {}


def test_the_lowest_price_of_thirty_days_counts(shop: Shop, clock: Clock) -> None:
    assert worth(shop, TEE) == worth(shop, GTINS[TEE]) == 99_00
    sell(shop, TEE, 99_00, discount_bp=2_000)
    assert worth(shop, TEE) == 79_20
    clock.at_ms += 29 * DAY_MS
    assert worth(shop, TEE) == 79_20
    clock.at_ms += 2 * DAY_MS
    assert worth(shop, TEE) == 99_00


def test_an_undone_sale_and_a_gift_were_no_price(shop: Shop) -> None:
    sale = sell(shop, TEE, 99_00, discount_bp=5_000)
    assert worth(shop, TEE) == 49_50
    voids.void(
        shop,
        "2",
        sale.sale_id,
        reason="mistake",
        approval=MANAGER,
        operator_id="zhou",
        request_id=shop.new_id(),
    )
    sell(shop, TEE, 99_00, discount_bp=10_000)
    assert worth(shop, TEE) == 99_00


def test_a_price_that_was_listed_counts_also_when_nobody_paid_it(shop: Shop, clock: Clock) -> None:
    reprice(shop, 80_00)
    reprice(shop, 120_00)
    assert worth(shop, TEE) == 80_00
    clock.at_ms += 31 * DAY_MS
    assert worth(shop, TEE) == 120_00
    with db.write():  # a list's price that has ended, and one that is still to come
        lists.put(TEE, "", clock.at_ms - 3 * DAY_MS, clock.at_ms - 2 * DAY_MS, 70_00)
        lists.put(TEE, "", clock.at_ms + DAY_MS, 0, 60_00)
    assert worth(shop, TEE) == 70_00
    clock.at_ms += 2 * DAY_MS
    assert worth(shop, TEE) == 60_00


def test_there_is_a_cap_and_gift_cards_do_not_come_back_like_this(shop: Shop, clock: Clock) -> None:
    with pytest.raises(ReturnRefused) as refused:
        take_back(shop, (JEANS, 2), total=658_00)
    assert refused.value.details["most_minor"] == 500_00
    never = make_shop(clock, return_rules=ReturnRules(blind_max_minor=0))
    with pytest.raises(ReturnRefused):
        blind_returns.offer(never, code=TEE)
    low = make_shop(clock, gift_card_max_minor=50_00)
    with pytest.raises(ReturnRefused):
        take_back(low, (TEE, 1), total=99_00)
    with db.write():
        shelf.put_category("gift_cards", "礼品卡", 9)
        shelf.put_style("G1", "礼品卡", "gift_cards", "card", "lpk", 9)
        shelf.put_article(Article("G-100", "G1", "礼品卡", "card", "", "", "", "", 100_00), 1, 1)
    with pytest.raises(ReturnRefused):
        blind_returns.offer(shop, code="G-100")


def test_hostile_wishes_change_nothing(shop: Shop) -> None:
    for pieces, total, error in (
        ([], 1, ReturnRefused),
        ([(TEE, 1), (TEE, 1)], 198_00, ReturnRefused),
        ([(TEE, 0)], 0, ReturnRefused),
        ([(TEE, -1)], -99_00, ReturnRefused),
        ([(TEE, 10_000)], 990_000_00, ReturnRefused),
        ([("nothing", 1)], 1, CodeUnknown),
        ([("'; DROP TABLE sale; --", 1)], 1, CodeUnknown),
        ([(TEE, 1)], 199_00, BasketChanged),
        ([(TEE, 1)], 98_99, BasketChanged),
    ):
        with pytest.raises(error):
            take_back(shop, *pieces, total=total)
    assert balances() == {} and books.differences() == []


def test_a_price_that_fell_while_somebody_was_asked_is_not_paid(shop: Shop) -> None:
    reprice(shop, 89_00)
    with pytest.raises(BasketChanged) as refused:
        take_back(shop, (TEE, 1), total=99_00)
    assert refused.value.details["total_minor"] == 89_00


def test_a_repeat_gives_the_first_document(shop: Shop) -> None:
    first = take_back(shop, (TEE, 1), total=99_00, key="blind-1")
    reprice(shop, 50_00)
    assert take_back(shop, (TEE, 1), total=99_00, key="blind-1") == first
    assert take_back(shop, (TEE, 1), total=99_00, key="blind-1", approval=None) == first
    with pytest.raises(RequestReused):
        take_back(shop, (TEE, 2), total=99_00, key="blind-1")
    assert balances()[GIFT_CARDS] == -99_00


def test_two_tills_send_one_wish_and_one_card_is_made(shop: Shop) -> None:
    made: list[str] = []

    def once() -> None:
        try:
            made.append(take_back(shop, (TEE, 1), total=99_00, key="same").sale_id)
        except ShopError as error:
            made.append(error.code)

    both = [threading.Thread(target=once) for _ in range(4)]
    for thread in both:
        thread.start()
    for thread in both:
        thread.join()
    assert len(set(made)) == 1
    assert balances()[GIFT_CARDS] == -99_00


def test_what_came_back_without_a_receipt_comes_back_no_second_time(shop: Shop) -> None:
    document = take_back(shop, (TEE, 1), total=99_00)
    assert returnable(document.sale_id).left == {}
    with pytest.raises(ReturnRefused):
        voids.void(
            shop,
            "1",
            document.sale_id,
            reason="mistake",
            approval=MANAGER,
            operator_id="zhou",
            request_id=shop.new_id(),
        )


def test_it_is_whole_or_absent_wherever_storage_fails(
    shop: Shop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    each_failure(
        monkeypatch,
        tmp_path,
        lambda n: f"key-{n}",
        lambda key: take_back(shop, (TEE, 1), (SOCKS, 2), total=157_00, key=key),
        look,
    )


def look() -> object:
    tables = ("sale", "sale_line", "tender", "posting", "job", "journal", "request", "gift_card")
    counts = [LEDGER.execute_sql(f"SELECT COUNT(*) FROM {table}").fetchone()[0] for table in tables]
    return counts, stock.on_hand([TEE, SOCKS])


def test_it_is_taken_from_no_sellers_commission_and_every_report_agrees(shop: Shop) -> None:
    sell(shop, JEANS, 329_00)
    take_back(shop, (TEE, 1), total=99_00)
    question = Question(period=period(DAY, DAY), zone=SHANGHAI, lang="zh", tenders={})
    rows = {row[0]: row[1:4] for row in answer(REPORTS["sellers"], question).rows}
    assert rows == {"周婷": (329_00, 1, 0), "—": (-99_00, -1, 1)}
    for key in ("days", "styles", "categories", "sellers"):
        net = [column.key for column in REPORTS[key].columns].index("net")
        assert answer(REPORTS[key], question).totals[net] == 230_00, key
