"""A durable sale against a bare row that was synced, and eight tills against one."""

from __future__ import annotations

import os
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path

from device import cores
from device.identity import new_id
from services.domain.basket import Basket
from services.flows import baskets, checkout
from services.flows.shop import Shop
from services.store import baskets as stored
from services.store import db
from services.store.db import LEDGER, WRITER_PRAGMAS
from tests.bench.figure import Figure, median_ratio
from tests.bench.parts import profile
from tests.shop import GTINS, JEANS, SOCKS, TEE, make_shop, open_store

ROUNDS = 9
SALES = 60  # of one round
TILLS = 8
SALES_OF_A_TILL = 50
SLOW_US = 10_000  # added to every sync
SLOW_SALES = 15  # of one till
CODE = GTINS[JEANS].removeprefix("0")
ROOT = Path(__file__).parents[2]


def figures() -> Iterator[Figure]:
    """All of them take about a minute."""
    cores.keep_to_one()  # as the gateway does; the bare row runs there too
    with tempfile.TemporaryDirectory(dir=ROOT / "build") as folder:
        yield _against_a_bare_row(Path(folder))
        yield _eight_tills(Path(folder))
    yield _eight_tills_on_a_slow_disk()
    cores.roam()


def _fill(shop: Shop) -> Basket:
    basket = baskets.fresh(shop)
    for sku in (TEE, JEANS, SOCKS):
        article, price = baskets._by_sku(shop, sku)
        basket, _ = baskets._added(shop, basket, (article, price), 1, "scanned")
    return basket


def ready(shop: Shop, till: str) -> Basket:
    """Put a basket of three lines into place, outside what is measured."""
    basket = _fill(shop)
    with db.write():
        stored.save(till, basket)
    return basket


def _settle(shop: Shop, till: str, basket: Basket, key: str) -> None:
    checkout.settle(
        shop,
        till,
        basket_id=basket.basket_id,
        version=basket.version,
        tendered=[("cash", 500_00)],
        operator_id="zhou",
        request_id=key,
    )


def _against_a_bare_row(folder: Path) -> Figure:
    open_store(folder / "shop.db")
    shop = make_shop(new_id=new_id)
    bare = sqlite3.connect(folder / "bare.db", isolation_level=None)
    for pragma in WRITER_PRAGMAS:
        bare.execute(pragma)
    bare.execute("CREATE TABLE row (n INTEGER PRIMARY KEY, body TEXT)")
    ours: list[float] = []
    reference: list[float] = []
    for turn in range(ROUNDS):
        sold, rows = [], []
        for n in range(SALES):
            basket = ready(shop, "1")
            begun = time.perf_counter()
            _settle(shop, "1", basket, f"bare-{turn}-{n}")
            sold.append(time.perf_counter() - begun)
            begun = time.perf_counter()
            bare.execute("BEGIN IMMEDIATE")
            bare.execute("INSERT INTO row (body) VALUES (?)", ("x" * 100,))
            bare.execute("COMMIT")
            rows.append(time.perf_counter() - begun)
        ours.append(statistics.median(sold))
        reference.append(statistics.median(rows))
    parts = profile(
        lambda: ready(shop, "1"), [("settle", lambda basket: _settle(shop, "1", basket, shop.new_id()))]
    )
    bare.close()
    LEDGER.shut()
    return Figure(
        "settle, durable, three lines",
        f"{statistics.median(ours) * 1e3:.3f} ms",
        f"bare row {statistics.median(reference) * 1e3:.3f} ms",
        median_ratio(ours, reference),
        1.5,
        parts=parts,
    )


def sales_per_second(shop: Shop, tills: int, sales: int) -> float:
    """`tills` threads scan an article and pay it, `sales` times each; both are durable."""
    start = threading.Barrier(tills + 1)

    def sell(till: str) -> None:
        start.wait()
        for _ in range(sales):
            basket, _ = baskets.scan(shop, till, CODE)
            _settle(shop, till, basket, shop.new_id())

    threads = [threading.Thread(target=sell, args=(f"{n}",)) for n in range(1, tills + 1)]
    for thread in threads:
        thread.start()
    start.wait()
    begun = time.perf_counter()
    for thread in threads:
        thread.join()
    return tills * sales / (time.perf_counter() - begun)


def _eight_tills(folder: Path) -> Figure:
    open_store(folder / "tills.db")
    shop = make_shop(new_id=new_id)
    one, eight = [], []
    for _ in range(ROUNDS):
        one.append(sales_per_second(shop, 1, SALES_OF_A_TILL))
        eight.append(sales_per_second(shop, TILLS, SALES_OF_A_TILL))
    LEDGER.shut()
    return _tills("8 tills by group commit", one, eight, 2.0)


def _tills(name: str, one: list[float], eight: list[float], bound: float) -> Figure:
    return Figure(
        name,
        f"{statistics.median(eight):.0f} sales/s",
        f"one till {statistics.median(one):.0f}/s",
        median_ratio(eight, one),
        bound,
        at_most=False,
    )


def _eight_tills_on_a_slow_disk() -> Figure:
    """The same in a process whose every sync takes 10 ms longer, by strace."""
    with tempfile.TemporaryDirectory(dir=ROOT / "build") as folder:
        inject = f"inject=fdatasync,fsync:delay_exit={SLOW_US}"
        command = [
            "strace",
            "-f",
            "--seccomp-bpf",
            "-qq",
            "-o",
            os.devnull,
            "-e",
            "trace=fdatasync,fsync",
            "-e",
            inject,
        ]
        run = subprocess.run(
            [*command, sys.executable, "-m", "tests.bench.settle", folder],
            cwd=ROOT,
            check=True,
            capture_output=True,
            text=True,
        )
    rounds = [tuple(map(float, line.split())) for line in run.stdout.splitlines()]
    return _tills("8 tills, every sync 10 ms slower", [r[0] for r in rounds], [r[1] for r in rounds], 3.0)


def _slow_child(folder: str) -> None:
    open_store(Path(folder) / "slow.db")
    shop = make_shop(new_id=new_id)
    for _ in range(3):
        one = sales_per_second(shop, 1, SLOW_SALES)
        eight = sales_per_second(shop, TILLS, SLOW_SALES)
        sys.stdout.write(f"{one} {eight}\n")
    LEDGER.shut()


if __name__ == "__main__":
    _slow_child(sys.argv[1])
