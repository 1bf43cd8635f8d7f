"""The best choice of coupons and points against one that tries everything, and what it says of itself."""

from __future__ import annotations

import itertools
import random
from dataclasses import replace

from services.domain import best_choice, redemption
from services.domain.best_choice import LIMIT, Choice, Quote
from services.domain.coupons import nth
from services.domain.offers import COUPON, Coupon, Item, Offer
from services.domain.points_rules import Discount
from services.domain.pricing import price
from tests.domain import baskets

CASES = 300
ENDS = ("2026-11-30", "2026-12-31", "")
Rank = tuple[int, int, int, list[str]]


class Till:
    """Goods with live offers, and coupons of which more than one may be of a kind."""

    def __init__(self, rng: random.Random) -> None:
        self.bounded = False  # whether pricing has looked at some promotions only
        self.items: list[Item] = [replace(each, floor_minor=0) for each in baskets.basket(rng)]
        offers = [baskets.offer(rng, n) for n in range(rng.choice((2, 3, 4, 5)))]
        self.offers: list[Offer] = offers
        self.context = baskets.context(offers)
        kinds = [each.promotion_id for each in offers if each.layer == COUPON]
        self.coupons = [
            Coupon(coupon_id=f"c{n}", promotion_id=rng.choice(kinds), valid_to=rng.choice(ENDS))
            for n in range(rng.randrange(0, 5) if kinds else 0)
        ]

    def quote(self, some: tuple[Coupon, ...]) -> Quote:
        priced = price(self.items, self.offers, replace(self.context, coupons=some))
        applied = {each.promotion_id for each in priced.applied}
        used = tuple(each for each in some if each.promotion_id in applied)
        self.bounded |= priced.bounded
        return Quote(priced.total_minor, used, priced.bounded)


def some_discount(rng: random.Random) -> tuple[Discount, int]:
    points = rng.choice((0, 1, 10, 100))
    least = rng.choice((0, 0, points, 3 * points))
    share = rng.choice((10_000, 5_000, 3_000, 1_000, 0))
    rules = Discount(points=points, minor=rng.choice((1, 7, 50, 100)), least=least, share_bp=share)
    return rules, rng.choice((0, 5, 100, 350, 10_000))


def rank(choice: Choice) -> Rank:
    ends = [each.valid_to or "9999" for each in choice.coupons]
    return choice.pays_minor, choice.points, len(choice.coupons), sorted(ends)


def everything(till: Till, discount: Discount, usable: int) -> Rank:
    """Every set of coupons, one of a kind, and every number of points that may be spent."""
    found = []
    for size in range(len(till.coupons) + 1):
        for some in itertools.combinations(till.coupons, size):
            if len({each.promotion_id for each in some}) < size:
                continue
            quote = till.quote(some)
            most = redemption.most(discount, usable, quote.due_minor)
            for points in {0, *range(discount.points or 1, most + 1, discount.points or 1)}:
                if not points or points >= discount.least:
                    pays = quote.due_minor - redemption.off(discount, points)
                    found.append(rank(Choice(quote.used, points, pays)))
    return min(found)


def test_nothing_is_cheaper_than_the_best_choice_nor_as_cheap_and_better(soak: int) -> None:
    for seed in range(CASES * soak):
        rng = random.Random(seed)
        till, (discount, usable) = Till(rng), some_discount(rng)
        found = best_choice.find(till.coupons, till.quote, discount, usable)
        assert found.bounded == till.bounded, seed
        if till.bounded:
            continue
        assert rank(found.best) == everything(till, discount, usable), seed
        assert found.plain_minor == till.quote(()).due_minor
        pays = [found.best.pays_minor, *(each.pays_minor for each in found.others)]
        assert pays == sorted(pays) and all(each < found.plain_minor for each in pays[1:])


def test_the_order_of_coupons_never_matters(soak: int) -> None:
    for seed in range(CASES // 3 * soak):
        rng = random.Random(seed)
        till, (discount, usable) = Till(rng), some_discount(rng)
        first = best_choice.find(till.coupons, till.quote, discount, usable)
        rng.shuffle(till.coupons)
        assert best_choice.find(till.coupons, till.quote, discount, usable) == first, seed


def off(**amounts: int) -> list[Coupon]:
    """Coupons of one kind each, that take these amounts off."""
    return [Coupon(coupon_id=f"c-{name}", promotion_id=name) for name in amounts]


def quoting(due_minor: int, amounts: dict[str, int], *, all_of_them: bool = False) -> best_choice.Quoting:
    def quote(some: tuple[Coupon, ...]) -> Quote:
        best = sorted(some, key=lambda each: (-amounts[each.promotion_id], each.valid_to or "9999"))
        used = tuple(best if all_of_them else best[:1])
        return Quote(due_minor - sum(amounts[each.promotion_id] for each in used), used)

    return quote


HUNDRED = Discount(points=100, minor=1_00)


def test_a_coupon_and_points_together_with_what_each_alone_would_save() -> None:
    amounts = {"fifty": 50_00, "twenty": 20_00}
    found = best_choice.find(off(**amounts), quoting(200_00, amounts), HUNDRED, 1_234)
    assert (found.best.pays_minor, found.best.points) == (138_00, 1_200)
    assert [each.coupon_id for each in found.best.coupons] == ["c-fifty"]
    saved = [found.plain_minor - each.pays_minor for each in found.others]
    assert (saved, found.reason) == ([50_00, 32_00, 20_00, 12_00], "saves_more")


def test_of_equal_ones_the_one_that_ends_first_is_proposed_and_the_reason_is_told() -> None:
    late = Coupon(coupon_id="c-1", promotion_id="kind", valid_to="2026-12-31")
    soon = replace(late, coupon_id="c-2", valid_to="2026-11-30")
    found = best_choice.find([late, soon], quoting(99_00, {"kind": 5_00}), Discount(), 0)
    assert (found.best.coupons, found.reason) == ((soon,), "ends_sooner")
    alike = replace(late, coupon_id="c-3")
    found = best_choice.find([alike, late], quoting(99_00, {"kind": 5_00}), Discount(), 0)
    assert (found.best.coupons, found.reason) == ((late,), ""), "none of them ends sooner"
    other = Coupon(coupon_id="c-0", promotion_id="other", valid_to="2026-12-01")
    found = best_choice.find([other, soon], quoting(99_00, {"kind": 5_00, "other": 5_00}), Discount(), 0)
    assert (found.best.coupons, found.reason) == ((soon,), "ends_sooner")


def test_a_dearer_bag_with_one_step_of_points_more_may_end_below() -> None:
    """Half of it may be paid with points, 50.00 at a time: 99.99 allows none of them, 104.99 allows one."""
    discount = Discount(points=500, minor=50_00, share_bp=5_000)
    amounts = {"ten": 10_00, "five": 5_00}
    found = best_choice.find(off(**amounts), quoting(109_99, amounts), discount, 500)
    assert ([each.coupon_id for each in found.best.coupons], found.best.points) == (["c-five"], 500)
    assert found.best.pays_minor == 54_99


def test_some_of_the_coupons_may_be_better_than_each_alone_and_all_together() -> None:
    """130.00 less 30.00 is the least that allows a step of points; all three would end at 95.00."""
    discount = Discount(points=500, minor=50_00, share_bp=5_000)
    amounts = {"a": 20_00, "b": 10_00, "c": 5_00}
    found = best_choice.find(off(**amounts), quoting(130_00, amounts, all_of_them=True), discount, 500)
    assert {each.coupon_id for each in found.best.coupons} == {"c-a", "c-b"}
    assert (found.best.pays_minor, found.bounded) == (50_00, False)


def test_equal_coupons_are_one_choice() -> None:
    first = Coupon(coupon_id="c-1", promotion_id="kind", valid_to="2026-11-30")
    second = replace(first, coupon_id="c-2", promotion_id=nth("kind", 2), valid_to="2026-12-31")
    amounts = {each.promotion_id: 5_00 for each in (first, second)}
    found = best_choice.find([first, second], quoting(99_00, amounts), Discount(), 0)
    assert (found.best.coupons, found.others, found.reason) == ((first,), (), "ends_sooner")


def test_as_cheap_for_fewer_points_is_better() -> None:
    discount = Discount(points=500, minor=50_00, share_bp=5_000)
    amounts = {"a": 60_00, "b": 10_00}
    found = best_choice.find(off(**amounts), quoting(110_00, amounts), discount, 500)
    assert (found.best.points, found.best.pays_minor) == (0, 50_00)
    assert found.reason == "fewer_points"
    assert found.others[0].points == 500


def test_nothing_of_a_members_is_proposed_that_saves_nothing() -> None:
    found = best_choice.find(off(a=0), lambda some: Quote(99_00), Discount(), 1_000)
    assert (found.best, found.others, found.reason) == (Choice((), 0, 99_00), (), "")


def test_beyond_the_limit_it_says_that_not_all_was_looked_at() -> None:
    amounts = {f"kind{n}": 100 + n for n in range(40)}
    asked = []
    quote = quoting(100_00, amounts, all_of_them=True)

    def counted(some: tuple[Coupon, ...]) -> Quote:
        asked.append(some)
        return quote(some)

    sure = best_choice.find(off(**amounts), counted, Discount(), 0)
    assert (len(sure.best.coupons), sure.bounded) == (40, False)  # all at once cost least, as it happens
    steps = Discount(points=100, minor=50_00, share_bp=5_000)
    unsure = best_choice.find(off(**amounts), counted, steps, 100)
    assert unsure.bounded
    assert len(asked) <= 2 * LIMIT
    assert unsure.best.pays_minor == min(100_00 - sum(amounts.values()), 50_00)
