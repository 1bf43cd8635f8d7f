"""HTTP by hand over a real socket, for tests that cut, dribble and listen."""

from __future__ import annotations

import contextlib
import json
import socket
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from tests.waits import WAIT_S
from tests.web.conftest import PINS


def request(
    method: str, path: str, body: object = None, *, port: int, headers: dict[str, str] | None = None
) -> bytes:
    data = b"" if body is None else json.dumps(body).encode()
    lines = {"Host": f"127.0.0.1:{port}", "Origin": f"http://127.0.0.1:{port}"} | (headers or {})
    if body is not None:
        lines |= {"Content-Type": "application/json", "Content-Length": str(len(data))}
    head = "".join(f"{name}: {value}\r\n" for name, value in lines.items())
    return f"{method} {path} HTTP/1.1\r\n{head}\r\n".encode() + data


@dataclass
class Reply:
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


def exchange(port: int, sent: bytes, timeout_s: float = WAIT_S) -> Reply:
    """Send one request, read its whole answer."""
    with socket.create_connection(("127.0.0.1", port), timeout=timeout_s) as peer:
        peer.sendall(sent)
        return read_reply(peer)


def read_reply(peer: socket.socket) -> Reply:
    data = b""
    while b"\r\n\r\n" not in data:
        if not (more := peer.recv(65536)):
            raise ConnectionResetError(f"closed after {data!r}")
        data += more
    head, _, body = data.partition(b"\r\n\r\n")
    status, *lines = head.decode().split("\r\n")
    headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines)}
    wanted = int(headers.get("content-length", 0))
    while len(body) < wanted and (more := peer.recv(65536)):
        body += more
    return Reply(int(status.split()[1]), headers, body)


@dataclass
class Session:
    port: int
    cookie: str
    csrf: str

    def request(self, method: str, path: str, body: object = None, *, key: str = "") -> bytes:
        headers = {"Cookie": self.cookie, "X-CSRF-Token": self.csrf}
        if key:
            headers["Idempotency-Key"] = key
        return request(method, path, body, port=self.port, headers=headers)

    def send(self, method: str, path: str, body: object = None, *, key: str = "") -> Reply:
        return exchange(self.port, self.request(method, path, body, key=key))


def sign_on(port: int, staff_id: str = "zhou", till: str = "1") -> Session:
    body = {"staff_id": staff_id, "pin": PINS[staff_id], "till": till}
    reply = exchange(port, request("POST", "/api/session", body, port=port))
    assert reply.status == 200, reply
    return Session(port, reply.headers["set-cookie"].split(";")[0], reply.json["csrf"])


@dataclass
class Events:
    """An open event stream."""

    peer: socket.socket
    reply: Reply
    held: bytes = b""
    over: bool = False
    seen: list[tuple[str, Any]] = field(default_factory=list)

    def next(self, *wanted: str, timeout_s: float = WAIT_S) -> tuple[str, Any]:
        """The next event, or the next one of these names. Raises TimeoutError, or EOFError at the end."""
        end = time.monotonic() + timeout_s
        while True:
            while b"\n\n" in self.held:
                text, _, self.held = self.held.partition(b"\n\n")
                name, data = text.decode().split("\n", 1)
                event = (name.removeprefix("event: "), json.loads(data.removeprefix("data: ")))
                self.seen.append(event)
                if not wanted or event[0] in wanted:
                    return event
            if time.monotonic() > end:
                raise TimeoutError(f"none of {wanted} in {timeout_s} s")
            self.peer.settimeout(max(0.01, end - time.monotonic()))
            self.held += self._chunk()

    def _chunk(self) -> bytes:
        size = b""
        while not size.endswith(b"\r\n"):
            if not (more := self.peer.recv(1)):
                raise EOFError
            size += more
        left = int(size, 16) + 2
        data = b""
        while len(data) < left:
            if not (more := self.peer.recv(left - len(data))):
                raise EOFError
            data += more
        if left == 2:
            raise EOFError
        return data[:-2]

    def ends(self, within_s: float) -> bool:
        """Whether the stream ends, whatever is still sent before that."""
        end = time.monotonic() + within_s
        while time.monotonic() < end:
            try:
                self.next(timeout_s=max(0.01, end - time.monotonic()))
            except (EOFError, ConnectionResetError):
                return True
            except TimeoutError:
                return False
        return False


@contextlib.contextmanager
def listening(session: Session) -> Iterator[Events]:
    with socket.create_connection(("127.0.0.1", session.port), timeout=WAIT_S) as peer:
        peer.sendall(session.request("GET", "/api/live"))
        data = b""
        while not data.endswith(b"\r\n\r\n"):
            data += peer.recv(1)
            assert data
        status, *lines = data.decode().strip().split("\r\n")
        headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines)}
        yield Events(peer, Reply(int(status.split()[1]), headers, b""))
