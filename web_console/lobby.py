"""Where connections wait until their whole request is there: slow clients wait here, not in threads."""

from __future__ import annotations

import contextlib
import re
import select
import socket
import threading
import time
from collections.abc import Callable
from enum import Enum
from typing import Any

HEAD_MAX = 16 * 1024  # bytes of request line and headers
PEEK_MAX = 48 * 1024  # bytes looked at; a longer request is read by one of a few threads
ARRIVE_S = 5.0  # time for a request to arrive whole
WAITING_MAX = 400  # connections without a whole request
GONE = select.EPOLLRDHUP | select.EPOLLHUP | select.EPOLLERR

_LENGTH = re.compile(rb"\r\ncontent-length:[ \t]*([0-9]{1,9})[ \t]*\r\n", re.IGNORECASE)
_CONTINUE = re.compile(rb"\r\nexpect:[ \t]*100-continue", re.IGNORECASE)


class Arrival(Enum):
    PARTIAL = "partial"
    WHOLE = "whole"
    LONG = "long"  # longer than we look ahead


def arrival(data: bytes) -> Arrival:
    """How much of the request that begins with `data` is there."""
    head, separator, body = data.partition(b"\r\n\r\n")
    if not separator:
        return Arrival.WHOLE if len(data) > HEAD_MAX else Arrival.PARTIAL  # the server refuses the former
    wanted = announced(head)
    if len(body) >= wanted:
        return Arrival.WHOLE
    if len(head) + wanted > PEEK_MAX or _CONTINUE.search(head):
        return Arrival.LONG
    return Arrival.PARTIAL


def announced(data: bytes) -> int:
    """The length of the body, plainly written as every honest client does; 0 for anything else."""
    length = _LENGTH.search(data.partition(b"\r\n\r\n")[0] + b"\r\n")
    return int(length.group(1)) if length else 0


class Lobby:
    """Connections on their way to a thread. `pass_on` gets those whose request is there."""

    def __init__(self, pass_on: Callable[[Any], None]) -> None:
        self._pass_on = pass_on
        self._poll = select.epoll()
        self._lock = threading.Lock()
        self._waiting: dict[int, tuple[Any, float]] = {}  # file descriptor -> (connection, deadline)
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, name="lobby", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def close(self) -> None:
        """Close whoever still waits. A repeat does no harm."""
        self._over.set()
        if self._thread.is_alive():
            self._thread.join(timeout=2)
        for connection, _ in list(self._waiting.values()):
            self._dismiss(connection)

    def add(self, connection: Any) -> None:
        """Wait with `connection`, or pass it on at once. When it is full the longest waiting one goes."""
        data = _peek(connection.socket)
        if data is not None and (not data or arrival(data) is not Arrival.PARTIAL):
            self._settle(connection, data)
            return
        descriptor = connection.socket.fileno()
        with self._lock:
            longest = next(iter(self._waiting.values()))[0] if len(self._waiting) >= WAITING_MAX else None
            self._waiting[descriptor] = (connection, time.monotonic() + ARRIVE_S)
        if longest is not None:
            self._dismiss(longest)
        with contextlib.suppress(OSError):  # dismissed meanwhile
            self._poll.register(descriptor, select.EPOLLIN | select.EPOLLET | select.EPOLLRDHUP)

    def _run(self) -> None:
        while not self._over.is_set():
            for descriptor, flags in self._poll.poll(0.25):
                held = self._waiting.get(descriptor)
                if held is not None:
                    self._look_at(held[0], gone=bool(flags & GONE))
            now = time.monotonic()
            for connection, deadline in list(self._waiting.values()):
                if deadline < now:
                    self._dismiss(connection)

    def _look_at(self, connection: Any, *, gone: bool) -> None:
        """Something has come for one that waits. What is `gone` sends no more."""
        data = _peek(connection.socket)
        if data is None or (data and arrival(data) is Arrival.PARTIAL):
            if gone:
                self._dismiss(connection)
        elif self._taken(connection):
            self._settle(connection, data)

    def _settle(self, connection: Any, data: bytes) -> None:
        """Pass on a connection with a request, close one that has said goodbye."""
        if data:
            connection.announced, connection.whole = announced(data), arrival(data) is Arrival.WHOLE
            self._pass_on(connection)
        else:
            connection.close()

    def _dismiss(self, connection: Any) -> None:
        if self._taken(connection):
            connection.close()

    def _taken(self, connection: Any) -> bool:
        """Whether `connection` was still waiting. Who gets True deals with it, and nobody else."""
        descriptor = connection.socket.fileno()
        with self._lock:
            held = self._waiting.get(descriptor)
            if held is None or held[0] is not connection:
                return False
            del self._waiting[descriptor]
        with contextlib.suppress(FileNotFoundError):  # not registered yet
            self._poll.unregister(descriptor)
        return True


def _peek(connection: socket.socket) -> bytes | None:
    """What has arrived and is still unread; b"" when the other side is gone, None for nothing yet."""
    poll = select.poll()
    try:
        poll.register(connection, select.POLLIN)
        if not poll.poll(0):
            return None
        return connection.recv(PEEK_MAX, socket.MSG_PEEK)
    except (OSError, ValueError):
        return b""
