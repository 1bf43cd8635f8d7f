"""Trusted time: the wall clock as far as it can be believed, and honest about how good it is."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from pathlib import Path

SYNCHRONIZED = Path("/run/systemd/timesync/synchronized")  # timesyncd touches it after each good answer
BUILT_MS = 1_795_305_600_000  # 2026-11-22: no honest clock shows less
STEP_MS = 5_000  # a smaller step is followed at once
CONFIRM_MS = 10 * 60_000  # how long another time must stand before it is believed without the network
AWAY_MAX_MS = 31 * 86_400_000  # longer than any shop is closed
LOOK_MS = 1_000  # between two looks at SYNCHRONIZED
FRESH_MS = 3_600_000  # at the start the network's last answer counts when it is no older
NEVER_MS = 2**63


def _since_boot_ns() -> int:
    return time.clock_gettime_ns(time.CLOCK_BOOTTIME)


def _synchronized_ms() -> int | None:
    """When the network last set or confirmed the wall clock, in that clock's own time."""
    try:
        return SYNCHRONIZED.stat().st_mtime_ns // 1_000_000
    except OSError:
        return None


class Clock:
    """UTC milliseconds. Goes with the wall clock as long as that moves like the clock since boot.

    When the two part by more than STEP_MS, the wall clock was set, rightly or wrongly. Then time goes on
    by the clock since boot until the network confirms the new time, the wall clock is back where it was,
    or the new time has stood for CONFIRM_MS. So time may go back, but never by little: the order of facts
    is their number's. A box without a battery starts behind `floor_ms`, the newest stored time (0 for
    none), and goes on from there until the network knows better.
    """

    def __init__(
        self,
        floor_ms: int,
        *,
        wall_ns: Callable[[], int] = time.time_ns,
        since_boot_ns: Callable[[], int] = _since_boot_ns,
        synchronized_ms: Callable[[], int | None] = _synchronized_ms,
    ) -> None:
        self._lock = threading.Lock()
        self._wall_ns, self._since_boot_ns, self._synchronized_ms = wall_ns, since_boot_ns, synchronized_ms
        boot_ms, seen = self._read()
        self._last_ms = max(floor_ms, BUILT_MS)
        self._offset = self._last_ms - boot_ms  # what the clock since boot lacks to our time
        self._strange: int | None = None  # the wall clock's offset, when it is not believed
        self._strange_until_ms = 0  # since boot: from then on it is
        self._confirmed: int | None = None  # the offset that the network confirmed last
        self._stamp: int | None = None
        self._looked_ms = boot_ms - FRESH_MS
        self._look(boot_ms, seen)
        ahead_ms = seen - self._offset
        if ahead_ms >= 0 and (ahead_ms <= AWAY_MAX_MS or not floor_ms):
            self._offset = seen
        elif -AWAY_MAX_MS <= ahead_ms < 0:
            self._strange, self._strange_until_ms = seen, NEVER_MS

    def now_ms(self) -> int:
        with self._lock:
            boot_ms, seen = self._read()
            if boot_ms - self._looked_ms >= LOOK_MS or not _near(seen, self._offset):
                self._look(boot_ms, seen)
            if self._believes(boot_ms, seen):
                self._offset, self._strange = seen, None
            now_ms = boot_ms + self._offset
            if self._last_ms - STEP_MS <= now_ms:
                now_ms = max(now_ms, self._last_ms)
            self._last_ms = now_ms
            return now_ms

    def quality(self) -> str:
        """Of the newest now_ms(). ntp: as the network confirmed it; rtc: plausible; saved: our own count,
        because the wall clock is not believed."""
        if self._strange is not None:
            return "saved"
        return "ntp" if _near(self._confirmed, self._offset) else "rtc"

    def _read(self) -> tuple[int, int]:
        """(clock since boot, what it lacks to the wall clock)"""
        boot_ms = self._since_boot_ns() // 1_000_000
        return boot_ms, self._wall_ns() // 1_000_000 - boot_ms

    def _look(self, boot_ms: int, seen: int) -> None:
        """Remember what the network confirmed since the last look, unless the clock was set after that."""
        stamp, wall_ms = self._synchronized_ms(), boot_ms + seen
        if stamp is not None and stamp != self._stamp:
            earliest_ms = wall_ms - (boot_ms - self._looked_ms)
            if earliest_ms - STEP_MS <= stamp <= wall_ms + STEP_MS:
                self._confirmed = seen
        self._stamp, self._looked_ms = stamp, boot_ms

    def _believes(self, boot_ms: int, seen: int) -> bool:
        if _near(seen, self._offset) or _near(self._confirmed, seen):
            return True
        if not _near(self._strange, seen):
            self._strange, self._strange_until_ms = seen, boot_ms + CONFIRM_MS
        return boot_ms >= self._strange_until_ms and boot_ms + seen >= BUILT_MS


def _near(offset: int | None, other: int) -> bool:
    return offset is not None and abs(offset - other) <= STEP_MS
