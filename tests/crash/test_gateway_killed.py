"""The real gateway, killed again and again while tills sell: every tablet finds its sale again, once."""

from __future__ import annotations

import http.client
import random
import threading
import time
import urllib.error
from functools import partial
from pathlib import Path
from typing import Any

from services.store import books, journal
from services.store.db import LEDGER
from tests.stack import Api, Stack, running

KILLS = 8
SEED = 20261122
TRIES_MAX = 400
ERRORS = (urllib.error.URLError, http.client.HTTPException, OSError)


class Till(threading.Thread):
    """Sells until told to stop; whatever goes wrong, it asks again with the same key."""

    def __init__(self, stack: Stack, till: str, sku: str, stop: threading.Event) -> None:
        super().__init__()
        self.stack, self.till, self.sku, self.over = stack, till, sku, stop
        self.sold: dict[str, Any] = {}
        self.retried = 0
        self.failure: BaseException | None = None

    def run(self) -> None:
        try:
            api = self._again(lambda: Api(self.stack, till=self.till))
            n = 0
            while not self.over.is_set():
                key = f"till{self.till}-{n:06d}"
                add = partial(api.send, "POST", "/api/till/lines", {"sku": self.sku}, key=f"line-{key}")
                self.sold[key] = self._again(partial(api.pay, self._again(add), f"sale-{key}"))
                n += 1
        except BaseException as error:
            self.failure = error
            raise

    def _again(self, ask: Any) -> Any:
        for _ in range(TRIES_MAX):
            try:
                return ask()
            except urllib.error.HTTPError as refusal:
                if refusal.code != 503:
                    raise
            except ERRORS:
                pass
            self.retried += 1
            time.sleep(0.05)
        raise AssertionError("the gateway never came back")


def test_every_sale_stands_once_though_the_gateway_is_killed(tmp_path: Path, soak: int) -> None:
    rng = random.Random(SEED)
    with running(tmp_path) as stack:
        sku = stack.rows(stack.database, "SELECT sku FROM article LIMIT 1")[0][0]
        stop = threading.Event()
        tills = [Till(stack, key, sku, stop) for key in ("1", "2")]
        for till in tills:
            till.start()
        for _ in range(KILLS * soak):
            time.sleep(rng.uniform(0.2, 1.0))
            stack.kill("run")
            stack.start("run")
        time.sleep(0.5)
        stop.set()
        for till in tills:
            till.join(60)
        stack.stop()
        assert [till.failure for till in tills] == [None, None]
        assert sum(till.retried for till in tills) >= KILLS, (
            "no request was ever hit: the test proves nothing"
        )
        told = {sale["sale_id"] for till in tills for sale in till.sold.values()}
        assert len(told) == sum(len(till.sold) for till in tills) > 50
        LEDGER.open(stack.database)
        stored = {sale_id for (sale_id,) in LEDGER.execute_sql("SELECT sale_id FROM sale")}
        assert told == stored
        assert journal.first_break() == 0
        assert books.differences() == []
        LEDGER.shut()
