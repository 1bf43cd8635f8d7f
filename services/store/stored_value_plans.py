"""Recharge plans in immutable versions, and when each of them stood."""

from __future__ import annotations

from dataclasses import dataclass

import msgspec

from services.domain.stored_value_events import Plan
from services.store.db import LEDGER


@dataclass(frozen=True, slots=True)
class Version:
    """One version and when it stood; `until_ms` is 0 while it does."""

    plan: Plan
    from_ms: int
    until_ms: int


ENDED_MAX = 100  # plans of one list
_VERSION = "SELECT body, from_ms, until_ms FROM stored_value_plan "


def newest(plan_id: str) -> Version | None:
    """The last version, whether it stands or not."""
    row = LEDGER.execute_sql(
        f"{_VERSION} WHERE plan_id = ? ORDER BY version DESC LIMIT 1", (plan_id,)
    ).fetchone()
    return _version(row) if row else None


def standing() -> list[Version]:
    """What is on offer, the smallest recharge first."""
    found = [_version(row) for row in LEDGER.execute_sql(f"{_VERSION} WHERE until_ms = 0")]
    return sorted(found, key=lambda each: (each.plan.pays_minor, each.plan.plan_id))


def ended() -> list[Version]:
    """The last version of every plan that is no longer on offer, the one that ended last first."""
    rows = LEDGER.execute_sql(
        "SELECT body, from_ms, until_ms FROM (SELECT body, from_ms, until_ms, plan_id, MAX(version)"
        " FROM stored_value_plan GROUP BY plan_id) WHERE until_ms > 0"
        " ORDER BY until_ms DESC, plan_id LIMIT ?",
        (ENDED_MAX,),
    )
    return [_version(row) for row in rows]


def put(plan: Plan, at_ms: int) -> None:
    """Add a version; it stands from now on, and the one before no longer."""
    end(plan.plan_id, at_ms)
    LEDGER.execute_sql(
        "INSERT INTO stored_value_plan (plan_id, version, body, from_ms, until_ms) VALUES (?, ?, ?, ?, 0)",
        (plan.plan_id, plan.version, msgspec.json.encode(plan), at_ms),
    )


def end(plan_id: str, at_ms: int) -> None:
    LEDGER.execute_sql(
        "UPDATE stored_value_plan SET until_ms = ? WHERE plan_id = ? AND until_ms = 0", (at_ms, plan_id)
    )


def _version(row: tuple[bytes, int, int]) -> Version:
    return Version(_plan(row[0]), row[1], row[2])


_plan = msgspec.json.Decoder(Plan).decode
