"""Fixtures every test may use: a clock, and a shop on a real SQLite file of its own."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from services.flows.shop import Shop
from services.store.db import LEDGER
from services.store.sealed import VAULT
from tests.shop import Clock, make_shop, open_store

# A store of a test is four processes: each begins in half the time where its modules are compiled once.
sys.dont_write_bytecode = False
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)

MEMORY, ROOM_BYTES = Path("/dev/shm"), 1 << 30


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--soak", action="store_true", help="the same tests, for much longer (make soak)")


def pytest_configure(config: pytest.Config) -> None:
    """The same examples every time, so that a red run is this change's own; a soak looks for new ones.

    Where memory has room the files of tests lie there: a sync costs nothing, and none pulls the plug.
    """
    settings.register_profile("same", derandomize=True)
    if not config.getoption("--soak"):
        settings.load_profile("same")
    if MEMORY.is_dir() and shutil.disk_usage(MEMORY).free > ROOM_BYTES:
        os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(MEMORY))


@pytest.fixture(scope="session")
def soak(request: pytest.FixtureRequest) -> int:
    """How many times longer than usual a test of chance shall run: 1, or 20 with --soak."""
    return 20 if request.config.getoption("--soak") else 1


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def shop(tmp_path: Path, clock: Clock) -> Iterator[Shop]:
    open_store(tmp_path / "shop.db")
    yield make_shop(clock)
    VAULT.shut()
    LEDGER.shut()
