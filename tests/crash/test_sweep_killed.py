"""The sweep of look-alikes, killed while it works: its suggestions are those of before, or all new ones."""

from __future__ import annotations

import shutil
import subprocess
import sys
import time
from pathlib import Path

from services import initials
from services.flows import resemblance
from services.store import duplicates
from services.store.db import LEDGER
from services.store.sealed import VAULT
from tests.bench.members_base import filled
from tests.made_slips import registrations
from tests.shop import make_shop, open_store
from tests.stack import ROOT

MEMBERS, KILLS = 4_000, 4
LATER_S = 0.04  # each kill comes so much later than the one before


def test_a_killed_run_leaves_all_as_it_was_and_the_next_one_ends_it(tmp_path: Path) -> None:
    base = tmp_path / "base.db"
    filled(base, registrations(MEMBERS), seal=True)
    seen = []
    for n in range(KILLS):
        path = tmp_path / f"{n}.db"
        for suffix in (".db", ".keys.db"):
            shutil.copy(base.with_suffix(suffix), path.with_suffix(suffix))
        with subprocess.Popen(
            [sys.executable, "-m", "tests.crash.sweeper", str(path)], cwd=ROOT, stdout=subprocess.PIPE
        ) as child:
            assert child.stdout is not None and b"members read" in child.stdout.readline()
            time.sleep(n * LATER_S)
            child.kill()
        open_store(path)
        before = duplicates.guesses()
        found = resemblance.suggest(make_shop(), initials.syllable, lambda _: None)
        seen.append((len(before), found.pairs))
        LEDGER.shut()
        VAULT.shut()
    assert {pairs for _, pairs in seen} == {seen[0][1]}, "always the same end"
    assert {held for held, _ in seen} <= {0, seen[0][1]} and seen[0][0] == 0, seen
