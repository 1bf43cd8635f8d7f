"""Journal, broker, HQ and back: the whole way with real processes' parts in one."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from services.flows.shop import Shop
from services.hq.consumer import HqSettings
from services.store import journal
from services.uplink.process import UplinkSettings
from tests.uplink.gateway_end import RunningInbox
from tests.uplink.mosquitto import Mosquitto
from tests.uplink.processes import Part
from tests.uplink.shop_events import record_sales
from tests.waits import until


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Mosquitto]:
    broker = Mosquitto(tmp_path / "broker").start()
    yield broker
    broker.stop()


def uplink_settings(tmp_path: Path, port: int, **changes: object) -> UplinkSettings:
    values: dict[str, object] = dict(
        database=str(tmp_path / "shop.db"),
        socket=str(tmp_path / "up.sock"),
        store_id="S0001",
        shard=7,
        port=port,
        will_delay_s=1,
        reconnect_min_ms=20,
        reconnect_first_ms=100,
        reconnect_max_ms=400,
        birth_jitter_ms=50,
        stall_first_ms=500,
    )
    return UplinkSettings(**{**values, **changes})  # type: ignore[arg-type]


def hq_settings(tmp_path: Path, port: int) -> HqSettings:
    return HqSettings(
        database=str(tmp_path / "hq.db"),
        port=port,
        reconnect_min_ms=20,
        reconnect_first_ms=100,
        reconnect_max_ms=400,
    )


def hq_bodies(path: Path) -> list[tuple[int, bytes, bytes]]:
    with sqlite3.connect(f"file:{path}?mode=ro", uri=True) as connection:
        rows = connection.execute("SELECT seq, body, hash FROM event ORDER BY epoch, seq").fetchall()
    connection.close()
    return rows


def journal_bodies() -> list[tuple[int, bytes, bytes]]:
    rows, seq = [], 0
    while part := journal.after(seq, 1000):
        rows += [(row.seq, row.body, row.hash) for row in part]
        seq = part[-1].seq
    return rows


def test_a_sale_reaches_hq_and_its_acknowledgement_moves_the_cursor(
    shop: Shop, tmp_path: Path, broker: Mosquitto
) -> None:
    head = record_sales(shop, 120)
    inbox = RunningInbox(tmp_path / "up.sock", now_ms=shop.now_ms)
    inbox.start()
    uplink = Part(uplink_settings(tmp_path, broker.port), tmp_path / "uplink.log")
    hq = Part(hq_settings(tmp_path, broker.port), tmp_path / "hq.log")
    try:
        uplink.start()
        hq.start()
        until(lambda: journal.cursor("uplink")[0] == head, "backlog acknowledged")
        until(lambda: inbox.link.code == "online", "link is online")
        begun = time.monotonic()
        head = record_sales(shop, 1)
        inbox.wake(head)
        until(lambda: journal.cursor("uplink")[0] == head, "live sale acknowledged")
        took = time.monotonic() - begun
        assert took < 1.0
        assert hq_bodies(tmp_path / "hq.db") == journal_bodies()
        hq.stop()
        until(lambda: inbox.link.code == "hq_away", "HQ's absence is seen")
        inbox.cut(True)
        until(lambda: inbox.link.code == "broker_away", "the cut is seen")
        record_sales(shop, 3)
        inbox.cut(False)
        hq.start()
        until(lambda: journal.cursor("uplink")[0] == head + 3, "sold meanwhile, acknowledged")
        uplink.kill()
        until(lambda: inbox.link.code == "uplink_down", "the uplink's death is seen")
    finally:
        uplink.kill()
        hq.kill()
        inbox.close()
