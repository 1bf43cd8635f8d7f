"""How fast a backlog reaches HQ and is acknowledged, beside a bare paho loop: a program, not a test.

The reference sends the same batches, built the same way, to the same broker with the same window, and
counts a batch as done at the broker's PUBACK: no HQ, no commit, no acknowledgement end to end.
"""

from __future__ import annotations

import itertools
import queue
import random
import socket
import sqlite3
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from paho.mqtt.client import Client
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

from services.domain import stream
from services.hq.consumer import HqSettings
from services.store import journal
from services.store.db import LEDGER
from services.uplink.batch import pack
from services.uplink.process import UplinkSettings
from tests.shop import make_shop, open_store
from tests.uplink.mosquitto import Mosquitto
from tests.uplink.processes import Child
from tests.uplink.shop_events import record_sales, unique_id

SALES = 20_000
ROUNDS = 3
WAIT_S = 120.0
POLL_S = 0.005


@dataclass(frozen=True, slots=True)
class Result:
    drained: float  # events/s, journal to HQ's acknowledgement
    bare: float  # events/s of the reference

    @property
    def ratio(self) -> float:
        return self.drained / self.bare


def measure(sales: int = SALES, rounds: int = ROUNDS) -> Result:
    """Medians of interleaved rounds on one machine and one broker configuration."""
    drained, bare = [], []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        open_store(folder / "shop.db")
        ids = random.Random(1)
        numbers = itertools.count()
        record_sales(make_shop(new_id=lambda: unique_id(ids, next(numbers))), sales)
        for n in range(rounds):
            bare.append(sales / _on_fresh_broker(folder / f"bare{n}", _bare_seconds))
            drained.append(sales / _on_fresh_broker(folder / f"drain{n}", _drain_seconds))
        LEDGER.shut()
    return Result(statistics.median(drained), statistics.median(bare))


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
        packed = pack("S0001", 1, rows)
        properties: Any = Properties(PacketTypes.PUBLISH)
        properties.PayloadFormatIndicator = 0
        properties.ContentType = stream.CONTENT_TYPE
        properties.UserProperty = list(packed.user)
        client.publish(stream.events_topic(7, "S0001"), packed.payload, 1, False, properties)
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


def _drain_seconds(folder: Path, port: int) -> float:
    """Uplink and HQ as processes; from HQ's first event to its last commit, start-up left out."""
    database = Path(str(LEDGER.database))
    uplink = Child(
        UplinkSettings(
            database=str(database),
            socket=str(folder / "none.sock"),
            store_id="S0001",
            shard=7,
            port=port,
            reconnect_min_ms=20,
            reconnect_first_ms=50,
            birth_jitter_ms=0,
        ),
        folder / "uplink.log",
    )
    hq = Child(HqSettings(database=str(folder / "hq.db"), port=port), folder / "hq.log")
    hq.start()
    try:
        while not (folder / "hq.db").exists():
            time.sleep(POLL_S)
        time.sleep(1.0)  # HQ has subscribed
        uplink.start()
        return _first_to_last(folder / "hq.db", journal.head()[0])
    finally:
        uplink.kill()
        hq.kill()


def _first_to_last(path: Path, head: int) -> float:
    with sqlite3.connect(f"file:{path}?mode=ro", uri=True) as reader:
        begun, at_begin, end = 0.0, 0, time.monotonic() + WAIT_S
        while time.monotonic() < end:
            row = reader.execute("SELECT hwm FROM store").fetchone()
            if row and row[0] and not begun:
                begun, at_begin = time.perf_counter(), row[0]
            if row and row[0] == head:
                took = time.perf_counter() - begun
                return took * head / (head - at_begin)
            time.sleep(POLL_S)
    raise AssertionError(f"not drained in {WAIT_S} s")


def main() -> None:
    sales = int(sys.argv[1]) if len(sys.argv) > 1 else SALES
    result = measure(sales)
    sys.stdout.write(
        f"drained {result.drained:,.0f} events/s, bare paho {result.bare:,.0f} events/s,"
        f" ratio {result.ratio:.2f} ({sales} sales, medians of {ROUNDS})\n"
    )


if __name__ == "__main__":
    main()
