"""Whether the ledger can be written now, and the space kept back for the day the disk is full."""

from __future__ import annotations

import logging
import os
import sqlite3
import threading
import time
from pathlib import Path

from device import health
from services.store import box, db, journal

RESERVE_BYTES = 1024 * 1024  # a thousand sales
TRY_EVERY_S = 15.0  # where no watchdog says how often
RETRY_S = 2.0  # the tills wait for a write that succeeds
STUCK_AFTER = 1.5  # tries that did not come back in time
STUCK = (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)

_log = logging.getLogger(__name__)


class Reserve:
    """A file that only holds a place: SQLite cannot even open its files on a disk without a free byte."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def keep(self) -> None:
        """Have it, where there is more than enough space. A repeat changes nothing."""
        folder = self._path.parent
        kept = self._path.exists() and self._path.stat().st_size == RESERVE_BYTES
        if kept or health.disk(folder).level != "ok":
            return
        try:
            with self._path.open("wb") as file:
                os.posix_fallocate(file.fileno(), 0, RESERVE_BYTES)
        except OSError as error:
            _log.warning("no space could be kept back: %s", error)
            self._path.unlink(missing_ok=True)

    def release(self) -> bool:
        """Give it away if the disk is full; whether that was done."""
        if health.disk(self._path.parent).free_mb:
            return False
        try:
            self._path.unlink()
        except OSError:
            return False
        _log.error("the disk is full: the space kept back is used now")
        return True


class Storage:
    """Tries a real write again and again. What a restart does not mend is told, not answered with one."""

    def __init__(self, reserve: Reserve, every_s: float) -> None:
        self._reserve, self._every_s = reserve, every_s or TRY_EVERY_S
        self._answered_at = time.monotonic()
        self.failing = ""  # what the last try said

    def run(self, stop: threading.Event) -> None:
        while True:
            self.look()
            if stop.wait(min(self._every_s, RETRY_S) if self.failing else self._every_s):
                return

    @property
    def stuck(self) -> bool:
        """Whether writes hang or find the ledger locked: a restart is the way out of that.

        A write that fails at once is no such case: the page that says so must stay up.
        """
        return time.monotonic() - self._answered_at > self._every_s * STUCK_AFTER

    def look(self) -> None:
        """Try once. Logs once when it begins to fail, and once when it works again."""
        try:
            with db.write():
                box.put("alive", "1")
        except journal.TROUBLE as error:
            reason = str(error.__cause__ or error)
            if not self.failing:
                _log.error("the ledger cannot be written: %s", reason)
            self.failing = reason
            self._reserve.release()
            if _sqlite_code(error) in STUCK:
                return
        else:
            if self.failing:
                _log.info("the ledger can be written again")
            self.failing = ""
            self._reserve.keep()
        self._answered_at = time.monotonic()


def _sqlite_code(error: BaseException) -> int:
    """Without its detail, also of what made a commit fail; 0 for none."""
    code = getattr(error, "sqlite_errorcode", None) or getattr(error.__cause__, "sqlite_errorcode", None)
    return (code or 0) & 0xFF
