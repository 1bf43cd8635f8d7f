"""What a seller earns: steps, exactness, returns, and days that add up to their month."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.domain.commission import PIECE, SHARE, Rule, Sold, Step, check, earned
from services.domain.errors import CommissionRefused


def rule(
    *steps: tuple[int, int],
    kind: str = SHARE,
    who: str = "",
    role: str = "",
    of: str = "",
    whole: bool = False,
) -> Rule:
    return Rule(kind, who, role, of, whole, tuple(Step(*step) for step in steps))


def sold(net: int, pieces: int = 1, who: str = "li", role: str = "seller", of: str = "tops") -> Sold:
    return Sold(who, role, of, net, pieces)


TWO = rule((0, 200))
STEPS = ((0, 100), (10_000_00, 200), (50_000_00, 300))


@pytest.mark.parametrize(
    ("net", "sliced", "whole"),
    [
        (0, 0, 0),
        (9_999_99, 100_00, 100_00),
        (10_000_00, 100_00, 200_00),
        (30_000_00, 500_00, 600_00),
        (60_000_00, 1_200_00, 1_800_00),
        (-1_000_00, -10_00, -10_00),
    ],
)
def test_steps_count_for_what_lies_above_them_or_for_the_whole_sum(
    net: int, sliced: int, whole: int
) -> None:
    assert earned([rule(*STEPS)], [sold(net)]) == {"li": sliced}
    assert earned([rule(*STEPS, whole=True)], [sold(net)]) == {"li": whole}


def test_the_most_exact_rule_counts_and_only_that() -> None:
    rules = [
        TWO,
        rule((0, 300), of="coats"),
        rule((0, 400), role="seller"),
        rule((0, 500), role="seller", of="coats"),
        rule((0, 600), who="li"),
    ]
    lines = [sold(100_00, who="zhou", role="cashier"), sold(100_00, who="zhou", role="cashier", of="coats")]
    assert earned(rules, lines) == {"zhou": 5_00}
    assert earned(rules, [sold(100_00, who="wang"), sold(100_00, who="wang", of="coats")]) == {"wang": 9_00}
    assert earned(rules, [sold(100_00, of="coats")]) == {"li": 6_00}


def test_a_fixed_amount_a_piece_comes_on_top_of_a_share() -> None:
    rules = [TWO, rule((0, 5_00), kind=PIECE, of="coats")]
    assert earned(rules, [sold(1_000_00, pieces=2, of="coats")]) == {"li": 20_00 + 10_00}


def test_what_comes_back_is_subtracted() -> None:
    rules = [TWO, rule((0, 5_00), kind=PIECE)]
    assert earned(rules, [sold(1_000_00, 2), sold(-500_00, -1)]) == {"li": 10_00 + 5_00}
    assert earned(rules, [sold(-500_00, -1)]) == {"li": -15_00}


def test_without_a_rule_nobody_earns() -> None:
    assert earned([], [sold(100_00)]) == {}
    assert earned([rule((0, 100), of="coats")], [sold(100_00)]) == {}


@given(
    st.lists(st.tuples(st.integers(-5_000_00, 20_000_00), st.integers(-3, 9)), max_size=12), st.booleans()
)
def test_buying_and_returning_everything_leaves_nothing(lines: list[tuple[int, int]], whole: bool) -> None:
    rules = [rule(*STEPS, whole=whole), rule((0, 1_00), kind=PIECE)]
    there_and_back = [sold(net * sign, pieces * sign) for net, pieces in lines for sign in (1, -1)]
    assert set(earned(rules, there_and_back).values()) <= {0}


@given(st.lists(st.integers(0, 40_000_00), min_size=1, max_size=8))
def test_selling_more_never_earns_less(nets: list[int]) -> None:
    for whole in (False, True):
        sums = [
            earned([rule(*STEPS, whole=whole)], [sold(sum(nets[:n]))])["li"]
            for n in range(1, len(nets) + 1)
        ]
        assert sums == sorted(sums)


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        (rule((1, 100)), "steps"),
        (rule(), "steps"),
        (rule((0, 100), (0, 200)), "steps"),
        (rule((0, 100), (5, 200), (4, 300)), "steps"),
        (rule(*((n, 1) for n in range(11))), "steps"),
        (rule((0, 10_001)), "rate"),
        (rule((0, -1)), "rate"),
        (rule((0, 100_000_01), kind=PIECE), "rate"),
        (rule((0, 1), who="li", role="seller"), "twice"),
        (TWO, "twice"),
    ],
)
def test_rules_that_say_nothing_clear_are_refused(wrong: Rule, why: str) -> None:
    with pytest.raises(CommissionRefused) as caught:
        check([TWO, wrong])
    assert (caught.value.details["why"], caught.value.details["n"]) == (why, 2)


def test_more_rules_than_anybody_reads_are_refused() -> None:
    with pytest.raises(CommissionRefused):
        check([rule((0, 1), of=f"c{n}") for n in range(101)])
