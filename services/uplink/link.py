"""The Unix socket between the gateway and its uplink: messages, framing, and the uplink's end."""

from __future__ import annotations

import contextlib
import os
import socket
import struct
import threading
from collections.abc import Callable, Iterator

import msgspec

READER = "uplink"  # the name of HQ's cursor in the journal
LINE_MAX = 4_096  # bytes; an honest line has under 300
READ_BYTES = 65_536
RETRY_S = 0.2
SEND_TIMEOUT_S = 1
BEAT_MS = 1_000  # the uplink reports at least this often
SILENCE_MS = 3_000  # and counts as down after this


class LinkState(msgspec.Struct, frozen=True, kw_only=True, tag="state"):
    """online | hq_away | broker_away | refused | rejected | uplink_down, and since when."""

    code: str
    since_ms: int  # UTC
    detail: str = ""


class Acked(msgspec.Struct, frozen=True, kw_only=True, tag="acked"):
    """HQ holds the journal up to `hwm`, with `head` as the hash there ("" when HQ named none)."""

    hwm: int
    safe: int
    head: str = ""


class Wake(msgspec.Struct, frozen=True, kw_only=True, tag="wake"):
    """The journal has grown to `head`."""

    head: int


class Cut(msgspec.Struct, frozen=True, kw_only=True, tag="cut"):
    """Act as if the broker were down."""

    on: bool


class GatewayUp(msgspec.Struct, frozen=True, kw_only=True, tag="hello"):
    """Not on the wire: the gateway answers again and has missed what was said before."""


FromUplink = LinkState | Acked
FromGateway = Wake | Cut
read_uplink = msgspec.json.Decoder(FromUplink).decode
read_gateway = msgspec.json.Decoder(FromGateway).decode


def encode(message: FromUplink | FromGateway) -> bytes:
    return msgspec.json.encode(message) + b"\n"


class Lines:
    """Cuts a byte stream into lines. Raises ValueError for one longer than LINE_MAX."""

    def __init__(self) -> None:
        self._rest = b""

    def feed(self, data: bytes) -> Iterator[bytes]:
        *whole, self._rest = (self._rest + data).split(b"\n")
        for line in whole:
            if len(line) > LINE_MAX:
                raise ValueError("line too long")
            yield line
        if len(self._rest) > LINE_MAX:
            raise ValueError("line too long")


def peer_uid(connection: socket.socket) -> int:
    """Who is at the other end, as the kernel knows it."""
    credentials = connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, struct.calcsize("3i"))
    return int(struct.unpack("3i", credentials)[1])


class Link:
    """The uplink's end: connects, connects again, posts what the gateway says."""

    def __init__(
        self, path: str, post: Callable[[FromGateway | GatewayUp], None], peer_uids: tuple[int, ...] = ()
    ) -> None:
        self._path = path
        self._post = post
        self._uids = peer_uids or (os.getuid(),)
        self._stopping = threading.Event()
        self._sending = threading.Lock()
        self._connection: socket.socket | None = None
        self._thread = threading.Thread(target=self._run, name="link", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stopping.set()
        connection = self._connection
        if connection is not None:
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        self._thread.join()

    def send(self, message: FromUplink) -> None:
        """Lost when the gateway is away: GatewayUp says when to repeat."""
        with self._sending:
            connection = self._connection
            if connection is None:
                return
            try:
                connection.sendall(encode(message))
            except OSError:  # the reader sees it too, and connects anew
                with contextlib.suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)

    def _run(self) -> None:
        while not self._stopping.is_set():
            with (
                contextlib.suppress(OSError, ValueError, msgspec.MsgspecError),
                socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection,
            ):
                connection.connect(self._path)
                if peer_uid(connection) in self._uids:
                    self._serve(connection)
            with self._sending:
                self._connection = None
            self._stopping.wait(RETRY_S)

    def _serve(self, connection: socket.socket) -> None:
        # Only sending may time out: SO_SNDTIMEO leaves the blocking reads alone.
        connection.setsockopt(
            socket.SOL_SOCKET, socket.SO_SNDTIMEO, struct.pack("ll", int(SEND_TIMEOUT_S), 0)
        )
        self._connection = connection
        self._post(GatewayUp())
        lines = Lines()
        while not self._stopping.is_set() and (data := connection.recv(READ_BYTES)):
            for line in lines.feed(data):
                self._post(read_gateway(line))
