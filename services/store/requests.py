"""Idempotency keys: what each was for, and the answer it got."""

from __future__ import annotations

import hashlib

import msgspec

from services.domain.errors import RequestReused
from services.store.db import LEDGER


def fingerprint(*parts: object) -> bytes:
    """What a request asked for, as 32 bytes. `parts` are JSON types in a fixed order.

    They are what was asked, never what it was found to mean: of a member the id that was named, and not the
    ids of their person, who may be merged, parted and erased before a lost answer is asked for again.
    """
    return hashlib.sha256(msgspec.json.encode(parts)).digest()


def answer(key: str, fingerprint: bytes) -> str | None:
    """The first answer to `key`, or None for a new one.

    Raises RequestReused when the key was used for a request with another fingerprint.
    """
    row = LEDGER.execute_sql("SELECT fingerprint, answer FROM request WHERE key = ?", (key,)).fetchone()
    if row is None:
        return None
    if bytes(row[0]) != fingerprint:
        raise RequestReused("this key was used for another request", key=key)
    return str(row[1])


def again(key: str, fingerprint: bytes, since_ms: int) -> bool:
    """Whether `key` is the repeat of a request that was answered since then.

    Raises RequestReused as answer() does, and for the repeat of an older one.
    """
    row = LEDGER.execute_sql("SELECT fingerprint, at_ms FROM request WHERE key = ?", (key,)).fetchone()
    if row is None:
        return False
    if bytes(row[0]) != fingerprint or int(row[1]) <= since_ms:
        raise RequestReused("this key was used for another request, or long ago", key=key)
    return True


def find(key: str) -> str | None:
    """The first answer to `key` whatever it was for, or None."""
    row = LEDGER.execute_sql("SELECT answer FROM request WHERE key = ?", (key,)).fetchone()
    return str(row[0]) if row else None


def claim(key: str, asked: bytes, given: str, at_ms: int) -> str | None:
    """Take `key` for the answer `given`, inside the transaction that makes it true; None: it is new.

    Otherwise the first answer, and nothing changes. Raises RequestReused as answer() does.
    """
    added = LEDGER.execute_sql(
        "INSERT INTO request (key, fingerprint, answer, at_ms) VALUES (?, ?, ?, ?)"
        " ON CONFLICT (key) DO NOTHING",
        (key, asked, given, at_ms),
    )
    return None if added.rowcount else answer(key, asked)


def remember(key: str, fingerprint: bytes, given: str, at_ms: int) -> None:
    LEDGER.execute_sql(
        "INSERT INTO request (key, fingerprint, answer, at_ms) VALUES (?, ?, ?, ?)",
        (key, fingerprint, given, at_ms),
    )
