"""What the scanners in software have in common: a cable, a hand that misreads, and a line to write on."""

from __future__ import annotations

import os
import select
import threading
import time
from collections.abc import Mapping

WRITE_S = 1.0
BAD_SCAN_EVERY = 5


class HandTwin:
    """Fault "unplugged": the cable is out. Fault "bad_digit": every fifth scan lacks one character.

    Whoever calls a method with a leading underscore holds `_lock`.
    """

    def __init__(self) -> None:
        self._faults = {"unplugged": False, "bad_digit": False}
        self._lock = threading.Lock()
        self._scans = 0

    @property
    def faults(self) -> Mapping[str, bool]:
        return dict(self._faults)

    def set_fault(self, name: str, on: bool) -> None:
        with self._lock:
            self._faults[name]  # raises KeyError for a fault this twin does not have
            self._faults[name] = on
            if name == "unplugged":
                (self._pull if on else self._plug)()

    def _plug(self) -> None:
        """The cable is in; it may have been before."""

    def _pull(self) -> None:
        """The cable is out; it may have been before."""
        raise NotImplementedError

    def _misread(self, code: str) -> str:
        """What the scanner takes `code` for."""
        self._scans += 1
        if self._faults["bad_digit"] and self._scans % BAD_SCAN_EVERY == 0:
            return code[: len(code) // 2] + code[len(code) // 2 + 1 :]
        return code

    def close(self) -> None:
        with self._lock:
            self._pull()


def put(descriptor: int, data: bytes, bytes_max: int = select.PIPE_BUF) -> bool:
    """Write all of it, at most `bytes_max` at once. False when nobody takes it within a second."""
    deadline = time.monotonic() + WRITE_S
    while data and (left := deadline - time.monotonic()) > 0:
        select.select([], [descriptor], [], left)
        try:
            data = data[os.write(descriptor, data[:bytes_max]) :]
        except BlockingIOError:
            continue
        except BrokenPipeError:
            return False
    return not data
