"""Hands scans from a reader thread, which never waits, to the one who takes them."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Iterator

from drivers.contracts import DriverError, Scan

SCANS_MAX = 256  # kept while nobody takes them; more are lost, counted and shown


class ScanFeed:
    """A bounded queue with an end.

    The kernel keeps 64 events and one EAN-13 takes 56, so the thread that reads them may not wait for a
    database or a lock held by one. It puts scans here instead.
    """

    def __init__(self, scanner: str, repeat_ms: int) -> None:
        self._scanner = scanner
        self._repeat_ms = repeat_ms
        self._waiting: deque[Scan] = deque()
        self._changed = threading.Condition()
        self._ended = False
        self._error: DriverError | None = None
        self._last: tuple[str, int] | None = None
        self.lost = 0  # scans for which there was no room
        self.repeated = 0  # scans that came faster than a hand can move

    @property
    def error(self) -> DriverError | None:
        """Why the scanner was lost, once it was."""
        return self._error

    def offer(self, code: str, at_ms: int) -> None:
        """One scan, at this time of the monotonic clock. Never waits.

        The same code again within `repeat_ms` is a stuck trigger, not a second article.
        """
        last, self._last = self._last, (code, at_ms)
        if last is not None and last[0] == code and 0 <= at_ms - last[1] < self._repeat_ms:
            self.repeated += 1
            return
        with self._changed:
            if len(self._waiting) >= SCANS_MAX:
                self.lost += 1
                return
            self._waiting.append(Scan(code, self._scanner))
            self._changed.notify()

    def end(self, error: DriverError | None = None) -> None:
        """Nothing more will come. Only the first call counts."""
        with self._changed:
            if not self._ended:
                self._ended, self._error = True, error
            self._changed.notify_all()

    def scans(self) -> Iterator[Scan]:
        """What was offered, in order. After the end, first what waits, then the error if there was one.

        Waits without limit for the next scan: end() is what wakes it.
        """
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._waiting or self._ended)
                if not self._waiting:
                    break
                scan = self._waiting.popleft()
            yield scan
        if self._error is not None:
            raise self._error
