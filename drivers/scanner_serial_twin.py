"""The serial scanner in software: a pseudo terminal."""

from __future__ import annotations

import os
import time
import tty

from drivers.scanner_hand import HandTwin, put

HAND_S = 0.4  # from one label to the same again: no hand is faster


class SerialScannerTwin(HandTwin):
    """Sends what it scans."""

    def __init__(self, terminator: str = "any") -> None:
        super().__init__()
        self._end = b"\n" if terminator == "lf" else b"\r"
        self._last: tuple[str, float] = ("", 0.0)
        self._ends: tuple[int, int] | None = None
        self._plug()

    def _plug(self) -> None:
        if self._ends is not None:
            return
        master, slave = os.openpty()
        tty.setraw(slave)  # no echo, from before anybody opens it
        os.set_blocking(master, False)
        self._ends = master, slave

    def _pull(self) -> None:
        if self._ends is not None:
            master, slave = self._ends
            self._ends = None
            os.close(master)
            os.close(slave)

    @property
    def path(self) -> str:
        """Of the terminal to open; "" while unplugged. It may change with each plugging in."""
        with self._lock:
            return os.ttyname(self._ends[1]) if self._ends is not None else ""

    def scan(self, code: str) -> bool:
        """Scan a label. Returns whether it was sent. Waits 0.4 s before the same label again."""
        with self._lock:
            last, at = self._last
            if last == code and (pause := at + HAND_S - time.monotonic()) > 0:
                time.sleep(pause)
            self._last = code, time.monotonic()
            return self._send(self._misread(code).encode("ascii") + self._end)

    def send(self, data: bytes) -> bool:
        """Put these bytes on the line as they are."""
        with self._lock:
            return self._send(data)

    def _send(self, data: bytes) -> bool:
        return self._ends is not None and put(self._ends[0], data)
