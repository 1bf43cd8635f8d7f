"""The gateway's end of the uplink's socket: takes HQ's acknowledgements in, tells how the line is."""

from __future__ import annotations

import contextlib
import logging
import os
import selectors
import socket
import threading
import time
from collections.abc import Callable
from pathlib import Path

import msgspec

from services.store import db, journal
from services.uplink.link import (
    READ_BYTES,
    READER,
    SILENCE_MS,
    Acked,
    Cut,
    Lines,
    LinkState,
    Wake,
    encode,
    peer_uid,
    read_uplink,
)

LOG = logging.getLogger(__name__)

WRITE_EVERY_S = 0.05  # acknowledgements between two writes are one write
IDLE_S = 0.5
SOCKET_MODE = 0o660


class Inbox:
    """Served by the thread in run(). `link` may be read, and wake() and cut() called, from any thread."""

    def __init__(
        self,
        path: Path,
        *,
        now_ms: Callable[[], int],
        peer_uids: tuple[int, ...] = (),
    ) -> None:
        self._path = path
        self._now_ms = now_ms
        self._uids = peer_uids or (os.getuid(),)
        self._state = LinkState(code="uplink_down", since_ms=now_ms())
        self._heard_at = -SILENCE_MS / 1000
        self._refused = ""  # why the last acknowledgement was not believed
        self._pending: Acked | None = None
        self._written_at = 0.0
        self._failing = False
        self._cut = self._told_cut = False
        self._head = 0
        self._bell, self._ring = socket.socketpair()
        self._bell.setblocking(False)
        self._ring.setblocking(False)
        self._selector = selectors.DefaultSelector()
        self._selector.register(self._bell, selectors.EVENT_READ)
        self._connection: socket.socket | None = None
        self._lines = Lines()

    def run(self, stop: threading.Event) -> None:
        """Serve the socket until `stop`, then write the last acknowledgement. May be run again."""
        listener = self._listen()
        try:
            while not stop.is_set():
                for key, _ in self._selector.select(WRITE_EVERY_S if self._pending else IDLE_S):
                    if key.fileobj is listener:
                        self._accept(listener)
                    elif key.fileobj is self._bell:
                        self._tell()
                    else:
                        self._read()
                self._write()
            self._written_at = 0.0
            self._write()
        finally:
            self._drop()
            self._selector.unregister(listener)
            listener.close()
            self._path.unlink(missing_ok=True)

    def close(self) -> None:
        """Free what remains when run() has ended for good. A repeat does no harm."""
        for each in (self._bell, self._ring, self._selector):
            each.close()

    @property
    def link(self) -> LinkState:
        """How the line to HQ is, now."""
        state = self._state
        if time.monotonic() - self._heard_at >= SILENCE_MS / 1000:
            if state.code != "uplink_down":
                since_ms = self._now_ms() - int((time.monotonic() - self._heard_at) * 1000)
                state = self._state = LinkState(code="uplink_down", since_ms=since_ms)
            return state
        if self._refused:
            return LinkState(code="rejected", since_ms=state.since_ms, detail=self._refused)
        return state

    def wake(self, head_seq: int) -> None:
        """The journal has grown. Costs one small write to a socket and never waits."""
        self._head = max(self._head, head_seq)
        self._knock()

    def cut(self, on: bool) -> None:
        """The twin's fault "broker down": the uplink stays away from the broker while on."""
        self._cut = on
        self._knock()

    def _knock(self) -> None:
        with contextlib.suppress(OSError):  # it rings already, or nobody is there any more
            self._ring.send(b"!")

    def _listen(self) -> socket.socket:
        """The socket gets its name when it takes calls, and takes the name from one left by a crash."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        unnamed = self._path.with_name(f"{self._path.name}.new")
        unnamed.unlink(missing_ok=True)
        listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            listener.bind(str(unnamed))
            unnamed.chmod(SOCKET_MODE)
            listener.listen(1)
            listener.setblocking(False)
            unnamed.replace(self._path)
        except OSError:
            listener.close()
            raise
        self._selector.register(listener, selectors.EVENT_READ)
        return listener

    def _accept(self, listener: socket.socket) -> None:
        connection, _ = listener.accept()
        try:
            known = peer_uid(connection) in self._uids
        except OSError:
            connection.close()
            raise
        if not known:
            LOG.warning("uplink socket: refused a process of another user")
            connection.close()
            return
        self._drop()  # the newest uplink is the one; an older one hangs
        connection.setblocking(False)
        self._connection, self._lines = connection, Lines()
        self._selector.register(connection, selectors.EVENT_READ)
        self._tell_cut()

    def _drop(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            self._selector.unregister(connection)
            connection.close()

    def _tell(self) -> None:
        with contextlib.suppress(BlockingIOError):
            self._bell.recv(READ_BYTES)
        if self._told_cut != self._cut:
            self._tell_cut()
        self._send(Wake(head=self._head))

    def _tell_cut(self) -> None:
        self._told_cut = self._cut
        self._send(Cut(on=self._told_cut))

    def _send(self, message: Wake | Cut) -> None:
        """An uplink that does not read is cut off: it comes again, and looks by itself once a second."""
        if self._connection is None:
            return
        line = encode(message)
        try:
            whole = self._connection.send(line) == len(line)
        except OSError:
            whole = False
        if not whole:
            self._drop()

    def _read(self) -> None:
        if self._connection is None:  # dropped a moment ago
            return
        try:
            data = self._connection.recv(READ_BYTES)
            for line in self._lines.feed(data):
                self._take(read_uplink(line))
        except BlockingIOError:
            return
        except (OSError, ValueError, msgspec.MsgspecError) as error:
            LOG.warning("uplink socket: %s", error)
            data = b""
        if not data:
            self._drop()

    def _take(self, message: LinkState | Acked) -> None:
        self._heard_at = time.monotonic()
        if isinstance(message, LinkState):
            self._state = message
        elif self._pending is None or message.hwm > self._pending.hwm:
            self._pending = message

    def _write(self) -> None:
        """Move the cursor, unless that was done a moment ago or the disk is in trouble."""
        acked = self._pending
        if acked is None or time.monotonic() - self._written_at < WRITE_EVERY_S:
            return
        self._written_at = time.monotonic()
        try:
            with db.write():
                self._refused = _distrust(acked)
                if not self._refused:
                    journal.acknowledge(READER, acked.hwm, self._now_ms())
        except journal.TROUBLE as error:
            if not self._failing:
                LOG.error("the cursor could not be moved: %s", error)
            self._failing = True
            return
        self._failing = False
        self._pending = None
        if self._refused:
            LOG.error("acknowledgement not believed: %s", self._refused)


def _distrust(acked: Acked) -> str:
    """Why HQ cannot hold this journal up to there; "" when it can."""
    head, _ = journal.head()
    if acked.hwm > head:
        return f"HQ holds events up to {acked.hwm}, this journal ends at {head}"
    if acked.hwm <= journal.cursor(READER)[0] or not acked.head:
        return ""
    try:
        same = journal.hash_at(acked.hwm).hex() == acked.head
    except KeyError:
        return f"HQ holds event {acked.hwm}, which this journal lacks"
    return "" if same else f"HQ holds another history at event {acked.hwm}"
