"""The uplink's claim: a live ledger is read from a read-only mount, without a stale answer or an error."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SEALED = 'mount --bind "$1" "$1" && mount -o remount,ro,bind "$1" && shift && exec "$@"'

WRITER = """
import sys, threading
from services.store.db import open_writer
ledger = open_writer(sys.argv[1] + "/store.db")
ledger.execute("CREATE TABLE IF NOT EXISTS t(i INTEGER PRIMARY KEY, x)")
for line in sys.stdin:  # commit one row for each line, then say so
    ledger.execute("INSERT INTO t(x) VALUES (zeroblob(20000))")
    print(ledger.execute("SELECT max(i) FROM t").fetchone()[0], flush=True)
ledger.close()
"""
READER = """
import os, sys
from services.store.db import open_reader
folder = sys.argv[1]
assert not os.access(folder, os.W_OK)
ledger = None
for line in sys.stdin:
    ledger = ledger or open_reader(folder + "/store.db")
    print(ledger.execute("SELECT max(i) FROM t").fetchone()[0], flush=True)
"""


class Process:
    """A program that answers each line with one line."""

    def __init__(self, code: str, folder: Path, *before: str) -> None:
        self._popen = subprocess.Popen(
            [*before, sys.executable, "-c", code, str(folder)],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            bufsize=1,
        )

    def ask(self) -> int:
        assert self._popen.stdin and self._popen.stdout
        self._popen.stdin.write("\n")
        answer = self._popen.stdout.readline()
        assert answer, "the process has ended"
        return int(answer)

    def end(self, *, kill: bool = False) -> None:
        if kill:
            self._popen.send_signal(signal.SIGKILL)
        self._popen.communicate(timeout=20)


@pytest.fixture
def folder(tmp_path):
    first = Process(WRITER, tmp_path)
    first.ask()
    first.end()  # leaves the database alone, without WAL
    return tmp_path


def sealed_reader(folder: Path) -> Process:
    own = ["unshare", "--mount", *([] if os.getuid() == 0 else ["--map-root-user"])]
    return Process(READER, folder, *own, "--propagation", "private", "sh", "-c", SEALED, "-", str(folder))


def test_every_commit_is_seen_at_once_also_over_checkpoints(folder):
    writer = Process(WRITER, folder)
    writer.ask()
    reader = sealed_reader(folder)
    for _ in range(500):  # 10 MB: the log is written back and begun again more than once
        assert writer.ask() == reader.ask()
    reader.end()
    writer.end()


@pytest.mark.parametrize("kill", [True, False])
def test_the_writer_may_go_and_come_back(folder, kill):
    writer = Process(WRITER, folder)
    reader = sealed_reader(folder)
    for _ in range(3):
        for _ in range(20):
            newest = writer.ask()
            assert reader.ask() == newest
        writer.end(kill=kill)
        assert reader.ask() == newest
        writer = Process(WRITER, folder)
    reader.end()
    writer.end()
