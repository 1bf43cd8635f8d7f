"""Rules of tags against their plain meaning, and every stage and group of a customer's life."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import date, timedelta

import msgspec
import pytest

from services.domain import rfm, tags
from services.domain.member_errors import TagRefused
from services.domain.metrics import Purchase, Window
from services.domain.rfm import Limits
from services.domain.tag_presets import PRESETS
from services.domain.tags import (
    All,
    Any,
    AverageOrder,
    Away,
    Book,
    InARow,
    Kind,
    Reaches,
    Rule,
    Season,
    Share,
    Tag,
)

TODAY = "2026-11-22"
TOYS, DRESSES = Kind(categories=("toys",)), Kind(categories=("dresses",))


def bought(day: str, category: str = "tops", sale: str = "", minor: int = 100_00, n: int = 1) -> Purchase:
    return Purchase(sale or f"{day}-{category}", day, "S0001", category, "T1", n, minor)


def ago(days: int) -> str:
    return (date.fromisoformat(TODAY) - timedelta(days=days)).isoformat()


def holds(rule: Rule, *purchases: Purchase) -> bool:
    return tags.answer(rule, purchases, TODAY).holds


def test_dresses_in_summer_three_times_as_often_as_in_other_seasons() -> None:
    rule = Season(DRESSES, (6, 7, 8), times=3)
    summer = [bought(f"2026-0{month}-10", "dresses", n=1) for month in (6, 7, 8)]
    # three months with 3 pieces: one a month; nine other months may have 3, a third of it a month
    others = [bought(f"2026-0{month}-10", "dresses") for month in (1, 2, 3, 4)]
    assert holds(rule, *others[:3], *summer)
    assert not holds(rule, *others, *summer)
    assert not holds(rule, *summer[:2])  # too few to say anything
    found = tags.answer(rule, [*others[:3], *summer], TODAY).evidence
    assert found.numbers == {"pieces": 3, "other_pieces": 3, "months": 3, "times": 3}
    assert found.sale_ids == tuple(each.sale_id for each in summer)


def test_three_toy_purchases_in_a_row_and_not_with_another_between() -> None:
    toys = [bought(f"2026-10-0{n}", "toys") for n in (1, 3, 5)]
    between = bought("2026-10-04")
    assert holds(InARow(TOYS), *toys)
    assert not holds(InARow(TOYS), *toys[:2], between, toys[2])
    one_sale = [bought("2026-10-01", "toys", "s"), bought("2026-10-01", "tops", "s"), *toys[1:]]
    assert holds(InARow(TOYS), *one_sale)  # a purchase is a receipt, whatever else is on it
    assert not holds(InARow(TOYS), *(bought("2026-10-01", "toys", "s") for _ in range(3)))


def test_share_average_and_days_away() -> None:
    assert holds(Share(TOYS, 5_000), bought(ago(3), "toys", n=3), bought(ago(2), n=3))
    assert not holds(Share(TOYS, 5_000), bought(ago(3), "toys", n=3), bought(ago(2), n=4))
    assert holds(Share(Kind(styles=("T1",)), 10_000), bought(ago(1), n=3))
    two = bought(ago(2), minor=700_00), bought(ago(1), minor=900_00)
    assert holds(AverageOrder(800_00), *two)
    assert not holds(AverageOrder(800_01), *two)
    assert not holds(AverageOrder(1), two[0])  # one is no average
    assert [holds(Away(90), bought(ago(days))) for days in (89, 90)] == [False, True]
    assert not holds(Away(0))


def test_a_rule_of_several_tells_of_those_that_hold() -> None:
    rule = Any((Reaches("orders", 9), Reaches("spend_minor", 100_00), Reaches("visits", 1)))
    found = tags.answer(rule, [bought(ago(1))], TODAY)
    assert found.holds
    assert found.evidence.numbers == {"spend_minor": 100_00, "least": 100_00, "visits": 1, "least.2": 1}
    assert not holds(All((*rule.rules,)), bought(ago(1)))


LEAVES: tuple[Rule, ...] = (
    Reaches("spend_minor", 500_00, Window("rolling_days", 100)),
    Share(TOYS, 4_000),
    Season(DRESSES, (6, 7, 8)),
    InARow(TOYS, 2),
    AverageOrder(250_00),
)


def random_purchases(rng: random.Random) -> Sequence[Purchase]:
    days = sorted(rng.choices(range(500), k=rng.randrange(12)), reverse=True)
    kinds = ("tops", "toys", "dresses")
    return [
        bought(ago(day), rng.choice(kinds), f"s{n // 2}", rng.randrange(500_00), rng.randrange(1, 4))
        for n, day in enumerate(days)
    ]


@pytest.mark.parametrize("seed", range(200))
def test_what_lies_outside_the_window_and_tomorrow_changes_nothing(seed: int) -> None:
    rng = random.Random(seed)
    purchases = random_purchases(rng)
    later = bought(ago(-1), rng.choice(("toys", "tops")), "later")
    earlier = bought("2020-07-01", rng.choice(("toys", "dresses")), "earlier", n=9)
    for rule in LEAVES:
        found = tags.answer(rule, purchases, TODAY)
        assert tags.answer(rule, [earlier, *purchases, later], TODAY) == found
        sales = {each.sale_id for each in purchases}
        assert set(found.evidence.sale_ids) <= sales
        assert len(found.evidence.sale_ids) <= tags.SALES_MAX
        if found.holds:
            assert found.evidence.sale_ids, rule


@pytest.mark.parametrize("seed", range(100))
def test_all_and_any_are_what_their_names_say(seed: int) -> None:
    rng = random.Random(seed)
    purchases = random_purchases(rng)
    parts = tuple(rng.sample(LEAVES, 3))
    each = [tags.answer(part, purchases, TODAY).holds for part in parts]
    assert tags.answer(All(parts), purchases, TODAY).holds == all(each)
    assert tags.answer(Any(parts), purchases, TODAY).holds == any(each)


@pytest.mark.parametrize(
    ("rule", "why"),
    [
        (All(()), "parts"),
        (Any((All(()),)), "parts"),
        (Any((Away(1),) * 21), "parts"),
        (All((All((All((All((Away(1),)),)),)),)), "depth"),
        (InARow(Kind()), "kind"),
        (Season(DRESSES, (6, 6)), "months"),
        (Away(10, 9), "days"),
    ],
)
def test_a_rule_that_cannot_hold_is_refused(rule: Rule, why: str) -> None:
    with pytest.raises(TagRefused) as refused:
        tags.check(Book(tags=(Tag(key="odd", label_zh="x", label_en="x", rule=rule),)))
    assert refused.value.details["why"] == why


def test_a_book_that_makes_no_sense_is_refused_and_the_presets_are_not() -> None:
    tags.check(Book(tags=PRESETS))
    assert msgspec.json.decode(msgspec.json.encode(Book(tags=PRESETS)), type=Book).tags == PRESETS
    for book, why in (
        (Book(tags=(PRESETS[0], PRESETS[0])), "key"),
        (Book(tags=(Tag(key="a", label_zh=" ", label_en="x"),)), "label"),
        (Book(tags=tuple(Tag(key=f"t{n}", label_zh="x", label_en="x") for n in range(101))), "many"),
        (Book(limits=Limits(active_days=90)), "limits"),
        (Book(limits=Limits(lost_months=3)), "limits"),
    ):
        with pytest.raises(TagRefused) as refused:
            tags.check(book)
        assert refused.value.details["why"] == why


def test_the_stages_of_a_customers_life() -> None:
    def stage(*days: str) -> str:
        return rfm.life(Limits(), [bought(day, sale=day) for day in days], TODAY).stage

    assert stage() == "none"
    assert [stage(ago(days)) for days in (0, 29, 30, 59, 60)] == [
        "new",
        "new",
        "active",
        "active",
        "at_risk",
    ]
    assert stage(ago(10), ago(1)) == "active"  # no longer new
    assert [stage("2026-08-23"), stage("2026-08-22")] == [
        "at_risk",
        "dormant",
    ]  # by the calendar
    assert [stage("2025-11-23"), stage("2025-11-22")] == ["dormant", "lost"]
    assert stage("2026-11-23") == "none"  # tomorrow is not seen


@pytest.mark.parametrize(
    ("days", "orders", "minor", "group"),
    [
        (5, 3, 1_000_00, "core"),
        (5, 2, 1_000_00, "growth"),
        (90, 3, 1_000_00, "win_back"),
        (5, 3, 999_99, "general"),
        (90, 2, 1_000_00, "other"),
        (5, 2, 999_99, "other"),
        (90, 3, 999_99, "other"),
        (366, 3, 1_000_00, "other"),
    ],
)
def test_the_four_groups_and_who_is_in_none(days: int, orders: int, minor: int, group: str) -> None:
    made = [bought(ago(days), sale=str(n), minor=minor if n == 0 else 0) for n in range(orders)]
    life = rfm.life(Limits(), made, TODAY)
    assert (life.group, life.days_away) == (group, days)
