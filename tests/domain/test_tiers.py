"""Tiers: what counts, when somebody rises and falls, and what is missing."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import replace

import pytest

from services.domain import tiers
from services.domain.errors import TierRefused
from services.domain.metrics import Dated, Measure, Metric, Purchase, Window, measure, measured
from services.domain.tier_presets import PRESETS
from services.domain.tiers import All, Any, Benefits, Need, Program, Standing, Tier

TODAY = "2026-11-22"


def bought(day: str, net_minor: int = 100_00, category: str = "tops", sale: str = "") -> Purchase:
    return Purchase(sale or day + category, day, "S0001", category, "T1", 1, net_minor)


def tier(key: str, rank: int, least_minor: int, stay_days: int = 0) -> Tier:
    return Tier(
        key=key,
        rank=rank,
        label_zh=key,
        label_en=key,
        rule=Need("spend_minor", least_minor),
        benefits=Benefits(discount_bp=100 * rank, gift="gift"),
        stay_days=stay_days,
    )


LADDER = Program(
    version=1,
    tiers=(tier("silver", 1, 1_000_00), tier("gold", 2, 5_000_00, 60), tier("black", 3, 20_000_00)),
)


def spent(*days_and_minor: tuple[str, int], today: str = TODAY) -> Measure:
    return measure([bought(day, minor) for day, minor in days_and_minor], (), today)


def held(key: str, since: str = "2026-01-01", until: str = "2027-01-01", **more: str) -> Standing:
    return replace(Standing(key, "", since, until, reason="reached"), **more)  # type: ignore[arg-type]


def test_three_purchases_of_one_day_are_one_visit() -> None:
    same_day = [bought(TODAY, sale=f"s{n}") for n in range(3)]
    found = measured(same_day)
    assert (found["visits"], found["orders"], found["spend_minor"]) == (1, 3, 300_00)


def test_the_presets_are_the_examples_people_ask_for() -> None:
    program = Program(version=1, tiers=PRESETS)
    tiers.check(program)
    days = ["2026-11-02", "2026-11-09", "2026-11-22"]
    assert tiers.earned(program, measure([bought(day) for day in days], (), TODAY)) == "regular"
    october = ["2026-10-30", "2026-11-09", "2026-11-22"]
    assert tiers.earned(program, measure([bought(day) for day in october], (), TODAY)) == ""
    five = [
        *(bought("2026-05-01", category=name, sale="a") for name in ("tops", "shoes", "bags")),
        *(bought("2026-06-01", category=name, sale="b") for name in ("hats", "socks", "tops")),
    ]
    assert tiers.earned(program, measure(five, (), TODAY)) == "all_round"
    assert tiers.earned(program, measure(five[1:], (), TODAY)) == "all_round"  # tops were bought again
    assert tiers.earned(program, measure(five[:-2], (), TODAY)) == ""
    friends = [Dated("referrals", "2026-03-01")] * 3
    assert tiers.earned(program, measure((), friends, TODAY)) == "ambassador"
    assert tiers.earned(program, measure((), friends[1:], TODAY)) == ""


@pytest.mark.parametrize(
    ("window", "today", "begin"),
    [
        (Window(), "2028-02-29", "2027-03-01"),
        (Window(), "2027-02-28", "2026-03-01"),
        (Window("rolling_months", 1), "2026-03-31", "2026-03-01"),
        (Window("rolling_days", 30), "2026-03-01", "2026-01-31"),
        (Window("rolling_days", 30), "2028-03-01", "2028-02-01"),
        (Window("month", 1), TODAY, "2026-11-01"),
        (Window("year", 1), TODAY, "2026-01-01"),
        (Window("ever", 1), TODAY, "0001-01-01"),
    ],
)
def test_windows_begin(window: Window, today: str, begin: str) -> None:
    assert window.begin(today) == begin


def test_up_at_once_over_several_steps_and_never_down_before_the_end() -> None:
    step = tiers.risen(LADDER, Standing(), spent((TODAY, 5_000_00)), TODAY)
    assert step == Standing("gold", "", TODAY, "2027-11-22", "", False, "reached")
    assert tiers.risen(LADDER, held("gold"), spent((TODAY, 1_000_00)), TODAY) is None
    assert tiers.ended(LADDER, held("gold"), spent(), "2026-12-31") is None
    assert tiers.ended(LADDER, Standing(), spent(), TODAY) is None


def test_the_end_of_a_period_renews_or_lowers_by_the_shops_rule() -> None:
    end = "2027-01-01"
    enough = measure([bought("2026-11-22", 5_000_00)], (), end)
    renewed = tiers.ended(LADDER, held("gold", before="silver"), enough, end)
    assert renewed == Standing("gold", "silver", end, "2028-01-01", "", False, "renewed")
    nothing = measure([], (), end)
    down = tiers.ended(LADDER, held("black"), nothing, end)
    assert down is not None and (down.tier, down.reason) == ("gold", "period_end")
    to_earned = Program(version=2, tiers=LADDER.tiers, downgrade="to_earned")
    down = tiers.ended(to_earned, held("black"), nothing, end)
    assert down is not None and (down.tier, down.until) == ("", "")
    last = tiers.ended(LADDER, held("silver"), nothing, end)
    assert last is not None and (last.tier, last.until) == ("", "")


def test_a_tier_that_was_granted_stays_until_its_day() -> None:
    given = tiers.granted(LADDER, "black", held("silver"), "2028-06-30", TODAY)
    assert (given.tier, given.until, given.reason) == ("black", "2028-06-30", "granted")
    lower = replace(given, until="2027-06-01")
    kept = tiers.ended(LADDER, lower, measure([], (), "2027-06-01"), "2027-06-01")
    assert kept is not None and (kept.tier, kept.reason) == ("black", "renewed")
    for key, until, why in (
        ("none", "2028-01-01", "tier"),
        ("gold", TODAY, "until"),
        ("silver", "2028-01-01", "lower"),
    ):
        with pytest.raises(TierRefused) as refused:
            tiers.granted(LADDER, key, held("gold"), until, TODAY)
        assert refused.value.details["why"] == why


def test_a_return_undoes_the_step_it_led_to_but_not_an_old_one() -> None:
    gold = held("gold", since="2026-11-01", before="silver")
    little = spent(("2026-05-01", 1_200_00))
    undone = tiers.returned(LADDER, gold, little, "2026-11-01", TODAY)
    assert undone is not None and (undone.tier, undone.reason) == ("silver", "returned")
    assert tiers.returned(LADDER, gold, little, "2026-11-02", TODAY) is None  # reached before that sale
    assert tiers.returned(LADDER, gold, little, "2026-11-01", "2026-12-31") is None  # 60 days are over
    assert tiers.returned(LADDER, gold, spent((TODAY, 6_000_00)), "2026-11-01", TODAY) is None
    assert tiers.returned(LADDER, replace(gold, reason="granted"), little, "2026-11-01", TODAY) is None


def test_the_warning_says_what_is_missing_to_stay() -> None:
    gold = held("gold", until="2026-12-10")
    (lack,) = tiers.warning(LADDER, gold, spent((TODAY, 4_877_00)), TODAY)
    assert lack.least - lack.have == 123_00
    assert tiers.warning(LADDER, gold, spent((TODAY, 5_000_00)), TODAY) == ()
    assert tiers.warning(LADDER, gold, spent(), "2026-11-09") == ()
    assert tiers.warning(LADDER, replace(gold, granted_until="2027-01-01"), spent(), TODAY) == ()


def test_of_alternatives_the_nearest_is_named() -> None:
    rule = Any((Need("spend_minor", 1_000_00), All((Need("visits", 4), Need("categories", 2)))))
    two = measure([bought("2026-01-01", 1_00), bought("2026-02-01", 1_00, "bags")], (), TODAY)
    assert [(lack.metric, lack.have) for lack in tiers.lacks(rule, two)] == [("visits", 2)]
    rich = measure([bought("2026-01-01", 900_00)], (), TODAY)
    assert [lack.metric for lack in tiers.lacks(rule, rich)] == ["spend_minor"]


def test_a_gift_is_given_once_a_year_however_often_the_tier_is_reached() -> None:
    path = [replace(held("gold", since="2026-01-10"), gifted=True)]
    assert not tiers.gift_due("gold", path, "2027-01-09")
    assert tiers.gift_due("gold", path, "2027-01-10")
    assert tiers.gift_due("silver", path, "2026-02-01")
    assert tiers.gift_due("gold", [replace(path[0], gifted=False)], "2026-02-01")


def test_two_records_of_one_person_keep_the_higher_tier() -> None:
    low, high = held("silver", until="2027-09-01"), held("gold", until="2027-03-01")
    both = tiers.merged(LADDER, low, high, spent((TODAY, 100_00)), TODAY)
    assert (both.tier, both.until, both.reason) == ("gold", "2027-03-01", "merged")
    assert tiers.merged(LADDER, high, low, spent((TODAY, 100_00)), TODAY).tier == "gold"
    joint = tiers.merged(LADDER, low, high, spent((TODAY, 20_000_00)), TODAY)
    assert (joint.tier, joint.reason) == ("black", "reached")


def test_ladders_that_make_no_sense_are_refused() -> None:
    deep: tiers.Rule = Need("visits", 1)
    for _ in range(tiers.DEPTH_MAX):
        deep = All((deep,))
    silver, gold, _ = LADDER.tiers

    def with_rule(rule: tiers.Rule) -> Tier:
        return Tier(key="odd", rank=1, label_zh="", label_en="", rule=rule)

    cases: Sequence[tuple[tuple[Tier, ...], str]] = (
        ((gold, silver), "rank"),
        ((silver, Tier(key="silver", rank=5, label_zh="", label_en="", rule=silver.rule)), "key"),
        ((with_rule(All(())),), "needs"),
        ((with_rule(Any((Need("visits", 1), All(())))),), "needs"),
        ((with_rule(deep),), "depth"),
        (tuple(tier(f"t{n}", n, n) for n in range(1, tiers.TIERS_MAX + 2)), "many"),
    )
    for ladder, why in cases:
        with pytest.raises(TierRefused) as refused:
            tiers.check(Program(tiers=ladder))
        assert refused.value.details["why"] == why, ladder
    tiers.check(LADDER)


def test_any_life_between_tiers_keeps_the_rules() -> None:
    """A thousand random years: up only by what was earned, down only at an end, never below a grant."""
    chance = random.Random(40)
    for _ in range(1_000):
        state, purchases = Standing(), list[Purchase]()
        for month in range(1, 25):
            today = f"{2026 + (month - 1) // 12}-{(month - 1) % 12 + 1:02d}-15"
            purchases.append(bought(today, chance.choice((0, 100_00, 900_00, 3_000_00, 9_000_00))))
            now, before = measure(purchases, (), today), state
            state = tiers.ended(LADDER, state, now, today) or state
            gift = chance.choice(LADDER.tiers)
            if chance.random() < 0.05 and gift.rank >= LADDER.rank(state.tier):
                state = tiers.granted(LADDER, gift.key, state, "2027-12-31", today)
            state = tiers.risen(LADDER, state, now, today) or state
            rank, earned = LADDER.rank(state.tier), LADDER.rank(tiers.earned(LADDER, now))
            assert rank >= earned
            if rank < LADDER.rank(before.tier) and state.reason != "granted":
                assert today >= before.until and rank >= LADDER.rank(before.tier) - 1
                assert today >= before.granted_until
            assert (state.until > today) == bool(state.tier)


def test_a_metric_is_never_missing() -> None:
    names: set[Metric] = set(measured(()))
    assert names == {"spend_minor", "visits", "orders", "categories", "stores", "referrals", "points"}
