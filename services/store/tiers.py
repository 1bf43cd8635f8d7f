"""The tier programs, and every member's steps between tiers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import msgspec

from services.domain.tier_events import TierChanged, TierProgramPublished
from services.domain.tiers import Program, Standing
from services.store.db import LEDGER
from services.store.sales import Sale

_read_program = msgspec.json.Decoder(Program).decode
FOLLOWING_MAX = 1_000  # rows of the journal that one sale may write after its own: a line may move much
_STEP = "tier, before, since, until, granted_until, gifted, reason"


def program() -> Program:
    """The newest; version 0, without tiers, before the first."""
    row = LEDGER.execute_sql("SELECT body FROM tier_program ORDER BY version DESC LIMIT 1").fetchone()
    return _read_program(row[0]) if row else Program()


def add_program(new: Program, operator_id: str) -> None:
    LEDGER.execute_sql(
        "INSERT INTO tier_program (version, body, operator_id) VALUES (?, ?, ?)",
        (new.version, _written(new), operator_id),
    )


def standing(member_id: str) -> Standing:
    row = LEDGER.execute_sql(
        f"SELECT {_STEP} FROM tier_step WHERE member_id = ? ORDER BY n DESC LIMIT 1", (member_id,)
    ).fetchone()
    return _standing(row) if row else Standing()


def path(member_ids: Sequence[str]) -> list[Standing]:
    """All steps of these ids, all of one person, in the order of time."""
    marks = ", ".join("?" * len(member_ids))
    rows = LEDGER.execute_sql(
        f"SELECT {_STEP} FROM tier_step WHERE member_id IN ({marks}) ORDER BY since, member_id, n",
        tuple(member_ids),
    )
    return [_standing(row) for row in rows]


def step_of(sale: Sale) -> tuple[str, str]:
    """(tier, tier before) of the step that a sale led to; ("", "") for none. It stands in the journal right
    after the sale, so only that piece is read."""
    rows = LEDGER.execute_sql(
        "SELECT body FROM journal WHERE seq > ? AND seq <= ? AND type = ?",
        (sale.journal_seq, sale.journal_seq + FOLLOWING_MAX, TierChanged.type),
    )
    steps = [_read_changed(body).data for (body,) in rows]
    return next(((e.tier, e.before) for e in steps if e.sale_id == sale.sale_id), ("", ""))


def add_step(member_id: str, step: Standing) -> int:
    """The member's next step; its number, from 1."""
    (last,) = LEDGER.execute_sql(
        "SELECT COALESCE(MAX(n), 0) FROM tier_step WHERE member_id = ?", (member_id,)
    ).fetchone()
    if last:
        LEDGER.execute_sql(
            "UPDATE tier_step SET newest = 0 WHERE member_id = ? AND n = ?", (member_id, last)
        )
    LEDGER.execute_sql(
        f"INSERT INTO tier_step (member_id, n, {_STEP}, newest) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 1)",
        (
            *(member_id, last + 1, step.tier, step.before, step.since, step.until),
            *(step.granted_until, int(step.gifted), step.reason),
        ),
    )
    return int(last) + 1


def over(today: str, limit: int) -> list[str]:
    """At most so many members whose period has ended, longest ago first."""
    rows = LEDGER.execute_sql(
        "SELECT member_id FROM tier_step WHERE newest AND until <> '' AND until <= ?"
        " ORDER BY until, member_id LIMIT ?",
        (today, limit),
    )
    return [str(member_id) for (member_id,) in rows]


def on(tier: str, after: str, limit: int) -> list[str]:
    """At most so many living members of whom one id stands on a tier, behind `after`."""
    rows = LEDGER.execute_sql(
        "SELECT member_id FROM tier_step JOIN member USING (member_id)"
        " WHERE newest AND tier = ? AND member_id > ? AND sealed IS NOT NULL ORDER BY member_id LIMIT ?",
        (tier, after, limit),
    )
    return [str(member_id) for (member_id,) in rows]


def counts() -> dict[str, int]:
    """How many living members stand on each tier; of two ids of one person the survivor is asked."""
    rows = LEDGER.execute_sql(
        "SELECT t.tier, COUNT(*) FROM tier_step t JOIN member m USING (member_id)"
        " WHERE t.newest AND t.tier <> '' AND m.sealed IS NOT NULL AND NOT EXISTS ("
        "  SELECT 1 FROM member_alias a JOIN tier_step o ON o.member_id = a.survivor"
        "  WHERE a.absorbed = t.member_id AND o.newest"
        " ) GROUP BY t.tier"
    )
    return {str(tier): int(many) for tier, many in rows}


def differences() -> list[str]:
    """Every program and step that is not what the journal told."""
    return [
        f"{name} {key!r}: {stored.get(key)!r} but journal {told.get(key)!r}"
        for name, stored, told in (
            ("tiers", dict(_stored_programs()), dict(_told_programs())),
            ("tier of", dict(_stored_steps()), _told_steps()),
        )
        for key in sorted(stored.keys() | told.keys(), key=repr)
        if stored.get(key) != told.get(key)
    ]


_Row = tuple[object, tuple[object, ...]]


class _Published(msgspec.Struct):
    data: TierProgramPublished


class _Changed(msgspec.Struct):
    data: TierChanged


_read_published = msgspec.json.Decoder(_Published).decode
_read_changed = msgspec.json.Decoder(_Changed).decode


def _bodies(kind: str) -> Iterator[bytes]:
    for (body,) in LEDGER.execute_sql("SELECT body FROM journal WHERE type = ? ORDER BY seq", (kind,)):
        yield body


def _stored_programs() -> Iterator[_Row]:
    for version, *rest in LEDGER.execute_sql("SELECT version, body, operator_id FROM tier_program"):
        yield version, tuple(rest)


def _told_programs() -> Iterator[_Row]:
    for body in _bodies(TierProgramPublished.type):
        event = _read_published(body).data
        yield event.program.version, (_written(event.program), event.operator_id)


def _stored_steps() -> Iterator[_Row]:
    for member_id, n, *rest in LEDGER.execute_sql(f"SELECT member_id, n, {_STEP}, newest FROM tier_step"):
        yield (member_id, n), tuple(rest)


def _told_steps() -> dict[object, tuple[object, ...]]:
    told: dict[object, tuple[object, ...]] = {}
    for body in _bodies(TierChanged.type):
        e = _read_changed(body).data
        if (before := told.get((e.member_id, e.number - 1))) is not None:
            told[e.member_id, e.number - 1] = (*before[:-1], 0)
        told[e.member_id, e.number] = (
            *(e.tier, e.before, e.since, e.until, e.granted_until, int(e.gifted), e.reason, 1),
        )
    return told


def _written(program: Program) -> str:
    return msgspec.json.encode(program).decode()


def _standing(row: tuple[Any, ...]) -> Standing:
    tier, before, since, until, granted_until, gifted, reason = row
    return Standing(tier, before, since, until, granted_until, bool(gifted), reason)
