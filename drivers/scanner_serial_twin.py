"""The serial scanner in software: a pseudo terminal."""

from __future__ import annotations

import os
import select
import threading
import time
import tty
from collections.abc import Mapping

HAND_S = 0.4  # from one label to the same again: no hand is faster
WRITE_S = 1.0
BAD_SCAN_EVERY = 5


class SerialScannerTwin:
    """Sends what it scans. Fault "bad_digit": every fifth scan lacks one character."""

    def __init__(self, terminator: str = "any") -> None:
        self._faults = {"unplugged": False, "bad_digit": False}
        self._lock = threading.Lock()
        self._end = b"\n" if terminator == "lf" else b"\r"
        self._scans = 0
        self._last: tuple[str, float] = ("", 0.0)
        self._ends: tuple[int, int] | None = None
        self._plug()

    def _plug(self) -> None:
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

    @property
    def faults(self) -> Mapping[str, bool]:
        return dict(self._faults)

    def set_fault(self, name: str, on: bool) -> None:
        with self._lock:
            self._faults[name]  # raises KeyError for a fault this twin does not have
            self._faults[name] = on
            if name == "unplugged" and on:
                self._pull()
            elif name == "unplugged" and self._ends is None:
                self._plug()

    def scan(self, code: str) -> bool:
        """Scan a label. Returns whether it was sent. Waits 0.4 s before the same label again."""
        with self._lock:
            last, at = self._last
            if last == code and (pause := at + HAND_S - time.monotonic()) > 0:
                time.sleep(pause)
            self._last = code, time.monotonic()
            self._scans += 1
            if self._faults["bad_digit"] and self._scans % BAD_SCAN_EVERY == 0:
                code = code[: len(code) // 2] + code[len(code) // 2 + 1 :]
            return self._send(code.encode("ascii") + self._end)

    def send(self, data: bytes) -> bool:
        """Put these bytes on the line as they are."""
        with self._lock:
            return self._send(data)

    def _send(self, data: bytes) -> bool:
        if self._ends is None:
            return False
        master = self._ends[0]
        deadline = time.monotonic() + WRITE_S
        while data and (left := deadline - time.monotonic()) > 0:
            select.select([], [master], [], left)
            try:
                data = data[os.write(master, data) :]
            except BlockingIOError:
                continue
        return not data

    def close(self) -> None:
        with self._lock:
            self._pull()
