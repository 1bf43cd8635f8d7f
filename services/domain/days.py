"""Business days and written times, from milliseconds and a zone."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, tzinfo


def local(at_ms: int, zone: tzinfo) -> datetime:
    return (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=at_ms)).astimezone(zone)


def business_day(at_ms: int, zone: tzinfo, rollover_hour: int, not_before: str = "") -> str:
    """YYYY-MM-DD. The day changes at `rollover_hour` (0 to 23), and never goes back behind `not_before`:
    a clock that jumps back must not reopen a day that has been sold in."""
    day = (local(at_ms, zone) - timedelta(hours=rollover_hour)).date().isoformat()
    return max(day, not_before)


def iso(at_ms: int, zone: tzinfo) -> str:
    """2027-03-05T10:21:33.120+08:00"""
    return local(at_ms, zone).isoformat(timespec="milliseconds")


def minute(at_ms: int, zone: tzinfo) -> str:
    """2027-03-05 10:21, as printed on a receipt."""
    return local(at_ms, zone).strftime("%Y-%m-%d %H:%M")
