"""The best price against an engine that tries everything, and the laws that every price keeps."""

from __future__ import annotations

import random
from dataclasses import replace

from services.domain.offers import POINTS, Grant, Item
from services.domain.pricing import price
from tests.domain import baskets
from tests.domain.naive_price import cheapest

BASKETS = 10_000


def test_brute_force_agrees_on_small_random_baskets(soak: int) -> None:
    for seed in range(BASKETS * soak):
        rng = random.Random(seed)
        items = baskets.basket(rng)
        offers = [baskets.offer(rng, n) for n in range(rng.choice((1, 1, 2, 2, 3)))]
        priced = price(items, offers, baskets.context(offers))
        naive = cheapest(items, offers)
        assert not priced.bounded, seed
        assert priced.total_minor == naive, f"seed {seed}: {priced.total_minor} but {naive}"


def test_sums_give_the_same_price_as_line_by_line(soak: int) -> None:
    """Where no line has a lowest price, sums are enough for offers on the order, coupons and points. One
    that has one and is in no offer makes the search work line by line."""
    slow = Item(line_id=99, sku="slow", quantity=1, unit_minor=1, floor_minor=1, discountable=False)
    for seed in range(BASKETS // 4 * soak):
        rng = random.Random(seed)
        items = [replace(each, floor_minor=0) for each in baskets.basket(rng, 4)]
        offers = [baskets.offer(rng, n) for n in range(rng.choice((1, 2, 3, 4)))]
        points = Grant(
            layer=POINTS,
            source="points",
            source_id="points",
            label_zh="",
            label_en="",
            amount_minor=rng.choice((0, rng.randrange(1, 200))),
            most_bp=rng.choice((10_000, 5_000)),
        )
        moment = replace(baskets.context(offers), grants=(points,))
        fast, witness = price(items, offers, moment), price([*items, slow], offers, moment)
        assert fast.lines == witness.lines[:-1] and witness.lines[-1].net_minor == 1, seed


def test_one_article_more_never_adds_more_than_its_price(soak: int) -> None:
    for seed in range(BASKETS // 4 * soak):
        rng = random.Random(seed)
        items = baskets.basket(rng, 4)
        offers = [baskets.offer(rng, n) for n in range(rng.choice((1, 2, 3, 4)))]
        more = baskets.item(rng, len(items) + 1, quantity=1)
        before = price(items, offers, baskets.context(offers))
        after = price([*items, more], offers, baskets.context(offers))
        if not after.bounded:
            assert after.total_minor <= before.total_minor + more.unit_minor, seed


def test_the_order_of_lines_and_offers_never_matters(soak: int) -> None:
    for seed in range(BASKETS // 10 * soak):
        rng = random.Random(seed)
        items = baskets.basket(rng, 5)
        offers = [baskets.offer(rng, n) for n in range(4)]
        moment = baskets.context(offers)
        first = price(items, offers, moment)
        rng.shuffle(items)
        rng.shuffle(offers)
        assert price(items, offers, moment) == first, seed


def test_what_a_price_is_made_of_adds_up_and_stays_within_its_bounds(soak: int) -> None:
    for seed in range(BASKETS // 10 * soak):
        rng = random.Random(seed)
        items = {item.line_id: item for item in baskets.basket(rng, 6)}
        offers = [baskets.offer(rng, n) for n in range(5)]
        priced = price(list(items.values()), offers, baskets.context(offers))
        for line in priced.lines:
            item = items[line.line_id]
            assert line.net_minor == line.gross_minor + sum(a.amount_minor for a in line.adjustments)
            assert line.net_minor >= min(item.floor_minor * item.quantity, line.gross_minor) >= 0
            assert all(
                a.desired_minor <= a.amount_minor < 0 or a.amount_minor == 0 for a in line.adjustments
            )
            if not item.discountable:
                assert not line.adjustments
        assert priced.total_minor == sum(line.net_minor for line in priced.lines)
        told = {e.promotion_id: e for e in priced.explanations}
        assert set(told) == {each.promotion_id for each in offers}
        given = sum(e.amount_minor for e in told.values())
        assert given == priced.total_minor - priced.gross_minor
        assert all(e.applied or e.code for e in told.values()), seed
        assert {each.promotion_id for each in priced.applied} == {n for n, e in told.items() if e.applied}
