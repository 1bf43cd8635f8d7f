"""The uplink against a real mosquitto: births and deaths, refusals, forged answers, garbage, limits."""

from __future__ import annotations

import json
import queue
import random
import socket
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from device import broker as embedded
from services.domain.stream import ack_topic, events_topic, hq_state_topic, state_topic
from services.flows.shop import Shop
from services.hq import consumer
from services.hq.schema import open_database
from services.store import box, db, journal
from services.uplink.client import (
    ClientSettings,
    Connected,
    Disconnected,
    Event,
    MqttClient,
    Published,
    Received,
    Will,
)
from services.uplink.inbox import Inbox
from services.uplink.process import serve
from tests.ports import free_port
from tests.shop import Clock
from tests.uplink.gateway_end import RunningInbox
from tests.uplink.mosquitto import Mosquitto
from tests.uplink.shop_events import record_sales
from tests.uplink.test_straight_line import (
    hq_bodies,
    hq_settings,
    journal_bodies,
    until,
    uplink_settings,
)
from tests.waits import WAIT_S

ONLINE = b'{"online":true,"incarnation":1}'


@dataclass
class Threads:
    """What a test has running; all of it is stopped at its end."""

    folder: Path
    started: list[tuple[threading.Thread, threading.Event]] = field(default_factory=list)
    clients: list[MqttClient] = field(default_factory=list)

    def run(self, target: Callable[[threading.Event], None]) -> threading.Event:
        stop = threading.Event()
        thread = threading.Thread(target=target, args=(stop,))
        thread.start()
        self.started.append((thread, stop))
        return stop

    def uplink(self, port: int, **changes: object) -> Callable[[], None]:
        """Start it; call the result to stop it."""
        settings = uplink_settings(self.folder, port, **changes)
        stop = self.run(lambda stop: serve(settings, stop, Clock().now_ms, lambda: "rtc"))
        thread = self.started[-1][0]

        def end() -> None:
            stop.set()
            thread.join()

        return end

    def hq(self, port: int) -> None:
        settings = hq_settings(self.folder, port)
        self.run(lambda stop: consumer.run(settings, stop, Clock().now_ms))

    def client(self, port: int, name: str = "test", **changes: Any) -> tuple[MqttClient, Heard]:
        heard = Heard()
        quick: dict[str, Any] = dict(reconnect_min_ms=10, reconnect_first_ms=50, reconnect_max_ms=100)
        settings = ClientSettings(host="127.0.0.1", port=port, client_id=name, **{**quick, **changes})
        client = MqttClient(settings, heard.events.put)
        client.start()
        self.clients.append(client)
        return client, heard

    def end(self) -> None:
        for client in self.clients:
            client.stop()
        for thread, stop in reversed(self.started):
            stop.set()
            thread.join(WAIT_S)
            assert not thread.is_alive()


class Heard:
    def __init__(self) -> None:
        self.events: queue.SimpleQueue[Event] = queue.SimpleQueue()

    def next(self, kind: type, fits: Callable[[Any], bool] = lambda _: True) -> Any:
        end = time.monotonic() + WAIT_S
        while time.monotonic() < end:
            event = self.events.get(timeout=WAIT_S)
            if isinstance(event, kind) and fits(event):
                return event
        raise AssertionError(f"no {kind}")


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Mosquitto]:
    broker = Mosquitto(tmp_path / "broker").start()
    yield broker
    broker.stop()


@pytest.fixture
def threads(shop: Shop, broker: Mosquitto, tmp_path: Path) -> Iterator[Threads]:
    threads = Threads(tmp_path)
    yield threads
    threads.end()


@pytest.fixture
def inbox(shop: Shop, tmp_path: Path, threads: Threads) -> Iterator[Inbox]:
    inbox = RunningInbox(tmp_path / "up.sock", now_ms=shop.now_ms)
    inbox.start()
    yield inbox
    inbox.close()


def state(heard: Heard, **facts: object) -> dict[str, Any]:
    def fits(message: Received) -> bool:
        told = json.loads(message.payload)
        return message.topic.endswith("S0001/state") and facts.items() <= told.items()

    told: dict[str, Any] = json.loads(heard.next(Received, fits).payload)
    return told


def test_a_sale_is_found_within_a_second_or_so_even_when_nobody_wakes_the_uplink(
    shop: Shop, broker: Mosquitto, threads: Threads, tmp_path: Path
) -> None:
    open_database(tmp_path / "hq.db").close()
    threads.hq(broker.port)
    threads.uplink(broker.port)  # there is no gateway socket at all
    record_sales(shop, 2)
    until(lambda: len(hq_bodies(tmp_path / "hq.db")) == 2, "both at HQ")


def test_the_birth_tells_where_the_journal_stands_and_the_end_is_announced(
    shop: Shop, broker: Mosquitto, threads: Threads
) -> None:
    with db.write():
        box.put("boot", "17")
        box.put("epoch", "3")
    record_sales(shop, 5)
    client, heard = threads.client(broker.port)
    heard.next(Connected)
    client.subscribe([state_topic(7, "S0001")])
    end = threads.uplink(broker.port, firmware="1.4.2")
    birth = state(heard, online=True)
    assert birth["clock"]["q"] == "rtc"
    del birth["clock"]
    assert birth == {
        "online": True,
        "boot": 17,
        "epoch": 3,
        "first": 1,
        "last": 5,
        "fw": "1.4.2",
        "schema": "1.0",
    }
    end()
    assert state(heard, online=False) == {"online": False, "boot": 17}


def test_a_gateway_that_counts_its_boot_late_gets_a_birth_with_the_right_number(
    shop: Shop, broker: Mosquitto, threads: Threads, tmp_path: Path
) -> None:
    client, heard = threads.client(broker.port)
    heard.next(Connected)
    client.subscribe([state_topic(7, "S0001")])
    threads.uplink(broker.port)
    assert state(heard, online=True)["boot"] == 0
    with db.write():
        box.put("boot", "1")
    inbox = RunningInbox(tmp_path / "up.sock", now_ms=shop.now_ms)
    inbox.start()
    try:
        assert state(heard, online=True, boot=1)
        threads.hq(broker.port)
        inbox.wake(record_sales(shop, 3))
        until(lambda: journal.cursor("uplink")[0] == 3, "the stream goes on")
    finally:
        inbox.close()


def test_a_torn_connection_leaves_the_will_after_its_delay(
    shop: Shop, broker: Mosquitto, threads: Threads, inbox: Inbox
) -> None:
    client, heard = threads.client(broker.port)
    heard.next(Connected)
    client.subscribe([state_topic(7, "S0001")])
    threads.uplink(broker.port)
    state(heard, online=True)
    inbox.cut(True)
    until(lambda: inbox.link.code == "broker_away", "cut")
    assert state(heard, online=False) == {"online": False, "boot": 0}
    inbox.cut(False)
    assert state(heard, online=True)["online"]


def test_what_the_broker_throws_away_is_not_taken_as_sent(
    shop: Shop, broker: Mosquitto, threads: Threads, inbox: Inbox, tmp_path: Path
) -> None:
    client, heard = threads.client(broker.port)
    heard.next(Connected)
    client.publish(hq_state_topic(), ONLINE, retain=True)  # says online, and listens to nothing
    record_sales(shop, 3)
    threads.uplink(broker.port)
    until(lambda: "nobody listens" in inbox.link.detail, "the broker's answer is understood")
    assert inbox.link.code == "hq_away"
    threads.hq(broker.port)
    until(lambda: journal.cursor("uplink")[0] == 3, "sent again to a real HQ")
    assert inbox.link.code == "online"


def test_a_store_the_broker_forbids_to_publish_raises_the_alarm(
    shop: Shop, threads: Threads, inbox: Inbox, tmp_path: Path
) -> None:
    rules = tmp_path / "acl"
    rules.write_text("topic read chain/v1/#\ntopic write chain/v1/hq/state\n")
    rules.chmod(0o644)
    strict = Mosquitto(tmp_path / "strict", extra=f"acl_file {rules}").start()
    try:
        client, heard = threads.client(strict.port)
        heard.next(Connected)
        client.publish(hq_state_topic(), ONLINE, retain=True)
        record_sales(shop, 1)
        threads.uplink(strict.port)
        until(lambda: inbox.link.code == "refused", "refused")
        assert journal.cursor("uplink")[0] == 0
    finally:
        threads.end()
        threads.started.clear()
        threads.clients.clear()
        strict.stop()


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        ({"epoch": 1, "hwm": 999, "safe": 0}, "ends at 3"),
        ({"epoch": 1, "hwm": 2, "safe": 0, "head": "ab" * 32}, "another history"),
        ({"epoch": 2, "hwm": 2, "safe": 0}, "epoch 2"),
        ({"epoch": 1, "hwm": 0, "safe": 0, "rejected_from": 1, "reason": "chain"}, "rejects from event 1"),
    ],
)
def test_an_answer_that_does_not_fit_this_journal_stops_the_stream(
    shop: Shop, broker: Mosquitto, threads: Threads, inbox: Inbox, answer: dict[str, object], why: str
) -> None:
    record_sales(shop, 3)
    client, heard = threads.client(broker.port)
    heard.next(Connected)
    client.publish(ack_topic(7, "S0001"), json.dumps(answer).encode(), retain=True)
    heard.next(Published)
    threads.uplink(broker.port)
    until(lambda: inbox.link.code == "rejected", "rejected")
    assert why in inbox.link.detail
    client.subscribe([events_topic(7, "S0001")])
    client.publish(hq_state_topic(), ONLINE, retain=True)
    time.sleep(0.3)
    while not heard.events.empty():
        assert not isinstance(heard.events.get(), Received)
    assert journal.cursor("uplink")[0] == 0


def test_garbage_from_hq_changes_nothing(
    shop: Shop, broker: Mosquitto, threads: Threads, inbox: Inbox
) -> None:
    rng = random.Random(5)
    client, heard = threads.client(broker.port)
    heard.next(Connected)
    threads.uplink(broker.port)
    threads.hq(broker.port)
    until(lambda: inbox.link.code == "online", "online")
    for _ in range(100):
        client.publish(ack_topic(7, "S0001"), rng.randbytes(rng.randrange(60)))
        client.publish(hq_state_topic(), rng.choice((b"{}", b"null", b'{"online":1}', b"\xff")))
    record_sales(shop, 5)
    until(lambda: journal.cursor("uplink")[0] == 5, "the stream goes on")


def test_hq_that_lost_its_database_gets_everything_again(
    shop: Shop, broker: Mosquitto, threads: Threads, inbox: Inbox, tmp_path: Path
) -> None:
    record_sales(shop, 130)
    with db.write():
        journal.acknowledge("uplink", 120, 1)  # by the HQ before
    threads.hq(broker.port)
    threads.uplink(broker.port)
    until(lambda: journal.cursor("uplink")[0] == 130, "acknowledged")
    assert hq_bodies(tmp_path / "hq.db") == journal_bodies()


def test_a_brokers_packet_limit_is_kept(shop: Shop, threads: Threads, inbox: Inbox, tmp_path: Path) -> None:
    small = Mosquitto(tmp_path / "small", extra="max_packet_size 3000").start()
    try:
        record_sales(shop, 100)
        threads.hq(small.port)
        threads.uplink(small.port)
        until(lambda: journal.cursor("uplink")[0] == 100, "all acknowledged")
    finally:
        threads.end()
        threads.started.clear()
        small.stop()


def test_the_embedded_broker_carries_the_stream_too(
    shop: Shop, threads: Threads, inbox: Inbox, tmp_path: Path
) -> None:
    port = free_port()
    threads.run(lambda stop: embedded.run(port, tmp_path / "embedded", stop))
    record_sales(shop, 300)
    threads.hq(port)
    threads.uplink(port)
    until(lambda: journal.cursor("uplink")[0] == 300, "backlog acknowledged")
    inbox.wake(record_sales(shop, 1))
    until(lambda: journal.cursor("uplink")[0] == 301, "live sale acknowledged")
    assert hq_bodies(tmp_path / "hq.db") == journal_bodies()


def test_a_client_survives_whatever_bytes_a_broker_sends(threads: Threads) -> None:
    rng = random.Random(11)
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(WAIT_S)
        client, heard = threads.client(server.getsockname()[1], will=Will("w", b"gone", 1))
        for _ in range(60):
            connection, _ = server.accept()
            with connection:
                connection.settimeout(2)
                connection.recv(1_024)
                connack = b"\x20\x03\x00\x00\x00" if rng.random() < 0.5 else b""
                connection.sendall(connack + rng.randbytes(rng.randrange(1, 40)))
            heard.next(Disconnected)
        client.stop()


def test_without_a_connection_nothing_is_kept_to_be_sent_later(broker: Mosquitto, threads: Threads) -> None:
    client, heard = threads.client(broker.port)
    heard.next(Connected)
    assert client.publish("a/b", b"1") > 0
    heard.next(Published)
    client.cut(True)
    heard.next(Disconnected)
    assert client.publish("a/b", b"2") == 0
    client.cut(False)
    heard.next(Connected)
    watcher, seen = threads.client(broker.port, "watcher")
    seen.next(Connected)
    watcher.subscribe(["a/#"])
    time.sleep(0.1)
    client.publish("a/b", b"3")
    assert seen.next(Received).payload == b"3"


def test_unacknowledged_messages_come_again_and_hold_the_broker_back(
    broker: Mosquitto, threads: Threads
) -> None:
    session: dict[str, Any] = dict(
        clean_start=False, session_expiry_s=60, manual_ack=True, receive_maximum=5
    )
    reader, read = threads.client(broker.port, "reader", **session)
    read.next(Connected)
    reader.subscribe(["q/#"])
    time.sleep(0.1)
    writer, written = threads.client(broker.port, "writer")
    written.next(Connected)
    for n in range(12):
        writer.publish("q/x", b"%d" % n)
    first = [read.next(Received) for _ in range(5)]
    time.sleep(0.2)
    assert read.events.empty()
    reader.cut(True)
    read.next(Disconnected)
    reader.cut(False)
    read.next(Connected)
    for message in first:
        reader.taken(message)  # of the connection before: must not acknowledge anything now
    payloads = []
    for _ in range(12):
        message = read.next(Received)
        payloads.append(message.payload)
        reader.taken(message)
    assert payloads == [b"%d" % n for n in range(12)]
