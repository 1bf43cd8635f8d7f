"""Who was at work when: what was clocked, and what was corrected afterwards."""

from __future__ import annotations

from dataclasses import dataclass

import msgspec

from services.domain.attendance import ADDED, CORRECTED, OPEN, Span
from services.domain.events import AttendanceClocked, AttendanceCorrected
from services.store.db import LEDGER

MONTH_MAX = 20_000  # spans of one answer

_STANDING = (
    "SELECT a.span_id, staff_id, business_day, COALESCE(c.in_at_ms, a.in_at_ms),"
    f" COALESCE(c.out_at_ms, a.out_at_ms), CASE WHEN c.n IS NULL THEN state ELSE '{CORRECTED}' END,"
    " COALESCE(c.n, 0) FROM attendance a LEFT JOIN attendance_correction c ON c.span_id = a.span_id AND"
    " c.n = (SELECT MAX(n) FROM attendance_correction l WHERE l.span_id = a.span_id)"
)


@dataclass(frozen=True, slots=True)
class Correction:
    """Number `n` of a span, from 1. Number 0 is what was clocked."""

    n: int
    in_at_ms: int
    out_at_ms: int
    reason: str
    operator_id: str
    approver_id: str
    at_ms: int


def add(span: Span) -> None:
    LEDGER.execute_sql(
        "INSERT INTO attendance (span_id, staff_id, business_day, in_at_ms, out_at_ms, state)"
        " VALUES (?, ?, ?, ?, ?, ?)",
        (span.span_id, span.staff_id, span.business_day, span.in_at_ms, span.out_at_ms, span.state),
    )


def end(span: Span) -> None:
    LEDGER.execute_sql(
        "UPDATE attendance SET out_at_ms = ?, state = ? WHERE span_id = ?",
        (span.out_at_ms, span.state, span.span_id),
    )


def add_correction(span_id: str, made: Correction) -> None:
    LEDGER.execute_sql(
        "INSERT INTO attendance_correction"
        " (span_id, n, in_at_ms, out_at_ms, reason, operator_id, approver_id, at_ms)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        (
            span_id,
            made.n,
            made.in_at_ms,
            made.out_at_ms,
            made.reason,
            made.operator_id,
            made.approver_id,
            made.at_ms,
        ),
    )


def by_id(span_id: str) -> Span | None:
    row = LEDGER.execute_sql(f"{_STANDING} WHERE a.span_id = ?", (span_id,)).fetchone()
    return Span(*row) if row else None


def open_of(staff_id: str) -> Span | None:
    """The span in which somebody is at work; the corrected ones are over."""
    row = LEDGER.execute_sql(
        f"{_STANDING} WHERE staff_id = ? AND state = '{OPEN}' AND c.n IS NULL", (staff_id,)
    ).fetchone()
    return Span(*row) if row else None


def opened() -> list[Span]:
    """Everybody's open span."""
    rows = LEDGER.execute_sql(f"{_STANDING} WHERE state = '{OPEN}' AND c.n IS NULL ORDER BY a.in_at_ms")
    return [Span(*row) for row in rows]


def between(first_day: str, last_day: str, staff_id: str = "") -> list[Span]:
    """The spans that began on these business days, both included, in the order of people and time."""
    rows = LEDGER.execute_sql(
        f"{_STANDING} WHERE business_day BETWEEN ? AND ? AND (? = '' OR staff_id = ?)"
        " ORDER BY staff_id, 4, a.span_id LIMIT ?",
        (first_day, last_day, staff_id, staff_id, MONTH_MAX),
    )
    return [Span(*row) for row in rows]


def history(span_id: str) -> list[Correction]:
    """What was clocked, then each correction, oldest first."""
    first = LEDGER.execute_sql(
        "SELECT in_at_ms, out_at_ms, staff_id FROM attendance WHERE span_id = ?", (span_id,)
    ).fetchone()
    if first is None:
        return []
    rows = LEDGER.execute_sql(
        "SELECT n, in_at_ms, out_at_ms, reason, operator_id, approver_id, at_ms"
        " FROM attendance_correction WHERE span_id = ? ORDER BY n",
        (span_id,),
    )
    clocked = Correction(0, first[0], first[1], "", first[2], first[2], first[1] or first[0])
    return [clocked, *(Correction(*row) for row in rows)]


def differences() -> list[str]:
    """Every span and correction in which journal and tables disagree. Each line names one."""
    spans, corrections = _folded()
    stored = {
        str(row[0]): tuple(row[1:])
        for row in LEDGER.execute_sql(
            "SELECT span_id, staff_id, business_day, in_at_ms, out_at_ms, state FROM attendance"
        )
    }
    corrected = {
        (str(row[0]), int(row[1])): tuple(row[2:])
        for row in LEDGER.execute_sql(
            "SELECT span_id, n, in_at_ms, out_at_ms, reason, operator_id, approver_id"
            " FROM attendance_correction"
        )
    }
    wrong = [
        f"attendance {key}: {stored.get(key)!r} but journal {spans.get(key)!r}"
        for key in sorted(stored.keys() | spans.keys())
        if stored.get(key) != spans.get(key)
    ]
    return wrong + [
        f"attendance correction {key}: {corrected.get(key)!r} but journal {corrections.get(key)!r}"
        for key in sorted(corrected.keys() | corrections.keys())
        if corrected.get(key) != corrections.get(key)
    ]


class _Clocked(msgspec.Struct):
    data: AttendanceClocked


class _Corrected(msgspec.Struct):
    data: AttendanceCorrected


_read_clocked = msgspec.json.Decoder(_Clocked).decode
_read_corrected = msgspec.json.Decoder(_Corrected).decode

_Values = tuple[object, ...]


def _folded() -> tuple[dict[str, _Values], dict[tuple[str, int], _Values]]:
    """(span -> what the table must hold, (span, n) -> the correction), from the journal alone."""
    spans: dict[str, _Values] = {}
    corrections: dict[tuple[str, int], _Values] = {}
    rows = LEDGER.execute_sql(
        "SELECT type, body FROM journal WHERE type IN (?, ?) ORDER BY seq",
        (AttendanceClocked.type, AttendanceCorrected.type),
    )
    for kind, body in rows:
        if kind == AttendanceClocked.type:
            told = _read_clocked(body).data
            spans[told.span_id] = _clocked(told)
        else:
            made = _read_corrected(body).data
            if made.n == 1 and made.span_id not in spans:
                spans[made.span_id] = (made.staff_id, made.business_day, 0, 0, ADDED)
            corrections[made.span_id, made.n] = (
                *(made.in_at_ms, made.out_at_ms, made.reason, made.operator_id, made.approver_id),
            )
    return spans, corrections


def _clocked(told: AttendanceClocked) -> _Values:
    return (told.staff_id, told.business_day, told.in_at_ms, told.out_at_ms, told.state)
