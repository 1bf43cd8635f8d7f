"""The journal's chain: every row hangs on the one before, and a page that cannot be read is a break."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from services.store import journal
from services.store.db import LEDGER
from tests.shop import open_store

ROWS = 200


@pytest.fixture
def written(tmp_path: Path) -> Path:
    """The closed file of a journal of some pages."""
    path = tmp_path / "journal.db"
    open_store(path)
    with LEDGER.write():
        before = journal.head()[1]
        for seq in range(1, ROWS + 1):
            body = f'{{"seq":{seq},"filling":"{"x" * 200}"}}'.encode()
            journal.append(seq, "test", seq, body, before)
            before = journal.chained(before, body)
    LEDGER.shut()
    return path


def first_break(path: Path, *span: int) -> int:
    LEDGER.open(path, read_only=True)
    try:
        return journal.first_break(*span)
    finally:
        LEDGER.shut()


def test_an_intact_chain_has_no_break_from_wherever_it_is_looked_at(written):
    assert [first_break(written, *span) for span in ((), (77,), (0, 100), (100, ROWS), (ROWS,))] == [0] * 5


@pytest.mark.parametrize(
    ("change", "at"),
    [
        ("UPDATE journal SET body = x'00' WHERE seq = 90", 90),
        ("UPDATE journal SET body = CAST(body AS TEXT) WHERE seq = 90", 90),
        ("UPDATE journal SET hash = x'' WHERE seq = 90", 90),
        ("UPDATE journal SET hash = 7 WHERE seq = 90", 90),
        ("DELETE FROM journal WHERE seq = 90", 90),
        ("DELETE FROM journal WHERE seq = 1", 1),
    ],
)
def test_a_row_that_was_changed_or_lost_is_the_break(written, change, at):
    with sqlite3.connect(written) as connection:
        connection.execute(change)
    connection.close()
    assert (first_break(written), first_break(written, 0, at - 1), first_break(written, 0, at + 1)) == (
        at,
        0,
        at,
    )


def test_a_page_that_cannot_be_read_is_a_break(written):
    connection = sqlite3.connect(written)
    pages = connection.execute("SELECT pageno FROM dbstat WHERE name = 'journal' AND pagetype = 'leaf'")
    (page,) = pages.fetchall()[3]
    (size,) = connection.execute("PRAGMA page_size").fetchone()
    connection.close()
    with written.open("r+b") as file:
        file.seek((page - 1) * size)
        file.write(b"\xff" * size)
    at = first_break(written)
    assert 1 < at < ROWS
    assert first_break(written, at - 1) == at, "the same from the row before"
    assert first_break(written, 0, at - 1) == 0


def test_a_file_that_is_locked_is_not_called_broken(written, monkeypatch):
    LEDGER.open(written, read_only=True)
    other = sqlite3.connect(written, isolation_level=None)
    try:
        other.execute("PRAGMA locking_mode = EXCLUSIVE")
        other.execute("PRAGMA journal_mode = DELETE")
        other.execute("BEGIN EXCLUSIVE")
        LEDGER.execute_sql("PRAGMA busy_timeout = 1")
        with pytest.raises(sqlite3.OperationalError):
            journal.first_break()
    finally:
        other.close()
        LEDGER.shut()
