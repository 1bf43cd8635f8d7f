"""How fast a backlog reaches HQ and is acknowledged, beside a bare paho loop: a program, not a test.

bare      paho alone sends the same batches, built the same way, to the same broker with the same window;
          a batch counts at the broker's PUBACK: nobody listens, nothing is stored, nothing comes back
carried   the uplink process, with an HQ that acknowledges at once without looking: what our side costs
bare_hq   the bare loop again, until the real HQ process has committed all of it
drained   the uplink process and the real HQ process: every event proved, committed and acknowledged
"""

from __future__ import annotations

import contextlib
import itertools
import queue
import random
import socket
import sqlite3
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
from paho.mqtt.client import Client
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

from services.domain import stream
from services.domain.stream import Ack
from services.hq.consumer import HqSettings
from services.hq.schema import open_database
from services.store import journal
from services.store.db import LEDGER
from services.uplink.batch import pack
from services.uplink.client import ClientSettings, Connected, Event, MqttClient, Received
from services.uplink.process import UplinkSettings
from tests.shop import make_shop, open_store
from tests.uplink.mosquitto import Mosquitto
from tests.uplink.processes import Part
from tests.uplink.shop_events import record_sales, unique_id

SALES = 20_000
ROUNDS = 3
WAIT_S = 120.0
POLL_S = 0.005
START_S = 1.0  # HQ has subscribed by then
STORE, SHARD = "S0001", 7


@dataclass(frozen=True, slots=True)
class Result:
    """Medians, in events/s."""

    bare: float
    carried: float
    bare_hq: float
    drained: float

    @property
    def uplink_ratio(self) -> float:
        return self.carried / self.bare

    @property
    def drain_ratio(self) -> float:
        return self.drained / self.bare_hq


def measure(sales: int = SALES, rounds: int = ROUNDS) -> Result:
    """Interleaved rounds on one machine and one broker configuration."""
    runs: dict[str, Callable[[Path, int], float]] = {
        "bare": _bare_seconds,
        "carried": _carried_seconds,
        "bare_hq": _bare_hq_seconds,
        "drained": _drained_seconds,
    }
    speeds: dict[str, list[float]] = {name: [] for name in runs}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        open_store(folder / "shop.db")
        ids, numbers = random.Random(1), itertools.count()
        record_sales(make_shop(new_id=lambda: unique_id(ids, next(numbers))), sales)
        for n in range(rounds):
            for kind, run in runs.items():
                speeds[kind].append(sales / _on_fresh_broker(folder / f"{kind}{n}", run))
        LEDGER.shut()
    return Result(**{kind: statistics.median(found) for kind, found in speeds.items()})


def _on_fresh_broker(folder: Path, run: Callable[[Path, int], float]) -> float:
    broker = Mosquitto(folder).start()
    try:
        return run(folder, broker.port)
    finally:
        broker.stop()


def _bare_seconds(_: Path, port: int) -> float:
    """paho alone, a window of batches, its own thread."""
    acknowledged: queue.SimpleQueue[int] = queue.SimpleQueue()
    connected: queue.SimpleQueue[int] = queue.SimpleQueue()
    client = Client(CallbackAPIVersion.VERSION2, "bare", protocol=MQTTProtocolVersion.MQTTv5)
    client.on_connect = lambda *_: connected.put(1)
    client.on_publish = lambda _c, _u, packet, *_: acknowledged.put(packet)
    client.on_socket_open = lambda _c, _u, sock: sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    client.connect("127.0.0.1", port)
    client.loop_start()
    connected.get(timeout=WAIT_S)
    begun, seq, open_batches = time.perf_counter(), 0, 0
    while rows := journal.after(seq, stream.BATCH_EVENTS_MAX):
        packed = pack(STORE, 1, rows)
        properties: Any = Properties(PacketTypes.PUBLISH)
        properties.PayloadFormatIndicator = 0
        properties.ContentType = stream.CONTENT_TYPE
        properties.UserProperty = list(packed.user)
        client.publish(stream.events_topic(SHARD, STORE), packed.payload, 1, False, properties)
        seq, open_batches = packed.last, open_batches + 1
        if open_batches == stream.WINDOW_BATCHES:
            acknowledged.get(timeout=WAIT_S)
            open_batches -= 1
    for _ in range(open_batches):
        acknowledged.get(timeout=WAIT_S)
    took = time.perf_counter() - begun
    client.disconnect()
    client.loop_stop()
    return took


def _bare_hq_seconds(folder: Path, port: int) -> float:
    with _real_hq(folder, port) as database:
        begun = time.perf_counter()
        _bare_seconds(folder, port)
        _until_hq_has(database, journal.head()[0])
        return time.perf_counter() - begun


def _drained_seconds(folder: Path, port: int) -> float:
    """From HQ's first commit to its last: the uplink's start-up is left out."""
    with _real_hq(folder, port) as database, _uplink(folder, port):
        _until_hq_has(database, 1)
        begun, at_begin, head = time.perf_counter(), _hwm(database), journal.head()[0]
        _until_hq_has(database, head)
        return (time.perf_counter() - begun) * head / (head - at_begin)


def _carried_seconds(folder: Path, port: int) -> float:
    hq = InstantHq(port, journal.head()[0])
    try:
        with _uplink(folder, port):
            assert hq.done.wait(WAIT_S), hq.hwm
            return hq.ended - hq.begun
    finally:
        hq.client.stop()


class InstantHq:
    """Says "I have it" to every batch, from its user properties, in the network thread."""

    def __init__(self, port: int, head: int) -> None:
        self.hwm, self.begun, self.ended = 0, 0.0, 0.0
        self.done = threading.Event()
        self._head = head
        settings = ClientSettings(host="127.0.0.1", port=port, client_id="instant", report_published=False)
        self.client = MqttClient(settings, self._post)
        self.client.start()

    def _post(self, event: Event) -> None:
        if isinstance(event, Connected):
            self.client.subscribe(stream.hq_filters(()))
            self.client.publish(stream.hq_state_topic(), b'{"online":true}', retain=True)
        elif isinstance(event, Received):
            self.client.taken(event)
            facts = dict(event.user)
            if "first" in facts and int(facts["first"]) == self.hwm + 1:
                self.begun = self.begun or time.perf_counter()
                self.hwm += int(facts["n"])
                ack = Ack(epoch=1, hwm=self.hwm, safe=0)
                self.client.publish(stream.ack_topic(SHARD, STORE), msgspec.json.encode(ack))
                if self.hwm == self._head:
                    self.ended = time.perf_counter()
                    self.done.set()


@contextlib.contextmanager
def _real_hq(folder: Path, port: int) -> Iterator[sqlite3.Connection]:
    open_database(folder / "hq.db").close()
    hq = Part(HqSettings(database=str(folder / "hq.db"), port=port), folder / "hq.log")
    hq.start()
    try:
        with contextlib.closing(sqlite3.connect(folder / "hq.db")) as reader:
            time.sleep(START_S)
            yield reader
    finally:
        hq.kill()


@contextlib.contextmanager
def _uplink(folder: Path, port: int) -> Iterator[None]:
    uplink = Part(
        UplinkSettings(
            database=str(LEDGER.database),
            socket=str(folder / "none.sock"),
            store_id=STORE,
            shard=SHARD,
            port=port,
            reconnect_min_ms=20,
            reconnect_first_ms=50,
            birth_jitter_ms=0,
        ),
        folder / "uplink.log",
    )
    uplink.start()
    try:
        yield
    finally:
        uplink.kill()


def _hwm(reader: sqlite3.Connection) -> int:
    row = reader.execute("SELECT hwm FROM store").fetchone()
    return int(row[0]) if row else 0


def _until_hq_has(reader: sqlite3.Connection, hwm: int) -> None:
    end = time.monotonic() + WAIT_S
    while _hwm(reader) < hwm:
        assert time.monotonic() < end, _hwm(reader)
        time.sleep(POLL_S)


def main() -> None:
    sales = int(sys.argv[1]) if len(sys.argv) > 1 else SALES
    result = measure(sales)
    sys.stdout.write(
        f"{sales} sales, medians of {ROUNDS}, events/s\n"
        f"carried {result.carried:,.0f}  bare {result.bare:,.0f}  ratio {result.uplink_ratio:.2f}\n"
        f"drained {result.drained:,.0f}  bare into the same HQ {result.bare_hq:,.0f}"
        f"  ratio {result.drain_ratio:.2f}\n"
    )


if __name__ == "__main__":
    main()
