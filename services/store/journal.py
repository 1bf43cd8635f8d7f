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
# What a read of a damaged file may raise: even SQLite's complaint need not be readable.
UNREADABLE = (sqlite3.DatabaseError, UnicodeDecodeError)
_DAMAGE = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_ERROR)
SEQ_MAX = 2**63 - 1
GENESIS = bytes(32)  # the hash before the first row


@dataclass(frozen=True, slots=True)
class JournalRow:
    """One committed event. Rows are appended, never edited and never removed."""

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
    """The oldest row; 0 for an empty journal."""
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


def first_break(from_seq: int = 0, upto: int = SEQ_MAX) -> int:
    """Check the chain after row `from_seq`, `upto` included: the first seq that does not fit or cannot be
    read, or 0 for an intact chain. Raises sqlite3.DatabaseError for trouble that is no damage."""
    good = from_seq
    try:
        before = hash_at(from_seq)
        for seq, body, hash_ in _blobs(from_seq, upto):
            if seq != good + 1 or hash_ != chained(before, body):
                return good + 1
            before, good = hash_, seq
    except KeyError:
        return from_seq
    except UNREADABLE as error:
        if not is_damage(error):
            raise
        return good + 1
    return 0


def is_damage(error: Exception) -> bool:
    """Whether the file is at fault: a broken page, an unreadable block, a lost table, text that is none."""
    code = getattr(error, "sqlite_errorcode", None)  # absent where Python itself could not decode
    return code is None or code & 0xFF in _DAMAGE


def _blobs(after: int, upto: int) -> Iterator[tuple[int, bytes, bytes]]:
    """(seq, body, hash), up to the first that cannot be read; empty bytes where something else is held."""
    yield from LEDGER.execute_sql(
        "SELECT seq, CASE typeof(body) WHEN 'blob' THEN body ELSE x'' END,"
        " CASE typeof(hash) WHEN 'blob' THEN hash ELSE x'' END"
        " FROM journal WHERE seq > ? AND seq <= ? ORDER BY seq",
        (after, upto),
    )
