"""One configured device: its driver, its twin, and how it was when last seen."""

from __future__ import annotations

import logging
import threading
from typing import Any

from device.clock import Clock
from device.config import DeviceEntry, device_settings
from drivers.contracts import READY, DriverError, ErrorCode, Health, Level
from services.registry import discover

_log = logging.getLogger(__name__)
NOT_OPEN = Health("closed", Level.WARN, "not opened yet")


class Attached:
    """Opens the device and remembers its health. Logs once when it goes away and once when it returns."""

    def __init__(self, entry: DeviceEntry, twin: Any | None, clock: Clock) -> None:
        self.name = entry.name
        self.parent = entry.parent
        self.driver = discover("drivers", "DRIVER")[entry.driver]
        self.settings = device_settings(entry)
        self.twin = twin
        self._clock = clock
        self._lock = threading.Lock()
        self.health = NOT_OPEN
        self.hint = ""
        self.since_ms = clock.now_ms()

    def open(self, parent: Any | None = None) -> Any:
        """The device, ready for use. Raises DriverError, which is also what the pages show."""
        try:
            device = self.driver.open(self.settings, self.twin, parent)
        except DriverError as error:
            self.lost(error)
            raise
        self.seen(device.check_health())
        return device

    def seen(self, health: Health, hint: str = "") -> None:
        """Remember what the device said of itself."""
        with self._lock:
            if health.code != self.health.code:
                self.since_ms = self._clock.now_ms()
                _log.info("%s: %s %s", self.name, health.code, health.detail)
            self.health, self.hint = health, hint

    def lost(self, error: DriverError) -> None:
        self.seen(Health(error.code.value, Level.BAD, str(error)), error.hint)

    def ready(self) -> bool:
        return self.health == READY or self.health.level is not Level.BAD


def absent(error: DriverError) -> bool:
    """Whether the device must be opened again; paper or a cover are mended by people instead."""
    return error.code not in (ErrorCode.PAPER_END, ErrorCode.COVER_OPEN, ErrorCode.BUSY)
