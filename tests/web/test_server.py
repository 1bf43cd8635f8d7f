"""The server under bad manners: slow, endless, malformed and silent clients."""

from __future__ import annotations

import contextlib
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest
from flask import Flask

from tests.shop import TEE
from tests.waits import WAIT_S
from tests.web import wire
from tests.web.conftest import new_key, payment
from web_console import lobby
from web_console.app import HEADERS
from web_console.lobby import Arrival, arrival
from web_console.server import Server

ROOT = Path(__file__).parents[2]


def connected(port: int, sent: bytes = b"") -> socket.socket:
    peer = socket.create_connection(("127.0.0.1", port), timeout=5)
    if sent:
        peer.sendall(sent)
    return peer


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"", Arrival.PARTIAL),
        (b"GET / HTTP/1.1\r\nHost: x\r\n", Arrival.PARTIAL),
        (b"GET / HTTP/1.1\r\nHost: x\r\n\r\n", Arrival.WHOLE),
        (b"POST / HTTP/1.1\r\ncontent-LENGTH:  3 \r\n\r\nab", Arrival.PARTIAL),
        (b"POST / HTTP/1.1\r\nContent-Length: 3\r\n\r\nabc", Arrival.WHOLE),
        (b"POST / HTTP/1.1\r\nContent-Length: 300000\r\n\r\nabc", Arrival.LONG),
        (b"POST / HTTP/1.1\r\nContent-Length: 30\r\nExpect: 100-continue\r\n\r\n", Arrival.LONG),
        (b"A" * (lobby.HEAD_MAX + 1), Arrival.WHOLE),
    ],
)
def test_a_request_is_whole_when_head_and_body_are_there(data: bytes, expected: Arrival) -> None:
    assert arrival(data) is expected


def test_a_till_sells_within_a_second_beside_fifty_slow_clients(server: Server) -> None:
    session = wire.sign_on(server.port)
    slow_body = b"POST /api/session HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 60\r\n\r\n{"
    with contextlib.ExitStack() as stack:
        slow = [
            stack.enter_context(
                connected(server.port, (b"GET /api/re", b"", slow_body, b"GET / HTTP/1.1\r\nHost:")[n % 4])
            )
            for n in range(50)
        ]
        stack.enter_context(wire.listening(session))
        for round_ in range(5):
            for peer in slow:
                with contextlib.suppress(OSError):
                    peer.send(b"x")
            began = time.monotonic()
            basket = session.send("POST", "/api/till/lines", {"sku": TEE}, key=new_key()).json
            sold = session.send("POST", "/api/sales", payment(basket, 100_00), key=new_key())
            assert sold.status == 201, (round_, sold)
            assert time.monotonic() - began < 1


def test_a_few_threads_read_long_requests_and_never_all(server: Server) -> None:
    session = wire.sign_on(server.port)
    long = session.request("POST", "/api/till/lines", {"code": "1" * 100_000}, key=new_key())
    short = session.request("POST", "/api/till/lines", {"code": "1"}, key=new_key())
    waiting = short.replace(b"Host:", b"Expect: 100-continue\r\nHost:")[:-5]
    with contextlib.ExitStack() as stack:
        for n in range(40):
            stack.enter_context(connected(server.port, (long[:50_000], waiting)[n % 2]))
        time.sleep(0.2)
        began = time.monotonic()
        assert session.send("GET", "/api/till/basket").status == 200
        assert time.monotonic() - began < 1


def test_clients_that_do_not_read_their_answers_hold_no_thread(server: Server, app: Flask) -> None:
    asked = wire.request("GET", app.extensions["assets"].url("ui.css"), port=server.port)
    with contextlib.ExitStack() as stack:
        deaf = []
        for _ in range(40):
            peer = stack.enter_context(socket.socket())
            peer.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
            peer.connect(("127.0.0.1", server.port))
            deaf.append(peer)
        for _ in range(25):  # one after the other, until no buffer takes another answer
            for peer in deaf:
                with contextlib.suppress(OSError):
                    peer.send(asked)
            time.sleep(0.1)
        began = time.monotonic()
        assert wire.exchange(server.port, wire.request("GET", "/api/ready", port=server.port)).status == 200
        assert time.monotonic() - began < 1


def test_clients_that_never_finish_their_request_are_let_go(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lobby, "ARRIVE_S", 0.3)
    for sent in (b"", b"GET /api/ready HTTP/1.1\r\n", b"POST / HTTP/1.1\r\nContent-Length: 9\r\n\r\n1"):
        with connected(server.port, sent) as peer:
            assert peer.recv(100) == b"", sent


def test_when_too_many_wait_the_longest_waiting_ones_go(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lobby, "WAITING_MAX", 3)
    with contextlib.ExitStack() as stack:
        peers = [stack.enter_context(connected(server.port, b"GET")) for _ in range(6)]
        assert [peer.recv(1) for peer in peers[:3]] == [b""] * 3
        for peer in peers[3:]:
            peer.sendall(wire.request("GET", "/api/ready", port=server.port)[3:])
            assert wire.read_reply(peer).status == 200


def test_a_request_in_single_bytes_is_answered(server: Server) -> None:
    sent = wire.request("GET", "/api/ready", port=server.port)
    with connected(server.port) as peer:
        for byte in sent:
            peer.send(bytes([byte]))
        assert wire.read_reply(peer).json["ready"] is True


def test_one_connection_carries_many_requests(server: Server) -> None:
    with connected(server.port) as peer:
        for _ in range(5):
            peer.sendall(wire.request("GET", "/api/ready", port=server.port))
            assert wire.read_reply(peer).status == 200
        refused = wire.request("POST", "/api/session", {"x": 1}, port=server.port)
        peer.sendall(refused)
        assert wire.read_reply(peer).status == 400


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        (b"nonsense\r\n\r\n", 400),
        (b"GET /api/ready HTTP/1.1\r\n\r\n", 400),
        (b"GET /api/ready HTTP/9.9\r\nHost: 127.0.0.1\r\n\r\n", 505),
        (b"GET http://evil.example/api/ready HTTP/1.1\r\nHost: evil.example\r\n\r\n", 400),
        (b"GET /" + b"a" * 20_000 + b" HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n", 414),
        (b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX: " + b"a" * 20_000 + b"\r\n\r\n", 413),
        (b"POST /api/session HTTP/1.1\r\nHost: 127.0.0.1\r\nTransfer-Encoding: chunked\r\n\r\n", 411),
        (b"POST /api/session HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 9000000\r\n\r\n{", 413),
        (b"POST /api/session HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: -5\r\n\r\n", 400),
        (b"POST /api/session HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: x\r\n\r\n", 400),
        (b"POST /api/session HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 1_0\r\n\r\n", 400),
        (b"POST /api/session HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length:\r\n 10\r\n\r\n", 400),
        (b"POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n12", 400),
    ],
    ids=str,
)
def test_what_is_not_http_is_refused_in_our_shape(server: Server, sent: bytes, status: int) -> None:
    reply = wire.exchange(server.port, sent)
    assert reply.status == status, reply
    assert set(reply.json) == {"code", "message", "details"}
    for name, value in HEADERS.items():
        assert reply.headers[name.lower()] == value


def test_a_body_over_the_limit_is_refused_without_being_read(server: Server) -> None:
    session = wire.sign_on(server.port)
    sent = session.request("POST", "/api/till/lines", {"code": "1" * 300_000}, key=new_key())
    with connected(server.port, sent[:60_000]) as peer:
        time.sleep(0.2)  # by now it is refused
        peer.sendall(sent[60_000:])
        assert wire.read_reply(peer).json["code"] == "too_large"


def test_a_stopped_server_has_freed_its_port(server: Server) -> None:
    port = server.port
    server.stop()
    with pytest.raises(OSError):
        connected(port)


STARTED_BY_SYSTEMD = """
import os, sys
from pathlib import Path
from tests.shop import make_shop, open_store
from tests.web.conftest import SETTINGS, PlayedBox
from web_console.app import create_app
from web_console.live import Live
from web_console.server import Server

os.dup2(int(sys.argv[2]), 3)
open_store(Path(sys.argv[1]))
os.environ["LISTEN_PID"], os.environ["LISTEN_FDS"] = str(os.getpid()), "1"
shop, box = make_shop(), PlayedBox()
live = Live(shop, box, streams_max=2)
server = Server(create_app(shop, box, live, SETTINGS), live, streams_max=2)
server.start()
sys.stdin.read()
server.stop()
"""


def test_it_serves_the_socket_that_systemd_opened(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        number = listener.fileno()
        process = subprocess.Popen(
            [sys.executable, "-c", STARTED_BY_SYSTEMD, str(tmp_path / "shop.db"), str(number)],
            stdin=subprocess.PIPE,
            pass_fds=(number,),
            cwd=ROOT,
        )
        assert wire.exchange(port, wire.request("GET", "/api/ready", port=port)).json["ready"] is True
        assert process.stdin is not None
        process.stdin.close()
        assert process.wait(WAIT_S) == 0
