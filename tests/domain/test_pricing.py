"""The worked numbers of the pricing engine."""

from __future__ import annotations

import pytest

from services.domain.offers import (
    LINE,
    MEMBER,
    ORDER,
    Context,
    Goods,
    Grant,
    Item,
    LineRule,
    Offer,
    OrderRule,
    Rule,
    Step,
    Terms,
)
from services.domain.pricing import Priced, price

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
        Grant(layer=MEMBER, source="member", source_id="gold", label_zh="金卡 95 折", label_en="Gold", **at)
        for at in ({"line_id": 1, "amount_minor": 1_495}, {"line_id": 2, "basis_points": 500})
    ]
    moment = Context(day=NOW.day, weekday=7, minute=660, store="S0001", grants=tuple(gold))
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
