"""The journal: every committed fact once, hash-chained, read by followers with a cursor each."""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass

from services.domain.errors import OutcomeUnknown
from services.store.db import LEDGER

BATCH_MAX = 1_000  # rows of one read
# What a write may raise when the disk is in trouble: from a statement, from the commit.
TROUBLE = (sqlite3.Error, OutcomeUnknown)
GENESIS = bytes(32)  # the hash before the first row


@dataclass(frozen=True, slots=True)
class JournalRow:
    """One committed event. Rows are appended and pruned, never edited."""

    seq: int
    type: str
    at_ms: int
    body: bytes  # the event as it goes to HQ, byte for byte
    hash: bytes


def chained(before: bytes, body: bytes) -> bytes:
    """The hash of a row: SHA-256 over the hash before it and its body. HQ computes the same."""
    return hashlib.sha256(before + body).digest()


def head() -> tuple[int, bytes]:
    """(seq, hash) of the newest row; (0, GENESIS) before the first."""
    row = LEDGER.execute_sql("SELECT seq, hash FROM journal ORDER BY seq DESC LIMIT 1").fetchone()
    return (int(row[0]), bytes(row[1])) if row else (0, GENESIS)


def first() -> int:
    """The oldest row still kept; 0 for an empty journal."""
    return int(LEDGER.execute_sql("SELECT COALESCE(MIN(seq), 0) FROM journal").fetchone()[0])


def newest_at_ms() -> int:
    """When the newest fact was recorded; 0 before the first."""
    row = LEDGER.execute_sql("SELECT at_ms FROM journal ORDER BY seq DESC LIMIT 1").fetchone()
    return int(row[0]) if row else 0


def append(seq: int, kind: str, at_ms: int, body: bytes, before: bytes) -> None:
    """Add the row after head(), in the transaction that makes the fact true."""
    LEDGER.execute_sql(
        "INSERT INTO journal (seq, type, at_ms, body, hash) VALUES (?, ?, ?, ?, ?)",
        (seq, kind, at_ms, body, chained(before, body)),
    )


def after(seq: int, limit: int) -> list[JournalRow]:
    """The oldest rows beyond `seq`, in order, at most `limit` of them."""
    assert 0 < limit <= BATCH_MAX, limit
    rows = LEDGER.execute_sql(
        "SELECT seq, type, at_ms, body, hash FROM journal WHERE seq > ? ORDER BY seq LIMIT ?", (seq, limit)
    )
    return [JournalRow(*row) for row in rows]


def hash_at(seq: int) -> bytes:
    """The chain's hash after row `seq`; GENESIS for 0. Raises KeyError for a row that is not there."""
    if seq == 0:
        return GENESIS
    row = LEDGER.execute_sql("SELECT hash FROM journal WHERE seq = ?", (seq,)).fetchone()
    if row is None:
        raise KeyError(seq)
    return bytes(row[0])


def cursor(reader: str) -> tuple[int, int]:
    """(last acknowledged seq, when) of `reader`; (0, 0) before its first."""
    row = LEDGER.execute_sql("SELECT seq, at_ms FROM cursor WHERE reader = ?", (reader,)).fetchone()
    return (int(row[0]), int(row[1])) if row else (0, 0)


def acknowledge(reader: str, seq: int, at_ms: int) -> None:
    """Move `reader`'s cursor forward to `seq`. It never moves back and never beyond the head."""
    assert seq <= head()[0], f"cursor {reader} beyond the journal: {seq}"
    LEDGER.execute_sql(
        "INSERT INTO cursor (reader, seq, at_ms) VALUES (?, ?, ?) ON CONFLICT (reader) DO UPDATE"
        " SET seq = excluded.seq, at_ms = excluded.at_ms WHERE cursor.seq < excluded.seq",
        (reader, seq, at_ms),
    )


def first_break(from_seq: int = 0, to_seq: int | None = None) -> int:
    """Check the chain after row `from_seq`, to its end or to `to_seq`.

    The first seq that does not fit or is not there, or 0 for an intact chain.
    """
    before = hash_at(from_seq)
    expected = from_seq + 1
    for row in _all_after(from_seq):
        if to_seq is not None and expected > to_seq:
            return 0
        if row.seq != expected or row.hash != chained(before, row.body):
            return row.seq
        before, expected = row.hash, expected + 1
    return expected if to_seq is not None and expected <= to_seq else 0


def _all_after(seq: int) -> Iterator[JournalRow]:
    while rows := after(seq, BATCH_MAX):
        yield from rows
        seq = rows[-1].seq
