"""How the box is: disk, memory, load, the journal's chain, recent notes; plain values from the system."""

from __future__ import annotations

import collections
import logging
import os
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from device.clock import Clock
from services.store import journal
from web_console.api_box import NoteView

NOTES_MAX = 50
DISK_WARN_PERCENT = 85
DISK_BAD_PERCENT = 95

CHECK_ROWS = 2_000  # of the journal at a time
CHECK_PAUSE_S = 0.005  # between two pieces: the tills go first
ASKED_S = 1.0

COPY_LATE_MS = 36 * 3_600_000  # one is made each night

Level = Literal["ok", "warn", "bad"]
Verdict = Literal["unchecked", "intact", "broken"]
CopyState = Literal["off", "never", "away", "behind", "late", "ok"]

_log = logging.getLogger(__name__)


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


def copy_state(keys: Path | None, made_ms: int, now_ms: int, *, behind: bool) -> CopyState:
    """How it stands with the copies on the second medium. `keys` is where it has the members' keys,
    `made_ms` when the last copy was whole, 0: never; `behind`: it still has keys of the erased."""
    if keys is None:
        return "off"
    if not made_ms:
        return "never"
    if not keys.exists():
        return "away"
    if behind:
        return "behind"
    return "late" if now_ms - made_ms > COPY_LATE_MS else "ok"


class JournalCheck:
    """Verifies the hash chain in a thread of its own: once at the start, then when asked."""

    def __init__(self, told: Callable[[Verdict, int], None]) -> None:
        self._told = told  # called in that thread, with the verdict and the row it was reached at
        self._asked = threading.Event()
        self.checking = True
        self.verdict: Verdict = "unchecked"  # of the last whole check
        self.checked_seq = 0  # rises while it checks
        self._head = (0, journal.GENESIS)  # the newest that could be read

    def ask(self) -> None:
        """Check the whole chain once more, unless that is going on."""
        if not self.checking:
            self.checked_seq, self.checking = 0, True
            self._asked.set()

    def head(self) -> tuple[int, bytes]:
        """The journal's; where that cannot be read, the last one that could, and the journal is broken."""
        try:
            self._head = journal.head()
        except journal.UNREADABLE as error:
            if not journal.is_damage(error):
                raise
            if self.verdict != "broken":
                _log.error("the journal's newest row cannot be read: %s", error)
                self.verdict = "broken"
                self._told(self.verdict, self._head[0])
        return self._head

    def run(self, stop: threading.Event) -> None:
        while not stop.is_set():
            if self.checking:
                self._check(stop)
            self._asked.wait(ASKED_S)
            self._asked.clear()

    def _check(self, stop: threading.Event) -> None:
        """About a second for 60,000 rows."""
        self.checked_seq, broken = 0, 0
        try:
            head, _ = journal.head()
            while not broken and self.checked_seq < head:
                if stop.wait(CHECK_PAUSE_S):
                    return
                upto = min(self.checked_seq + CHECK_ROWS, head)
                broken = journal.first_break(self.checked_seq, upto)
                self.checked_seq = broken or upto
        except journal.UNREADABLE as error:
            if not journal.is_damage(error):
                raise
            _log.error("the journal cannot be read after row %d: %s", self.checked_seq, error)
            broken = self.checked_seq + 1
        self.verdict = "broken" if broken else "intact"
        self.checking = False
        self._told(self.verdict, self.checked_seq)


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
