"""Broker killed and wiped, uplink killed, HQ killed, at random while 2,000 sales are made: HQ has all."""

from __future__ import annotations

import contextlib
import os
import random
import sqlite3
import threading
import time
from pathlib import Path

import pytest

from services.flows import baskets, checkout
from services.flows.shop import Shop
from services.store import journal
from tests.shop import JEANS, SOCKS, TEE
from tests.uplink.gateway_end import RunningInbox
from tests.uplink.mosquitto import Mosquitto
from tests.uplink.processes import Part
from tests.uplink.test_straight_line import hq_bodies, hq_settings, journal_bodies, uplink_settings
from tests.waits import WAIT_S

SALES = 2_000
SALES_PER_S = 150
KILLS_MIN = 6


def sell(shop: Shop, rng: random.Random, n: int) -> int:
    """One real sale at the till; the journal's head."""
    for line, sku in enumerate(rng.choices((TEE, JEANS, SOCKS), k=rng.randint(1, 3))):
        basket, _ = baskets.add(shop, "1", sku=sku, code="", quantity=1, request_id=f"a-{n}-{line}")
    sale = checkout.settle(
        shop,
        "1",
        basket_id=basket.basket_id,
        version=basket.version,
        tendered=[("cash", basket.gross.minor)],
        operator_id="zhou",
        request_id=f"r-{n}",
    )
    return sale.journal_seq


def quarantined(path: Path) -> list[tuple[str, str]]:
    with contextlib.closing(sqlite3.connect(path)) as connection:
        return connection.execute("SELECT reason, detail FROM quarantine").fetchall()


class Trouble(threading.Thread):
    """Kills one of the three every now and then, and starts it again."""

    def __init__(self, seed: int, broker: Mosquitto, hq: Part, uplink: Part) -> None:
        super().__init__(daemon=True)
        self._rng = random.Random(seed)
        self._parts = {"broker": broker, "hq": hq, "uplink": uplink}
        self.over = threading.Event()
        self.kills: list[str] = []

    def run(self) -> None:
        while not self.over.wait(self._rng.uniform(0.2, 1.5)):
            name = self._rng.choice(list(self._parts))
            part = self._parts[name]
            self.kills.append(name)
            part.kill()  # the broker keeps no file: killed is wiped
            time.sleep(self._rng.uniform(0.0, 0.5))
            part.start()


def test_whatever_is_killed_hq_ends_with_exactly_the_journal(shop: Shop, tmp_path: Path, soak: int) -> None:
    sales = SALES * soak
    seed = int(os.environ.get("CHAOS_SEED", "0")) or random.SystemRandom().randrange(1, 10**6)
    print(f"CHAOS_SEED={seed}")  # noqa: T201 shown when the test fails
    broker = Mosquitto(tmp_path / "broker").start()
    inbox = RunningInbox(tmp_path / "up.sock", now_ms=shop.now_ms)
    inbox.start()
    uplink = Part(uplink_settings(tmp_path, broker.port), tmp_path / "uplink.log")
    hq = Part(hq_settings(tmp_path, broker.port), tmp_path / "hq.log")
    hq.start()
    uplink.start()
    trouble = Trouble(seed, broker, hq, uplink)
    trouble.start()
    rng = random.Random(seed)
    try:
        begun = time.monotonic()
        for n in range(1, sales + 1):
            inbox.wake(sell(shop, rng, n))
            ahead = begun + n / SALES_PER_S - time.monotonic()
            if ahead > 0:
                time.sleep(ahead)
        trouble.over.set()
        trouble.join()
        head, _ = journal.head()
        end = time.monotonic() + WAIT_S
        while journal.cursor("uplink")[0] < head and time.monotonic() < end:
            time.sleep(0.05)
        where = f"seed {seed}, killed {trouble.kills}, link {inbox.link}"
        if journal.cursor("uplink")[0] != head:
            logs = "".join((tmp_path / f"{name}.log").read_text()[-2_000:] for name in ("uplink", "hq"))
            pytest.fail(f"cursor {journal.cursor('uplink')[0]} of {head}: {where}\n{logs}")
        assert hq_bodies(tmp_path / "hq.db") == journal_bodies(), where
        assert quarantined(tmp_path / "hq.db") == [], where
        assert journal.first_break() == 0
        assert head == sales
        assert len(trouble.kills) >= KILLS_MIN, where
    finally:
        trouble.over.set()
        trouble.join()
        uplink.kill()
        hq.kill()
        broker.kill()
        inbox.close()
