"""A whole checkout over eight tills, priced under live promotions, beside the bare group commit."""

from __future__ import annotations

import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from device import cores
from device.identity import new_id
from services.domain.offers import ORDER
from services.flows import checkout, prices, promotions
from services.flows.promotions import Draft
from services.flows.shop import Shop
from services.store import db
from services.store.db import LEDGER
from tests.bench.figure import Figure, percentile
from tests.bench.settle import ready
from tests.shop import make_shop, open_store

ROOT = Path(__file__).parents[2]
TILLS = 8
SALES = 60  # of a till
P95 = 95
BOUND = 3.0
SPEND = Draft(
    kind="spend_and_save",
    layer=ORDER,
    label_zh="满300减60",
    label_en="Spend 300, save 60",
    params={"steps": [{"threshold_minor": 300_00, "amount_minor": 60_00}]},
)


def figures() -> Iterator[Figure]:
    cores.keep_to_one()  # as the gateway does
    with tempfile.TemporaryDirectory(dir=ROOT / "build") as folder:
        open_store(Path(folder) / "checkout.db")
        shop = make_shop(new_id=new_id)
        promotions.publish(shop, SPEND, operator_id="he", request_id="spend")
        with db.write():
            LEDGER.execute_sql("CREATE TABLE bare (n INTEGER PRIMARY KEY, body TEXT)")
        bare = _at_all_tills(_bare)
        ours = _at_all_tills(lambda till: _checkout(shop, till))
        LEDGER.shut()
    cores.roam()
    yield Figure(
        "checkout at 8 tills, three priced lines, p95",
        f"{percentile(ours, P95) * 1e3:.2f} ms",
        f"bare group commit {percentile(bare, P95) * 1e3:.2f} ms",
        percentile(ours, P95) / percentile(bare, P95),
        BOUND,
    )


def _at_all_tills(step: Callable[[str], float]) -> list[float]:
    took: list[float] = []
    start = threading.Barrier(TILLS)

    def work(till: str) -> None:
        start.wait()
        mine = [step(till) for _ in range(SALES)]
        took.extend(mine)

    threads = [threading.Thread(target=work, args=(f"{n}",)) for n in range(1, TILLS + 1)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return took


def _bare(till: str) -> float:
    begun = time.perf_counter()
    with db.write():
        LEDGER.execute_sql("INSERT INTO bare (body) VALUES (?)", ("x" * 100,))
    return time.perf_counter() - begun


def _checkout(shop: Shop, till: str) -> float:
    """Price and settle, durable; filling the basket before is not part of it."""
    basket = ready(shop, till)
    begun = time.perf_counter()
    total = prices.priced(shop, basket).total.minor
    checkout.settle(
        shop,
        till,
        basket_id=basket.basket_id,
        version=basket.version,
        tendered=[("cash", total)],
        operator_id="zhou",
        request_id=shop.new_id(),
        total_minor=total,
    )
    return time.perf_counter() - begun
