"""Periods of business days: half open, from a first day to the day after the last."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

DAYS_MAX = 800  # of one period: two years and the months around them
_DAY_MS = 86_400_000
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Period:
    """Business days from `begin` up to, not including, `end`; both YYYY-MM-DD, so they compare as texts."""

    begin: str
    end: str

    @property
    def days(self) -> int:
        return (_date(self.end) - _date(self.begin)).days

    @property
    def last(self) -> str:
        """The last day that belongs to it."""
        return (_date(self.end) - timedelta(days=1)).isoformat()

    def before(self) -> Period:
        """The period of as many days that ends where this one begins."""
        return Period((_date(self.begin) - timedelta(days=self.days)).isoformat(), self.begin)

    def each(self) -> Iterator[str]:
        """Its days, in order."""
        first = _date(self.begin)
        return ((first + timedelta(days=n)).isoformat() for n in range(self.days))


def period(first: str, last: str) -> Period:
    """From `first` to `last`, both included. Raises ValueError for no days, bad ones or too many."""
    begin, end = _date(first), _date(last) + timedelta(days=1)
    if not 0 < (end - begin).days <= DAYS_MAX:
        raise ValueError(f"from {first} to {last}: 1 to {DAYS_MAX} days")
    return Period(begin.isoformat(), end.isoformat())


def named(name: str, today: str) -> Period:
    """The period that a name means on `today`: today, yesterday, week, last7, month, last30.

    Weeks begin on Monday; week and month end with today. Raises ValueError for another name.
    """
    day = _date(today)
    begin = {
        "today": day,
        "yesterday": day - timedelta(days=1),
        "week": day - timedelta(days=day.weekday()),
        "last7": day - timedelta(days=6),
        "month": day.replace(day=1),
        "last30": day - timedelta(days=29),
    }.get(name)
    if begin is None:
        raise ValueError(f"no such period: {name}")
    end = day if name == "yesterday" else day + timedelta(days=1)
    return Period(begin.isoformat(), end.isoformat())


def span_ms(day: str) -> tuple[int, int]:
    """UTC milliseconds that surely hold the whole business day, wherever the shop is."""
    begin = (datetime.combine(_date(day), datetime.min.time(), UTC) - _EPOCH) // timedelta(milliseconds=1)
    return begin - _DAY_MS, begin + 3 * _DAY_MS


def _date(text: str) -> date:
    found = date.fromisoformat(text)
    if found.isoformat() != text:  # it also takes weeks, and days without dashes
        raise ValueError(f"not a day: {text!r}")
    return found
