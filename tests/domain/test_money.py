"""Money in figures, with its sign, and in sums."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.domain.money import Money, rounded, signed, split, total, written


@pytest.mark.parametrize(
    ("minor", "currency", "figures", "text"),
    [
        (129_900, "CNY", "1,299.00", "¥1,299.00"),
        (-5, "CNY", "-0.05", "-¥0.05"),
        (0, "CNY", "0.00", "¥0.00"),
        (1_234_567, "JPY", "1,234,567", "¥1,234,567"),
        (-1, "KRW", "-1", "-KRW 1"),  # a receipt printer has no sign for it
        (100, "HKD", "1.00", "HK$1.00"),
        (1_500, "KWD", "1.500", "KWD 1.500"),
        (7, "XYZ", "0.07", "XYZ 0.07"),
    ],
)
def test_an_amount_is_written_as_its_currency_is(minor, currency, figures, text):
    assert (written(Money(minor, currency)), signed(Money(minor, currency))) == (figures, text)


def test_a_sum_mixes_no_currencies():
    assert total([], "CNY") == Money(0, "CNY")
    assert total([Money(1, "CNY"), Money(2, "CNY")], "CNY") == Money(3, "CNY")
    with pytest.raises(AssertionError):
        total([Money(1, "CNY"), Money(2, "USD")], "CNY")


@pytest.mark.parametrize(
    ("minor", "weights", "parts"),
    [
        (1_000, [3_333, 3_333, 3_334], [333, 333, 334]),
        (500, [100, 100, 1], [100, 100, 1]),  # no more than there is
        (1, [1, 1, 1], [1, 0, 0]),
        (0, [5, 5], [0, 0]),
        (10, [], []),
        (10, [0, 0], [0, 0]),
        (2, [0, 3, 3], [0, 1, 1]),
    ],
)
def test_an_amount_is_split_to_the_last_unit(minor, weights, parts):
    assert split(minor, weights) == parts
    assert Money(minor, "CNY").split(weights) == [Money(part, "CNY") for part in parts]


amounts = st.lists(st.integers(0, 10**9), max_size=12)


@given(st.integers(0, 10**10), amounts)
def test_the_parts_are_the_whole_and_none_is_beyond_its_weight(minor, weights):
    parts = split(minor, weights)
    assert sum(parts) == min(minor, sum(weights))
    assert all(0 <= part <= weight for part, weight in zip(parts, weights, strict=True))
    whole = sum(weights)
    for part, weight in zip(parts, weights, strict=True):
        assert whole == 0 or abs(part * whole - min(minor, whole) * weight) < whole


@given(st.integers(-(10**12), 10**12), st.integers(0, 20_000))
def test_a_share_is_rounded_half_away_from_zero(minor, points):
    share = Money(minor, "CNY").share(points).minor
    exact = Fraction(minor * points, 10_000)
    assert abs(share - exact) <= Fraction(1, 2)
    assert abs(share) >= abs(exact) or abs(share - exact) < Fraction(1, 2)
    assert Money(-minor, "CNY").share(points).minor == -share


def test_shares_that_lie_on_the_half():
    assert [Money(minor, "CNY").share(5_000).minor for minor in (1, 3, -1, -3)] == [1, 2, -1, -2]
    assert rounded(1, 3) == 0 and rounded(-2, 3) == -1


@pytest.mark.parametrize(
    ("minor", "currency", "own", "text"),
    [
        (7_000, "JPY", "CNY", "JPY 7,000"),
        (-7_000, "JPY", "CNY", "-JPY 7,000"),
        (7_000, "JPY", "JPY", "¥7,000"),
        (70_00, "CNY", "JPY", "CNY 70.00"),
        (61_00, "USD", "CNY", "$61.00"),
        (61_00, "THB", "CNY", "THB 61.00"),
    ],
)
def test_nobody_takes_a_currency_for_the_shops_own_by_its_sign(
    minor: int, currency: str, own: str, text: str
) -> None:
    assert signed(Money(minor, currency), own) == text
