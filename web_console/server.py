"""The HTTP server: threads of this process, on systemd's socket or on one of its own."""

from __future__ import annotations

import fcntl
import json
import logging
import os
import socket
import sys
import termios
import threading
import time
from typing import Any

from cheroot import server as http
from cheroot import wsgi
from flask import Flask

from services.domain.sheet import FILE_MAX
from web_console.app import HEADERS
from web_console.live import Live
from web_console.lobby import HEAD_MAX, PEEK_MAX, Lobby

LOG = logging.getLogger(__name__)

THREADS_BESIDE_STREAMS = 12  # answer requests while every stream is taken
LONG_MAX = 2  # threads that may read requests too long to be looked at beforehand
BODY_MAX = FILE_MAX + 64 * 1024  # bytes the server itself refuses; the application refuses less, in words
DRAIN_S = 2
STOP_S = 5.0
SEND_BUFFER = 256 * 1024  # bytes: one answer fits, so that a page that does not read holds no thread
UNREAD_MAX = 16 * 1024  # bytes of answers a client may leave unread and still ask for more
SOCKET_TIMEOUT_S = 5
IDLE_S = 30  # a connection between two requests
DEAD_PEER_MS = 10_000  # bytes that nobody acknowledges for so long end the connection
BACKLOG = 128

_WORDS = {
    400: "bad_request",
    408: "too_slow",
    411: "length_required",
    413: "too_large",
    414: "too_large",
    503: "busy",
}


class _Request(http.HTTPRequest):
    """One request, refused in our own words where the application never sees it."""

    long = False  # its body was not there yet when a thread took it

    def respond(self) -> None:
        length = self.inheaders.get(b"Content-Length", b"0")
        if self.chunked_read:
            self.simple_response("411 Length Required", "the length of a body must be given")
        elif length != b"%d" % self.conn.announced:  # a thread must not wait for what the lobby did not see
            self.simple_response("400 Bad Request", "Content-Length is not plainly written")
        elif self.conn.whole:
            super().respond()
        elif not self.server.long_slots.acquire(blocking=False):
            self.simple_response("503 Service Unavailable", "too many long requests")
        else:
            try:
                self.long = True
                super().respond()
                self._drain()
            finally:
                self.server.long_slots.release()

    def send_headers(self) -> None:
        if self.long and getattr(self.rfile, "remaining", 0) > 0:
            self.close_connection = True  # the answer does not wait for a body that nobody reads
        super().send_headers()

    def _drain(self) -> None:
        """Take what the client still sends for a moment, or it would never get to read the answer."""
        over = time.monotonic() + DRAIN_S
        while getattr(self.rfile, "remaining", 0) > 0 and time.monotonic() < over:
            if not self.rfile.read(min(self.rfile.remaining, PEEK_MAX)):
                return

    def simple_response(self, status: Any, msg: str = "") -> None:
        code = int(str(status)[:3])
        word = _WORDS.get(code, "unexpected" if code >= 500 else "bad_request")
        body = json.dumps({"code": word, "message": msg or str(status)[4:], "details": {}}).encode()
        self.close_connection = True
        head = [
            f"HTTP/1.1 {status}",
            "Content-Type: application/json",
            f"Content-Length: {len(body)}",
            "Cache-Control: no-store",
            "Connection: close",
            *(f"{name}: {value}" for name, value in HEADERS.items()),
        ]
        self.sent_headers = True
        self.conn.wfile.write("\r\n".join([*head, "", ""]).encode("latin-1") + body)


class _Connection(http.HTTPConnection):
    RequestHandlerClass = _Request

    def __init__(self, server: Any, sock: socket.socket, makefile: Any) -> None:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER)
        if sock.family in (socket.AF_INET, socket.AF_INET6):
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, DEAD_PEER_MS)
        sock.settimeout(SOCKET_TIMEOUT_S)
        super().__init__(server, sock, makefile)


class _Cheroot(wsgi.Server):
    ConnectionClass = _Connection
    max_request_header_size = HEAD_MAX
    max_request_body_size = BODY_MAX
    keep_alive_conn_limit = 256
    expiration_interval = 0.25

    def __init__(self, address: tuple[str, int], app: Flask, threads: int) -> None:
        super().__init__(
            address,
            app,
            numthreads=threads,
            max=threads,
            server_name="store-gateway",
            request_queue_size=BACKLOG,
            timeout=IDLE_S,
            shutdown_timeout=1,
        )
        self.long_slots = threading.BoundedSemaphore(LONG_MAX)
        self.lobby = Lobby(super().process_conn)

    @staticmethod
    def bind_socket(socket_: socket.socket, bind_addr: Any) -> socket.socket:
        """Cheroot would leave the socket of a failed attempt open."""
        try:
            socket_.bind(bind_addr)
        except OSError:
            socket_.close()
            raise
        return socket_

    def process_conn(self, conn: Any) -> None:
        """A connection with something to read: new, or back from its last request."""
        if conn.rfile.has_data() or _unread(conn.socket) > UNREAD_MAX:
            conn.close()  # it asks again before it has read the answer
        else:
            self.lobby.add(conn)

    def error_log(self, msg: str = "", level: int = logging.INFO, traceback: bool = False) -> None:
        LOG.log(level, "%s", msg, exc_info=traceback)


class Server:
    """Serves `app`. `bind` claims the address, `start` takes requests, `stop` ends both.

    Without LISTEN_FDS it binds host:port; port 0 takes a free one, see `port`.
    """

    def __init__(
        self, app: Flask, live: Live, *, streams_max: int, host: str = "127.0.0.1", port: int = 0
    ) -> None:
        self._live = live
        self._cheroot = _Cheroot((host, port), app, streams_max + THREADS_BESIDE_STREAMS)
        self._thread: threading.Thread | None = None

    @property
    def port(self) -> int:
        """Where it listens, once bound."""
        return int(self._cheroot.socket.getsockname()[1])

    def bind(self) -> None:
        """From now on callers wait for start(). Raises OSError when the address is not free."""
        if not _has_systemd_socket():
            os.environ.pop("LISTEN_PID", None)  # meant for another process
        try:
            self._cheroot.prepare()
        except OSError as error:  # cheroot wraps the reason twice
            raise OSError(str(error).rpartition("] ")[2].rstrip(")")) from error

    def start(self) -> None:
        """Take requests; binds where that has not been done. Raises OSError as bind() does."""
        if not self._cheroot.ready:
            self.bind()
        self._cheroot.lobby.start()
        self._thread = threading.Thread(target=self._cheroot.serve, name="http", daemon=True)
        self._thread.start()

    def stop(self) -> bool:
        """End all streams, answer what has begun, close; whether every thread has ended within STOP_S.

        A request that waits for a disk that does not answer may take longer. A repeat does no harm.
        """
        self._live.close()
        stopping = threading.Thread(target=self._cheroot.stop, name="http stop", daemon=True)
        stopping.start()
        stopping.join(STOP_S)
        self._cheroot.lobby.close()
        if self._thread is not None:
            self._thread.join(timeout=1)
            self._thread = None
        return not stopping.is_alive()


def _unread(peer: socket.socket) -> int:
    """Bytes we have sent that the other side has not taken yet."""
    try:
        return int.from_bytes(fcntl.ioctl(peer, termios.TIOCOUTQ, bytes(4)), sys.byteorder)
    except (OSError, ValueError):
        return 0  # closed meanwhile: whoever reads from it will see


def _has_systemd_socket() -> bool:
    """Whether descriptor 3 is a listening socket that systemd opened for this process."""
    return os.environ.get("LISTEN_PID") == str(os.getpid()) and os.environ.get("LISTEN_FDS") == "1"
