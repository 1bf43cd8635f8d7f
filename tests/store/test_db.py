"""The one writer: alone, in groups, and after its disk has failed it."""

from __future__ import annotations

import gc
import os
import random
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from services.domain.basket import Basket
from services.domain.errors import OutcomeUnknown, SaleUnknown
from services.flows import checkout
from services.store import baskets, db, schema
from services.store.db import LEDGER, AlreadyOpen
from tests.shop import open_store
from tests.waits import WAIT_S

ROOT = Path(__file__).parents[2]


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Path]:
    open_store(tmp_path / "shop.db")
    yield tmp_path / "shop.db"
    LEDGER.shut()


def put(key: str) -> None:
    with db.write():
        LEDGER.execute_sql("INSERT INTO box VALUES (?, '1')", (key,))


def keys() -> set[str]:
    return {key for (key,) in LEDGER.execute_sql("SELECT key FROM box")}


def run_all(threads: list[threading.Thread]) -> None:
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(WAIT_S)
    assert not any(thread.is_alive() for thread in threads), "somebody waits for a commit that never comes"


def test_a_second_writer_is_refused_and_a_killed_one_leaves_no_lock(store: Path) -> None:
    program = (
        "import sys, pathlib; from services.store.db import LEDGER, AlreadyOpen\n"
        "try: LEDGER.open(pathlib.Path(sys.argv[1])); print('open', flush=True); sys.stdin.read()\n"
        "except AlreadyOpen as refusal: print('refused', refusal)\n"
    )
    command = [sys.executable, "-c", program, str(store)]
    assert "refused" in subprocess.run(command, cwd=ROOT, capture_output=True, text=True, input="").stdout
    LEDGER.shut()
    with subprocess.Popen(
        command, cwd=ROOT, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as other:
        assert other.stdout is not None and other.stdout.readline() == "open\n"
        with pytest.raises(AlreadyOpen):
            LEDGER.open(store)
        other.kill()
    LEDGER.open(store)


def test_readers_are_welcome_beside_the_writer(store: Path) -> None:
    program = (
        "import sys, pathlib; from services.store.db import LEDGER\n"
        "LEDGER.open(pathlib.Path(sys.argv[1]), read_only=True)\n"
        "print(LEDGER.execute_sql('SELECT COUNT(*) FROM article').fetchone()[0])\n"
    )
    run = subprocess.run(
        [sys.executable, "-c", program, str(store)], cwd=ROOT, capture_output=True, text=True
    )
    assert run.stdout == "4\n"


def test_a_thread_that_does_not_write_cannot_change_anything(store: Path) -> None:
    with pytest.raises(sqlite3.OperationalError, match="readonly"):
        LEDGER.execute_sql("DELETE FROM article")


def test_threads_that_fail_and_threads_that_write_never_touch_each_other(store: Path) -> None:
    rng = random.Random(11)
    kept: set[str] = set()

    def work(name: int, plan: list[str]) -> None:
        for n, fate in enumerate(plan):
            key = f"{name}-{n}"
            try:
                with db.write():
                    LEDGER.execute_sql("INSERT INTO box VALUES (?, '1')", (key,))
                    if fate == "bug":
                        raise ZeroDivisionError
                    if fate == "repeat":
                        LEDGER.execute_sql("INSERT INTO box VALUES (?, '1')", (key,))
                    if fate == "exit":
                        raise SystemExit
                kept.add(key)
            except (ZeroDivisionError, sqlite3.IntegrityError, SystemExit):
                pass

    fates = ["keep", "keep", "bug", "repeat", "exit"]
    plans = [[rng.choice(fates) for _ in range(40)] for _ in range(8)]
    run_all([threading.Thread(target=work, args=(n, plan)) for n, plan in enumerate(plans)])
    assert len(kept) > 80
    assert keys() == kept


class Broken(sqlite3.Connection):
    """Fails at the statements whose beginning stands in `fails`."""

    fails: tuple[str, ...] = ()

    def execute(self, sql: str, *args: object) -> sqlite3.Cursor:  # type: ignore[override]
        if sql.startswith(type(self).fails or "\0"):
            raise sqlite3.OperationalError(f"disk I/O error at {sql}")
        return super().execute(sql, *args)  # type: ignore[arg-type]


@pytest.fixture
def breakable(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[type[Broken]]:
    real = sqlite3.connect
    with monkeypatch.context() as patch:
        patch.setattr(sqlite3, "connect", lambda *a, **k: real(*a, **{"factory": Broken, **k}))
        open_store(tmp_path / "shop.db")
        yield Broken
        Broken.fails = ()
        LEDGER.shut()


@pytest.mark.parametrize("fails", ["COMMIT", "BEGIN", "SAVEPOINT", "RELEASE", "ROLLBACK"])
def test_a_statement_of_the_group_that_fails_leaves_a_writer_that_works(
    breakable: type[Broken], fails: str
) -> None:
    answered: list[str] = []
    started = threading.Barrier(5)

    def work(n: int) -> None:
        started.wait()
        try:
            with db.write():
                LEDGER.execute_sql("INSERT INTO box VALUES (?, '1')", (f"t{n}",))
                if n == 4:
                    time.sleep(0.05)  # the others gather behind this one
                if fails == "ROLLBACK" and n % 2:
                    raise ZeroDivisionError
            answered.append(f"t{n}")
        except (OutcomeUnknown, ZeroDivisionError):
            pass

    breakable.fails = (fails,)
    run_all([threading.Thread(target=work, args=(n,)) for n in range(5)])
    breakable.fails = ()
    assert set(answered) <= keys(), "an acknowledged transaction is not there"
    put("afterwards")
    assert "afterwards" in keys()


def test_a_writer_that_cannot_be_opened_again_is_tried_again(
    breakable: type[Broken], monkeypatch: pytest.MonkeyPatch
) -> None:
    breakable.fails = ("COMMIT", "PRAGMA")
    for _ in range(3):
        with pytest.raises(OutcomeUnknown):
            put("lost")
    breakable.fails = ()
    put("found")
    assert keys() == {"found"}


def test_readers_of_threads_that_ended_are_let_go(store: Path) -> None:
    run_all([threading.Thread(target=keys) for _ in range(20)])
    gc.collect()
    assert len(LEDGER._readers) <= 1


def test_a_commit_whose_sync_failed_is_not_denied_before_it_is_overwritten(breakable: type[Broken]) -> None:
    """Its frames may stand whole in the log and come back; "nothing was charged" must be for sure."""
    breakable.fails = ("COMMIT",)
    with pytest.raises(OutcomeUnknown):
        put("lost")
    with pytest.raises(OutcomeUnknown):
        checkout.find_by_request("lost")
    breakable.fails = ()
    with pytest.raises(SaleUnknown):
        checkout.find_by_request("lost")
    assert keys() == {"doubts"}
    with pytest.raises(SaleUnknown):
        checkout.find_by_request("lost")
    assert LEDGER.execute_sql("SELECT value FROM box").fetchone() == ("1",), "one commit is enough"


def test_what_a_member_would_undo_is_kept_in_memory_and_goes_through_no_file(store: Path) -> None:
    put("before")
    LEDGER._waiting = 1  # the group stays open for one more
    group = LEDGER.enter()
    LEDGER.leave(group, None)
    LEDGER._waiting = 0
    with db.write():
        assert group.members == 2
        for n in range(200):
            LEDGER.execute_sql("INSERT INTO box VALUES (?, ?)", (f"{n * 7919 % 200:03d}", "x" * 900))
        LEDGER.execute_sql("UPDATE box SET value = value || 'y'")
        held = [os.readlink(path) for path in Path("/proc/self/fd").iterdir() if path.is_symlink()]
        assert not [name for name in held if "etilqs" in name]
    assert len(keys()) >= 200


def test_baskets_of_an_older_schema_are_there_after_the_step(tmp_path: Path, monkeypatch: Any) -> None:
    step = next(n for n, text in enumerate(schema.MIGRATIONS) if "RENAME TO basket" in text)
    LEDGER.open(tmp_path / "old.db")
    with monkeypatch.context() as older:
        older.setattr(schema, "MIGRATIONS", schema.MIGRATIONS[:step])
        schema.migrate()
    bag = Basket(basket_id="b", currency="CNY", version=3)
    with db.write():
        baskets.save("2", bag)
    schema.migrate()
    baskets._read.clear()
    assert baskets.load("2") == bag and baskets.load("1") is None
    LEDGER.shut()
