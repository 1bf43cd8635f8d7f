"""Tax from the rate of a style to the sale, its return and the Z: as it was when the line was added."""

from __future__ import annotations

import json
import random
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.domain.tax import RateTax
from services.flows import baskets, blind_returns, checkout, discounts, promotions, voids
from services.flows.shop import Shop
from services.store import books, catalogue, db, journal
from services.store.db import LEDGER
from services.store.sales import Sale
from tests.flows import test_gift_cards, test_recompute, test_shifts
from tests.flows.test_returns import MANAGER, fill, settle, sold, take_back
from tests.shop import JEANS, SOCKS, TEE

APPAREL, LOW = 1300, 900
SKUS = (TEE, JEANS, SOCKS, "T-W-M")


@pytest.fixture
def shop(shop: Shop) -> Shop:
    """A general VAT payer's; socks have a rate of their own."""
    with db.write():
        catalogue.put_style("K1", "精梳棉袜", "accessories", "sock", "jsmw", 3, LOW)
    return replace(shop, tax_bp=APPAREL)


def told(sale: Sale) -> list[tuple[int, int, int]]:
    """What the journal says of it by rate."""
    for row in journal.after(0, journal.BATCH_MAX):
        event = json.loads(row.body)
        if event["type"] == "sale.completed" and event["data"]["sale_id"] == sale.sale_id:
            taxes = event["data"].get("taxes", ())
            return [(t["tax_bp"], t["net_minor"], t["tax_minor"]) for t in taxes]
    raise AssertionError(sale)


def test_a_sale_keeps_the_tax_of_each_line_and_says_it_by_rate(shop: Shop) -> None:
    sale = sold(shop, TEE, JEANS, SOCKS)
    assert [(each.line.tax_bp, each.tax_minor) for each in sale.lines] == [
        (APPAREL, 11_39),  # of 428.00 together 49.24
        (APPAREL, 37_85),
        (LOW, 2_39),
    ]
    assert told(sale) == [(LOW, 29_00, 2_39), (APPAREL, 428_00, 49_24)]
    assert checkout.find(sale.sale_id) == sale
    assert books.differences() == []


@pytest.mark.parametrize("column", ["tax_bp", "tax_minor"])
def test_a_changed_tax_is_named_by_the_check(shop: Shop, column: str) -> None:
    sold(shop, TEE)
    with db.write():
        LEDGER.execute_sql(f"UPDATE sale_line SET {column} = {column} + 1")
    assert len(books.differences()) == 1


def test_what_was_discounted_is_taxed_on_what_was_paid(shop: Shop) -> None:
    basket = fill(shop, TEE, JEANS, SOCKS)
    discounts.discount(
        shop,
        "1",
        basket_id=basket.basket_id,
        line_id=0,
        percent_bp=1_000,
        amount_minor=0,
        reason="regular",
        approval=MANAGER,
        operator_id="zhou",
    )
    sale = settle(shop, 500_00)
    assert told(sale) == [(LOW, 26_10, 2_16), (APPAREL, 385_20, 44_32)]
    assert books.differences() == []


def test_another_rate_leaves_open_lines_as_they_are_and_counts_from_then_on(shop: Shop) -> None:
    fill(shop, TEE)
    later = replace(shop, tax_bp=100)
    fill(later, TEE, TEE)
    sale = settle(later, 500_00)
    assert [(e.line.quantity, e.line.tax_bp) for e in sale.lines] == [(1, APPAREL), (2, 100)]
    take_back(replace(shop, tax_bp=0), sale, (1, 1), (2, 1))
    assert told(settle(shop, None)) == [(100, -99_00, -98), (APPAREL, -99_00, -11_39)]
    assert books.differences() == []


def test_a_shop_without_tax_says_nothing_of_it(shop: Shop) -> None:
    sale = sold(replace(shop, tax_bp=0), TEE)
    assert told(sale) == [] and sale.lines[0].tax_minor == 0


def test_tax_costs_no_statement_of_a_sale_however_many_lines_it_has(shop: Shop) -> None:
    def statements(here: Shop, *skus: str) -> int:
        fill(here, *skus)
        seen: list[str] = []
        writer = LEDGER._writing()
        writer.set_trace_callback(seen.append)
        settle(here, 1_000_00)
        writer.set_trace_callback(None)
        return len([each for each in seen if "sale" in each or "tax" in each])

    sold(shop, TEE)  # the first sale of a till looks for numbers that were used
    untaxed = statements(replace(shop, tax_bp=0), TEE)
    assert statements(shop, TEE) == statements(shop, TEE, JEANS, SOCKS, "T-W-M") == untaxed


def test_a_gift_card_has_no_tax_and_what_it_pays_for_has(shop: Shop) -> None:
    test_gift_cards.put_card()
    sale = sold(shop, test_gift_cards.CARD, TEE)
    assert told(sale) == [(APPAREL, 99_00, 11_39)]
    assert books.differences() == []


def test_an_exchange_says_apart_what_was_sold_and_what_came_back(shop: Shop) -> None:
    sale = sold(shop, TEE, SOCKS)
    take_back(shop, sale, (1, 1))
    fill(shop, JEANS)
    assert told(settle(shop, 500_00)) == [(APPAREL, 329_00, 37_85), (APPAREL, -99_00, -11_39)]
    assert books.differences() == []


def test_a_sale_that_is_undone_leaves_no_tax(shop: Shop) -> None:
    sale = sold(shop, TEE, TEE, SOCKS)
    document = voids.void(
        shop,
        "1",
        sale.sale_id,
        reason="wrong article",
        approval=MANAGER,
        operator_id="zhou",
        request_id=shop.new_id(),
    )
    assert told(document) == [(bp, -net, -tax) for bp, net, tax in told(sale)]
    assert checkout.find(document.sale_id) == document
    assert books.differences() == []


def test_without_a_receipt_the_rate_of_now_counts(shop: Shop) -> None:
    document = blind_returns.take_back(
        shop,
        "1",
        pieces=[(TEE, 1), (SOCKS, 2)],
        total_minor=157_00,
        reason="lost receipt",
        approval=MANAGER,
        operator_id="zhou",
        request_id=shop.new_id(),
    )
    assert told(document) == [(LOW, -58_00, -4_79), (APPAREL, -99_00, -11_39)]
    assert checkout.find(document.sale_id) == document
    assert books.differences() == []


def test_a_z_says_the_tax_of_its_shift_by_rate(shop: Shop) -> None:
    shift_id = test_shifts.begin(shop)
    sale = sold(shop, TEE, SOCKS)
    sold(shop, JEANS)
    take_back(shop, sale, (1, 1))
    settle(shop, None)
    test_shifts.count(shop, shift_id, [(100_00, 2)])
    z = test_shifts.close(shop, shift_id)
    assert z.taxes == (
        RateTax(tax_bp=LOW, net_minor=29_00, tax_minor=2_39),
        RateTax(tax_bp=APPAREL, net_minor=428_00, tax_minor=49_24),
        RateTax(tax_bp=APPAREL, net_minor=-99_00, tax_minor=-11_39),
    )
    assert books.differences() == []


def test_a_z_counts_tax_that_comes_back_without_money_as_given_back(shop: Shop) -> None:
    """What is kept, at no tax, costs more alone than both were paid for."""
    with db.write():
        catalogue.put_style("K1", "精梳棉袜", "accessories", "sock", "jsmw", 3, 0)
    steps = [{"threshold_minor": 110_00, "amount_minor": 110_00}]
    test_recompute.publish(shop, test_recompute.saving(params={"steps": steps}))
    shift_id = test_shifts.begin(shop)
    sale = sold(shop, TEE, SOCKS)
    take_back(shop, sale, (1, 1))
    assert told(settle(shop, None)) == [(APPAREL, 0, -1_60)]
    test_shifts.count(shop, shift_id, [(100_00, 2)])
    assert test_shifts.close(shop, shift_id).taxes == (
        RateTax(tax_bp=APPAREL, net_minor=13_92, tax_minor=1_60),
        RateTax(tax_bp=APPAREL, net_minor=0, tax_minor=-1_60),
    )
    assert books.differences() == []


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 2**32))
def test_what_is_sold_and_wholly_returned_leaves_no_tax_however_it_came_back(shop: Shop, seed: int) -> None:
    """With any promotions, also those that want it reckoned anew: each rate for itself."""
    chance = random.Random(seed)
    drafts = [test_recompute.any_draft(shop, chance) for _ in range(chance.randint(0, 2))]
    running = [test_recompute.publish(shop, draft) for draft in drafts]
    for _ in range(chance.randint(1, 5)):
        quantity = chance.randint(1, 3)
        sku = chance.choice(SKUS)
        baskets.add(shop, "1", sku=sku, code="", quantity=quantity, request_id=shop.new_id())
    sale = settle(shop, 100_000_00)
    for promotion_id in running:
        promotions.withdraw(shop, promotion_id, operator_id="he", request_id=shop.new_id())
    test_recompute.bring_all_back(replace(shop, tax_bp=100), sale, chance)
    rates = LEDGER.execute_sql(
        "SELECT tax_bp, SUM(tax_minor) FROM sale_line WHERE ?1 IN (sale_id, return_of) GROUP BY tax_bp",
        (sale.sale_id,),
    ).fetchall()
    assert [tax for _, tax in rates if tax] == []


def test_who_keeps_less_than_a_threshold_leaves_the_tax_of_what_is_kept(shop: Shop) -> None:
    test_recompute.publish(shop, test_recompute.saving())
    sale = sold(shop, TEE, "T-W-M")  # 198.00 - 60.00, with 15.88 of tax
    take_back(shop, sale, (1, 1))
    assert told(settle(shop, None)) == [(APPAREL, -39_00, -4_49)]  # 99.00 are kept, with 11.39
    take_back(shop, sale, (2, 1))
    assert told(settle(shop, None)) == [(APPAREL, -99_00, -11_39)]
    assert books.differences() == []
