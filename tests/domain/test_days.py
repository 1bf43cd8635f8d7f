"""Business days: one for each moment, in every zone, whatever the clock did before."""

from __future__ import annotations

import random
import zoneinfo
from datetime import UTC, datetime, timedelta

import pytest

from services.domain import days

DAY_MS = 86_400_000
FROM_MS = 1_795_305_600_000  # 2026-11-22
ODD_ZONES = ("Asia/Kathmandu", "Australia/Lord_Howe", "America/St_Johns", "Pacific/Chatham", "Asia/Kolkata")


def plainly(at_ms: int, zone: zoneinfo.ZoneInfo, rollover_hour: int) -> str:
    moment = datetime.fromtimestamp(at_ms // 1000, UTC).astimezone(zone)
    return (moment - timedelta(hours=rollover_hour)).date().isoformat()


def shifts(zone: zoneinfo.ZoneInfo) -> list[int]:
    """Every moment of the coming two years at which the zone's offset changes, to the minute."""
    found = []
    for hour in range(0, 2 * 365 * 24, 24):
        low, high = FROM_MS + hour * 3_600_000, FROM_MS + (hour + 24) * 3_600_000
        if days.local(low, zone).utcoffset() != days.local(high, zone).utcoffset():
            while high - low > 1_000:
                middle = (low + high) // 2
                same = days.local(low, zone).utcoffset() == days.local(middle, zone).utcoffset()
                low, high = (middle, high) if same else (low, middle)
            found.append(high // 1_000 * 1_000)
    return found


@pytest.mark.parametrize("initial", "ABCDEFGHIJKLMNOPQRSTUVWZ")
def test_a_kept_answer_is_the_plain_computation_in_every_zone_around_every_shift(initial):
    chance = random.Random(initial)
    for key in sorted(zoneinfo.available_timezones()):
        if not key.split("/")[-1].startswith(initial):
            continue
        zone, hour = zoneinfo.ZoneInfo(key), chance.randrange(24)
        moments = [FROM_MS + chance.randrange(10 * 365 * DAY_MS) for _ in range(20)]
        for shift in shifts(zone):
            moments += [shift - 1, shift, *(shift + chance.randrange(-DAY_MS, DAY_MS) for _ in range(20))]
        for at_ms in moments:
            assert days.business_day(at_ms, zone, hour) == plainly(at_ms, zone, hour), (key, hour, at_ms)


@pytest.mark.parametrize("key", ODD_ZONES)
@pytest.mark.parametrize("rollover_hour", [0, 2, 4, 23])
def test_days_follow_each_other_without_a_gap_or_an_overlap(key, rollover_hour):
    zone, last = zoneinfo.ZoneInfo(key), ""
    for at_ms in range(FROM_MS, FROM_MS + 400 * DAY_MS, 15 * 60_000):
        day = days.business_day(at_ms, zone, rollover_hour, last)
        if last and day != last:
            assert day == (datetime.fromisoformat(last) + timedelta(days=1)).date().isoformat()
        last = day


def test_a_day_that_was_sold_in_is_not_left_for_the_one_before():
    zone = zoneinfo.ZoneInfo("Asia/Shanghai")
    today = days.business_day(FROM_MS, zone, 4)
    tomorrow = days.business_day(FROM_MS + DAY_MS, zone, 4)
    assert days.business_day(FROM_MS, zone, 4, tomorrow) == tomorrow
    assert days.business_day(FROM_MS, zone, 4, "2020-01-01") == today


@pytest.mark.parametrize("ahead", [2, 30, 3650])
def test_a_day_from_a_clock_far_ahead_holds_no_later_sale(ahead):
    zone = zoneinfo.ZoneInfo("Asia/Shanghai")
    future = days.business_day(FROM_MS + ahead * DAY_MS, zone, 4)
    assert days.business_day(FROM_MS, zone, 4, future) == days.business_day(FROM_MS, zone, 4)
