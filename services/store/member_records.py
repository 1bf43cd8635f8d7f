"""What is kept about members beside their data: consents, who looked at what, what they bought."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from services.domain.consents import Consent
from services.store.db import LEDGER

SALES_MAX = 10_000  # of one member's copy
_NOTE = (
    "SELECT note_id, member_id, kind, sealed, operator_id, at_ms, corrected_by, corrected_ms"
    " FROM member_note"
)


@dataclass(frozen=True, slots=True)
class BoughtLine:
    number: str
    business_day: str
    currency: str
    name: str
    variant: str
    quantity: int
    net_minor: int


@dataclass(frozen=True, slots=True)
class NoteRow:
    """A note of a member; what it says is sealed."""

    note_id: str
    member_id: str
    kind: str
    sealed: bytes
    operator_id: str
    at_ms: int
    corrected_by: str = ""
    corrected_ms: int = 0


def add_consent(consent: Consent) -> None:
    LEDGER.execute_sql(
        "INSERT INTO member_consent (consent_id, member_id, purpose, granted, text_id, text_version,"
        " text_hash, channel, evidence, operator_id, workstation_id, at_ms)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            *(consent.consent_id, consent.member_id, consent.purpose, int(consent.granted)),
            *(consent.text_id, consent.text_version, consent.text_hash, consent.channel),
            *(consent.evidence, consent.operator_id, consent.workstation_id, consent.at_ms),
        ),
    )


def consents(ids: Sequence[str]) -> list[Consent]:
    """Every word of these ids, oldest first."""
    rows = LEDGER.execute_sql(
        "SELECT consent_id, member_id, purpose, granted, text_id, text_version, text_hash, channel,"
        " evidence, operator_id, workstation_id, at_ms FROM member_consent WHERE member_id IN"
        f" ({_marks(ids)}) ORDER BY at_ms, consent_id",
        tuple(ids),
    )
    return [Consent(*(*row[:3], bool(row[3]), *row[4:])) for row in rows]


def add_look(look_id: str, member_id: str, operator_id: str, at_ms: int, *, exported: bool) -> None:
    LEDGER.execute_sql(
        "INSERT INTO member_look (look_id, member_id, exported, operator_id, at_ms) VALUES (?, ?, ?, ?, ?)",
        (look_id, member_id, int(exported), operator_id, at_ms),
    )


def looks_since(operator_id: str, since_ms: int) -> list[int]:
    """When somebody looked or took a copy, oldest first."""
    rows = LEDGER.execute_sql(
        "SELECT at_ms FROM member_look WHERE operator_id = ? AND at_ms > ? ORDER BY at_ms",
        (operator_id, since_ms),
    )
    return [int(row[0]) for row in rows]


def bought(ids: Sequence[str]) -> list[BoughtLine]:
    """The lines of what these ids bought and brought back, oldest first."""
    rows = LEDGER.execute_sql(
        "SELECT s.number, s.business_day, s.currency, l.name, l.variant, l.quantity, l.net_minor"
        f" FROM sale s JOIN sale_line l USING (sale_id) WHERE s.member_id IN ({_marks(ids)})"
        " AND s.member_id <> '' AND NOT l.voided ORDER BY s.ended_at_ms, s.sale_id, l.line_number LIMIT ?",
        (*ids, SALES_MAX),
    )
    return [BoughtLine(*row) for row in rows]


def add_note(row: NoteRow) -> None:
    LEDGER.execute_sql(
        "INSERT INTO member_note (note_id, member_id, kind, sealed, operator_id, at_ms)"
        " VALUES (?, ?, ?, ?, ?, ?)",
        (row.note_id, row.member_id, row.kind, row.sealed, row.operator_id, row.at_ms),
    )


def notes(ids: Sequence[str]) -> list[NoteRow]:
    """All of these ids, as they were written down."""
    rows = LEDGER.execute_sql(
        f"{_NOTE} WHERE member_id IN ({_marks(ids)}) ORDER BY at_ms, note_id", tuple(ids)
    )
    return [NoteRow(*(*row[:3], bytes(row[3]), *row[4:])) for row in rows]


def note(note_id: str) -> NoteRow | None:
    row = LEDGER.execute_sql(f"{_NOTE} WHERE note_id = ?", (note_id,)).fetchone()
    return NoteRow(*(*row[:3], bytes(row[3]), *row[4:])) if row else None


def correct_note(row: NoteRow) -> None:
    LEDGER.execute_sql(
        "UPDATE member_note SET sealed = ?, corrected_by = ?, corrected_ms = ? WHERE note_id = ?",
        (row.sealed, row.corrected_by, row.corrected_ms, row.note_id),
    )


def drop_note(note_id: str) -> None:
    LEDGER.execute_sql("DELETE FROM member_note WHERE note_id = ?", (note_id,))


def notes_of(ids: Sequence[str]) -> int:
    """How many there are."""
    row = LEDGER.execute_sql(
        f"SELECT COUNT(*) FROM member_note WHERE member_id IN ({_marks(ids)})", tuple(ids)
    ).fetchone()
    return int(row[0])


def drop_notes(member_id: str) -> None:
    LEDGER.execute_sql("DELETE FROM member_note WHERE member_id = ?", (member_id,))


def sales_of(ids: Sequence[str]) -> int:
    """How many sales and returns name these ids."""
    row = LEDGER.execute_sql(
        f"SELECT COUNT(*) FROM sale WHERE member_id IN ({_marks(ids)}) AND member_id <> ''", tuple(ids)
    ).fetchone()
    return int(row[0])


def _marks(ids: Sequence[str]) -> str:
    return ", ".join("?" * len(ids))
