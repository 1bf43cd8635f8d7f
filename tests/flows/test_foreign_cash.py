"""Notes of other currencies: worth what the rate says, change in the shop's own, every drawer counted."""

from __future__ import annotations

import random
import sqlite3
import threading
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest
from msgspec import structs

from services.domain.basket import Basket
from services.domain.errors import (
    ApprovalNeeded,
    BasketChanged,
    CountRefused,
    PaymentOpen,
    RequestReused,
    ShopError,
    TenderRefused,
)
from services.domain.exchange import STALE_MS, Rate
from services.domain.ledger import Entry, Posting
from services.domain.money import Money
from services.domain.periods import period
from services.domain.rights import DEFAULTS
from services.domain.settlement import Rounding
from services.domain.tender_errors import RateMissing, RateRefused
from services.flows import (
    baskets,
    cash_moves,
    checkout,
    exchange_rates,
    foreign_cash,
    payments,
    returns,
    shifts,
    spool,
    voids,
)
from services.flows.approvals import Approval
from services.flows.prices import priced
from services.flows.shop import Shop
from services.reports.contract import Question
from services.reports.tenders import REPORT
from services.store import books, db, journal, rights, sales
from services.store.db import LEDGER
from services.store.sales import Sale
from tests.faults import each_failure
from tests.shop import JEANS, SHANGHAI, SOCKS, TEE, Clock, make_shop, open_store

MANAGER = Approval(approver_id="he", pin="735290", reason="size")
RACES = 100
JIAO = Rounding(10, "down")


@pytest.fixture
def shop(clock: Clock, shop: Shop) -> Shop:
    return make_shop(
        clock, foreign_cash=("USD", "JPY", "KWD", "SGD"), cash_rounding=JIAO, new_id=shop.new_id
    )


def rate(shop: Shop, text: str = "7.0812", currency: str = "USD", **more: object) -> Rate:
    asked: dict[str, object] = {"source": "BOC", "operator_id": "he", "request_id": shop.new_id(), **more}
    return exchange_rates.enter(shop, currency=currency, rate=text, **asked)  # type: ignore[arg-type]


def fill(shop: Shop, *skus: str) -> Basket:
    for sku in skus:
        baskets.add(shop, "1", sku=sku, code="", quantity=1, request_id=shop.new_id())
    return baskets.current(shop, "1")


def take(
    shop: Shop, minor: int, currency: str = "USD", *, key: str = "", approval: Approval | None = None
) -> Basket:
    basket = baskets.current(shop, "1")
    return foreign_cash.take(
        shop,
        "1",
        basket_id=basket.basket_id,
        version=basket.version,
        notes=Money(minor, currency),
        approval=approval,
        operator_id="zhou",
        request_id=key or shop.new_id(),
    )


def settle(shop: Shop, *handed: tuple[str, int], key: str = "") -> Sale:
    basket = baskets.current(shop, "1")
    return checkout.settle(
        shop,
        "1",
        basket_id=basket.basket_id,
        version=basket.version,
        tendered=handed,
        operator_id="zhou",
        request_id=key or shop.new_id(),
    )


def sold(shop: Shop, minor: int = 61_00) -> Sale:
    """A sale of 428.00 for 61 dollars: worth 431.95, so 3.90 back and 0.05 that no coin can pay."""
    fill(shop, TEE, JEANS)
    take(shop, minor)
    return settle(shop)


def begin_shift(shop: Shop) -> str:
    floats = [("CNY", [(100_00, 2)]), ("USD", [(1_00, 20)]), ("JPY", []), ("KWD", [])]
    return shifts.open_shift(shop, "1", floats, operator_id="zhou", request_id=shop.new_id()).shift_id


def expected(shop: Shop) -> dict[str, int]:
    return {key: minor for key, minor in shifts.look(shop, "1")[1].expected.items() if minor}


def balances() -> dict[str, int]:
    rows = LEDGER.execute_sql("SELECT account, SUM(amount_minor) FROM posting GROUP BY account")
    return {account: minor for account, minor in rows if minor}


def sound() -> None:
    assert books.differences() == [] and journal.first_break() == 0
    assert LEDGER.execute_sql(_UNPAID).fetchall() == []


_UNPAID = (
    "SELECT sale_id FROM sale s WHERE total_minor + rounding_minor <>"
    " (SELECT COALESCE(SUM(amount_minor), 0) FROM tender t WHERE t.sale_id = s.sale_id)"
)


def test_dollars_pay_and_the_change_is_given_in_yuan(shop: Shop) -> None:
    held = rate(shop)
    begin_shift(shop)
    fill(shop, TEE, JEANS)
    (usd, *others) = foreign_cash.offered(shop, baskets.current(shop, "1"))
    assert (usd.due, usd.rate, usd.stale) == (Money(61_00, "USD"), held, False)
    assert [each.rate for each in others] == [None] * 3
    seen = foreign_cash.quote(shop, baskets.current(shop, "1"), Money(61_00, "USD"))
    assert (seen.worth.minor, seen.change.minor, seen.short.minor) == (431_95, 3_90, 0)
    take(shop, 61_00)
    sale = settle(shop)
    (tender,) = sale.tenders
    assert (tender.amount.minor, tender.tendered.minor, tender.change.minor) == (428_05, 431_95, 3_90)
    assert tender.foreign is not None
    assert (tender.foreign.minor, tender.foreign.rate_id) == (61_00, held.rate_id)
    assert sale.rounding.minor == 5
    assert balances() == {
        "cash:foreign": 431_95,
        "cash:drawer": -3_90,
        "expense:cash_rounding": -5,
        "revenue:sales": -428_00,
    }
    assert checkout.find(sale.sale_id) == sale
    assert expected(shop) == {"CNY": 200_00 - 3_90, "USD": 20_00 + 61_00}
    sound()


def test_the_receipt_says_notes_rate_worth_and_change(shop: Shop) -> None:
    rate(shop)
    printed = repr(spool.receipt_ops(shop, sold(shop)))
    for told in ("外币现金 USD", "'61.00'", "1 USD = 7.0812 CNY", "'431.95'", "'3.90'", "'0.05'"):
        assert told in printed, told


def test_two_currencies_and_yuan_pay_together_and_cash_is_rounded_last(shop: Shop) -> None:
    rate(shop)
    rate(shop, "0.0482", "JPY")
    fill(shop, TEE, JEANS)
    take(shop, 20_00)  # 141.624
    take(shop, 3_000, "JPY")  # 144.60
    sale = settle(shop, ("cash", 142_00))
    assert [(t.key, t.amount.minor, t.change.minor) for t in sale.tenders] == [
        ("foreign_cash", 141_62, 0),
        ("foreign_cash", 144_60, 0),
        ("cash", 141_70, 30),
    ]
    assert sale.rounding.minor == -8
    sound()


def test_a_currency_without_decimals_and_one_with_three(shop: Shop) -> None:
    rate(shop, "0.0482", "JPY")
    rate(shop, "23.05", "KWD")
    fill(shop, JEANS)  # 329.00
    due = {each.currency: each.due for each in foreign_cash.offered(shop, baskets.current(shop, "1"))}
    assert due == {"USD": None, "SGD": None, "JPY": Money(7_000, "JPY"), "KWD": Money(14_500, "KWD")}
    take(shop, 14_500, "KWD")
    assert settle(shop).tenders[0].tendered.minor == 334_23  # 14.500 × 23.05 = 334.225
    sound()


def test_the_rate_of_the_first_notes_holds_for_the_whole_bag(shop: Shop) -> None:
    first = rate(shop)
    fill(shop, TEE, JEANS)
    take(shop, 20_00)
    rate(shop, "7.2")
    after = take(shop, 41_00)
    held = [made.foreign for made in after.paid if made.foreign is not None]
    assert [notes.rate_id for notes in held] == [first.rate_id] * 2
    settle(shop)
    fill(shop, TEE)
    (made,) = take(shop, 14_00).paid
    assert made.foreign is not None and made.foreign.rate_e8 == 720_000_000
    sound()


def test_a_rate_older_than_a_day_asks_for_a_manager_once_a_bag(shop: Shop, clock: Clock) -> None:
    rate(shop)
    clock.at_ms += STALE_MS + 1_000
    fill(shop, TEE, JEANS)
    (usd, *_) = foreign_cash.offered(shop, baskets.current(shop, "1"))
    assert usd.stale
    with pytest.raises(ApprovalNeeded) as refused:
        take(shop, 20_00)
    assert refused.value.details["right"] == "stale_rate"
    take(shop, 20_00, approval=MANAGER)
    take(shop, 41_00)  # the same rate in the same bag: somebody has answered for it
    settle(shop)
    granted = "SELECT COUNT(*) FROM journal WHERE type = 'approval.granted'"
    assert LEDGER.execute_sql(granted).fetchone() == (1,)
    rate(shop, "7.1")
    fill(shop, TEE)
    take(shop, 14_00)
    sound()


def test_a_repeat_takes_nothing_again_and_another_wish_is_refused(shop: Shop) -> None:
    held = rate(shop, request_id="r")
    assert rate(shop, request_id="r") == held
    with pytest.raises(RequestReused):
        rate(shop, "7.1", request_id="r")
    basket = fill(shop, TEE, JEANS)
    asked = {"basket_id": basket.basket_id, "version": basket.version, "operator_id": "zhou"}
    once = foreign_cash.take(
        shop,
        "1",
        notes=Money(20_00, "USD"),
        request_id="k",
        **asked,  # type: ignore[arg-type]
    )
    assert (
        foreign_cash.take(
            shop,
            "1",
            notes=Money(20_00, "USD"),
            request_id="k",
            **asked,  # type: ignore[arg-type]
        )
        == once
    )
    with pytest.raises(RequestReused):
        take(shop, 41_00, key="k")
    with pytest.raises(BasketChanged):
        foreign_cash.take(
            shop,
            "1",
            notes=Money(20_00, "USD"),
            request_id="k2",
            **asked,  # type: ignore[arg-type]
        )
    with pytest.raises(PaymentOpen):
        fill(shop, SOCKS)
    held_id = once.payments[0].payment_id
    payments.answer(shop, "1", held_id, state="reversed", reason="yuan", operator_id="zhou")
    assert balances() == {}
    settle(shop, ("cash", 428_00))
    sound()


@pytest.mark.parametrize(
    ("currency", "minor"),
    [
        *(("SGD", minor) for minor in (1_00, 3_00, 50)),
        *(("USD", minor) for minor in (0, -1, -61_00, 50, 61_01, 160_01, 161_00, 10**15, 10**30)),
        *((currency, 61_00) for currency in ("EUR", "CNY", "", "usd", "XXX")),
    ],
)
def test_what_nobody_hands_over_is_refused_and_changes_nothing(
    shop: Shop, currency: str, minor: int
) -> None:
    rate(shop)
    rate(shop, "5.3", "SGD")
    before = fill(shop, TEE, JEANS)
    with pytest.raises(TenderRefused):
        take(shop, minor, currency)
    with pytest.raises(TenderRefused):
        foreign_cash.quote(shop, before, Money(minor, currency))
    assert baskets.current(shop, "1") == before


def test_as_much_as_one_note_too_many_is_taken(shop: Shop) -> None:
    rate(shop)
    fill(shop, TEE, JEANS)
    take(shop, 160_00)  # 61 are needed; whoever has only hundreds gives two, and takes one back
    assert settle(shop).tenders[0].change.minor == 704_90
    sound()


def test_without_a_rate_or_with_the_switch_off_nothing_is_taken(shop: Shop, clock: Clock) -> None:
    fill(shop, TEE)
    with pytest.raises(RateMissing):
        take(shop, 14_00)
    rate(shop)
    off = make_shop(clock, new_id=shop.new_id)
    assert foreign_cash.offered(off, baskets.current(off, "1")) == ()
    with pytest.raises(TenderRefused):
        take(off, 14_00)
    with pytest.raises(RateRefused):
        rate(off)
    with pytest.raises(TenderRefused):
        settle(shop, ("foreign_cash", 99_00))  # only with notes and a rate, never as a figure


@pytest.mark.parametrize(
    "text", ["", "0", "0.0", "-7", "7,08", "7.123456789", "12345678", "1e3", "٧", " 7 "]
)
def test_what_is_no_rate_is_refused(shop: Shop, text: str) -> None:
    with pytest.raises(RateRefused) as refused:
        rate(shop, text)
    assert refused.value.details["why"] == "rate"


def test_rates_are_versions_that_begin_when_they_say(shop: Shop, clock: Clock) -> None:
    first = rate(shop)
    with pytest.raises(RateRefused) as slip:
        rate(shop, "70.812")
    assert slip.value.details == {"why": "far", "before": "7.0812"}
    later = rate(shop, "7.5", valid_from_ms=clock.at_ms + 3_600_000)
    assert (first.version, later.version) == (1, 2)
    assert exchange_rates.in_force(shop, "USD") == first
    between = rate(shop, "7.3")
    assert exchange_rates.in_force(shop, "USD") == between
    clock.at_ms += 3_600_001
    assert exchange_rates.in_force(shop, "USD") == later
    for at_ms in (clock.at_ms - 1, clock.at_ms + 8 * 24 * 3_600_000):
        with pytest.raises(RateRefused):
            rate(shop, "7.5", valid_from_ms=at_ms)
    assert rate(shop, "70.812", sure=True).version == 4
    sound()


def test_goods_come_back_at_the_rate_of_then_in_yuan(shop: Shop) -> None:
    rate(shop)
    begin_shift(shop)
    sale = sold(shop)
    rate(shop, "6.5")
    back = take_back(shop, sale, (1, 1))
    (tender,) = back.tenders
    assert (tender.key, tender.foreign) == ("cash", None)
    assert tender.amount.minor == -99_00  # 99 of 428 of 428.05, and cash is rounded
    rest = take_back(shop, sale, (2, 1))
    assert back.tenders[0].amount.minor + rest.tenders[0].amount.minor == -428_00
    assert expected(shop) == {"CNY": 200_00 - 3_90 - 428_00, "USD": 81_00}
    sound()


def test_a_sale_undone_hands_the_notes_back_and_takes_the_change_in(shop: Shop) -> None:
    rate(shop)
    begin_shift(shop)
    sale = sold(shop)
    rate(shop, "6.5")
    undone = void(shop, sale)
    (tender,) = undone.tenders
    assert tender.foreign is not None and sale.tenders[0].foreign is not None
    assert tender.foreign == replace(sale.tenders[0].foreign, minor=-61_00)
    assert (tender.tendered.minor, tender.change.minor) == (-431_95, -3_90)
    assert balances() == {}
    assert expected(shop) == {"CNY": 200_00, "USD": 20_00}
    sound()


def test_a_sale_that_a_card_had_part_in_is_undone_with_the_same_notes(shop: Shop) -> None:
    rate(shop)
    begin_shift(shop)
    fill(shop, TEE, JEANS)
    by_card(shop, 28_00)
    take(shop, 57_00)  # 400.00 are left, these are worth 403.63
    sale = settle(shop)
    assert [(t.key, t.amount.minor) for t in sale.tenders] == [("card", 28_00), ("foreign_cash", 400_03)]
    voids.begin(
        shop,
        "1",
        sale.sale_id,
        reason="mistake",
        approval=MANAGER,
        operator_id="zhou",
        request_id=shop.new_id(),
    )
    by_card(shop, -28_00)
    undone = settle(shop)
    card, notes = undone.tenders
    assert undone.kind == "void" and (card.key, card.amount.minor) == ("card", -28_00)
    assert notes.foreign is not None and notes.foreign.minor == -57_00
    assert (notes.tendered.minor, notes.change.minor) == (-403_63, -3_60)
    assert balances() == {} and expected(shop) == {"CNY": 200_00, "USD": 20_00}
    sound()


def test_what_the_card_can_take_back_goes_there_before_the_shops_money_pays_for_notes(shop: Shop) -> None:
    rate(shop)
    begin_shift(shop)
    fill(shop, TEE, JEANS)
    by_card(shop, 128_00)
    take(shop, 43_00)  # 300.00 are left, these are worth 304.49
    sale = settle(shop)
    begin_return(shop, sale, (1, 1))
    by_card(shop, -99_02)  # all of it, for the card has paid more; 428.09 was paid, cash being rounded
    first = settle(shop)
    assert [(t.key, t.amount.minor) for t in first.tenders] == [("card", -99_02)]
    begin_return(shop, sale, (2, 1))
    by_card(shop, -28_98)  # what is left of the card; the rest were notes
    rest = settle(shop)
    assert sorted((t.key, t.amount.minor) for t in rest.tenders) == [("card", -28_98), ("cash", -300_00)]
    assert expected(shop) == {"CNY": 200_00 - 4_40 - 300_00, "USD": 63_00}
    sound()


def test_goods_are_exchanged_for_dearer_ones_and_the_rest_is_paid_in_dollars(shop: Shop) -> None:
    rate(shop)
    fill(shop, TEE)
    take(shop, 14_00)  # worth 99.14
    first = settle(shop)
    begin_return(shop, first, (1, 1))
    fill(shop, JEANS)  # 230.00 more
    take(shop, 33_00)  # worth 233.68
    swapped = settle(shop)
    (tender,) = swapped.tenders
    assert (swapped.kind, tender.amount.minor, tender.change.minor) == ("exchange", 230_08, 3_60)
    back = take_back(shop, swapped, (2, 1))
    assert {t.key for t in back.tenders} == {"cash"}
    assert sum(t.amount.minor for t in back.tenders) == -329_10  # 99.04 and 230.08, to the jiao
    sound()


@pytest.mark.parametrize("seed", range(30))
def test_what_the_till_shows_as_change_is_what_the_sale_gives(shop: Shop, seed: int) -> None:
    rng = random.Random(seed)
    rate(shop, f"{rng.randrange(50_000, 90_000) / 10_000:.4f}")
    rate(shop, "0.0482", "JPY")
    fill(shop, *rng.choices((TEE, JEANS, SOCKS), k=rng.randrange(1, 5)))
    for _ in range(rng.randrange(3)):
        left = returns.owed(shop, baskets.current(shop, "1"), priced(shop, baskets.current(shop, "1")))[0]
        if left.minor > 1:
            by_card(shop, rng.randrange(1, left.minor))
    offered = foreign_cash.offered(shop, baskets.current(shop, "1"))
    for each in rng.sample([offer for offer in offered if offer.due], 2):
        if foreign_cash.offered(shop, baskets.current(shop, "1"))[0].due == Money(0, "USD"):
            break
        assert each.due is not None
        with suppress(TenderRefused):
            take(shop, rng.choice((each.due.minor, each.due.minor // 2_000 * 1_000)), each.currency)
    basket = baskets.current(shop, "1")
    left, _ = returns.owed(shop, basket, priced(shop, basket))
    shown = foreign_cash.change(shop, basket, priced(shop, basket))
    sale = settle(shop, *([("cash", left.minor + 100)] if left.minor else []))
    notes = [t for t in sale.tenders if t.foreign is not None]
    assert sum(t.change.minor for t in notes) == shown.minor
    sound()


def test_two_tablets_take_the_notes_once(shop: Shop) -> None:
    rate(shop)
    for n in range(RACES):
        basket = fill(shop, TEE)
        ended: list[str] = []

        def go(side: str, basket: Basket = basket, ended: list[str] = ended, n: int = n) -> None:
            try:
                foreign_cash.take(
                    shop,
                    "1",
                    basket_id=basket.basket_id,
                    version=basket.version,
                    notes=Money(14_00, "USD"),
                    operator_id="zhou",
                    request_id=f"{n}-{side}",
                )
                ended.append("taken")
            except ShopError as error:
                ended.append(error.code)

        both = [threading.Thread(target=go, args=(side,)) for side in "ab"]
        for thread in both:
            thread.start()
        for thread in both:
            thread.join()
        assert sorted(ended) == ["basket_changed", "taken"], n
        settle(shop)
    sound()


def test_each_currency_is_counted_and_the_z_is_the_fold_of_its_shift(shop: Shop) -> None:
    rate(shop)
    shift_id = begin_shift(shop)
    sold(shop)
    void(shop, sold(shop))
    fill(shop, TEE)
    settle(shop, ("cash", 100_00))
    for kind, minor in (("pay_in", 5_00), ("drop", 50_00)):
        cash_moves.move(
            shop,
            "1",
            kind=kind,
            currency="USD",
            amount_minor=minor,
            reason="other",
            operator_id="zhou",
            request_id=shop.new_id(),
        )
    assert expected(shop) == {"CNY": 295_10, "USD": 36_00}
    counts = [("CNY", [(100_00, 2), (50_00, 1), (20_00, 2), (5_00, 1), (10, 1)]), ("USD", [(1_00, 36)])]
    (count,) = shifts.count(shop, shift_id, counts, operator_id="zhou", request_id=shop.new_id())
    assert [(c.currency, c.variance_minor) for c in count.cash] == [
        ("CNY", 0),
        ("JPY", 0),
        ("KWD", 0),
        ("USD", 0),
    ]
    z = shifts.close(shop, shift_id, reason="", operator_id="zhou", request_id=shop.new_id())
    assert sum(t.amount_minor - t.refunds_minor for t in z.tenders) == z.net_minor + z.rounding_minor
    (usd,) = z.foreign
    assert (usd.count, usd.foreign_minor, usd.worth_minor) == (2, 122_00, 863_90)
    assert (usd.refunds, usd.refunds_foreign_minor, usd.refunds_worth_minor) == (1, 61_00, 431_95)
    drawers = {each.currency: each for each in z.cash}
    assert (drawers["CNY"].change_minor, drawers["USD"].drops_minor) == (3_90, 50_00)
    assert (drawers["USD"].sales_minor, drawers["USD"].refunds_minor) == (122_00, 61_00)
    sound()  # the books fold every Z again


def test_the_report_of_tenders_names_each_currency(shop: Shop) -> None:
    rate(shop)
    rate(shop, "0.0482", "JPY")
    sold(shop)
    fill(shop, TEE)
    take(shop, 3_000, "JPY")
    settle(shop)
    labels = {"foreign_cash": "外币现金"}
    question = Question(period=period("2026-11-22", "2026-11-22"), zone=SHANGHAI, lang="zh", tenders=labels)
    rows = {row[0]: row[1:5] for row in REPORT.rows(question)}
    assert rows == {"外币现金 USD": (1, 428_05, 0, 428_05), "外币现金 JPY": (1, 99_00, 0, 99_00)}


def test_the_database_refuses_a_sale_whose_tenders_are_not_its_total(shop: Shop) -> None:
    rate(shop)
    sale = sold(shop)
    (tender,) = sale.tenders
    wrong = structs.replace(
        sale,
        sale_id="wrong",
        till_seq=99,
        tenders=(structs.replace(tender, amount=tender.amount + Money(1, "CNY")),),
    )
    entry = Entry((Posting("cash:foreign", sale.total), Posting("revenue:sales", -sale.total)))
    with pytest.raises(sqlite3.IntegrityError, match="the tenders are not the total"), db.write():
        sales.create(wrong, entry)
    assert sales.by_id("wrong") is None
    sound()


def test_what_is_paid_out_is_judged_in_the_shops_money(shop: Shop) -> None:
    """A cashier may pay out as much as the right says in yuan, not the same figure in dollars."""
    rate(shop)
    with db.write():
        rights.put(
            DEFAULTS["cash_out"].changed(four_eyes=False, limits={"manager": None, "cashier": 100_00})
        )

    def pay_out(minor: int) -> object:
        return cash_moves.move(
            shop,
            "1",
            kind="pay_out",
            currency="USD",
            amount_minor=minor,
            reason="other",
            operator_id="zhou",
            request_id=shop.new_id(),
        )

    pay_out(14_00)
    with pytest.raises(ApprovalNeeded) as refused:
        pay_out(15_00)
    assert refused.value.details["size"] == 106_22
    with pytest.raises(CountRefused):
        pay_out(50)


def test_what_lacks_is_judged_in_the_shops_money(shop: Shop) -> None:
    """Six dollars are no six yuan: beyond five yuan a difference needs a reason."""
    rate(shop)
    shift_id = begin_shift(shop)
    counts = [("CNY", [(100_00, 2)]), ("USD", [(1_00, 19)])]
    shifts.count(shop, shift_id, counts, operator_id="zhou", request_id=shop.new_id())
    with pytest.raises(ShopError) as refused:
        shifts.close(shop, shift_id, reason="", operator_id="zhou", request_id=shop.new_id())
    assert (refused.value.code, refused.value.details["size_minor"]) == ("reason_needed", 7_08)


def test_it_is_all_there_after_a_restart(tmp_path: Path, clock: Clock) -> None:
    open_store(tmp_path / "notes.db")
    shop = make_shop(clock, foreign_cash=("USD",), cash_rounding=JIAO)
    held = rate(shop)
    fill(shop, TEE, JEANS)
    take(shop, 61_00)
    LEDGER.shut()
    open_store(tmp_path / "notes.db")
    (tender,) = settle(shop).tenders
    assert tender.foreign is not None and tender.foreign.rate_id == held.rate_id
    sound()
    LEDGER.shut()


def test_a_rate_is_whole_or_absent_wherever_storage_fails(
    shop: Shop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def step(case: str) -> object:
        return rate(shop, request_id=case)

    each_failure(monkeypatch, tmp_path, lambda n: f"key-{n}", step, look)


def test_taking_notes_is_whole_or_absent_wherever_storage_fails(
    shop: Shop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def prepare(n: int) -> str:
        if n == 1:
            rate(shop)
            fill(shop, TEE, JEANS)
        for made in baskets.current(shop, "1").paid:
            payments.answer(shop, "1", made.payment_id, state="reversed", reason="no", operator_id="zhou")
        return f"key-{n}"

    def step(case: str) -> object:
        return take(shop, 61_00, key=case)

    each_failure(monkeypatch, tmp_path, prepare, step, look)


@pytest.mark.parametrize("undo", [False, True])
def test_a_sale_and_its_undoing_are_whole_or_absent_wherever_storage_fails(
    shop: Shop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, undo: bool
) -> None:
    def prepare(n: int) -> str:
        if n == 1:
            rate(shop)
        if not baskets.current(shop, "1").paid:
            fill(shop, TEE, JEANS)
            take(shop, 61_00)
        return settle(shop).sale_id if undo else f"key-{n}"

    def step(case: str) -> object:
        return void(shop, checkout.find(case)) if undo else settle(shop, key=case)

    each_failure(monkeypatch, tmp_path, prepare, step, look)


def look() -> object:
    tables = ("exchange_rate", "sale", "tender", "basket", "posting", "journal")
    return [LEDGER.execute_sql(f"SELECT * FROM {name}").fetchall() for name in tables]


def test_a_changed_rate_or_tender_is_named(shop: Shop) -> None:
    rate(shop)
    sold(shop)
    with db.write():
        LEDGER.execute_sql("UPDATE exchange_rate SET buy_e8 = buy_e8 + 1")
        LEDGER.execute_sql("UPDATE tender SET foreign_minor = foreign_minor - 100")
    assert [line.split()[0] for line in books.differences()] == ["sale", "exchange"]


def by_card(shop: Shop, minor: int) -> None:
    basket = baskets.current(shop, "1")
    held = payments.begin(
        shop,
        "1",
        basket_id=basket.basket_id,
        version=basket.version,
        tender="card",
        amount_minor=minor,
        operator_id="zhou",
        request_id=shop.new_id(),
    )
    paid = held.payments[-1].payment_id
    payments.answer(shop, "1", paid, state="paid", reference="T1-7", operator_id="zhou")


def take_back(shop: Shop, sale: Sale, *pieces: tuple[int, int]) -> Sale:
    begin_return(shop, sale, *pieces)
    return settle(shop)


def begin_return(shop: Shop, sale: Sale, *pieces: tuple[int, int]) -> None:
    returns.take_back(
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
