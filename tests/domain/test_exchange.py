"""Notes of another currency: rates are exact, the due is covered, change is never more than was given."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.domain.cash import denominations
from services.domain.errors import TenderShort
from services.domain.exchange import (
    RATE_MAX_E8,
    SCALE,
    SMALLEST_NOTE,
    STALE_MS,
    ForeignCash,
    Rate,
    far,
    in_notes,
    most,
    needed,
    notes_of,
    quick_amounts,
    rate_written,
    read_rate,
    worth,
)
from services.domain.money import Money, minor_digits
from services.domain.settlement import Rounding, Tendered, cover
from tests.domain.test_settlement import MODES, card, cash, cny

CURRENCIES = sorted(SMALLEST_NOTE)
ODD = ("SGD", "THB")  # whose notes of 5 and 50 are no multiple of the smallest
currencies = st.sampled_from(CURRENCIES)
rates = st.integers(1, RATE_MAX_E8) | st.integers(SCALE // 1_000, 30 * SCALE)
dues = st.integers(1, 10_000_000_00)
rules = st.builds(Rounding, st.sampled_from([1, 5, 10, 50, 1_00]), st.sampled_from(MODES))


@given(rates)
def test_a_rate_is_read_as_it_is_written(rate_e8: int) -> None:
    assert read_rate(rate_written(rate_e8)) == rate_e8


@pytest.mark.parametrize(
    ("text", "rate_e8"),
    [("7.0812", 708_120_000), ("7", 700_000_000), ("0.0482", 4_820_000), ("0.00000001", 1)],
)
def test_what_people_write_is_exact(text: str, rate_e8: int) -> None:
    assert read_rate(text) == rate_e8


def test_a_rate_is_old_after_a_day_and_not_before() -> None:
    held = Rate("r", "USD", 1, SCALE, 1_000, "", "he", 1_000)
    assert not held.stale(1_000 + STALE_MS) and held.stale(1_001 + STALE_MS) and not held.stale(0)


def test_a_slip_is_more_than_a_tenth_away() -> None:
    assert far(1_101, 1_000) and far(899, 1_000)
    assert not far(1_100, 1_000) and not far(900, 1_000)


@given(currencies, currencies, rates, dues)
def test_what_is_needed_covers_the_due_and_one_note_less_does_not(
    base: str, currency: str, rate_e8: int, due_minor: int
) -> None:
    due = Money(due_minor, base)
    need = needed(due, rate_e8, currency)
    exactly = Fraction(due_minor, 10 ** minor_digits(base)) / Fraction(rate_e8, SCALE)
    units = Fraction(need.minor, 10 ** minor_digits(currency))
    note = Fraction(SMALLEST_NOTE[currency], 10 ** minor_digits(currency))
    assert units - note < exactly <= units or (units - 2 * note < exactly and currency in ODD)
    assert in_notes(need)
    assert worth(need, rate_e8, base) >= due


@given(currencies, currencies, rates, st.integers(1, 10**10))
def test_what_notes_are_worth_is_off_by_half_a_unit_at_most(
    base: str, currency: str, rate_e8: int, minor: int
) -> None:
    exactly = Fraction(minor, 10 ** minor_digits(currency)) * Fraction(rate_e8, SCALE)
    units = worth(Money(minor, currency), rate_e8, base).minor
    assert abs(units - exactly * 10 ** minor_digits(base)) <= Fraction(1, 2)
    assert worth(Money(-minor, currency), rate_e8, base).minor == -units


@given(currencies, rates, dues)
def test_what_is_offered_covers_rises_and_is_taken(currency: str, rate_e8: int, due_minor: int) -> None:
    need = needed(cny(due_minor), rate_e8, currency)
    offered = quick_amounts(need)
    assert offered[0] == need and list(offered) == sorted(set(offered)) and len(offered) <= 4
    assert all(in_notes(each) and need <= each <= most(need) for each in offered)


@given(currencies, rates, dues, st.integers(0, 300), rules)
def test_change_is_never_more_than_was_too_much_and_the_sums_agree(
    currency: str, rate_e8: int, due_minor: int, more: int, rule: Rounding
) -> None:
    due, step = cny(due_minor), SMALLEST_NOTE[currency]
    need = needed(due, rate_e8, currency)
    notes = ForeignCash(currency, need.minor + more * step, rate_e8, "r")
    value = worth(Money(notes.minor, currency), rate_e8, "CNY")
    if value.minor > 100_000_000_00:
        return  # beyond all reason: refused
    settled = cover(due, [foreign(notes, value)], rule)
    (taken,) = settled.tenders
    assert taken.tendered == value == taken.amount + taken.change
    assert due + settled.rounding == taken.amount and taken.exact == due
    over = value - due
    assert cny(0) <= taken.change <= value and rule.of(taken.change) == taken.change
    assert abs((taken.change - over).minor) < rule.increment_minor
    if rule.mode in ("down", "half_down") or rule.increment_minor == 1:
        assert taken.change <= over + cny(rule.increment_minor // 2)
    if rule.mode == "down":
        assert taken.change <= over


@given(rates, dues, st.integers(1, 40), st.integers(0, 10_000_00), rules)
def test_notes_card_and_cash_add_up_whatever_each_gives(
    rate_e8: int, due_minor: int, pieces: int, by_card: int, rule: Rounding
) -> None:
    notes = ForeignCash("USD", pieces * 1_00, rate_e8, "r")
    value = worth(Money(notes.minor, "USD"), rate_e8, "CNY")
    if value.minor > 100_000_000_00:
        return
    by_card = min(by_card, due_minor)
    handed = [cash(due_minor + 100_00), foreign(notes, value), card(by_card)]
    settled = cover(cny(due_minor), handed, rule)
    assert sum(t.amount.minor for t in settled.tenders) == due_minor + settled.rounding.minor
    assert all(t.tendered == t.amount + t.change for t in settled.tenders)
    assert sum(t.exact.minor for t in settled.tenders) == due_minor


def test_change_rounded_up_stays_within_all_that_was_given() -> None:
    """10.02 too much of 10.03: ten yuan and a jiao would be more than the notes were worth."""
    notes = ForeignCash("USD", 1_00, 1_003_000_000, "r")
    (taken,) = cover(cny(1), [foreign(notes, cny(10_03))], Rounding(10, "up")).tenders
    assert (taken.change.minor, taken.amount.minor) == (10_00, 3)


def test_notes_that_do_not_reach_leave_the_rest_to_pay() -> None:
    with pytest.raises(TenderShort):
        cover(cny(428_00), [foreign(ForeignCash("USD", 60_00, 708_120_000, "r"), cny(424_87))])


@pytest.mark.parametrize("currency", CURRENCIES)
def test_every_currency_has_notes_that_a_drawer_is_counted_by(currency: str) -> None:
    notes = notes_of(currency)
    assert notes[-1] == SMALLEST_NOTE[currency] and notes == denominations(currency)[: len(notes)]
    sums = {0}
    for minor in range(notes[-1], 12 * notes[-1], notes[-1] // 2):
        if any(minor - note in sums for note in notes):
            sums.add(minor)
        assert in_notes(Money(minor, currency)) == (minor in sums), minor


def test_the_minor_units_are_those_of_iso_4217() -> None:
    assert {each: minor_digits(each) for each in ("USD", "JPY", "KRW", "KWD", "CNY", "VND", "TND")} == {
        **{"USD": 2, "JPY": 0, "KRW": 0, "KWD": 3, "CNY": 2, "VND": 0, "TND": 3}
    }


def foreign(notes: ForeignCash, value: Money) -> Tendered:
    return Tendered("foreign_cash", value, gives_change=True, rank=80, foreign=notes)
