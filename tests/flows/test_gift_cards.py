"""Gift cards: sold with their code on paper, spent never beyond what is on them, given back unused."""

from __future__ import annotations

import threading
from pathlib import Path

import msgspec
import pytest

from services.domain import gift_cards as rules
from services.domain.basket import Basket
from services.domain.errors import (
    CodeMalformed,
    PaymentUnknown,
    RequestReused,
    ShopError,
    TenderRefused,
    TenderShort,
)
from services.domain.settlement import Rounding
from services.domain.tender_errors import GiftCardRefused, GiftCardShort, GiftCardUnknown
from services.flows import baskets, checkout, discounts, gift_cards, payments, prices, returns, spool, voids
from services.flows.approvals import Approval
from services.flows.shop import Shop
from services.store import books, catalogue, db, jobs, journal
from services.store import gift_cards as stored
from services.store.catalogue import Article
from services.store.db import LEDGER
from services.store.sales import Sale
from tests.faults import each_failure
from tests.shop import SOCKS, TEE, Clock, make_shop, open_store

CARD = "GC-200"
MANAGER = Approval(approver_id="he", pin="735290", reason="size")
RACES = 1_000


@pytest.fixture
def shop(shop: Shop) -> Shop:
    """With gift cards over 200.00 among its articles."""
    put_card()
    return shop


def put_card(minor: int = 200_00) -> None:
    with db.write():
        catalogue.put_style("GC", "礼品卡", rules.CATEGORY, "bag", "lpk", 9)
        article = Article(CARD, "GC", "礼品卡", "bag", "红", "rose", "200", "", minor)
        catalogue.put_article(article, 1, 1)


def fill(shop: Shop, *skus: str, till: str = "1") -> Basket:
    for sku in skus:
        baskets.add(shop, till, sku=sku, code="", quantity=1, request_id=shop.new_id())
    return baskets.current(shop, till)


def settle(shop: Shop, *cash: int, till: str = "1", key: str = "") -> Sale:
    basket = baskets.current(shop, till)
    return checkout.settle(
        shop,
        till,
        basket_id=basket.basket_id,
        version=basket.version,
        tendered=[("cash", minor) for minor in cash],
        operator_id="zhou",
        request_id=key or shop.new_id(),
    )


def sell_card(shop: Shop) -> tuple[Sale, str]:
    fill(shop, CARD)
    sale = settle(shop, 200_00)
    return sale, stored.moves(sale.sale_id)[0].code


def redeem(shop: Shop, code: str, minor: int = 0, *, till: str = "1", key: str = "") -> Basket:
    basket = baskets.current(shop, till)
    return gift_cards.redeem(
        shop,
        till,
        basket_id=basket.basket_id,
        version=basket.version,
        code=code,
        amount_minor=minor,
        operator_id="zhou",
        request_id=key or shop.new_id(),
    )


def take_back(shop: Shop, sale: Sale, *pieces: tuple[int, int]) -> Basket:
    return returns.take_back(
        shop,
        "1",
        basket_id=baskets.current(shop, "1").basket_id,
        sale_id=sale.sale_id,
        pieces=pieces,
        reason="size",
        approval=MANAGER,
        operator_id="zhou",
        request_id=shop.new_id(),
    )


def void(shop: Shop, sale: Sale) -> Sale:
    return voids.void(
        shop,
        "1",
        sale.sale_id,
        reason="mistake",
        approval=MANAGER,
        operator_id="zhou",
        request_id=shop.new_id(),
    )


def balance(code: str) -> int:
    card = stored.by_code(code)
    assert card is not None
    return card.balance_minor


def account(name: str) -> int:
    row = LEDGER.execute_sql("SELECT SUM(amount_minor) FROM posting WHERE account = ?", (name,)).fetchone()
    return int(row[0] or 0)


def sound() -> None:
    """Tables and journal agree, and what is owed to the cards' holders is what is on the cards."""
    assert books.differences() == [] and journal.first_break() == 0
    on_cards = LEDGER.execute_sql("SELECT COALESCE(SUM(balance_minor), 0) FROM gift_card").fetchone()[0]
    assert -account("liability:gift_cards") == on_cards


def test_a_card_is_sold_as_a_debt_and_spent_in_parts(shop: Shop) -> None:
    fill(shop, CARD, TEE)
    sale = settle(shop, 300_00)
    assert (account("liability:gift_cards"), account("revenue:sales")) == (-200_00, -99_00)
    code = stored.moves(sale.sale_id)[0].code
    assert rules.read(rules.grouped(code).lower()) == code
    fill(shop, TEE)
    redeem(shop, code)
    paid = settle(shop)
    assert [(t.key, t.amount.minor) for t in paid.tenders] == [("gift_card", 99_00)]
    assert (balance(code), account("revenue:sales")) == (101_00, -198_00)
    fill(shop, TEE)
    redeem(shop, code, 1_00)
    redeem(shop, code, 50_00)
    assert settle(shop, 50_00).tenders[-1].change.minor == 2_00
    assert balance(code) == 50_00
    sound()


def test_the_code_is_on_the_first_paper_alone_and_in_no_event(shop: Shop) -> None:
    sale, code = sell_card(shop)
    (job,) = [each for each in jobs.of_sale(sale.sale_id) if each.kind == jobs.RECEIPT]
    paper = spool.paper(shop, job, [])
    assert rules.grouped(code) in repr(paper) and code in repr(paper)
    assert code not in repr(spool.receipt_ops(shop, sale))
    with db.write():
        jobs.mark(job.job_id, jobs.UNKNOWN, shop.now_ms())
    lost = spool.answer(shop, job.job_id, came_out=False, operator_id="zhou")
    assert code in repr(spool.paper(shop, lost, []))  # nobody has seen it yet
    with db.write():
        jobs.mark(lost.job_id, jobs.SENT, shop.now_ms())
        again = spool.copies.queue_copy(shop, sale, operator_id="zhou", till="1", reason="")
    held = jobs.by_id(again)
    assert held is not None and code not in repr(spool.paper(shop, held, []))
    assert code in repr(spool.paper(shop, lost, []))  # the same paper stays the same
    assert all(code.encode() not in row.body for row in journal.after(0, 1_000))


def test_the_paper_says_what_is_left_then_and_later(shop: Shop) -> None:
    _, code = sell_card(shop)
    fill(shop, TEE)
    redeem(shop, code)
    sale = settle(shop)
    before = spool.receipt_ops(shop, sale)
    assert "¥101.00" in repr(before)
    fill(shop, TEE)
    redeem(shop, code)
    settle(shop)
    assert spool.receipt_ops(shop, sale) == before


def test_no_promotion_and_no_hand_makes_a_card_cheaper(shop: Shop) -> None:
    basket = fill(shop, CARD, TEE)
    given = {"approval": MANAGER, "operator_id": "zhou", "reason": "stain"}
    discounts.discount(
        shop, "1", basket_id=basket.basket_id, line_id=0, percent_bp=1_000, amount_minor=0, **given
    )
    bag = prices.priced(shop, baskets.current(shop, "1"))
    assert [each.net.minor for each in bag.standing] == [200_00, 89_10]
    with pytest.raises(GiftCardRefused):
        discounts.discount(
            shop, "1", basket_id=basket.basket_id, line_id=1, percent_bp=1_000, amount_minor=0, **given
        )
    with pytest.raises(GiftCardRefused):
        discounts.change_price(
            shop,
            "1",
            basket_id=basket.basket_id,
            line_id=1,
            price_minor=1_00,
            approval=MANAGER,
            operator_id="zhou",
        )


def test_a_card_buys_no_card_and_never_more_than_is_left_to_pay(shop: Shop) -> None:
    _, code = sell_card(shop)
    fill(shop, CARD)
    with pytest.raises(TenderRefused):
        redeem(shop, code)
    fill(shop, TEE)
    assert redeem(shop, code).paid_minor == 99_00
    with pytest.raises(TenderRefused):
        redeem(shop, code, 1_00)
    settle(shop, 200_00)
    sound()


def test_what_a_card_has_promised_in_this_bag_it_does_not_promise_again(shop: Shop) -> None:
    _, code = sell_card(shop)
    fill(shop, TEE, TEE, TEE)
    redeem(shop, code, 150_00)
    with pytest.raises(TenderRefused):
        redeem(shop, code, 50_01)
    assert redeem(shop, code).paid_minor == 200_00
    settle(shop, 97_00)
    sound()


def test_cards_beyond_the_law_or_by_the_hundred_are_not_sold(shop: Shop) -> None:
    with pytest.raises(GiftCardRefused):
        baskets.add(shop, "1", sku=CARD, code="", quantity=51, request_id="k")
    basket = fill(shop, CARD)
    with pytest.raises(GiftCardRefused):
        baskets.set_quantity(shop, "1", 1, 51, basket_id=basket.basket_id)
    put_card(1_000_01)
    with pytest.raises(GiftCardRefused):
        fill(shop, CARD, till="2")


def test_what_is_paid_back_goes_onto_the_card_it_came_from(shop: Shop) -> None:
    _, code = sell_card(shop)
    fill(shop, TEE, TEE)
    redeem(shop, code, 150_00)
    sale = settle(shop, 48_00)
    take_back(shop, sale, (1, 1))
    back = settle(shop)
    assert [(t.key, t.amount.minor) for t in back.tenders] == [("gift_card", -75_00), ("cash", -24_00)]
    assert balance(code) == 125_00
    take_back(shop, sale, (1, 1))
    settle(shop)
    assert balance(code) == 200_00
    sound()


def test_undoing_a_sale_gives_the_card_its_money_and_takes_an_unused_card_back(shop: Shop) -> None:
    sold, code = sell_card(shop)
    fill(shop, TEE)
    redeem(shop, code)
    spent = settle(shop)
    with pytest.raises(GiftCardRefused):
        void(shop, sold)
    void(shop, spent)
    assert balance(code) == 200_00
    void(shop, sold)  # no sale is left that used it
    with pytest.raises(GiftCardUnknown):
        gift_cards.find(code)
    other, unused = sell_card(shop)
    void(shop, other)
    with pytest.raises(GiftCardUnknown):
        gift_cards.find(unused)
    sound()


def test_a_card_stays_used_while_one_sale_stands_that_it_paid_for(shop: Shop) -> None:
    sold, code = sell_card(shop)
    spent = []
    for _ in range(2):
        fill(shop, SOCKS)
        redeem(shop, code)
        spent.append(settle(shop))
    void(shop, spent[0])
    with pytest.raises(GiftCardRefused):
        void(shop, sold)
    take_back(shop, spent[1], (1, 1))
    settle(shop)
    assert balance(code) == 200_00
    with pytest.raises(GiftCardRefused):  # its goods came back, but the card was in use
        void(shop, sold)
    sound()


def test_cards_of_one_line_come_back_together_and_unused(shop: Shop) -> None:
    fill(shop, CARD, CARD)
    sale = settle(shop, 400_00)
    with pytest.raises(GiftCardRefused):
        take_back(shop, sale, (1, 1))
    take_back(shop, sale, (1, 2))
    code = stored.moves(sale.sale_id)[1].code
    fill(shop, TEE, till="2")
    redeem(shop, code, till="2")
    settle(shop, till="2")
    with pytest.raises(GiftCardRefused):  # spent at the other till meanwhile
        settle(shop)
    sound()


def test_a_card_taken_back_meanwhile_pays_nothing(shop: Shop) -> None:
    sale, code = sell_card(shop)
    fill(shop, TEE, till="2")
    redeem(shop, code, till="2")
    void(shop, sale)
    with pytest.raises(GiftCardShort):
        settle(shop, till="2")
    held = baskets.current(shop, "2").payments[0]
    payments.answer(shop, "2", held.payment_id, state="reversed", reason="card void", operator_id="zhou")
    assert settle(shop, 99_00, till="2").total.minor == 99_00
    sound()


def test_a_payment_with_a_card_is_taken_back_and_repeated_without_harm(shop: Shop) -> None:
    _, code = sell_card(shop)
    basket = fill(shop, TEE)
    again = dict(basket_id=basket.basket_id, version=basket.version, operator_id="zhou", request_id="pay-1")
    once = gift_cards.redeem(shop, "1", code=code, amount_minor=0, **again)  # type: ignore[arg-type]
    assert gift_cards.redeem(shop, "1", code=code, amount_minor=0, **again) == once  # type: ignore[arg-type]
    with pytest.raises(RequestReused):
        gift_cards.redeem(shop, "1", code=code, amount_minor=5, **again)  # type: ignore[arg-type]
    held = once.payments[0].payment_id
    after = payments.answer(shop, "1", held, state="reversed", reason="cash", operator_id="zhou")
    assert after.paid_minor == 0 and balance(code) == 200_00
    with pytest.raises(PaymentUnknown):
        payments.answer(shop, "1", held, state="paid", operator_id="zhou")
    with pytest.raises(TenderShort):
        settle(shop)
    redeem(shop, code)
    sale = settle(shop, key="sale-1")
    with pytest.raises(ShopError):
        settle(shop, key="sale-1")  # the bag is another one now
    assert checkout.find_by_request("sale-1") == sale and balance(code) == 101_00


@pytest.mark.parametrize(
    "text", ["", "0", "'; DROP TABLE gift_card; --", "0" * 12, "7K2M-9QXD-4HTV-U", "礼"]
)
def test_what_is_no_code_is_refused(shop: Shop, text: str) -> None:
    with pytest.raises((CodeMalformed, GiftCardUnknown)):
        gift_cards.find(text)


def test_a_code_that_was_never_sold_and_a_forged_tender_pay_nothing(shop: Shop) -> None:
    basket = fill(shop, TEE)
    with pytest.raises(GiftCardUnknown):
        redeem(shop, rules.code(12345))
    with pytest.raises(TenderRefused):
        checkout.settle(
            shop,
            "1",
            basket_id=basket.basket_id,
            version=basket.version,
            tendered=[("gift_card", 99_00)],
            operator_id="zhou",
            request_id="forged",
        )
    with pytest.raises(TenderRefused):
        payments.begin(
            shop,
            "1",
            basket_id=basket.basket_id,
            version=basket.version,
            tender="gift_card",
            amount_minor=99_00,
            operator_id="zhou",
            request_id="forged-2",
        )


def test_a_card_and_rounded_cash_share_a_sale(clock: Clock, shop: Shop) -> None:
    rounding = make_shop(clock, cash_rounding=Rounding(5_00, "down"), new_id=shop.new_id)
    _, code = sell_card(rounding)
    fill(rounding, TEE)
    redeem(rounding, code, 55_00)
    sale = settle(rounding, 40_00)
    assert [(t.key, t.amount.minor) for t in sale.tenders] == [("gift_card", 55_00), ("cash", 40_00)]
    sound()


def test_it_is_all_there_after_a_restart(tmp_path: Path, clock: Clock) -> None:
    open_store(tmp_path / "cards.db")
    shop = make_shop(clock)
    put_card()
    _, code = sell_card(shop)
    fill(shop, TEE)
    redeem(shop, code)
    LEDGER.shut()
    open_store(tmp_path / "cards.db")
    settle(shop)
    assert balance(code) == 101_00
    sound()
    LEDGER.shut()


def test_two_tills_never_spend_more_than_is_on_the_card(shop: Shop) -> None:
    code, left = "", 0
    for n in range(RACES):
        if not left:
            fill(shop, CARD)
            code, left = stored.moves(settle(shop, 200_00).sale_id)[0].code, 200_00
        minor = min(67_00, left)
        ended = race(shop, code, minor)
        assert ended.count("sold") == (2 if left >= 2 * minor else 1), (n, ended)
        left -= minor * ended.count("sold")
        assert balance(code) == left
    sound()


def race(shop: Shop, code: str, minor: int) -> list[str]:
    """Both tills promise the card the same amount and settle at once; how each ended."""
    for till in "12":
        fill(shop, TEE, till=till)
        redeem(shop, code, minor, till=till)
    ended: list[str] = []

    def go(till: str) -> None:
        try:
            settle(shop, 99_00 - minor, till=till)
            ended.append("sold")
        except ShopError as error:
            ended.append(error.code)
            for held in baskets.current(shop, till).paid:
                payments.answer(
                    shop, till, held.payment_id, state="reversed", reason="short", operator_id="zhou"
                )
            settle(shop, 99_00, till=till)

    both = [threading.Thread(target=go, args=(till,)) for till in "12"]
    for thread in both:
        thread.start()
    for thread in both:
        thread.join()
    return ended


@pytest.mark.parametrize("step", ["sell", "redeem", "spend", "give back"])
def test_each_step_is_whole_or_absent_wherever_storage_fails(
    shop: Shop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    def prepare(n: int) -> tuple[str, str]:
        if stored.by_code("x") is None and catalogue.by_sku(CARD) is None:
            put_card()
        held = baskets.current(shop, "1")
        if held.standing:
            settle(shop, prices.priced(shop, held).total.minor - held.paid_minor)
        code = ""
        if step == "sell":
            fill(shop, CARD)
            return f"key-{n}", ""
        sale, code = sell_card(shop)
        if step == "give back":
            return sale.sale_id, code
        fill(shop, TEE)
        if step == "spend":
            redeem(shop, code)
        return f"key-{n}", code

    def act(case: tuple[str, str]) -> object:
        key, code = case
        if step == "redeem":
            return redeem(shop, code, key=key)
        if step == "give back":
            return void(shop, checkout.find(key))
        return settle(shop, *([200_00] if step == "sell" else []), key=key)

    each_failure(monkeypatch, tmp_path, prepare, act, look)


def look() -> object:
    tables = ("gift_card", "gift_card_move", "sale", "basket", "posting")
    return [LEDGER.execute_sql(f"SELECT * FROM {name}").fetchall() for name in tables]


def test_a_changed_balance_or_a_lost_move_is_named(shop: Shop) -> None:
    sale, _ = sell_card(shop)
    assert books.differences() == []
    with db.write():
        LEDGER.execute_sql("UPDATE gift_card SET balance_minor = balance_minor + 1")
        LEDGER.execute_sql("DELETE FROM gift_card_move")
        LEDGER.execute_sql("UPDATE posting SET account = 'revenue:sales' WHERE account LIKE 'liability%'")
    wrong = books.differences()
    assert len(wrong) == 3 and sum("gift card" in line for line in wrong) == 2
    assert any(sale.sale_id in line and "posting" in line for line in wrong)
    assert msgspec.json.encode(wrong)
