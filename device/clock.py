"""Trusted time: never behind what was already written, and honest about how good it is."""

from __future__ import annotations

import threading
import time
from pathlib import Path

SYNCHRONIZED = Path(
    "/run/systemd/timesync/synchronized"
)  # systemd-timesyncd touches it after a good answer
BUILT_MS = 1_795_305_600_000  # 2026-11-22: no honest clock shows less


class Clock:
    """UTC milliseconds. A box without a battery starts in the past: then time goes on from the newest
    stored time by the monotonic clock until the wall clock has caught up."""

    def __init__(self, floor_ms: int) -> None:
        self._lock = threading.Lock()
        self._last_ms = max(floor_ms, BUILT_MS)
        self._last_mono_ns = time.monotonic_ns()
        self._behind = False

    def now_ms(self) -> int:
        wall_ms = time.time_ns() // 1_000_000
        mono_ns = time.monotonic_ns()
        with self._lock:
            expected_ms = self._last_ms + (mono_ns - self._last_mono_ns) // 1_000_000
            self._behind = wall_ms < self._last_ms
            now_ms = expected_ms if self._behind else wall_ms
            if now_ms > self._last_ms:
                self._last_ms, self._last_mono_ns = now_ms, mono_ns
            return now_ms

    def quality(self) -> str:
        """ntp: set by the network since boot; rtc: plausible; saved: the wall clock is behind our own."""
        if self._behind:
            return "saved"
        return "ntp" if SYNCHRONIZED.exists() else "rtc"
