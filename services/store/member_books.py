"""Members against the journal: each row is what the events tell, seals included; it needs no key."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from services.domain.member_events import (
    MEMBER_EVENTS,
    MemberChanged,
    MemberConsented,
    MemberErased,
    MemberJoined,
    MemberMerged,
    MemberNoteChanged,
    MemberNoted,
    MembersToldApart,
    MemberUnmasked,
    MemberUnmerged,
)
from services.store.db import LEDGER

Row = tuple[object, ...]
Rows = dict[Row, Row]

# Each table with its key, then its other columns. `seen_at_ms` is left out: being asked for is no event.
TABLES: Mapping[str, tuple[str, str]] = {
    "member": ("member_id", "created_at_ms, changed_at_ms, revision, sealed, blocked, staff_id"),
    "member_alias": ("absorbed, survivor", "at_ms"),
    "member_apart": ("absorbed, survivor", "at_ms"),
    "member_consent": (
        "consent_id",
        "member_id, purpose, granted, text_id, text_version, text_hash, channel, evidence, operator_id,"
        " workstation_id, at_ms",
    ),
    "member_note": ("note_id", "member_id, kind, sealed, operator_id, at_ms, corrected_by, corrected_ms"),
    "member_look": ("look_id", "member_id, exported, operator_id, at_ms"),
}
_KINDS = {kind.type: kind for kind in MEMBER_EVENTS}


class _Fact(msgspec.Struct):
    data: msgspec.Raw


_read = msgspec.json.Decoder(_Fact).decode


def differences() -> list[str]:
    """Every row of a member's that the journal does not tell so, and members found by keys they cannot
    have. Each line names one row; none shows what it holds."""
    told: dict[str, Rows] = {table: {} for table in TABLES}
    marks = ", ".join("?" * len(_KINDS))
    for kind, at_ms, body in LEDGER.execute_sql(
        f"SELECT type, at_ms, body FROM journal WHERE type IN ({marks}) ORDER BY seq", tuple(_KINDS)
    ):
        _TELL[kind](told, msgspec.json.decode(_read(body).data, type=_KINDS[kind]), at_ms)
    return [line for table in TABLES for line in _compared(table, told[table])] + _strays()


def _compared(table: str, told: Rows) -> list[str]:
    key, rest = TABLES[table]
    width = key.count(",") + 1
    rows = LEDGER.execute_sql(f"SELECT {key}, {rest} FROM {table}").fetchall()
    stored = {tuple(row[:width]): tuple(row[width:]) for row in rows}
    names = [name.strip() for name in rest.split(",")]
    return [
        f"{table} {' '.join(map(str, key))}: {_what(names, stored.get(key), told.get(key))}"
        for key in sorted(stored.keys() | told.keys(), key=repr)
        if stored.get(key) != told.get(key)
    ]


def _what(names: list[str], stored: Row | None, told: Row | None) -> str:
    if stored is None or told is None:
        return "not in the journal" if told is None else "in the journal only"
    return ", ".join(n for n, one, two in zip(names, stored, told, strict=True) if one != two) + " differ"


def _strays() -> list[str]:
    """Keys that stand for nobody: of an unknown member, or of one who was erased."""
    rows = LEDGER.execute_sql(
        "SELECT DISTINCT k.member_id FROM member_key k LEFT JOIN member m USING (member_id)"
        " WHERE m.sealed IS NULL ORDER BY 1"
    )
    return [f"member_key {member_id}: of nobody" for (member_id,) in rows]


def _joined(told: dict[str, Rows], event: MemberJoined, at_ms: int) -> None:
    row = (event.created_at_ms, at_ms, event.revision, event.sealed, 0, "")
    told["member"][event.member_id,] = row


def _changed(told: dict[str, Rows], event: MemberChanged, at_ms: int) -> None:
    created = told["member"].get((event.member_id,), (0,))[0]
    row = (created, at_ms, event.revision, event.sealed, int(event.blocked), event.staff_id)
    told["member"][event.member_id,] = row


def _erased(told: dict[str, Rows], event: MemberErased, at_ms: int) -> None:
    created, _, revision, *_rest = told["member"].get((event.member_id,), (0, 0, 0))
    told["member"][event.member_id,] = (created, at_ms, revision, None, 0, "")
    notes = told["member_note"]
    told["member_note"] = {key: row for key, row in notes.items() if row[0] != event.member_id}


def _noted(told: dict[str, Rows], event: MemberNoted, at_ms: int) -> None:
    row = (event.member_id, event.kind, event.sealed, event.operator_id, at_ms, "", 0)
    told["member_note"][event.note_id,] = row


def _note_changed(told: dict[str, Rows], event: MemberNoteChanged, at_ms: int) -> None:
    before = told["member_note"].pop((event.note_id,), None)
    if before is not None and event.sealed:
        member_id, kind, _, author, written_ms, *_rest = before
        row = (member_id, kind, event.sealed, author, written_ms, event.operator_id, at_ms)
        told["member_note"][event.note_id,] = row


def _consented(told: dict[str, Rows], event: MemberConsented, at_ms: int) -> None:
    told["member_consent"][event.consent_id,] = (
        *(event.member_id, event.purpose, int(event.granted), event.text_id, event.text_version),
        *(event.text_hash, event.channel, event.evidence, event.operator_id, event.workstation_id, at_ms),
    )


def _unmasked(told: dict[str, Rows], event: MemberUnmasked, at_ms: int) -> None:
    row = (event.member_id, int(event.exported), event.operator_id, at_ms)
    told["member_look"][event.look_id,] = row


def _merged(told: dict[str, Rows], event: MemberMerged, at_ms: int) -> None:
    told["member_alias"][event.absorbed, event.survivor] = (at_ms,)
    told["member_apart"].pop((event.absorbed, event.survivor), None)


def _unmerged(told: dict[str, Rows], event: MemberUnmerged, at_ms: int) -> None:
    told["member_alias"].pop((event.absorbed, event.survivor), None)
    told["member_apart"][event.absorbed, event.survivor] = (at_ms,)


def _told_apart(told: dict[str, Rows], event: MembersToldApart, at_ms: int) -> None:
    told["member_apart"][event.absorbed, event.survivor] = (at_ms,)


_TELL: Mapping[str, Callable[[dict[str, Rows], Any, int], None]] = {
    MemberJoined.type: _joined,
    MemberChanged.type: _changed,
    MemberErased.type: _erased,
    MemberConsented.type: _consented,
    MemberNoted.type: _noted,
    MemberNoteChanged.type: _note_changed,
    MemberUnmasked.type: _unmasked,
    MemberMerged.type: _merged,
    MemberUnmerged.type: _unmerged,
    MembersToldApart.type: _told_apart,
}
