"""The receipt printer in software, down to its bytes, with a drawer on its connector."""

from __future__ import annotations

import errno
import os
import threading
from collections import deque
from collections.abc import Mapping

from drivers import escpos_parser, escpos_status
from drivers.drawer_twin import DrawerTwin

PAPERS_MAX = 50
PAPER_BYTES_MAX = 4 * 1024 * 1024  # a paper never cut; the beginning is lost then
BUFFER_BYTES = 64 * 1024  # what the printer takes while it cannot print
ANSWERS_MAX = 256
PULSES_SENT_MS = 2  # one unit of ESC p
REAL_TIME_MS = 100  # one unit of DLE DC4
DEATH_AFTER_BYTES = 100


class PrinterTwin:
    """A printer that takes bytes, answers status queries and keeps the papers it cut.

    While it has a fault it holds what it is sent, and prints it when the fault is gone, as printers do.
    `dies_after` is how many more bytes it takes once "dies_midway" is switched on.
    """

    def __init__(self) -> None:
        self._faults = dict.fromkeys(
            ("paper_low", "paper_out", "cover_open", "cable_out", "dies_midway"), False
        )
        self._lock = threading.Lock()
        self._waiting = b""  # taken, not yet printed
        self._answers: deque[int] = deque(maxlen=ANSWERS_MAX)
        self._current = bytearray()
        self._papers: deque[bytes] = deque(maxlen=PAPERS_MAX)
        self._plugged = 0  # rises when the cable is pulled: links from before are dead for good
        self._held = False  # one program at a time, as with a printer node
        self._life: int | None = None  # bytes until it dies; None: it lives
        self.dies_after = DEATH_AFTER_BYTES
        self.drawer = DrawerTwin()

    @property
    def faults(self) -> Mapping[str, bool]:
        return {**self._faults, **self.drawer.faults}

    def set_fault(self, name: str, on: bool) -> None:
        with self._lock:
            if name in self.drawer.faults:
                self.drawer.set_fault(name, on)
                return
            self._faults[name]  # raises KeyError for a fault this twin does not have
            self._faults[name] = on
            if name == "dies_midway":
                self._life = self.dies_after if on else None
                self._forget()
            elif name == "cable_out" and on:
                self._pull()
            self._work()

    def _pull(self) -> None:
        self._plugged += 1
        self._held = False
        if not self._stopped:
            self._waiting = b""  # half a command; a whole one would have been carried out

    def _forget(self) -> None:
        """Power was lost: the buffer is empty, the paper stays where it was."""
        self._waiting = b""
        self._answers.clear()

    @property
    def papers(self) -> list[bytes]:
        """The documents that were cut off, oldest first, at most the last 50."""
        with self._lock:
            return list(self._papers)

    @property
    def current(self) -> bytes:
        """What is on the paper since the last cut."""
        with self._lock:
            return bytes(self._current)

    def tear(self) -> None:
        """Tear off what is printed, as one does by hand."""
        with self._lock:
            self._finish()

    def plug_drawer(self, drawer: DrawerTwin) -> None:
        """Plug another drawer into the connector."""
        with self._lock:
            self.drawer = drawer

    def connect(self) -> TwinLink:
        """Open the cable. Raises OSError: ENODEV while it is out or the printer dead, EBUSY when in use."""
        with self._lock:
            self._require_power(self._plugged)
            if self._held:
                raise OSError(errno.EBUSY, os.strerror(errno.EBUSY))
            self._held = True
            return TwinLink(self, self._plugged)

    def release(self, plugged: int) -> None:
        """The program closed its end."""
        with self._lock:
            if plugged == self._plugged:
                self._held = False

    def close(self) -> None:
        with self._lock:
            self._pull()

    def _require_power(self, plugged: int) -> None:
        if self._faults["cable_out"] or self._life == 0 or plugged != self._plugged:
            raise OSError(errno.ENODEV, os.strerror(errno.ENODEV))

    def take(self, data: bytes, plugged: int) -> int:
        """Receive bytes: as many as fit the buffer. Raises OSError when the cable is out or power fails."""
        with self._lock:
            self._require_power(plugged)
            taken = data[: max(BUFFER_BYTES - len(self._waiting), 0)]
            if self._life is not None:
                taken = taken[: self._life]
                self._life -= len(taken)
                if self._life == 0:
                    self._plugged += 1
                    self._held = False
            self._answer_real_time(taken)
            self._kick_in_real_time(taken)
            self._waiting += taken
            self._work()
            return len(taken)

    def give(self, plugged: int) -> bytes:
        """The answers that have not been read. Raises OSError like `take`."""
        with self._lock:
            self._require_power(plugged)
            answers = bytes(self._answers)
            self._answers.clear()
            return answers

    def _answer_real_time(self, data: bytes) -> None:
        """Real printers answer DLE EOT the moment it arrives, wherever it stands; so does this one."""
        answers = (self._printer_byte, self._offline_byte, lambda: 0x12, self._paper_byte)
        at = data.find(b"\x10\x04")
        while 0 <= at < len(data) - 2:
            if 1 <= data[at + 2] <= len(answers):
                self._answers.append(answers[data[at + 2] - 1]())
            at = data.find(b"\x10\x04", at + 2)

    def _kick_in_real_time(self, data: bytes) -> None:
        """DLE DC4 1 pin time, wherever it stands: without paper, and in the middle of a picture."""
        at = data.find(b"\x10\x14\x01")
        while 0 <= at < len(data) - 4:
            if data[at + 3] <= 1 and 1 <= data[at + 4] <= 8:
                self.drawer.pulse(data[at + 4] * REAL_TIME_MS)
            at = data.find(b"\x10\x14\x01", at + 3)

    @property
    def _stopped(self) -> bool:
        return self._faults["paper_out"] or self._faults["cover_open"]

    def _printer_byte(self) -> int:
        drawer = escpos_status.PIN_3_HIGH if self.drawer.is_open else 0
        return 0x12 | drawer | (escpos_status.OFFLINE if self._stopped else 0)

    def _offline_byte(self) -> int:
        cover = escpos_status.COVER_OPEN if self._faults["cover_open"] else 0
        return 0x12 | cover | (escpos_status.PAPER_STOP if self._faults["paper_out"] else 0)

    def _paper_byte(self) -> int:
        low = escpos_status.NEAR_END if self._faults["paper_low"] else 0
        return 0x12 | low | (escpos_status.PAPER_END if self._faults["paper_out"] else 0)

    def _work(self) -> None:
        """Carry out every complete command that waits, in order."""
        done = 0
        while not self._stopped and (token := escpos_parser.token_at(self._waiting, done)) is not None:
            done += len(token.raw)
            self._carry_out(token)
        self._waiting = self._waiting[done:]

    def _carry_out(self, token: escpos_parser.Token) -> None:
        if token.code in (b"\x10\x04", b"\x10\x14"):
            return  # done when it arrived
        if token.code == b"\x1dr":
            self._answers.append(0)
            return
        if token.code == b"\x1bp":
            self.drawer.pulse(token.args[1] * PULSES_SENT_MS)
            return
        self._current += token.raw
        del self._current[:-PAPER_BYTES_MAX]
        if token.code == b"\x1dV":
            self._finish()

    def _finish(self) -> None:
        if self._current:
            self._papers.append(bytes(self._current))
            self._current.clear()


class TwinLink:
    """The cable to a `PrinterTwin`. It dies with the plug it was opened on."""

    def __init__(self, twin: PrinterTwin, plugged: int) -> None:
        self._twin = twin
        self._plugged = plugged
        self._idle = threading.Event()  # never set: a wait that ends by its timeout

    def send(self, data: bytes, timeout_s: float) -> int:
        taken = self._twin.take(data, self._plugged)
        if not taken:
            self._idle.wait(timeout_s)
        return taken

    def receive(self, timeout_s: float) -> bytes:
        answers = self._twin.give(self._plugged)
        if not answers and timeout_s:
            self._idle.wait(timeout_s)
        return answers

    def close(self) -> None:
        self._twin.release(self._plugged)
