"""Pricing a full basket against many live promotions, and what promotions cost that do not apply."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator, Sequence

from services.domain.every_nth import EveryNth
from services.domain.offers import (
    LINE,
    ORDER,
    UNIT,
    Context,
    Goods,
    Item,
    LineRule,
    Offer,
    OrderRule,
    Rule,
    Step,
    Terms,
    Window,
)
from services.domain.pricing import price
from services.promotions.bundle import Bundle, Part
from services.promotions.buy_x_get_y import BuyXGetY
from services.promotions.gift import Gift
from tests.bench.figure import Figure, percentile

LINES = 30
LIVE = 50
BASKETS = 200
TARGET_MS = 20.0
CATEGORIES = tuple(f"category-{n}" for n in range(8))
ALL_DAY = Window(from_day="2026-11-01", to_day="2026-12-31")
NOW = Context(day="2026-11-22", weekday=7, minute=660, store="S0001")


def figures() -> Iterator[Figure]:
    yield _thirty_lines()
    yield _growth()


def basket(rng: random.Random) -> list[Item]:
    """Thirty lines of a clothing shop: styles of eight categories, mostly one piece of each."""
    styles = [rng.randrange(120) for _ in range(LINES)]
    return [
        Item(
            line_id=n,
            sku=f"sku-{style}-{n % 3}",
            style=f"style-{style}",
            category=CATEGORIES[style % len(CATEGORIES)],
            quantity=rng.choice((1, 1, 1, 2)),
            unit_minor=(style * 17 % 90 + 10) * 1_000,
        )
        for n, style in enumerate(styles, 1)
    ]


def promotions(rng: random.Random, count: int) -> list[Offer]:
    """As a busy season has them: most on some styles or a category, several on the order, a few for members
    or for another hour."""
    return [_promotion(rng, n) for n in range(count)]


def strangers(count: int) -> list[Offer]:
    """Live, but on goods that are in no basket."""
    return [
        _offer(f"none-{n}", LINE, LineRule(basis_points=1_000), Goods(styles=(f"other-{n}", f"more-{n}")))
        for n in range(count)
    ]


def _promotion(rng: random.Random, n: int) -> Offer:
    category = Goods(categories=(rng.choice(CATEGORIES),))
    styles = Goods(styles=tuple(f"style-{rng.randrange(120)}" for _ in range(6)))
    order = 900_00 + 300_00 * (n % 5)
    kinds: tuple[tuple[int, Rule, Goods], ...] = (
        (LINE, LineRule(basis_points=1_000), category),
        (LINE, LineRule(basis_points=2_000), styles),
        (LINE, LineRule(price_minor=99_00), styles),
        (LINE, LineRule(amount_minor=10_00), styles),
        (UNIT, EveryNth(2, 5_000), category),
        (UNIT, EveryNth(3, 10_000), styles),
        (UNIT, Bundle((Part(category), Part(styles)), 399_00), Goods()),
        (UNIT, BuyXGetY(styles, category, basis_points=5_000), Goods()),
        (UNIT, Gift(styles, 1_000_00), Goods()),
        (ORDER, OrderRule((Step(order, 80_00), Step(2 * order, 200_00))), Goods()),
        (ORDER, OrderRule((Step(order, basis_points=800),)), Goods(excluded=category.categories)),
    )
    layer, rule, goods = kinds[n % len(kinds)]
    hours = Window(from_minute=18 * 60) if n % 12 == 5 else ALL_DAY
    return _offer(f"p-{n}", layer, rule, goods, members_only=n % 12 == 11, window=hours)


def _offer(
    promotion_id: str,
    layer: int,
    rule: Rule,
    goods: Goods,
    *,
    members_only: bool = False,
    window: Window = ALL_DAY,
) -> Offer:
    terms = Terms(goods=goods, window=window, members_only=members_only)
    return Offer(
        promotion_id=promotion_id,
        version=1,
        kind="",
        layer=layer,
        label_zh="促销",
        label_en="Promotion",
        terms=terms,
        rule=rule,
    )


def _took_ms(baskets: Sequence[tuple[list[Item], list[Offer]]]) -> list[float]:
    took = []
    for items, offers in baskets:
        begun = time.perf_counter()
        price(items, offers, NOW)
        took.append((time.perf_counter() - begun) * 1000)
    return took


def _thirty_lines() -> Figure:
    rng = random.Random(1)
    took = _took_ms([(basket(rng), promotions(rng, LIVE)) for _ in range(BASKETS)])
    p95 = percentile(took, 95)
    return Figure(
        f"pricing {LINES} lines, {LIVE} promotions, p95",
        f"{p95:.1f} ms",
        f"{TARGET_MS:.0f} ms",
        p95 / TARGET_MS,
        1,
    )


def _growth() -> Figure:
    """Ten times as many promotions that do not apply: at most ten times the cost they had before."""
    rng = random.Random(2)
    baskets = [basket(rng) for _ in range(BASKETS)]
    none, some, many = (
        sum(_took_ms([(items, strangers(count)) for items in baskets])) / BASKETS
        for count in (0, 100, 1000)
    )
    return Figure(
        "1,000 promotions that do not apply",
        f"{many:.2f} ms",
        f"100 of them {some:.2f} ms",
        (many - none) / (some - none),
        12,
    )
