"""The day's change closes what was forgotten; a clock that jumps does not."""

from __future__ import annotations

import sqlite3
from dataclasses import replace

import pytest

from device.clock import CONFIRM_MS
from device.day_end import DayEnd
from services.flows import business_day
from services.flows.shop import Shop
from services.store import shifts as store
from tests.device.test_clock import DAY, HOUR, JUMPS, Box
from tests.flows.test_shifts import begin, sell

MORNING_MS = Box().true_ms // DAY * DAY + 2 * HOUR  # ten o'clock in Shanghai


@pytest.fixture
def told() -> list[str]:
    return []


def test_every_till_is_kept_and_only_changes_are_told(shop: Shop, told: list[str]) -> None:
    keeper = DayEnd(shop, told.append)
    keeper.look()
    assert told == []
    sell(shop, "2")
    keeper.look()
    keeper.look()
    assert told == ["2"] and store.open_of("2") is not None


@pytest.mark.parametrize("jump", JUMPS)
def test_a_clock_that_jumps_does_not_change_the_business_day(
    shop: Shop, told: list[str], jump: int
) -> None:
    box = Box(true_ms=MORNING_MS, booted_ms=MORNING_MS - HOUR)
    clock = box.clock(MORNING_MS - HOUR)
    shop = replace(shop, now_ms=clock.now_ms)
    shift_id = begin(shop)
    opened = store.open_of("1")
    box.wrong_ms = jump
    for _ in range(5):
        box.true_ms += CONFIRM_MS // 6
        sell(shop)
        DayEnd(shop, told.append).look()
    assert (store.open_of("1"), told) == (opened, [])
    box.synchronize()
    box.true_ms = MORNING_MS + DAY
    DayEnd(shop, told.append).look()
    closed = store.by_id(shift_id)
    assert told == ["1"] and closed is not None and closed.state == "unattended"


def test_a_disk_in_trouble_is_said_once(
    shop: Shop, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    class Looks:
        """As many looks as it is told, without waiting."""

        left = 3

        def wait(self, _: float) -> bool:
            self.left -= 1
            return self.left < 0

    def fail(*_: object) -> bool:
        raise sqlite3.OperationalError("disk I/O error")

    monkeypatch.setattr(business_day, "keep", fail)
    DayEnd(shop, lambda _: None).run(Looks())  # type: ignore[arg-type]
    assert caplog.text.count("shifts cannot be kept") == 1
