"""The books of points rules: the newest holds, none is ever changed."""

from __future__ import annotations

from dataclasses import dataclass

import msgspec

from services.domain.points_events import PointsRulesChanged
from services.domain.points_rules import Book
from services.store.db import LEDGER

VERSIONS_MAX = 100  # of one list


@dataclass(frozen=True, slots=True)
class Version:
    """Version 0 is what a new shop begins with: no points."""

    version: int
    book: Book
    operator_id: str = ""
    at_ms: int = 0  # from when it holds


def newest() -> Version:
    rows = versions(1)
    return rows[0] if rows else Version(0, Book())


def versions(limit: int = VERSIONS_MAX) -> list[Version]:
    """The newest first."""
    rows = LEDGER.execute_sql(
        "SELECT version, body, operator_id, at_ms FROM points_book ORDER BY version DESC LIMIT ?", (limit,)
    )
    return [Version(version, _read_book(body), operator, at_ms) for version, body, operator, at_ms in rows]


def add(version: Version) -> None:
    LEDGER.execute_sql(
        "INSERT INTO points_book (version, body, operator_id, at_ms) VALUES (?, ?, ?, ?)",
        (version.version, _written(version.book), version.operator_id, version.at_ms),
    )


def differences() -> list[str]:
    """Every book that is not what the journal told."""
    told: dict[int, tuple[object, ...]] = {}
    for at_ms, body in LEDGER.execute_sql(
        "SELECT at_ms, body FROM journal WHERE type = ? ORDER BY seq", (PointsRulesChanged.type,)
    ):
        event = _read(body).data
        told[event.book_version] = (_written(event.book), event.operator_id, at_ms)
    stored = {
        row[0]: tuple(row[1:])
        for row in LEDGER.execute_sql("SELECT version, body, operator_id, at_ms FROM points_book")
    }
    return [
        f"points rules {version}: {stored.get(version)!r} but journal {told.get(version)!r}"
        for version in sorted(stored.keys() | told.keys())
        if stored.get(version) != told.get(version)
    ]


class _Told(msgspec.Struct):
    data: PointsRulesChanged


_read = msgspec.json.Decoder(_Told).decode
_read_book = msgspec.json.Decoder(Book).decode


def _written(book: Book) -> str:
    return msgspec.json.encode(book).decode()
