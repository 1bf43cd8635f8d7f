"""Business days and written times, from milliseconds and a zone."""

from __future__ import annotations

import calendar
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from functools import lru_cache

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MINUTE_MS = 60_000
_QUARTER_MS = 15 * _MINUTE_MS


def local(at_ms: int, zone: tzinfo) -> datetime:
    return (_EPOCH + timedelta(milliseconds=at_ms)).astimezone(zone)


def clock(at_ms: int, zone: tzinfo) -> tuple[str, int, int]:
    """(YYYY-MM-DD, weekday from Monday 1, minute of the day) on the wall."""
    return _clock(at_ms // _MINUTE_MS, zone)


@lru_cache(maxsize=64)
def _clock(minute: int, zone: tzinfo) -> tuple[str, int, int]:
    """All of a minute of UTC is one minute on the wall."""
    wall = local(minute * _MINUTE_MS, zone)
    return wall.date().isoformat(), wall.isoweekday(), wall.hour * 60 + wall.minute


def business_day(at_ms: int, zone: tzinfo, rollover_hour: int, not_before: str = "") -> str:
    """YYYY-MM-DD. The day changes at `rollover_hour` (0 to 23), and does not go back behind `not_before`:
    a clock that is set back must not reopen a day that has been sold in.

    A `not_before` later than tomorrow came from a clock that was far ahead, and is not kept.
    """
    day, tomorrow = _day_and_next(at_ms // _QUARTER_MS, zone, rollover_hour)
    return not_before if day < not_before <= tomorrow else day


def same_business_day(one_ms: int, other_ms: int, zone: tzinfo, rollover_hour: int) -> bool:
    return business_day(one_ms, zone, rollover_hour) == business_day(other_ms, zone, rollover_hour)


@lru_cache(maxsize=64)
def _day_and_next(quarter: int, zone: tzinfo, rollover_hour: int) -> tuple[str, str]:
    """All of a quarter of an hour of UTC is one business day: offsets and their changes are multiples."""
    shifted = local(quarter * _QUARTER_MS, zone) - timedelta(hours=rollover_hour)
    day = shifted.date()
    return day.isoformat(), (day + timedelta(days=1)).isoformat()


def begin_ms(day: str, zone: tzinfo, rollover_hour: int) -> int:
    """When business day YYYY-MM-DD begins. Raises ValueError for no day."""
    begun = datetime.combine(date.fromisoformat(day), time(rollover_hour), zone)
    return (begun - _EPOCH) // timedelta(milliseconds=1)


def after(day: str) -> str:
    """The next day."""
    return (date.fromisoformat(day) + timedelta(days=1)).isoformat()


def iso(at_ms: int, zone: tzinfo) -> str:
    """2027-03-05T10:21:33.120+08:00"""
    return local(at_ms, zone).isoformat(timespec="milliseconds")


def minute(at_ms: int, zone: tzinfo) -> str:
    """2027-03-05 10:21, as printed on a receipt."""
    return local(at_ms, zone).strftime("%Y-%m-%d %H:%M")


def later(day: date, months: int) -> date:
    """The same day of a later month, or that month's last where it is shorter."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))
