"""One configured device: its driver, its twin, and how it was when last seen."""

from __future__ import annotations

import logging
import threading
from typing import Any

from device.clock import Clock
from device.config import DeviceEntry, device_settings
from drivers.contracts import DriverError, ErrorCode, Health, Level, State
from services.registry import discover

_log = logging.getLogger(__name__)
NOT_OPEN = Health("closed", Level.WARN, "not opened yet")
BY_HAND = (ErrorCode.PAPER_END, ErrorCode.COVER_OPEN, ErrorCode.BUSY)  # over without the device being lost


class Attached:
    """Keeps the device open and remembers its health. Logs once when it goes away and once when it returns.

    One thread owns it. Others may read `health`, `hint` and `since_ms`.
    """

    def __init__(self, entry: DeviceEntry, twin: Any | None, clock: Clock) -> None:
        self.name = entry.name
        self.label = entry.label or entry.name
        self.parent = entry.parent
        self.driver = discover("drivers", "DRIVER")[entry.driver]
        self.settings = device_settings(entry)
        self.twin = twin
        self.device: Any | None = None  # None: it must be opened first
        self._clock = clock
        self._lock = threading.Lock()
        self.health = NOT_OPEN
        self.hint = ""
        self.alarm: Health | None = None  # what stands while the device itself is well
        self.since_ms = clock.now_ms()

    def look(self, parent: Any | None = None) -> Any | None:
        """The device, asked how it is, and opened anew where it was lost; None while it is away."""
        if self.device is not None and self.device.state in (State.ERROR, State.CLOSED):
            self.close()
        try:
            if self.device is None:
                self.device = self.driver.open(self.settings, self.twin, parent)
            self.seen(self.device.check_health())
        except DriverError as error:
            self.failed(error)
        return self.device

    def failed(self, error: DriverError) -> None:
        """Remember what went wrong. A device that people cannot mend is closed, to be opened anew."""
        self.seen(Health(error.code.value, Level.BAD, str(error)), error.hint)
        if error.code not in BY_HAND:
            self.close()

    def seen(self, health: Health, hint: str = "") -> None:
        """Remember what the device said of itself; of a well one, what its alarm says."""
        if self.alarm is not None and health.level is Level.OK:
            health, hint = self.alarm, ""
        with self._lock:
            if health.code != self.health.code:
                self.since_ms = self._clock.now_ms()
                _log.info("%s: %s %s", self.name, health.code, health.detail)
            self.health, self.hint = health, hint

    def down_for_ms(self) -> int:
        """How long the device has been in a state that people must mend; 0 while it is not."""
        with self._lock:
            bad = self.health.level is Level.BAD
            return max(self._clock.now_ms() - self.since_ms, 0) if bad else 0

    def close(self) -> None:
        """Let go of the device. Twice without harm."""
        device, self.device = self.device, None
        if device is not None:
            device.close()
