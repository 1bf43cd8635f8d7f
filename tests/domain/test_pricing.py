"""The worked numbers of the pricing engine, and its rules one by one."""

from __future__ import annotations

import json
import random
import re
from dataclasses import replace
from pathlib import Path

import pytest

from services.domain.offers import (
    COUPON,
    LINE,
    MEMBER,
    ORDER,
    Context,
    Coupon,
    Goods,
    Grant,
    Item,
    LineRule,
    Offer,
    OrderRule,
    Rule,
    Step,
    Terms,
    Uses,
)
from services.domain.pricing import Priced, price
from tests.domain import baskets

ROOT = Path(__file__).parents[2]
NOW = Context(day="2026-11-22", weekday=7, minute=11 * 60, store="S0001")


def offer(promotion_id: str, layer: int, rule: Rule, **terms: object) -> Offer:
    return Offer(
        promotion_id=promotion_id,
        version=1,
        kind="",
        layer=layer,
        label_zh=promotion_id,
        label_en=promotion_id,
        terms=Terms(**terms),  # type: ignore[arg-type]
        rule=rule,
    )


def grant(layer: int, source_id: str, **what: int) -> Grant:
    source = "member" if layer == MEMBER else "manual"
    return Grant(layer=layer, source=source, source_id=source_id, label_zh="", label_en="", **what)


def taken(priced: Priced, source_id: str) -> list[int]:
    return [
        sum(a.amount_minor for a in line.adjustments if a.source_id == source_id) for line in priced.lines
    ]


def v1_items() -> list[Item]:
    return [
        Item(line_id=1, sku="shirt", category="tops", quantity=1, unit_minor=29_900),
        Item(line_id=2, sku="trousers", category="bottoms", quantity=1, unit_minor=39_900),
        Item(line_id=3, sku="socks", category="accessories", quantity=3, unit_minor=1_900),
    ]


def test_v1_spend_and_save_is_split_over_what_the_member_price_left() -> None:
    gold = [
        grant(MEMBER, "gold", line_id=1, amount_minor=1_495),
        grant(MEMBER, "gold", line_id=2, basis_points=500),
    ]
    moment = replace(NOW, grants=tuple(gold))
    priced = price(v1_items(), [offer("save", ORDER, OrderRule((Step(500_00, 60_00),)))], moment)
    assert priced.gross_minor == 75_500
    assert taken(priced, "gold") == [-1_495, -1_995, 0]
    assert taken(priced, "save") == [-2_367, -3_158, -475]
    assert priced.total_minor == 66_010


@pytest.mark.parametrize(
    ("order", "total"),
    [
        (("five", "ten", "thirty"), 59_85),
        (("ten", "five", "thirty"), 59_50),
        (("thirty", "five", "ten"), 58_50),
        (("ten", "thirty", "five"), 58_00),
        (("thirty", "ten", "five"), 58_00),
    ],
)
def test_v2_the_order_of_stacking_is_the_shop_s(order: tuple[str, ...], total: int) -> None:
    steps = {
        "five": Step(0, 5_00),
        "ten": Step(0, basis_points=1_000),
        "thirty": Step(0, basis_points=3_000),
    }
    offers = [
        offer(name, ORDER, OrderRule((steps[name],)), priority=place, group_mode="stackable")
        for place, name in enumerate(order)
    ]
    assert (
        price([Item(line_id=1, sku="a", quantity=1, unit_minor=100_00)], offers, NOW).total_minor == total
    )


def test_the_layers_take_percentages_before_amounts_whatever_their_priority() -> None:
    offers = [
        offer("five", ORDER, OrderRule((Step(0, 5_00),)), priority=1),
        offer("ten", LINE, LineRule(basis_points=1_000), group_mode="stackable", priority=2),
        offer("thirty", LINE, LineRule(basis_points=3_000), group_mode="stackable", priority=3),
    ]
    priced = price([Item(line_id=1, sku="a", quantity=1, unit_minor=100_00)], offers, NOW)
    assert priced.total_minor == 58_00


def test_of_two_order_offers_the_better_one_is_taken_and_the_other_told() -> None:
    offers = [
        offer("ten", ORDER, OrderRule((Step(0, basis_points=1_000),))),
        offer("save", ORDER, OrderRule((Step(500_00, 60_00),))),
        offer("shoes", LINE, LineRule(basis_points=5_000), goods=Goods(categories=("shoes",))),
    ]
    priced = price(v1_items(), offers, NOW)
    assert priced.total_minor == 75_500 - 7_550
    told = {e.promotion_id: (e.applied, e.code, e.winner) for e in priced.explanations}
    assert told == {
        "ten": (True, "", ""),
        "save": (False, "excluded_by", "ten"),
        "shoes": (False, "basis_empty", ""),
    }


def test_a_manual_discount_counts_as_order_layer_after_the_offers() -> None:
    by_hand = (
        Grant(
            layer=ORDER,
            source="manual",
            source_id="a",
            label_zh="",
            label_en="",
            line_id=1,
            amount_minor=900,
        ),
        Grant(layer=ORDER, source="manual", source_id="b", label_zh="", label_en="", basis_points=1_000),
    )
    moment = replace(NOW, grants=by_hand)
    ten = offer("ten", ORDER, OrderRule((Step(0, basis_points=1_000),)))
    items = [Item(line_id=n, sku=f"s{n}", quantity=1, unit_minor=100_00) for n in (1, 2)]
    priced = price(items, [ten], moment)
    assert taken(priced, "ten") == [-10_00, -10_00]
    assert taken(priced, "a") == [-9_00, 0]
    assert taken(priced, "b") == [-8_10, -9_00]
    assert priced.total_minor == 153_90
    assert {a.source for line in priced.lines for a in line.adjustments} == {"promotion", "manual"}


def test_an_offer_that_does_not_go_with_member_prices_leaves_those_lines_alone() -> None:
    gold = Grant(
        layer=MEMBER,
        source="member",
        source_id="gold",
        label_zh="",
        label_en="",
        line_id=1,
        basis_points=500,
    )
    rule = LineRule(basis_points=1_000)
    alone = offer("alone", LINE, rule, stack_with_member_price=False)
    priced = price(v1_items(), [alone], replace(NOW, grants=(gold,)))
    assert taken(priced, "alone") == [0, -3_990, -570]


def test_a_coupon_is_taken_instead_of_an_offer_that_does_not_go_with_it_only_when_it_saves_more() -> None:
    alone = offer("alone", LINE, LineRule(basis_points=1_000), stack_with_coupon=False)
    moment = replace(NOW, coupons=(Coupon(coupon_id="c", promotion_id="coupon"),))
    for face, total in ((50_00, 755_00 - 75_50), (100_00, 655_00)):
        coupon = offer("coupon", COUPON, OrderRule((Step(1, face),)), needs_coupon=True)
        assert price(v1_items(), [alone, coupon], moment).total_minor == total


def test_of_two_coupons_worth_the_same_the_one_that_ends_sooner_is_used() -> None:
    coupons = [offer(n, COUPON, OrderRule((Step(1, 5_00),)), needs_coupon=True) for n in ("late", "soon")]
    held = (
        Coupon(coupon_id="1", promotion_id="late", valid_to="2026-12-31"),
        Coupon(coupon_id="2", promotion_id="soon", valid_to="2026-11-30"),
    )
    priced = price(v1_items(), coupons, replace(NOW, coupons=held))
    assert [e.promotion_id for e in priced.explanations if e.applied] == ["soon"]
    expired = (Coupon(coupon_id="1", promotion_id="late", valid_to="2026-11-21"),)
    codes = {
        e.promotion_id: e.code
        for e in price(v1_items(), coupons, replace(NOW, coupons=expired)).explanations
    }
    assert codes == {"late": "coupon_expired", "soon": "needs_coupon"}


def test_an_offer_that_saves_the_same_without_a_coupon_keeps_the_coupon() -> None:
    free = offer("free", ORDER, OrderRule((Step(1, basis_points=10_000),)))
    coupon = offer("coupon", COUPON, OrderRule((Step(1, 5_00),)), needs_coupon=True)
    held = (Coupon(coupon_id="1", promotion_id="coupon"),)
    priced = price(v1_items(), [free, coupon], replace(NOW, coupons=held))
    assert (priced.total_minor, [o.promotion_id for o in priced.applied]) == (0, ["free"])


@pytest.mark.parametrize(
    ("uses", "code"),
    [
        (Uses(store=9), ""),
        (Uses(store=10), "limit_store"),
        (Uses(day=3), "limit_store"),
        (Uses(member=1), "limit_member"),
        (Uses(spent_minor=500_00), "budget_empty"),
    ],
)
def test_what_is_used_up_is_told(uses: Uses, code: str) -> None:
    limits = dict(uses_per_store=10, uses_per_day=3, uses_per_member=1, budget_minor=500_00)
    ten = offer("ten", LINE, LineRule(basis_points=1_000), **limits)
    (told,) = price(v1_items(), [ten], replace(NOW, uses={"ten": uses})).explanations
    assert (told.applied, told.code) == (not code, code)


def test_a_member_s_tier_and_segments_decide() -> None:
    rule = LineRule(basis_points=1_000)
    offers = [offer("gold", LINE, rule, tiers=("gold",)), offer("new", LINE, rule, segments=("newcomers",))]
    for moment, codes in (
        (NOW, ("needs_member", "needs_member")),
        (replace(NOW, member_id="m"), ("wrong_tier", "not_in_segment")),
        (replace(NOW, member_id="m", tier="gold"), ("", "not_in_segment")),
    ):
        assert tuple(e.code for e in price(v1_items(), offers, moment).explanations) == codes


def test_a_large_basket_is_priced_within_its_bounds_and_says_so() -> None:
    rng = random.Random(7)
    items = baskets.basket(rng, 200) + [baskets.item(rng, n) for n in range(301, 501)]
    offers = [baskets.offer(rng, n) for n in range(30)]
    priced = price(items, offers, baskets.context(offers))
    assert priced.bounded and priced.evaluated > 0
    assert 0 <= priced.total_minor < priced.gross_minor


def test_an_empty_basket_costs_nothing() -> None:
    ten = offer("ten", ORDER, OrderRule((Step(0, basis_points=1_000),)))
    priced = price([], [ten], NOW)
    assert (priced.total_minor, priced.lines, priced.nearest) == (0, (), None)
    assert [e.code for e in priced.explanations] == ["basis_empty"]


def test_a_bag_full_to_the_brim_is_priced_too() -> None:
    rng = random.Random(11)
    items = [replace(baskets.item(rng, n), quantity=9_999) for n in range(1, 301)]
    offers = [baskets.offer(rng, n) for n in range(20)]
    priced = price(items, offers, baskets.context(offers))
    assert 0 <= priced.total_minor <= priced.gross_minor


def test_every_reason_for_a_miss_has_words() -> None:
    told = set()
    for name in ("conditions", "explanation", "pricing"):
        source = (ROOT / f"services/domain/{name}.py").read_text("utf-8")
        told |= set(re.findall(r'Miss\(\s*"(\w+)"', source))
    assert len(told) > 15
    for language in ("zh", "en"):
        words = json.loads((ROOT / f"web_console/static/words/{language}.json").read_text("utf-8"))
        assert {code for code in told if f"miss.{code}" not in words} == set()
