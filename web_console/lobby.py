"""Where connections wait until their whole request is there: slow clients wait here, not in threads."""

from __future__ import annotations

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
    head += b"\r\n"
    length = _LENGTH.search(head)
    wanted = int(length.group(1)) if length else 0
    if len(body) >= wanted:
        return Arrival.WHOLE
    if len(head) + wanted > PEEK_MAX or _CONTINUE.search(head):
        return Arrival.LONG
    return Arrival.PARTIAL


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
        for connection in self._leave(list(self._waiting)):
            connection.close()

    def add(self, connection: Any) -> None:
        """Wait with `connection`, or pass it on at once."""
        if not self._looked_at(connection):
            descriptor = connection.socket.fileno()
            with self._lock:
                full = len(self._waiting) >= WAITING_MAX
                if not full:
                    self._waiting[descriptor] = (connection, time.monotonic() + ARRIVE_S)
            if full or self._over.is_set():
                self._leave([descriptor])
                connection.close()
            else:
                self._poll.register(descriptor, select.EPOLLIN | select.EPOLLET | select.EPOLLRDHUP)

    def _run(self) -> None:
        while not self._over.is_set():
            for descriptor, _ in self._poll.poll(0.25):
                held = self._waiting.get(descriptor)
                if held is not None and self._looked_at(held[0], descriptor):
                    continue
            now = time.monotonic()
            late = [d for d, (_, deadline) in list(self._waiting.items()) if deadline < now]
            for connection in self._leave(late):
                connection.close()

    def _looked_at(self, connection: Any, descriptor: int = -1) -> bool:
        """Pass on or close `connection` if its fate is clear. `descriptor` is given for one that waits."""
        data = _peek(connection.socket)
        if data is None or (data and arrival(data) is Arrival.PARTIAL):
            return False
        if descriptor >= 0:
            self._leave([descriptor])
        if data:
            self._pass_on(connection)
        else:
            connection.close()
        return True

    def _leave(self, descriptors: list[int]) -> list[Any]:
        left = []
        for descriptor in descriptors:
            with self._lock:
                held = self._waiting.pop(descriptor, None)
            if held is not None:
                left.append(held[0])
                self._forget(descriptor)
        return left

    def _forget(self, descriptor: int) -> None:
        try:
            self._poll.unregister(descriptor)
        except (FileNotFoundError, OSError):  # never registered, or closed meanwhile
            return


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
