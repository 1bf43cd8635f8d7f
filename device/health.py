"""How the box is: disk, memory, load, the journal's chain, recent notes; plain values from the system."""

from __future__ import annotations

import collections
import os
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from device.clock import Clock
from services.store import journal
from web_console.api import NoteView

NOTES_MAX = 50
DISK_WARN_PERCENT = 85
DISK_BAD_PERCENT = 95

Level = Literal["ok", "warn", "bad"]
Check = Literal["unchecked", "intact", "broken"]


@dataclass(frozen=True, slots=True)
class Disk:
    free_mb: int
    total_mb: int
    level: Level


def disk(folder: Path) -> Disk:
    """Of the file system that holds `folder`, as an unprivileged process may use it."""
    stat = os.statvfs(folder)
    total, free = stat.f_blocks * stat.f_frsize, stat.f_bavail * stat.f_frsize
    usable = free + (stat.f_blocks - stat.f_bfree) * stat.f_frsize
    used_percent = 100 - free * 100 // max(usable, 1)
    level: Level = "ok"
    if used_percent >= DISK_WARN_PERCENT:
        level = "bad" if used_percent >= DISK_BAD_PERCENT else "warn"
    return Disk(free // 2**20, total // 2**20, level)


def memory_mb() -> int:
    """Resident memory of this process."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") // 2**20


def load_percent() -> int:
    """Load of the last minute over the cores; above 100 means work is waiting."""
    return round(os.getloadavg()[0] * 100 / (os.cpu_count() or 1))


class JournalCheck:
    """Verifies the hash chain, and remembers up to where it was intact."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.result: Check = "unchecked"
        self.checked_seq = 0

    def run(self) -> None:
        """Check the whole chain. Takes about a second for 60,000 rows."""
        with self._lock:
            seq, _ = journal.head()
            broken = journal.first_break()
            self.result = "broken" if broken else "intact"
            self.checked_seq = broken or seq


class Notes:
    """The newest things worth telling a technician."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._notes: collections.deque[NoteView] = collections.deque(maxlen=NOTES_MAX)

    def add(self, code: str, subject: str, detail: str = "") -> None:
        self._notes.appendleft(
            NoteView(at_ms=self._clock.now_ms(), code=code, subject=subject, detail=detail)
        )

    def newest(self) -> tuple[NoteView, ...]:
        return tuple(self._notes)
