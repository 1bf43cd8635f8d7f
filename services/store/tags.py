"""The books of tags, and which tags are on whom."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from services.domain.tag_events import TagBookPublished, TagChanged
from services.domain.tags import Book, Evidence
from services.store.db import LEDGER

_read_book = msgspec.json.Decoder(Book).decode
_read_evidence = msgspec.json.Decoder(Evidence).decode
_COLUMNS = "is_on, by_hand, rule_version, evidence, sale_id, operator_id, reason"


@dataclass(frozen=True, slots=True)
class Held:
    """What was last said of a tag on one id of a person."""

    member_id: str
    tag: str
    on: bool
    by_hand: bool
    rule_version: int
    evidence: Evidence
    sale_id: str
    operator_id: str
    reason: str


def book() -> Book:
    """The newest; version 0, without tags, before the first."""
    row = LEDGER.execute_sql("SELECT body FROM tag_book ORDER BY version DESC LIMIT 1").fetchone()
    return _read_book(row[0]) if row else Book()


def add_book(new: Book, operator_id: str) -> None:
    LEDGER.execute_sql(
        "INSERT INTO tag_book (version, body, operator_id) VALUES (?, ?, ?)",
        (new.version, _written(new), operator_id),
    )


def of(member_ids: Sequence[str]) -> list[Held]:
    """All that was last said of these ids, all of one person: off as well as on."""
    marks = ", ".join("?" * len(member_ids))
    rows = LEDGER.execute_sql(
        f"SELECT member_id, tag, {_COLUMNS} FROM member_tag WHERE member_id IN ({marks})"
        " ORDER BY tag, member_id",
        tuple(member_ids),
    )
    return [_held(row) for row in rows]


def put(event: TagChanged) -> None:
    LEDGER.execute_sql(
        f"INSERT OR REPLACE INTO member_tag (member_id, tag, {_COLUMNS})"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (event.member_id, event.tag, *_row(event)),
    )


def swept() -> tuple[str, int, str]:
    """(day, version of the book, last member) of the round that looks again at everybody; "" for done."""
    row = LEDGER.execute_sql("SELECT day, version, cursor FROM tag_round").fetchone()
    return (str(row[0]), int(row[1]), str(row[2])) if row else ("", 0, "")


def set_swept(day: str, version: int, cursor: str) -> None:
    LEDGER.execute_sql(
        "INSERT OR REPLACE INTO tag_round (one, day, version, cursor) VALUES (1, ?, ?, ?)",
        (day, version, cursor),
    )


def people(after: str, limit: int) -> list[str]:
    """At most so many ids that have bought here or wear a rule's tag, behind `after`."""
    rows = LEDGER.execute_sql(
        "SELECT member_id FROM sale WHERE member_id > ? AND member_id <> ''"
        " UNION SELECT member_id FROM member_tag WHERE member_id > ? AND is_on AND NOT by_hand"
        " ORDER BY 1 LIMIT ?",
        (after, after, limit),
    )
    return [str(member_id) for (member_id,) in rows]


def counts() -> dict[str, int]:
    """How many living members wear each tag."""
    rows = LEDGER.execute_sql(
        "SELECT tag, COUNT(*) FROM member_tag JOIN member USING (member_id)"
        " WHERE is_on AND sealed IS NOT NULL GROUP BY tag"
    )
    return {str(tag): int(many) for tag, many in rows}


def wearing(tag: str, after: str, limit: int) -> list[str]:
    """At most so many living members who wear it, behind `after`."""
    rows = LEDGER.execute_sql(
        "SELECT member_id FROM member_tag JOIN member USING (member_id)"
        " WHERE is_on AND tag = ? AND member_id > ? AND sealed IS NOT NULL ORDER BY member_id LIMIT ?",
        (tag, after, limit),
    )
    return [str(member_id) for (member_id,) in rows]


def differences() -> list[str]:
    """Every book and tag that is not what the journal told."""
    return [
        f"{name} {key!r}: {stored.get(key)!r} but journal {told.get(key)!r}"
        for name, stored, told in (
            ("tags", dict(_stored_books()), dict(_told_books())),
            ("tag of", dict(_stored_tags()), dict(_told_tags())),
        )
        for key in sorted(stored.keys() | told.keys(), key=repr)
        if stored.get(key) != told.get(key)
    ]


_Row = tuple[object, tuple[object, ...]]


class _Published(msgspec.Struct):
    data: TagBookPublished


class _Changed(msgspec.Struct):
    data: TagChanged


_read_published = msgspec.json.Decoder(_Published).decode
_read_changed = msgspec.json.Decoder(_Changed).decode


def _bodies(kind: str) -> Iterator[bytes]:
    for (body,) in LEDGER.execute_sql("SELECT body FROM journal WHERE type = ? ORDER BY seq", (kind,)):
        yield body


def _stored_books() -> Iterator[_Row]:
    for version, *rest in LEDGER.execute_sql("SELECT version, body, operator_id FROM tag_book"):
        yield version, tuple(rest)


def _told_books() -> Iterator[_Row]:
    for body in _bodies(TagBookPublished.type):
        event = _read_published(body).data
        yield event.book.version, (_written(event.book), event.operator_id)


def _stored_tags() -> Iterator[_Row]:
    for member_id, tag, *rest in LEDGER.execute_sql(f"SELECT member_id, tag, {_COLUMNS} FROM member_tag"):
        yield (member_id, tag), tuple(rest)


def _told_tags() -> Iterator[_Row]:
    for body in _bodies(TagChanged.type):
        event = _read_changed(body).data
        yield (event.member_id, event.tag), _row(event)


def _row(event: TagChanged) -> tuple[object, ...]:
    evidence = msgspec.json.encode(event.evidence).decode()
    return (
        *(int(event.on), int(event.by_hand), event.rule_version, evidence),
        *(event.sale_id, event.operator_id, event.reason),
    )


def _written(book: Book) -> str:
    return msgspec.json.encode(book).decode()


def _held(row: tuple[Any, ...]) -> Held:
    member_id, tag, on, by_hand, rule_version, evidence, sale_id, operator_id, reason = row
    return Held(
        *(member_id, tag, bool(on), bool(by_hand), rule_version),
        *(_read_evidence(evidence), sale_id, operator_id, reason),
    )
