"""Kill -9 at every write and sync of settle: no acknowledged sale is missing, none is half there."""

from __future__ import annotations

import re
import shutil
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from services.store import books, journal
from services.store.db import LEDGER
from tests.crash.seller import Run
from tests.shop import open_store

SALES = 3
ROOT = Path(__file__).parents[2]


class Seller:
    """The process that starts the runs."""

    def __init__(self) -> None:
        assert shutil.which("strace"), "these tests need strace (tests/install_packages.sh)"
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.crash.seller"],
            cwd=ROOT, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        )  # fmt: skip

    def sell(self, folder: Path, inject: str = "", sales: int = SALES, first: int = 1) -> int:
        """The exit code of one run."""
        assert self.process.stdin and self.process.stdout
        run = Run(str(folder), inject, sales, first)
        self.process.stdin.write(msgspec.json.encode(run).decode() + "\n")
        self.process.stdin.flush()
        return int(self.process.stdout.readline())


@pytest.fixture(scope="module")
def seller() -> Iterator[Seller]:
    seller = Seller()
    with seller.process:
        yield seller


@pytest.fixture(scope="module")
def fresh_store(seller: Seller, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store whose first sale has been made, closed cleanly: every run starts from its copy."""
    folder = tmp_path_factory.mktemp("fresh")
    assert seller.sell(folder, first=100, sales=1) == 0
    return folder


def copy_of(fresh: Path, tmp_path: Path, name: str) -> Path:
    folder = tmp_path / name
    folder.mkdir()
    for file in fresh.glob("shop.db*"):
        shutil.copy(file, folder)
    return folder


def faults_of(folder: Path) -> list[str]:
    """What is wrong in the store after a run: every promise of a sale, looked at by another process."""
    said = (folder / "said").read_text()
    acked = set(re.findall(r"ACK (\S+)", said))
    tried = said.count("SETTLE")
    open_store(folder / "shop.db")
    stored = {key for (key,) in LEDGER.execute_sql("SELECT key FROM request WHERE key LIKE 'sale-%'")}
    count = LEDGER.execute_sql("SELECT COUNT(*) FROM sale").fetchone()[0]
    jobs = LEDGER.execute_sql("SELECT COUNT(*) FROM job").fetchone()[0]
    wrong = books.differences()
    if journal.first_break():
        wrong.append("broken chain")
    if LEDGER.execute_sql("PRAGMA integrity_check").fetchone()[0] != "ok":
        wrong.append("integrity_check")
    if acked - stored:
        wrong.append(f"acknowledged but missing: {sorted(acked - stored)}")
    if not len(stored) == count <= tried + 1 or jobs != 2 * count or journal.head()[0] != count:
        wrong.append(f"stored {len(stored)} keys, {count} sales, {jobs} jobs, head {journal.head()[0]}")
    LEDGER.shut()
    return wrong


def points_of(seller: Seller, fresh: Path, tmp_path: Path) -> list[tuple[str, int]]:
    """Every (call, n-th time it is made) of a run that nothing disturbs. strace counts each call apart."""
    folder = copy_of(fresh, tmp_path, "count")
    assert seller.sell(folder) == 0, (folder / "trouble").read_text()
    assert faults_of(folder) == []
    made = Counter(re.findall(r"^\d+ +(\w+)\(", (folder / "trace").read_text(), re.MULTILINE))
    return [(call, n) for call, times in sorted(made.items()) for n in range(1, times + 1)]


@pytest.mark.parametrize(
    "fault",
    ["signal=SIGKILL:when={n}", "error=EIO:when={n}", "error=ENOSPC:when={n}", "error=EIO:when={n}+"],
)
def test_no_acknowledged_sale_is_missing_and_none_is_half(
    seller: Seller, fresh_store: Path, tmp_path: Path, fault: str
) -> None:
    points = points_of(seller, fresh_store, tmp_path)
    assert len(points) >= SALES * 3, f"strace saw only {points}"
    survivors, wrong = [], {}
    for call, n in points:
        folder = copy_of(fresh_store, tmp_path, f"{call}-{n}")
        if seller.sell(folder, f"{call}:{fault.format(n=n)}") != -signal.SIGKILL:
            survivors.append((call, n))
        if faults := faults_of(folder):
            wrong[call, n] = faults
        shutil.rmtree(folder)
    if fault.startswith("signal"):
        assert survivors == [], "the fault was not injected everywhere"
    assert wrong == {}


def test_the_test_sees_a_lost_sale(seller: Seller, fresh_store: Path, tmp_path: Path) -> None:
    """The control: a sale that was acknowledged and then taken out again is reported."""
    folder = copy_of(fresh_store, tmp_path, "control")
    assert seller.sell(folder) == 0
    open_store(folder / "shop.db")
    with LEDGER.write():
        LEDGER.execute_sql("DELETE FROM request WHERE key = 'sale-2'")
        LEDGER.execute_sql("DELETE FROM sale_line WHERE line_number = 1")
    LEDGER.shut()
    faults = faults_of(folder)
    assert any("acknowledged but missing" in fault for fault in faults)
    assert any("sale_line" in fault for fault in faults)
