"""Tenders against a total, with the cash rounded where small coins are not used."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.domain.errors import TenderRefused, TenderShort
from services.domain.money import Money
from services.domain.settlement import EXACT, Rounding, Settlement, Tendered, cover, quick_amounts

YUAN_DOWN, YUAN_HALF_UP = Rounding(1_00, "down"), Rounding(1_00, "half_up")
MODES = ("down", "half_up", "half_down", "up")


def cny(minor: int) -> Money:
    return Money(minor, "CNY")


def cash(minor: int) -> Tendered:
    return Tendered("cash", cny(minor), gives_change=True, rounds=True, rank=90)


def card(minor: int) -> Tendered:
    return Tendered("card", cny(minor), gives_change=False, rank=50, reference="T1-7")


def amounts(settled: Settlement) -> list[tuple[str, int, int, int]]:
    return [(t.key, t.amount.minor, t.change.minor, t.exact.minor) for t in settled.tenders]


@pytest.mark.parametrize(
    ("due", "rule", "paid"),
    [
        (2_31, Rounding(5, "half_up"), 2_30),
        (7_50, Rounding(1_00, "down"), 7_00),
        (83_00, Rounding(5_00, "half_up"), 85_00),
        (83_00, Rounding(5_00, "down"), 80_00),
        (2_50, Rounding(5_00, "half_down"), 0),
        (2_50, Rounding(5_00, "half_up"), 5_00),
        (1, Rounding(1_00, "up"), 1_00),
        (435_10, Rounding(1_00, "down"), 435_00),
        (99, EXACT, 99),
    ],
)
def test_cash_is_rounded_to_the_coins_in_use_and_paying_back_mirrors_it(
    due: int, rule: Rounding, paid: int
) -> None:
    assert rule.of(cny(due)) == cny(paid)
    assert rule.of(cny(-due)) == cny(-paid)


def test_only_what_is_left_for_cash_is_rounded() -> None:
    half_up = cover(cny(138_00), [card(55_00), cash(85_00)], Rounding(5_00, "half_up"))
    assert amounts(half_up) == [("card", 55_00, 0, 55_00), ("cash", 85_00, 0, 83_00)]
    assert half_up.rounding == cny(2_00)
    down = cover(cny(138_00), [cash(100_00), card(55_00)], Rounding(5_00, "down"))  # cash comes last anyway
    assert amounts(down) == [("card", 55_00, 0, 55_00), ("cash", 80_00, 20_00, 83_00)]
    assert down.rounding == cny(-3_00)


def test_without_cash_nothing_is_rounded() -> None:
    settled = cover(cny(138_37), [card(138_37)], YUAN_DOWN)
    assert (settled.rounding.minor, settled.tenders[0].reference) == (0, "T1-7")


def test_nothing_to_pay_needs_no_tender() -> None:
    assert cover(cny(0), [], YUAN_DOWN) == Settlement((), cny(0))


def test_what_rounds_down_to_nothing_is_covered_by_no_coin_at_all() -> None:
    settled = cover(cny(40), [cash(0)], YUAN_DOWN)
    assert (amounts(settled), settled.rounding.minor) == ([("cash", 0, 0, 40)], -40)
    with pytest.raises(TenderShort):
        cover(cny(40), [], YUAN_DOWN)


def test_more_than_is_due_is_refused_where_there_is_no_change() -> None:
    with pytest.raises(TenderRefused):
        cover(cny(10_00), [card(10_01)])
    with pytest.raises(TenderShort):
        cover(cny(10_00), [card(5_00), cash(3_99)], YUAN_DOWN)


tender_lists = st.lists(st.tuples(st.booleans(), st.integers(0, 3_000_00)), max_size=4)


@given(
    st.integers(0, 5_000_00), tender_lists, st.sampled_from(MODES), st.sampled_from([1, 5, 10, 100, 500])
)
def test_total_and_rounding_are_the_tenders_and_exact_amounts_are_the_total(
    due: int, handed: list[tuple[bool, int]], mode: str, increment: int
) -> None:
    tendered = [cash(minor) if notes else card(minor) for notes, minor in handed]
    try:
        settled = cover(cny(due), tendered, Rounding(increment, mode))  # type: ignore[arg-type]
    except (TenderRefused, TenderShort):
        return
    assert due + settled.rounding.minor == sum(t.amount.minor for t in settled.tenders)
    assert due == sum(t.exact.minor for t in settled.tenders)
    assert abs(settled.rounding.minor) < increment
    assert all(t.tendered == t.amount + t.change for t in settled.tenders)


@given(st.integers(0, 9_999_99), st.sampled_from([EXACT, YUAN_DOWN, YUAN_HALF_UP]))
def test_the_first_quick_amount_is_what_cash_has_to_cover_and_the_rest_rise(
    due: int, rule: Rounding
) -> None:
    offered = quick_amounts(cny(due), rule)
    assert offered[0] == rule.of(cny(due))
    assert list(offered) == sorted(set(offered))


def test_cash_handed_over_in_two_parts_is_rounded_once() -> None:
    """The first part made no difference to round: the second must not make one."""
    with pytest.raises(TenderShort):
        cover(cny(10_00), [cash(33), cash(9_00)], YUAN_DOWN)
    settled = cover(cny(10_00), [cash(33), cash(10_00)], YUAN_DOWN)
    assert settled.rounding == cny(0)
    assert [t.change.minor for t in settled.tenders] == [0, 33]
