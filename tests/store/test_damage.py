"""A flipped bit in the file: what it changed in the journal or in a sale is found, and nothing crashes."""

from __future__ import annotations

import random
import shutil
import sqlite3
import sys
from pathlib import Path

import pytest

from services.flows import baskets, checkout
from services.flows.shop import Shop
from services.store import books, journal
from services.store.db import LEDGER
from tests.shop import JEANS, SOCKS, TEE, make_shop, open_store

SALES = 100  # enough that most pages of the file are theirs, not those of tables nobody has used
FLIPS = 250
TABLES = ("journal", "sale", "sale_line", "tender", "posting")


def sell(shop: Shop, n: int) -> None:
    for sku in (TEE, JEANS, SOCKS)[: n % 3 + 1]:
        baskets.add(shop, "1", sku=sku, code="", quantity=1 + n % 2, request_id=f"add-{n}-{sku}")
    basket = baskets.current(shop, "1")
    checkout.settle(
        shop,
        "1",
        basket_id=basket.basket_id,
        version=basket.version,
        tendered=[("cash", 100), ("cash", 5_000_00)] if n % 4 == 0 else [("cash", 5_000_00)],
        operator_id="zhou",
        request_id=f"sale-{n}",
    )


@pytest.fixture
def store(tmp_path: Path) -> Path:
    """A closed file of some sales, all of it in its own pages."""
    path = tmp_path / "whole.db"
    open_store(path)
    shop = make_shop()
    for n in range(SALES):
        sell(shop, n)
    LEDGER.shut()
    assert not path.with_name("whole.db-wal").exists()
    return path


def told(path: Path) -> list[object]:
    """All that the five tables say, raw; an error where they cannot be read."""
    connection = sqlite3.connect(f"file:{path}?mode=ro&immutable=1", uri=True)
    connection.text_factory = bytes
    said: list[object] = []
    try:
        for table in TABLES:
            columns = "sale_id, n, currency, amount_minor, account = 'revenue:sales'"
            wanted = columns if table == "posting" else "*"
            try:
                said.append(connection.execute(f"SELECT {wanted} FROM {table} ORDER BY 1, 2").fetchall())
            except journal.UNREADABLE as error:
                said.append(str(error))
    finally:
        connection.close()
    return said


def found(path: Path) -> bool:
    """Whether the checks notice; they must answer, whatever is in the file."""
    try:
        LEDGER.open(path, read_only=True)
        return bool(books.faults() or journal.first_break() or books.differences())
    except journal.UNREADABLE:
        return True  # it does not even open: no check is needed to see that
    finally:
        LEDGER.shut()


def test_a_whole_file_has_nothing_to_find(store):
    assert not found(store)


@pytest.mark.parametrize("seed", range(4))
def test_every_flipped_bit_that_changes_a_sale_is_found(store, seed, tmp_path):
    chance = random.Random(seed)
    whole, truth = store.read_bytes(), told(store)
    damaged = tmp_path / "damaged.db"
    changed = noticed = 0
    for _ in range(FLIPS):
        at, bit = chance.randrange(100, len(whole)), chance.randrange(8)
        shutil.copy(store, damaged)
        with damaged.open("r+b") as file:
            file.seek(at)
            file.write(bytes([whole[at] ^ 1 << bit]))
        alarm, differs = found(damaged), told(damaged) != truth
        assert alarm or not differs, f"byte {at}, bit {bit}: a changed sale went unnoticed"
        changed, noticed = changed + differs, noticed + alarm
    sys.stdout.write(f"{FLIPS} flips: {changed} changed journal or sales, {noticed} noticed\n")
    assert changed > FLIPS // 8  # the other pages hold no sale
