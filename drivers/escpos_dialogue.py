"""The conversation with a printer: bytes out, status in, and whether it is done."""

from __future__ import annotations

import errno
import threading
import time

from drivers import escpos_status
from drivers.contracts import DriverError, ErrorCode, Health, Level
from drivers.escpos_link import Link
from drivers.escpos_status import Status

CHUNK_BYTES = 512
ANSWER_S = 0.6  # the printer answers in some 15 ms; check_health may take 1 s in all
SLICE_S = 0.1  # no wait is longer, so that a close is noticed
POLL_S = 0.5  # while the paper runs, the printer is asked this often whether it stopped
STALE_READS_MAX = 64
HINTS: dict[str, str] = {
    ErrorCode.PAPER_END: "put in a new roll of paper",
    ErrorCode.COVER_OPEN: "close the printer's cover",
    ErrorCode.OFFLINE: "check the printer's lamps and paper",
}


class Dialogue:
    """One printer's. All methods raise OSError when the link fails, and DriverError CLOSED once `closed`
    is set. Not for two threads at a time."""

    def __init__(self, link: Link, closed: threading.Event, write_ms: int, drain_ms: int) -> None:
        self._link = link
        self._closed = closed
        self._write_s = write_ms / 1_000
        self._drain_s = drain_ms / 1_000
        self._owed = 0  # answers to GS r that are still to come
        self.began = False  # a byte of the job at hand was taken; whoever starts a job sets it false

    def stop_if_closed(self) -> None:
        if self._closed.is_set():
            raise DriverError(
                "closed", code=ErrorCode.CLOSED, hint="open the printer first", began=self.began
            )

    def send(self, data: bytes) -> None:
        """Hand over all of it. Raises OSError ETIMEDOUT when no byte is taken for `write_ms`."""
        sent = 0
        deadline = time.monotonic() + self._write_s
        while sent < len(data):
            self.stop_if_closed()
            if taken := self._link.send(data[sent : sent + CHUNK_BYTES], SLICE_S):
                self.began = True
                sent += taken
                deadline = time.monotonic() + self._write_s
            elif time.monotonic() >= deadline:
                raise OSError(errno.ETIMEDOUT, "the printer takes no more bytes")

    def _receive(self, timeout_s: float) -> bytes:
        """The answers to DLE EOT that came; those to GS r are only counted."""
        came = self._link.receive(timeout_s)
        self._owed = max(self._owed - sum(map(escpos_status.is_drained, came)), 0)
        return bytes(byte for byte in came if escpos_status.is_answer(byte))

    def ask(self) -> Status:
        """DLE EOT 1 to 4. Raises OSError when the printer does not answer."""
        for _ in range(STALE_READS_MAX):  # answers that nobody waited for
            if not self._receive(0):
                break
        sent = 0
        answers = b""
        deadline = time.monotonic() + ANSWER_S
        while time.monotonic() < deadline and len(answers) < escpos_status.ANSWERS:
            self.stop_if_closed()
            if sent < len(escpos_status.QUERY):
                sent += self._link.send(escpos_status.QUERY[sent:], SLICE_S)
            else:
                answers += self._receive(SLICE_S)
        if len(answers) < escpos_status.ANSWERS:
            raise OSError("no answer to the status query")
        return Status(*answers[: escpos_status.ANSWERS])

    def require_ready(self) -> None:
        self.require(self.ask().health)

    def require(self, health: Health) -> None:
        """Raises DriverError where it says that the printer cannot print."""
        if health.level is Level.BAD:
            hint = HINTS.get(health.code, "look at the printer's lamps; switch it off and on")
            raise DriverError(health.detail, code=ErrorCode(health.code), hint=hint, began=self.began)

    def wait_until_printed(self) -> None:
        """Returns when the printer has worked off its buffer. Raises DriverError when it stopped instead.

        DLE EOT is answered at once, even with a receipt still in the buffer. GS r waits its turn. An
        answer that an earlier, interrupted job left owing does not count for this one.
        """
        self._owed += 1
        self.send(escpos_status.DRAINED_QUERY)
        deadline = time.monotonic() + self._drain_s
        ask_at = time.monotonic() + POLL_S
        while time.monotonic() < deadline:
            self.stop_if_closed()
            self._receive(SLICE_S)
            if not self._owed:
                return
            if time.monotonic() >= ask_at:
                self.require_ready()
                ask_at = time.monotonic() + POLL_S
        raise OSError(errno.ETIMEDOUT, "the printer does not say that it has printed")
