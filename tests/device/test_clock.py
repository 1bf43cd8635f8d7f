"""The clock through everything that happens to a box's clocks: jumps, restarts, dead batteries."""

from __future__ import annotations

import random
import zoneinfo
from dataclasses import dataclass

import pytest

from device.clock import AWAY_MAX_MS, BUILT_MS, CONFIRM_MS, STEP_MS, Clock
from services.domain import days

SECOND, HOUR = 1_000, 3_600_000
DAY = 24 * HOUR
YEAR = 365 * DAY
TRUE_MS = BUILT_MS + 3 * YEAR
JUMPS = [
    sign * size for sign in (1, -1) for size in (SECOND, 60 * SECOND, HOUR, DAY, 30 * DAY, YEAR, 10 * YEAR)
]
ZONES = ("Asia/Shanghai", "Asia/Kathmandu", "Australia/Lord_Howe", "America/St_Johns", "Europe/Berlin")


@dataclass
class Box:
    """The true time, the wall clock's error against it, and the network's last confirmation."""

    true_ms: int = TRUE_MS
    wrong_ms: int = 0
    booted_ms: int = TRUE_MS - HOUR
    stamp: int | None = None

    def clock(self, floor_ms: int = TRUE_MS - HOUR) -> Clock:
        return Clock(
            floor_ms,
            wall_ns=lambda: (self.true_ms + self.wrong_ms) * 1_000_000,
            since_boot_ns=lambda: (self.true_ms - self.booted_ms) * 1_000_000,
            synchronized_ms=lambda: self.stamp,
        )

    def synchronize(self) -> None:
        self.wrong_ms, self.stamp = 0, self.true_ms


@pytest.fixture
def box() -> Box:
    return Box()


def test_a_quiet_clock_is_the_wall_clock(box):
    clock = box.clock()
    for _ in range(100):
        box.true_ms += 12_345
        assert (clock.now_ms(), clock.quality()) == (box.true_ms, "rtc")


def test_what_the_network_confirmed_is_said_to_be(box):
    clock = box.clock()
    box.true_ms += HOUR
    box.synchronize()
    assert (clock.now_ms(), clock.quality()) == (box.true_ms, "ntp")
    box.true_ms += 40 * DAY  # the network is long away, and nobody has set the clock since
    assert (clock.now_ms(), clock.quality()) == (box.true_ms, "ntp")


@pytest.mark.parametrize("jump_ms", JUMPS)
def test_one_wrong_reading_is_not_believed_and_leaves_nothing_behind(box, jump_ms):
    clock = box.clock()
    box.wrong_ms = jump_ms
    box.true_ms += SECOND
    assert abs(clock.now_ms() - box.true_ms) <= STEP_MS
    assert clock.quality() == ("rtc" if abs(jump_ms) <= STEP_MS else "saved")
    box.wrong_ms = 0
    box.true_ms += 10 * SECOND
    assert (clock.now_ms(), clock.quality()) == (box.true_ms, "rtc")


@pytest.mark.parametrize("jump_ms", JUMPS)
def test_a_time_that_stands_is_believed_at_last_and_left_again_when_the_network_knows_better(box, jump_ms):
    box.true_ms += 10 * YEAR  # so that no jump leads before the program was built
    clock = box.clock(box.true_ms)
    clock.now_ms()
    box.wrong_ms = jump_ms
    for _ in range(CONFIRM_MS // SECOND + 2):
        box.true_ms += SECOND
        clock.now_ms()
    assert (clock.now_ms(), clock.quality()) == (box.true_ms + jump_ms, "rtc")
    box.true_ms += HOUR
    box.synchronize()
    box.true_ms += 10 * SECOND
    assert (clock.now_ms(), clock.quality()) == (box.true_ms, "ntp")


def test_a_jump_that_was_believed_is_left_without_a_network_too(box):
    clock = box.clock()
    clock.now_ms()
    box.wrong_ms = 10 * YEAR
    for _ in range(2):
        clock.now_ms()
        box.true_ms += CONFIRM_MS
    assert clock.now_ms() == box.true_ms + 10 * YEAR
    box.wrong_ms = 0
    for _ in range(2):
        clock.now_ms()
        box.true_ms += CONFIRM_MS
    assert (clock.now_ms(), clock.quality()) == (box.true_ms, "rtc")


def test_a_clock_set_back_to_what_the_network_confirmed_is_believed_at_once(box):
    box.synchronize()
    clock = box.clock()
    clock.now_ms()
    box.wrong_ms = DAY
    for _ in range(2):
        box.true_ms += CONFIRM_MS
        clock.now_ms()
    assert (clock.now_ms(), clock.quality()) == (box.true_ms + DAY, "rtc")
    box.wrong_ms = 0
    box.true_ms += SECOND
    assert (clock.now_ms(), clock.quality()) == (box.true_ms, "ntp")


def test_the_network_s_old_word_does_not_vouch_for_a_jump_after_it(box):
    clock = box.clock()
    box.synchronize()
    clock.now_ms()
    box.true_ms += 60 * SECOND
    box.wrong_ms = 30 * 60 * SECOND
    assert (clock.now_ms(), clock.quality()) == (box.true_ms, "saved")


@pytest.mark.parametrize("wall_ms", [0, BUILT_MS - DAY])
def test_a_box_without_a_battery_goes_on_from_what_was_written(box, wall_ms):
    box.wrong_ms = wall_ms - box.true_ms
    clock = box.clock(TRUE_MS)
    for _ in range(100):
        box.true_ms += CONFIRM_MS
        assert (clock.now_ms(), clock.quality()) == (box.true_ms, "saved")
    box.synchronize()
    box.true_ms += SECOND
    assert (clock.now_ms(), clock.quality()) == (box.true_ms, "ntp")


def test_a_saved_wall_clock_that_lags_is_not_believed_however_long_it_stands(box):
    box.wrong_ms = -2 * DAY
    clock = box.clock(TRUE_MS)
    for _ in range(100):
        box.true_ms += CONFIRM_MS
        assert (clock.now_ms(), clock.quality()) == (box.true_ms, "saved")


def test_a_new_box_believes_any_wall_clock_but_one_before_it_was_built(box):
    assert box.clock(0).now_ms() == box.true_ms
    box.wrong_ms = -box.true_ms
    clock = box.clock(0)
    assert (clock.now_ms(), clock.quality()) == (BUILT_MS, "saved")


def test_after_a_month_away_the_wall_clock_is_believed_and_after_years_not_at_once(box):
    assert box.clock(box.true_ms - AWAY_MAX_MS).now_ms() == box.true_ms
    clock = box.clock(box.true_ms - YEAR)
    assert (clock.now_ms(), clock.quality()) == (box.true_ms - YEAR, "saved")
    box.true_ms += CONFIRM_MS
    assert (clock.now_ms(), clock.quality()) == (box.true_ms, "rtc")


@pytest.mark.parametrize("network", [True, False])
def test_a_journal_from_the_future_does_not_carry_it_on_for_ever(box, network):
    if network:
        box.stamp = box.true_ms - HOUR // 2
    clock = box.clock(box.true_ms + 10 * YEAR)
    if not network:
        clock.now_ms()
        box.true_ms += CONFIRM_MS
    assert (clock.now_ms(), clock.quality()) == (box.true_ms, "ntp" if network else "rtc")


@pytest.mark.parametrize("seed", range(40))
def test_through_jumps_and_restarts_times_stay_sane_and_every_sale_is_in_one_day(seed):
    """No jump lasts for CONFIRM_MS, so no sale is ever far from the truth."""
    chance = random.Random(seed)
    zone = zoneinfo.ZoneInfo(chance.choice(ZONES))
    rollover_hour = chance.choice([0, 3, 4])
    box = Box(true_ms=TRUE_MS + chance.randrange(YEAR))
    box.booted_ms = box.true_ms - HOUR
    clock = box.clock(box.true_ms)
    last_ms, last_day, wrong_until = box.true_ms, "", 0
    for _ in range(400):
        box.true_ms += chance.choice([1, 50, 5 * SECOND, 60 * SECOND, HOUR // 2])
        if box.wrong_ms and box.true_ms >= wrong_until:
            box.synchronize()
            clock.now_ms()
        if chance.random() < 0.05 and not box.wrong_ms:
            box.wrong_ms, wrong_until = chance.choice(JUMPS), box.true_ms + CONFIRM_MS // 2
        lost = False
        if chance.random() < 0.03:
            lost = bool(box.wrong_ms)
            if chance.random() < 0.5:  # the machine too; else only the process
                box.booted_ms, box.stamp = box.true_ms - 5 * SECOND, None
            clock = box.clock(last_ms)
        if lost:  # what a clock shows at the start cannot be told from a true gap of some days
            box.synchronize()
            box.true_ms += 2 * SECOND
        now_ms = clock.now_ms()
        assert abs(now_ms - box.true_ms) <= 2 * STEP_MS or clock.quality() == "saved", (
            seed,
            clock.quality(),
        )
        assert abs(now_ms - box.true_ms) <= HOUR, seed
        assert now_ms >= last_ms - STEP_MS or abs(last_ms - box.true_ms) > STEP_MS, seed
        day = days.business_day(now_ms, zone, rollover_hour, last_day)
        truth = days.business_day(box.true_ms, zone, rollover_hour)
        assert day in (truth, last_day) and day >= last_day, seed
        last_ms, last_day = now_ms, day
