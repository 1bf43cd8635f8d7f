"""Visits of members: at most one for each of them on a day."""

from __future__ import annotations

import msgspec

from services.domain.checkin import LOOK_BACK, Visit
from services.domain.points_events import CheckedIn
from services.store.db import LEDGER


def of_group(group: tuple[str, ...]) -> list[Visit]:
    """The newest visits of one person, the newest first."""
    marks = ", ".join("?" * len(group))
    rows = LEDGER.execute_sql(
        f"SELECT day, streak, jokers FROM check_in WHERE member_id IN ({marks}) ORDER BY day DESC LIMIT ?",
        (*group, LOOK_BACK),
    )
    return [Visit(*row) for row in rows]


def add(event: CheckedIn, at_ms: int) -> None:
    LEDGER.execute_sql(
        "INSERT INTO check_in (member_id, day, streak, jokers, proof, operator_id, at_ms)"
        " VALUES (?, ?, ?, ?, ?, ?, ?)",
        (event.member_id, event.day, *_row(event, at_ms)),
    )


def differences() -> list[str]:
    """Every visit that is not what the journal told."""
    told: dict[tuple[str, str], tuple[object, ...]] = {}
    for at_ms, body in LEDGER.execute_sql(
        "SELECT at_ms, body FROM journal WHERE type = ? ORDER BY seq", (CheckedIn.type,)
    ):
        event = _read(body).data
        told[event.member_id, event.day] = _row(event, at_ms)
    stored = {
        (row[0], row[1]): tuple(row[2:])
        for row in LEDGER.execute_sql(
            "SELECT member_id, day, streak, jokers, proof, operator_id, at_ms FROM check_in"
        )
    }
    return [
        f"check-in {key!r}: {stored.get(key)!r} but journal {told.get(key)!r}"
        for key in sorted(stored.keys() | told.keys())
        if stored.get(key) != told.get(key)
    ]


class _Told(msgspec.Struct):
    data: CheckedIn


_read = msgspec.json.Decoder(_Told).decode


def _row(event: CheckedIn, at_ms: int) -> tuple[object, ...]:
    return (event.streak, event.jokers, event.proof, event.operator_id, at_ms)
