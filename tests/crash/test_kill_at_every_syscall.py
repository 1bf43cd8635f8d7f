"""Kill -9 at every write and sync of settle: no acknowledged sale is missing, none is half there."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from services.store import books, journal
from services.store.db import LEDGER
from tests.shop import open_store

SALES = 3
RUN_S = 60
CALLS = "pwrite64,fdatasync,fsync,ftruncate"
ROOT = Path(__file__).parents[2]


def sell(
    folder: Path, inject: str = "", sales: int = SALES, first: int = 1
) -> subprocess.CompletedProcess[str]:
    """Run the seller under strace on the database's files alone; `inject` is strace's expression."""
    database = folder / "shop.db"
    watched = [part for suffix in ("", "-wal") for part in ("-P", f"{database}{suffix}")]
    command = [
        "strace", "-f", "-qq", "-o", str(folder / "trace"), *watched,
        "-e", f"trace={CALLS}", *(["-e", f"inject={inject}"] if inject else []),
        sys.executable, "-m", "tests.crash.seller", str(database), str(sales), str(first),
    ]  # fmt: skip
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=RUN_S)


@pytest.fixture(scope="module")
def fresh_store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store whose first sale has been made, closed cleanly: every run starts from its copy."""
    assert shutil.which("strace"), "these tests need strace (tests/install_packages.sh)"
    folder = tmp_path_factory.mktemp("fresh")
    assert sell(folder, first=100, sales=1).returncode == 0
    return folder


def copy_of(fresh: Path, tmp_path: Path, name: str) -> Path:
    folder = tmp_path / name
    folder.mkdir()
    for file in fresh.glob("shop.db*"):
        shutil.copy(file, folder)
    return folder


def faults_of(folder: Path, run: subprocess.CompletedProcess[str]) -> list[str]:
    """What is wrong in the store after `run`: every promise of a sale, looked at by another process."""
    acked = set(re.findall(r"ACK (\S+)", run.stdout))
    tried = run.stdout.count("SETTLE")
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


def points_of(fresh: Path, tmp_path: Path) -> list[tuple[str, int]]:
    """Every (call, n-th time it is made) of a run that nothing disturbs. strace counts each call apart."""
    folder = copy_of(fresh, tmp_path, "count")
    run = sell(folder)
    assert run.returncode == 0, run.stderr
    assert faults_of(folder, run) == []
    made = Counter(re.findall(r"^\d+ +(\w+)\(", (folder / "trace").read_text(), re.MULTILINE))
    return [(call, n) for call, times in sorted(made.items()) for n in range(1, times + 1)]


@pytest.mark.parametrize(
    "fault",
    ["signal=SIGKILL:when={n}", "error=EIO:when={n}", "error=ENOSPC:when={n}", "error=EIO:when={n}+"],
)
def test_no_acknowledged_sale_is_missing_and_none_is_half(
    fresh_store: Path, tmp_path: Path, fault: str
) -> None:
    points = points_of(fresh_store, tmp_path)
    assert len(points) >= SALES * 3, f"strace saw only {points}"

    def one(point: tuple[str, int]) -> tuple[tuple[str, int], Path, subprocess.CompletedProcess[str]]:
        call, n = point
        folder = copy_of(fresh_store, tmp_path, f"{call}-{n}")
        return point, folder, sell(folder, f"{call}:{fault.format(n=n)}")

    with ThreadPoolExecutor(os.cpu_count()) as pool:
        runs = list(pool.map(one, points))
    if fault.startswith("signal"):
        survivors = [point for point, _, run in runs if run.returncode not in (-signal.SIGKILL, 137)]
        assert survivors == [], "the fault was not injected everywhere"
    wrong = {point: faults for point, folder, run in runs if (faults := faults_of(folder, run))}
    assert wrong == {}


def test_the_test_sees_a_lost_sale(fresh_store: Path, tmp_path: Path) -> None:
    """The control: a sale that was acknowledged and then taken out again is reported."""
    folder = copy_of(fresh_store, tmp_path, "control")
    run = sell(folder)
    open_store(folder / "shop.db")
    with LEDGER.write():
        LEDGER.execute_sql("DELETE FROM request WHERE key = 'sale-2'")
        LEDGER.execute_sql("DELETE FROM sale_line WHERE line_number = 1")
    LEDGER.shut()
    faults = faults_of(folder, run)
    assert any("acknowledged but missing" in fault for fault in faults)
    assert any("sale_line" in fault for fault in faults)
