"""Small baskets and offers of every kind, from a seed."""

from __future__ import annotations

import random

from services.domain.every_nth import EveryNth
from services.domain.offers import (
    COUPON,
    LINE,
    ORDER,
    UNIT,
    Context,
    Coupon,
    Goods,
    Item,
    LineRule,
    Offer,
    OrderRule,
    Rule,
    Step,
    Terms,
)
from services.promotions.bundle import Bundle, Part
from services.promotions.buy_x_get_y import BuyXGetY
from services.promotions.gift import Gift

CATEGORIES = ("a", "b", "c")


def item(rng: random.Random, line_id: int, *, quantity: int = 0) -> Item:
    return Item(
        line_id=line_id,
        sku=f"s{rng.randrange(4)}",
        category=rng.choice(CATEGORIES),
        quantity=quantity or rng.choice((1, 1, 1, 2)),
        unit_minor=rng.choice((1, rng.randrange(1, 40), rng.randrange(1, 400), 100, 333)),
        floor_minor=rng.choice((0, 0, 0, 0, 20)),
        discountable=rng.random() > 0.05,
        override=rng.random() < 0.05,
    )


def basket(rng: random.Random, lines_max: int = 3) -> list[Item]:
    return [item(rng, n) for n in range(1, rng.randrange(1, lines_max + 1) + 1)]


def goods(rng: random.Random) -> Goods:
    return rng.choice(
        (
            Goods(),
            Goods(),
            Goods(categories=(rng.choice(CATEGORIES),)),
            Goods(categories=("a", "b")),
            Goods(excluded=(rng.choice(CATEGORIES),)),
            Goods(skus=("s0", "s1")),
        )
    )


def offer(rng: random.Random, n: int) -> Offer:
    layer = rng.choice((LINE, UNIT, UNIT, ORDER, ORDER, COUPON))
    stackable = rng.random() < 0.25
    return Offer(
        promotion_id=f"p{n}",
        version=1,
        kind="",
        layer=layer,
        label_zh="",
        label_en="",
        terms=Terms(
            goods=goods(rng),
            priority=rng.choice((1, 2)),
            group=rng.choice(("", "", "", "g")),
            group_mode="stackable" if stackable else "highest_discount",
            needs_coupon=layer == COUPON,
            stack_with_coupon=rng.random() > 0.1,
            basis=rng.choice(("net", "net", "gross")),
            uses_per_sale=rng.choice((0, 0, 1)),
        ),
        rule=rule(rng, layer),
    )


def rule(rng: random.Random, layer: int) -> Rule:
    points = rng.choice((500, 1_000, 3_333, 5_000, 10_000))
    if layer == LINE:
        return rng.choice(
            (
                LineRule(basis_points=points, pieces_min=rng.choice((1, 2))),
                LineRule(amount_minor=rng.randrange(1, 50)),
                LineRule(price_minor=rng.randrange(1, 100)),
            )
        )
    if layer == UNIT:
        return unit_rule(rng, points)
    low, high = sorted(rng.sample(range(1, 700), 2))
    return rng.choice(
        (
            OrderRule((Step(low, low // 3 + 1),)),
            OrderRule((Step(low, low // 5 + 1), Step(high, high // 2 + 1))),
            OrderRule((Step(low, low // 4 + 1),), repeats=True),
            OrderRule((Step(0, basis_points=points),)),
            OrderRule((Step(low, basis_points=points // 2), Step(high, basis_points=points))),
        )
    )


def unit_rule(rng: random.Random, points: int) -> Rule:
    one, other = goods(rng), goods(rng)
    return rng.choice(
        (
            EveryNth(2, points),
            EveryNth(3, 10_000, rng.choice((1, 2))),
            Bundle((Part(one), Part(other)), rng.randrange(1, 300)),
            BuyXGetY(one, other, basis_points=points),
            Gift(Goods(skus=("s0",)), rng.randrange(0, 400)),
        )
    )


def context(offers: list[Offer]) -> Context:
    coupons = [
        Coupon(coupon_id=f"c{each.promotion_id}", promotion_id=each.promotion_id)
        for each in offers
        if each.layer == COUPON
    ]
    return Context(day="2026-11-22", weekday=7, minute=660, store="S0001", coupons=tuple(coupons))
