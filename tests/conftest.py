"""Fixtures every test may use: a clock, and a shop on a real SQLite file of its own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from services.flows.shop import Shop
from services.store.db import LEDGER
from tests.shop import Clock, make_shop, open_store


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def shop(tmp_path: Path, clock: Clock) -> Iterator[Shop]:
    open_store(tmp_path / "shop.db")
    yield make_shop(clock)
    LEDGER.shut()
