"""Notes of another currency against the shop's own: what they are worth, and how many are needed.

Rates are whole numbers, so that nothing but the one rounding of each worth is ever lost.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from math import gcd

from services.domain.cash import denominations
from services.domain.money import Money, minor_digits, rounded

TENDER = "foreign_cash"
SCALE = 10**8  # a rate is so many hundred-millionths of the shop's unit for one foreign unit
RATE_MAX_E8 = 10**7 * SCALE - 1
STALE_MS = 24 * 3_600_000  # an older rate needs somebody who answers for it
AHEAD_MAX_MS = 7 * 24 * 3_600_000  # how long before it counts a rate may be written down
FAR_PERCENT = 10  # a rate that differs more from the one before is a slip until somebody says it is not
QUICK_MAX = 4

# The smallest note that a shop takes of each currency, in minor units: banks change notes, not coins.
SMALLEST_NOTE: Mapping[str, int] = {
    **{"USD": 1_00, "EUR": 5_00, "GBP": 5_00, "CHF": 10_00, "CAD": 5_00, "AUD": 5_00, "NZD": 5_00},
    **{"CNY": 1_00, "HKD": 10_00, "MOP": 10_00, "TWD": 100_00, "SGD": 2_00, "MYR": 1_00, "THB": 20_00},
    **{"JPY": 1_000, "KRW": 1_000, "KWD": 250},
}

_RATE = re.compile(r"([0-9]{1,7})(?:\.([0-9]{1,8}))?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Rate:
    """One version of what the shop gives for a currency. A later one takes its place, none is changed."""

    rate_id: str
    currency: str
    version: int  # rising by one for each currency, from 1
    buy_e8: int  # what one foreign unit counts, in hundred-millionths of the shop's unit
    valid_from_ms: int
    source: str  # where it was read, as somebody wrote it down
    entered_by: str
    entered_at_ms: int

    def stale(self, now_ms: int) -> bool:
        return now_ms - self.valid_from_ms > STALE_MS


@dataclass(frozen=True, slots=True)
class ForeignCash:
    """The notes of one tender, and the rate they were taken at. Negative: handed back."""

    currency: str
    minor: int
    rate_e8: int
    rate_id: str


def read_rate(text: str) -> int | None:
    """ "7.0812" as 708120000; None for what is no rate, is zero, or beyond all reason."""
    found = _RATE.fullmatch(text)
    if found is None:
        return None
    rate_e8 = int(found[1]) * SCALE + int((found[2] or "").ljust(8, "0"))
    return rate_e8 if 0 < rate_e8 <= RATE_MAX_E8 else None


def rate_written(rate_e8: int) -> str:
    """The same backwards, with at least four decimals: 7.0812, 0.0482, 23.10000001."""
    whole, part = divmod(rate_e8, SCALE)
    decimals = f"{part:08d}".rstrip("0").ljust(4, "0")
    return f"{whole}.{decimals}"


def far(rate_e8: int, before_e8: int) -> bool:
    """Whether a rate is more than FAR_PERCENT away from the one before."""
    return abs(rate_e8 - before_e8) * 100 > before_e8 * FAR_PERCENT


def worth(notes: Money, rate_e8: int, currency: str) -> Money:
    """What notes count in the shop's `currency`, rounded once, halves away from zero."""
    numerator = notes.minor * rate_e8 * 10 ** minor_digits(currency)
    return Money(rounded(numerator, SCALE * 10 ** minor_digits(notes.currency)), currency)


def needed(due: Money, rate_e8: int, currency: str) -> Money:
    """The least that notes of `currency` can make up and that covers `due`."""
    step = _step(currency)
    numerator = due.minor * SCALE * 10 ** minor_digits(currency)
    divisor = rate_e8 * 10 ** minor_digits(due.currency) * step
    least = -(-numerator // divisor) * step
    while least and not in_notes(Money(least, currency)):  # no notes make up 3 Singapore dollars
        least += step
    return Money(least, currency)


def most(need: Money) -> Money:
    """The most that is taken where so much is needed: nobody gives a whole note too many, and a till that
    took any amount would change money."""
    return Money(need.minor + denominations(need.currency)[0] - _step(need.currency), need.currency)


def notes_of(currency: str) -> tuple[int, ...]:
    """The notes of a currency that a shop takes, largest first."""
    return tuple(note for note in denominations(currency) if note >= SMALLEST_NOTE[currency])


def in_notes(notes: Money) -> bool:
    """Whether notes alone can make up so much, and it is more than nothing."""
    least = _least(notes.currency)
    return 0 < notes.minor >= least.get(notes.minor % SMALLEST_NOTE[notes.currency], notes.minor + 1)


@cache
def _step(currency: str) -> int:
    """What every sum of notes is a multiple of."""
    return gcd(*notes_of(currency))


@cache
def _least(currency: str) -> Mapping[int, int]:
    """Remainder by the smallest note -> the least sum of notes that leaves it."""
    smallest, least = SMALLEST_NOTE[currency], {0: 0}
    for _ in range(smallest // _step(currency)):  # a least sum has fewer larger notes than remainders
        for note in notes_of(currency):
            for held in list(least.values()):
                rest = (held + note) % smallest
                least[rest] = min(least.get(rest, held + note), held + note)
    return least


def quick_amounts(need: Money) -> tuple[Money, ...]:
    """What a customer is likely to hand over, rising: what is needed, then rounded up to larger notes."""
    if not need.minor:
        return ()
    larger = sorted({-(-need.minor // note) * note for note in notes_of(need.currency)} - {need.minor})
    offered = (need.minor, *larger[1 - QUICK_MAX :])
    return tuple(Money(minor, need.currency) for minor in offered)
