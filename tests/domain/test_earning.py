"""What a purchase earns: one base for the whole order, and each further reason on its own."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.domain.earning import Bought, Earned, Purchase, earned, worth
from services.domain.errors import PointsRefused
from services.domain.offers import Goods, Window
from services.domain.points_rules import Book, EarningRule, Rounding, Terms, TierFactor, check

ONE_A_YUAN = Terms(points=1, per_minor=100)


def line(n: int, net: int, category: str = "tops", pieces: int = 1) -> Bought:
    return Bought(line_number=n, sku=f"S{n}", category=category, pieces=pieces, net_minor=net)


def bag(*lines: Bought, **more: object) -> Purchase:
    return replace(Purchase(lines=lines, day="2026-11-22", weekday=7, minute=700), **more)  # type: ignore[arg-type]


def rule(kind: str, **more: object) -> EarningRule:
    made: dict[str, object] = {"rule_id": kind, "kind": kind, "label_zh": "甲", "label_en": "A", **more}
    return EarningRule(**made)  # type: ignore[arg-type]


def points(purchase: Purchase, *rules: EarningRule, terms: Terms = ONE_A_YUAN) -> dict[str, int]:
    check(Book(terms=terms, earning=rules))
    return {each.grant.rule_id: each.points for each in earned(terms, rules, 1, purchase)}


def test_v1_earns_601() -> None:
    nets = [line(1, 25_835), line(2, 32_491), line(3, 5_184, pieces=3)]
    assert points(bag(*nets, bonus_minor=3_333)) == {"base": 601}


def test_an_order_is_rounded_once_and_not_line_by_line() -> None:
    assert points(bag(line(1, 150), line(2, 150))) == {"base": 3}


@pytest.mark.parametrize(("rounding", "expected"), [("floor", 1), ("half_up", 2), ("ceil", 2)])
def test_the_program_says_how_it_is_rounded(rounding: Rounding, expected: int) -> None:
    terms = Terms(points=1, per_minor=100, rounding=rounding)
    assert points(bag(line(1, 150)), terms=terms) == {"base": expected}


def test_one_point_for_each_hundred_yuan() -> None:
    assert points(bag(line(1, 399_00)), terms=Terms(points=1, per_minor=100_00)) == {"base": 3}


def test_gift_cards_free_goods_and_what_the_shop_leaves_out_earn_nothing() -> None:
    terms = Terms(points=1, per_minor=100, excluded=Goods(categories=("outlet",)))
    lines = (line(1, 100_00, "gift_cards"), line(2, 0), line(3, 50_00, "outlet"), line(4, 7_00))
    assert points(bag(*lines), terms=terms) == {"base": 7}
    assert points(bag(line(1, 100_00, "gift_cards"))) == {}


def test_a_shop_that_has_said_nothing_gives_nothing() -> None:
    assert points(bag(line(1, 100_00)), rule("purchase", points=5), terms=Terms()) == {}


def test_a_multiplier_is_a_reason_of_its_own_and_leaves_the_base_alone() -> None:
    double = rule("multiplier", factor_bp=20_000, goods=Goods(categories=("tops",)))
    found = bag(line(1, 100_00), line(2, 50_00, "bottoms"))
    assert points(found, double) == {"base": 150, "multiplier": 100}
    assert points(bag(line(1, 3_33)), rule("multiplier", factor_bp=15_000)) == {"base": 3, "multiplier": 1}


def test_of_several_tiers_the_best_factor_counts_and_factors_are_never_multiplied() -> None:
    factors = (TierFactor(tier="silver", factor_bp=12_000), TierFactor(tier="gold", factor_bp=15_000))
    tiers = rule("multiplier", tier_factors=factors)
    birthday = rule("multiplier", rule_id="birthday", factor_bp=20_000, birthday="month")
    both = bag(line(1, 100_00), tiers=frozenset(("gold", "silver")), birthday="11-03")
    assert points(both, tiers, birthday) == {"base": 100, "multiplier": 50, "birthday": 100}
    assert points(bag(line(1, 100_00)), tiers, birthday) == {"base": 100}


def test_of_one_group_only_the_best_reason_counts() -> None:
    a = rule("multiplier", rule_id="a", factor_bp=15_000, group="campaign")
    b = rule("multiplier", rule_id="b", factor_bp=30_000, group="campaign")
    for rules in ((a, b), (b, a)):
        assert points(bag(line(1, 100_00)), *rules) == {"base": 100, "b": 200}


def test_articles_earn_by_the_piece_and_a_first_purchase_once() -> None:
    rules = (rule("article", points=5, goods=Goods(skus=("S2",))), rule("first_purchase", points=50))
    found = bag(line(1, 1_00), line(2, 1_00, pieces=3))
    assert points(found, *rules) == {"base": 2, "article": 15}
    assert points(replace(found, first=True), *rules)["first_purchase"] == 50


def test_a_campaign_stands_in_its_window_only() -> None:
    double = rule("multiplier", factor_bp=20_000, window=Window(weekdays=(7,), from_minute=600))
    assert "multiplier" in points(bag(line(1, 1_00)), double)
    assert "multiplier" not in points(bag(line(1, 1_00), weekday=6), double)
    assert "multiplier" not in points(bag(line(1, 1_00), minute=599), double)


@pytest.mark.parametrize(
    ("birthday", "day", "expected"),
    [
        ("11-22", "2026-11-22", True),
        ("11-23", "2026-11-22", False),
        ("", "2026-11-22", False),
        ("02-29", "2027-02-28", True),
        ("02-29", "2028-02-28", False),
        ("02-29", "2028-02-29", True),
    ],
)
def test_a_birthday_is_one_day_also_of_somebody_born_on_29_february(
    birthday: str, day: str, expected: bool
) -> None:
    found = points(
        bag(line(1, 1_00), birthday=birthday, day=day), rule("purchase", points=9, birthday="day")
    )
    assert ("purchase" in found) == expected


def test_a_threshold_is_asked_again_with_a_return_only_where_the_rule_says_so() -> None:
    for again, left in ((False, 10), (True, 0)):
        made = rule("purchase", points=10, threshold_minor=100_00, reevaluate=again)
        told = earned(ONE_A_YUAN, (made,), 1, bag(line(1, 60_00), line(2, 60_00)))
        grant = next(each.grant for each in told if each.grant.kind == "purchase")
        assert worth(grant, {1: line(1, 60_00)}, 0) == left
        assert worth(grant, {}, 0) == 0


@given(
    nets=st.lists(st.integers(1, 99_999), min_size=1, max_size=8),
    share=st.integers(0, 100),
    factor=st.integers(10_001, 40_000),
)
def test_what_comes_back_line_by_line_takes_exactly_what_was_earned(
    nets: list[int], share: int, factor: int
) -> None:
    lines = [line(n, net) for n, net in enumerate(nets, 1)]
    bonus = sum(nets) * share // 100
    told = earned(ONE_A_YUAN, (rule("multiplier", factor_bp=factor),), 1, bag(*lines, bonus_minor=bonus))
    for each in told:
        assert _taken(each, lines, bonus) == each.points


def _taken(each: Earned, lines: list[Bought], bonus: int) -> int:
    left, total, was = {line.line_number: line for line in lines}, 0, each.points
    assert worth(each.grant, left, bonus) == was
    for number in list(left):
        bonus -= bonus * left.pop(number).net_minor // max(1, sum(one.net_minor for one in lines))
        stays = worth(each.grant, left, bonus)
        assert stays <= was
        total, was = total + was - stays, stays
    return total


@pytest.mark.parametrize(
    ("book", "why"),
    [
        (Book(earning=(rule("article", points=1), rule("article", points=2))), "twice"),
        (Book(earning=(rule("multiplier"),)), "factor"),
        (Book(earning=(rule("purchase"),)), "points"),
        (Book(terms=Terms(points=1, pending_days=60, valid_months=1)), "pending"),
    ],
)
def test_rules_that_cannot_hold_are_refused(book: Book, why: str) -> None:
    with pytest.raises(PointsRefused) as refused:
        check(book)
    assert refused.value.details["why"] == why
