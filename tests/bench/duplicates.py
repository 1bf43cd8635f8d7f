"""A million members: who is one person, from and back into SQLite, against Polars; and finding one of them.

Both start from the same file and write the same rows, each in a process of its own: processor time is
compared, since both of Polars' threads count. Polars reads through ADBC, its fastest way into SQLite.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from random import Random

from services.domain import profile
from services.flows import duplicates as flow
from services.flows import members as people
from services.store import db, members, sealed
from services.store.db import LEDGER
from services.store.sealed import VAULT
from tests.bench.figure import Figure, peak_mb, percentile
from tests.bench.members_base import filled
from tests.made_members import registrations
from tests.shop import KEYRING, START_MS, make_shop, open_store
from tests.stack import ROOT

MEMBERS = 1_000_000
LOOKED_UP = 2_000
SECONDS, TIMES, MEMORY_MB, LOOKUP_MS = 10.0, 1.3, 400, 5.0
_FOUND = "SELECT absorbed, survivor, likeness FROM member_pair ORDER BY absorbed, survivor"


def figures(count: int = MEMBERS) -> Iterator[Figure]:
    """All of them take some three minutes, most of it to make the members."""
    with tempfile.TemporaryDirectory(dir=ROOT / "build") as folder:
        base = Path(folder) / "base.db"
        filled(base, registrations(count), seal=False)
        ours, reference = (_measured(base, who) for who in ("ours", "polars"))
        assert ours["rows"] == reference["rows"], "the same pairs, or nothing is compared"
        lookups = _child("lookup", base)
    yield Figure(
        f"{count:,} members, who is one person, CPU",
        f"{ours['cpu_s']:.2f} s",
        f"{SECONDS:g} s",
        ours["cpu_s"],
        SECONDS,
    )
    yield Figure(
        "the same against Polars, CPU",
        f"{ours['cpu_s']:.2f} s",
        f"Polars {reference['cpu_s']:.2f} s",
        ours["cpu_s"] / reference["cpu_s"],
        TIMES,
    )
    yield Figure(
        "the same, most memory",
        f"{ours['mb']:.0f} MB",
        f"Polars {reference['mb']:.0f} MB",
        ours["mb"],
        MEMORY_MB,
    )
    yield Figure(
        f"recognise one of {count:,}, p99",
        f"{lookups['p99_ms']:.2f} ms",
        f"{LOOKUP_MS:g} ms",
        lookups["p99_ms"],
        LOOKUP_MS,
    )


def _measured(base: Path, who: str) -> dict[str, float]:
    copy = base.with_name(f"{who}.db")
    shutil.copy(base, copy)
    return _child(who, copy)


def _child(who: str, path: Path) -> dict[str, float]:
    run = subprocess.run(
        [sys.executable, "-m", "tests.bench.duplicates", who, str(path)],
        cwd=ROOT,
        check=True,
        stdout=subprocess.PIPE,
        text=True,
    )
    said: dict[str, float] = json.loads(run.stdout.splitlines()[-1])
    return said


def _ours(path: Path) -> None:
    LEDGER.open(path)
    flow.sweep(make_shop(), whole=True)


def _lookup(path: Path) -> dict[str, float]:
    """Phones of members who are there, and opened: the seal is part of what a till waits for."""
    open_store(path)
    shop, took = make_shop(), []
    (count,) = LEDGER.execute_sql("SELECT COUNT(*) FROM member").fetchone()
    apart = count // LOOKED_UP
    known = [each.given["phone"] for n, each in enumerate(registrations(count)) if n % apart == 0]
    with db.write():
        for text in known:
            _seal(text)
    Random(2).shuffle(known)
    for text in known:
        begun = time.perf_counter()
        assert people.recognise(shop, text)
        took.append((time.perf_counter() - begun) * 1e3)
    return {"p99_ms": percentile(took, 99)}


def _seal(text: str) -> None:
    """Whoever has this phone gets a seal that opens."""
    mine = profile.changed({}, profile.normalised({"phone": text}), (), START_MS)
    digest = sealed.blind(KEYRING, "phone", profile.value(mine, "phone"))
    for member_id in members.found_by([("phone", digest)]):
        VAULT.create(member_id)
        blob = VAULT.seal(member_id, profile.written(mine), people._context(member_id, 1))
        LEDGER.execute_sql("UPDATE member SET sealed = ? WHERE member_id = ?", (blob, member_id))


def _main(who: str, path: Path) -> None:
    said: dict[str, object] = {}
    if who == "lookup":
        said.update(_lookup(path))
    else:
        sweep = _ours
        if who == "polars":  # a process of ours does not carry it
            from tests.bench.duplicates_polars import sweep
        begun = time.process_time()
        sweep(path)
        said["cpu_s"] = time.process_time() - begun
        said["mb"] = peak_mb()
        rows = hashlib.sha256()
        with sqlite3.connect(path) as connection:
            said["n"] = sum(rows.update(repr(row).encode()) is None for row in connection.execute(_FOUND))
        said["rows"] = rows.hexdigest()
    sys.stdout.write(json.dumps(said) + "\n")


if __name__ == "__main__":
    _main(sys.argv[1], Path(sys.argv[2]))
