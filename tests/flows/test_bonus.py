"""Stored-value bonus that pays is a discount: off the tax of each rate, told apart, given back whole."""

from __future__ import annotations

import itertools
import random
from dataclasses import replace
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.domain.events import SaleCompleted
from services.domain.settlement import Rounding
from services.domain.tender_errors import GiftCardRefused
from services.flows import (
    baskets,
    payments,
    prices,
    promotions,
    returns,
    stored_value_moves,
    stored_value_payments,
)
from services.flows.coming_back import returnable
from services.flows.shop import Shop
from services.store import books, db, journal
from services.store.db import LEDGER
from services.store.sales import Sale
from tests.flows import test_gift_cards, test_recompute, test_returns
from tests.flows.loyal import Till
from tests.flows.test_loyalty import v1
from tests.shop import JEANS, SOCKS, TEE

APPAREL, LOW = 1300, 900


@pytest.fixture
def shop(shop: Shop) -> Shop:
    return replace(shop, cash_rounding=Rounding(100, "down"), tax_bp=APPAREL)


def rated(**rates: int) -> None:
    """K1=900: socks at 9 %."""
    with db.write():
        for style, tax_bp in rates.items():
            db.LEDGER.execute_sql("UPDATE style SET tax_bp = ? WHERE style = ?", (tax_bp, style))


def event(sale: Sale) -> SaleCompleted:
    row = journal.after(sale.journal_seq - 1, 1)[0]
    return msgspec.convert(msgspec.json.decode(row.body)["data"], SaleCompleted)


def told(sale: Sale) -> list[tuple[int, int, int, int]]:
    """(rate, net, bonus, tax) as the journal says them."""
    return [(t.tax_bp, t.net_minor, t.bonus_minor, t.tax_minor) for t in event(sale).taxes]


def borne(sale: Sale) -> list[tuple[int, int]]:
    return [(line.bonus_minor, line.tax_minor) for line in sale.lines]


def posted(sale: Sale) -> dict[str, int]:
    rows = LEDGER.execute_sql(
        "SELECT account, amount_minor FROM posting WHERE sale_id = ?", (sale.sale_id,)
    )
    return dict(rows.fetchall())


def left_over() -> list[tuple[int, int, int, int]]:
    """(rate, net, bonus, tax) of all lines that were ever sold and came back, where anything is left."""
    rows = LEDGER.execute_sql(
        "SELECT tax_bp, SUM(net_minor), SUM(bonus_minor), SUM(tax_minor) FROM sale_line"
        " WHERE NOT voided GROUP BY tax_bp"
    )
    return [row for row in rows if any(row[1:])]


def test_v1_is_taxed_on_what_was_paid_in_and_each_line_gives_back_its_own(shop: Shop) -> None:
    """33.33 over 258.35, 324.91 and 51.84 are 13.56, 17.05 and 2.72.

    601.77 are left of 635.10, with R(601.77 · 13/113) = 69.23 in them: over 244.79, 307.86 and 49.12 that
    is 28.16, 35.42 and 5.65. Three socks of 5.65 give back 1.88, 1.89 and 1.88.
    """
    till, sale, _ = v1(shop)
    assert borne(sale) == [(13_56, 28_16), (17_05, 35_42), (2_72, 5_65)]
    assert told(sale) == [(APPAREL, 635_10, 33_33, 69_23)]
    assert event(sale).bonus_minor == 33_33
    assert [(t.tender_type, t.amount_minor, t.bonus_minor) for t in event(sale).tenders] == [
        ("stored_value", 200_00, 33_33),
        ("cash", 435_00, 0),
    ]
    assert posted(sale) == {
        **{"liability:stored_value": 166_67, "discount:stored_value_bonus": 33_33, "cash:drawer": 435_00},
        **{"expense:cash_rounding": 10, "revenue:sales": -635_10},
    }
    assert books.differences() == []
    back = [till.take_back(sale, each) for each in ((2, 1), (1, 1), (3, 1), (3, 1), (3, 1))]
    assert [told(each) for each in back] == [
        [(APPAREL, -324_91, -17_05, -35_42)],
        [(APPAREL, -258_35, -13_56, -28_16)],
        [(APPAREL, -17_28, -91, -1_88)],
        [(APPAREL, -17_28, -90, -1_89)],
        [(APPAREL, -17_28, -91, -1_88)],
    ]
    assert left_over() == [] and test_returns.balances() == {}
    assert books.differences() == []


def test_v1_with_socks_at_nine_percent_is_taxed_rate_by_rate(shop: Shop) -> None:
    """At 13 % 583.26 less 30.61 are 552.65, with 63.58 in them, over 244.79 and 307.86: 28.16 and 35.42;
    at 9 % 51.84 less 2.72 are 49.12, with 4.06."""
    rated(K1=LOW)
    till, sale, _ = v1(shop)
    assert borne(sale) == [(13_56, 28_16), (17_05, 35_42), (2_72, 4_06)]
    assert told(sale) == [(LOW, 51_84, 2_72, 4_06), (APPAREL, 583_26, 30_61, 63_58)]
    till.take_back(sale, (3, 2), (1, 1))
    till.take_back(sale, (2, 1))
    till.take_back(sale, (3, 1))
    assert left_over() == [] and books.differences() == []


@pytest.fixture
def till(shop: Shop) -> Till:
    """Somebody with 300.00 of their own and 60.00 for nothing: of each payment a sixth is bonus."""
    till = Till(shop)
    till.recharge(300_00, 60_00)
    return till


def test_a_sale_without_bonus_is_as_it_was_and_looks_at_no_account(shop: Shop, till: Till) -> None:
    till.fill(TEE)
    seen: list[str] = []
    writer = LEDGER._writing()
    writer.set_trace_callback(seen.append)
    sale = till.settle(99_00)
    writer.set_trace_callback(None)
    assert borne(sale) == [(0, 11_39)] and told(sale) == [(APPAREL, 99_00, 0, 11_39)]
    assert b"bonus" not in journal.after(sale.journal_seq - 1, 1)[0].body
    assert any("sale_line" in each for each in seen), "the writer was watched"
    assert [each for each in seen if "stored_value_lot" in each] == []


def test_principal_alone_is_money(shop: Shop) -> None:
    till = Till(shop)
    till.recharge(300_00, 0)
    till.fill(TEE)
    till.pay_stored()
    sale = till.settle()
    assert told(sale) == [(APPAREL, 99_00, 0, 11_39)]
    assert posted(sale) == {"liability:stored_value": 99_00, "revenue:sales": -99_00}


def test_card_cash_and_two_payments_of_stored_value_pay_together(shop: Shop, till: Till) -> None:
    """60.00 and 36.00 of stored value are 10.00 and 6.00 bonus: over 329.00 and 99.00 12.30 and 3.70.
    412.00 are taxed with 47.40: 36.43 and 10.97 (of 316.70 and 95.30: 36.436 and 10.964)."""
    till.fill(JEANS, TEE)
    test_returns.by_card(shop, 100_00, "000417")
    till.pay_stored(60_00)
    till.pay_stored(36_00)
    sale = till.settle(300_00)
    assert [(t.key, t.amount.minor, t.bonus_minor) for t in sale.tenders] == [
        *(("stored_value", 60_00, 10_00), ("stored_value", 36_00, 6_00)),
        *(("card", 100_00, 0), ("cash", 232_00, 0)),
    ]
    assert borne(sale) == [(12_30, 36_44), (3_70, 10_96)]
    assert told(sale) == [(APPAREL, 428_00, 16_00, 47_40)]
    assert books.differences() == []


def test_stored_value_taken_out_again_before_the_end_leaves_the_whole_tax(shop: Shop, till: Till) -> None:
    till.fill(TEE)
    till.pay_stored(60_00)
    (held,) = till.bag.payments
    payments.answer(shop, "1", held.payment_id, state="reversed", reason="cash instead", operator_id="zhou")
    sale = till.settle(99_00)
    assert told(sale) == [(APPAREL, 99_00, 0, 11_39)] and event(sale).bonus_minor == 0


def test_bonus_buys_no_gift_card(shop: Shop, till: Till) -> None:
    test_gift_cards.put_card()
    till.fill(test_gift_cards.CARD, TEE)
    till.pay_stored()
    sale = till.settle(1_000_00)
    assert borne(sale) == [(0, 0), (16_50, 9_49)]
    assert told(sale) == [(APPAREL, 99_00, 16_50, 9_49)]
    assert books.differences() == []


def test_goods_paid_with_bonus_are_not_changed_for_a_gift_card(shop: Shop, till: Till) -> None:
    test_gift_cards.put_card(90_00)
    till.fill(TEE)
    till.pay_stored()
    sale = till.settle()
    till.fill(test_gift_cards.CARD, known=False)
    with pytest.raises(GiftCardRefused):
        till.take_back(sale, (1, 1))
    held = till.bag
    baskets.set_quantity(shop, "1", held.standing[0].line_id, 0, basket_id=held.basket_id)
    till.settle()
    assert stored_value_moves.balance(shop, (till.member,)) == (300_00, 60_00)


def test_a_sale_that_is_undone_gives_bonus_and_tax_back(shop: Shop, till: Till) -> None:
    till.fill(TEE, SOCKS)
    till.pay_stored(90_00)
    document = till.void(till.settle(38_00))
    assert [(t.key, t.amount.minor, t.bonus_minor) for t in document.tenders] == [
        ("stored_value", -90_00, -15_00),
        ("cash", -38_00, 0),
    ]
    assert left_over() == [] and test_returns.balances() == {}
    assert stored_value_moves.balance(shop, (till.member,)) == (300_00, 60_00)
    assert books.differences() == []


def test_a_sale_that_a_terminal_undoes_gives_them_back_too(shop: Shop, till: Till) -> None:
    till.fill(TEE)
    test_returns.by_card(shop, 39_00, "000417")
    till.pay_stored()
    sale = till.settle()
    assert told(sale) == [(APPAREL, 99_00, 10_00, 10_24)]
    test_returns.undo(shop, sale)
    test_returns.by_card(shop, -39_00, "000418")
    document = till.settle()
    assert told(document) == [(APPAREL, -99_00, -10_00, -10_24)]
    assert sum(each.bonus_minor for each in document.tenders) == -10_00
    assert left_over() == [] and test_returns.balances() == {}
    assert stored_value_moves.balance(shop, (till.member,)) == (300_00, 60_00)
    assert books.differences() == []


def test_goods_changed_for_others_of_the_price_take_their_bonus_along(shop: Shop, till: Till) -> None:
    """No money moves: 16.50 of the 99.00 stay bonus, and 82.50 stay taxed."""
    till.fill(TEE)
    till.pay_stored()
    sale = till.settle()
    till.fill("T-W-M", known=False)
    exchanged = till.take_back(sale, (1, 1))
    assert told(exchanged) == [(APPAREL, 99_00, 16_50, 9_49), (APPAREL, -99_00, -16_50, -9_49)]
    assert (event(exchanged).bonus_minor, exchanged.tenders) == (0, ())
    (new,) = [each.line.line_id for each in exchanged.lines if each.line.quantity > 0]
    back = till.take_back(exchanged, (new, 1))
    assert told(back) == [(APPAREL, -99_00, -16_50, -9_49)]
    assert stored_value_moves.balance(shop, (till.member,)) == (300_00, 60_00)
    assert left_over() == [] and books.differences() == []


def test_dearer_goods_have_the_bonus_of_both_payments(shop: Shop, till: Till) -> None:
    """99.00 were paid with 16.50 of bonus; 230.00 more are paid, 38.33 of them bonus: 54.83 of 329.00."""
    till.fill(TEE)
    till.pay_stored()
    sale = till.settle()
    till.fill(JEANS, known=False)
    till.bring(sale, (1, 1))
    till.pay_stored()
    exchanged = till.settle()
    assert told(exchanged) == [(APPAREL, 329_00, 54_83, 31_54), (APPAREL, -99_00, -16_50, -9_49)]
    assert [(t.amount.minor, t.bonus_minor) for t in exchanged.tenders] == [(230_00, 38_33)]
    assert books.differences() == []
    new = next(each.line.line_id for each in exchanged.lines if each.line.quantity > 0)
    till.take_back(exchanged, (new, 1))
    assert stored_value_moves.balance(shop, (till.member,)) == (300_00, 60_00)
    assert left_over() == [] and test_returns.balances() == {} and books.differences() == []


def test_cheaper_goods_keep_their_share_and_the_rest_goes_back(shop: Shop, till: Till) -> None:
    """329.00 were paid with 54.83 of bonus; 29.00 of them stay, with 4.83, and 50.00 of 300.00 go back."""
    till.fill(JEANS)
    till.pay_stored()
    sale = till.settle()
    till.fill(SOCKS, known=False)
    exchanged = till.take_back(sale, (1, 1))
    assert told(exchanged) == [(APPAREL, 29_00, 4_83, 2_78), (APPAREL, -329_00, -54_83, -31_54)]
    assert [(t.amount.minor, t.bonus_minor) for t in exchanged.tenders] == [(-300_00, -50_00)]
    assert books.differences() == []


def test_a_sale_of_before_gives_back_what_was_booked_then(shop: Shop, till: Till) -> None:
    """Its stored value was a tender whole, and its tax was on all of it."""
    till.fill(TEE)
    till.pay_stored()
    sale = till.settle()
    with db.write():  # as an older program stored it
        LEDGER.execute_sql("UPDATE tender SET bonus_minor = 0")
        LEDGER.execute_sql("UPDATE sale_line SET bonus_minor = 0, tax_minor = 1139")
    back = till.take_back(sale, (1, 1))
    assert told(back) == [(APPAREL, -99_00, 0, -11_39)]
    assert posted(back) == {"liability:stored_value": -99_00, "revenue:sales": 99_00}
    assert stored_value_moves.balance(shop, (till.member,)) == (300_00, 60_00)


def test_who_keeps_less_than_a_threshold_keeps_the_bonus_in_the_price_of_that(
    shop: Shop, till: Till
) -> None:
    """198.00 less 60.00, 23.00 of it bonus. One is kept for 99.00, with 16.50 of that and 9.49 of tax."""
    test_recompute.publish(shop, test_recompute.saving())
    till.fill(TEE, "T-W-M")
    till.pay_stored()
    sale = till.settle()
    assert told(sale) == [(APPAREL, 138_00, 23_00, 13_23)]
    assert told(till.take_back(sale, (1, 1))) == [(APPAREL, -39_00, -6_50, -3_74)]
    assert stored_value_moves.balance(shop, (till.member,)) == (217_50, 43_50)
    assert told(till.take_back(sale, (2, 1))) == [(APPAREL, -99_00, -16_50, -9_49)]
    assert stored_value_moves.balance(shop, (till.member,)) == (300_00, 60_00)
    assert left_over() == [] and books.differences() == []


@pytest.mark.parametrize(
    "change",
    [
        "sale_line SET bonus_minor = bonus_minor + 1",
        "tender SET bonus_minor = bonus_minor + 1",
        "posting SET amount_minor = amount_minor + 1 WHERE account = 'discount:stored_value_bonus'",
        "posting SET account = 'revenue:other' WHERE account = 'discount:stored_value_bonus'",
    ],
)
def test_a_changed_bonus_is_named_by_the_check(shop: Shop, till: Till, change: str) -> None:
    till.fill(TEE)
    till.pay_stored()
    till.settle()
    with db.write():
        LEDGER.execute_sql(f"UPDATE {change}")
    assert len(books.differences()) == 1


SKUS = (TEE, JEANS, SOCKS, "T-W-M")
RATES = (0, 100, 300, LOW, APPAREL)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 2**32))
def test_what_is_sold_and_wholly_returned_leaves_no_tax_and_no_bonus_at_any_rate(
    shop: Shop, seed: int
) -> None:
    """With any rates, shares of bonus, promotions (those that reckon anew too), splits and orders."""
    chance = random.Random(seed)
    rated(**{style: chance.choice(RATES) for style in ("T1", "J1", "K1")})
    here = replace(
        shop,
        stored_value=replace(
            shop.stored_value, spend=chance.choice(("proportional", "principal_first", "bonus_first"))
        ),
    )
    drafts = [test_recompute.any_draft(here, chance) for _ in range(chance.randint(0, 2))]
    running = [test_recompute.publish(here, draft) for draft in drafts]
    sale, before, till = bought(here, chance, seed)
    assert event(sale).bonus_minor == sum(t.bonus_minor for t in sale.tenders)
    assert all(0 <= line.bonus_minor <= line.net.minor for line in sale.lines)
    for promotion_id in running:
        promotions.withdraw(here, promotion_id, operator_id="he", request_id=here.new_id())
    test_recompute.bring_all_back(here, sale, chance)
    assert [row for row in left_over() if row[2] or row[3]] == []
    if not any(draft.terms.on_return == "recompute" for draft in drafts):
        rows = LEDGER.execute_sql(
            "SELECT tax_bp, SUM(net_minor) FROM sale_line WHERE ?1 IN (sale_id, return_of) GROUP BY 1",
            (sale.sale_id,),
        )
        assert [net for _, net in rows if net] == []
    assert stored_value_moves.balance(here, (till.member,)) == before
    if chance.random() < 0.2:  # each look reads all the journal
        assert books.differences() == []


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 2**32))
def test_what_was_changed_for_other_goods_leaves_nothing_either_once_all_has_come_back(
    shop: Shop, seed: int
) -> None:
    chance = random.Random(seed)
    rated(**{style: chance.choice(RATES) for style in ("T1", "J1", "K1")})
    sale, before, till = bought(shop, chance, seed)
    chain = [sale]
    for _ in range(chance.randint(1, 3)):
        some = [(line, n) for line, n in returnable(chain[-1].sale_id).left.items() if n]
        if not some:
            break
        put(shop, chance)
        pieces = [
            (line, chance.randint(1, n)) for line, n in chance.sample(some, chance.randint(1, len(some)))
        ]
        chain.append(exchanged(till, chain[-1], pieces, chance))
    assert all(0 <= each.bonus_minor <= each.net.minor for s in chain for each in bought_lines(s))
    for each in reversed(chain):
        while left := [(line, n) for line, n in returnable(each.sale_id).left.items() if n]:
            some = chance.sample(left, chance.randint(1, len(left)))
            till.bring(each, *((line, chance.randint(1, n)) for line, n in some))
            till.settle()
    assert left_over() == []
    assert stored_value_moves.balance(shop, (till.member,)) == before
    if chance.random() < 0.2:
        assert books.differences() == []


def bought_lines(sale: Sale) -> list[Any]:
    return [each for each in sale.lines if each.line.quantity > 0]


def put(shop: Shop, chance: random.Random) -> None:
    for _ in range(chance.randint(1, 4)):
        sku, count = chance.choice(SKUS), chance.randint(1, 3)
        baskets.add(shop, "1", sku=sku, code="", quantity=count, request_id=shop.new_id())


def bought(shop: Shop, chance: random.Random, seed: int) -> tuple[Sale, tuple[int, int], Till]:
    """A sale that stored value pays a part of, and what was on the account before."""
    till = Till(shop, f"138{next(_PHONES):08d}")
    for _ in range(chance.randint(1, 2)):
        till.recharge(chance.randint(1, 1_000_00), chance.randint(0, 1_000_00))
    before = stored_value_moves.balance(shop, (till.member,))
    put(shop, chance)
    till.fill()
    pay_some(till, chance)
    return till.settle(100_000_00 if till.due_minor > till.bag.paid_minor else None), before, till


_PHONES = itertools.count(1)


def pay_some(till: Till, chance: random.Random) -> None:
    bag = till.bag
    usable = stored_value_payments.worth(till.shop, bag, prices.priced(till.shop, bag)).usable_minor
    if usable:
        till.pay_stored(chance.choice((usable, chance.randint(1, usable))))


def exchanged(till: Till, sale: Sale, pieces: list[tuple[int, int]], chance: random.Random) -> Sale:
    """Goods that come back against those in the bag; what is to be paid is paid with some stored value."""
    till.bring(sale, *pieces)
    shop, bag = till.shop, till.bag
    left, _ = returns.owed(shop, bag, prices.priced(shop, bag))
    if not left.minor:
        return till.settle()
    pay_some(till, chance)
    left, _ = returns.owed(shop, till.bag, prices.priced(shop, till.bag))
    return till.settle(100_000_00 if left.minor else None)
