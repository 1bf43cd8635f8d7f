"""The commission plans: each holds from a month on, until a later one does; none is ever changed."""

from __future__ import annotations

from dataclasses import dataclass

import msgspec

from services.domain.commission import Rule
from services.domain.events import CommissionChanged
from services.store.db import LEDGER

_read_rules = msgspec.json.Decoder(tuple[Rule, ...]).decode


@dataclass(frozen=True, slots=True)
class Plan:
    """Version 0 is the one a new shop begins with: no commission."""

    version: int
    from_month: str  # YYYY-MM
    rules: tuple[Rule, ...]


def newest() -> Plan:
    """The one that was written down last."""
    row = LEDGER.execute_sql(
        "SELECT version, from_month, rules FROM commission_plan ORDER BY version DESC LIMIT 1"
    ).fetchone()
    return _plan(row)


def of_month(month: str) -> Plan:
    """The newest of those that begin with this month or before."""
    row = LEDGER.execute_sql(
        "SELECT version, from_month, rules FROM commission_plan WHERE from_month <= ?"
        " ORDER BY version DESC LIMIT 1",
        (month,),
    ).fetchone()
    return _plan(row)


def add(plan: Plan, operator_id: str, at_ms: int) -> None:
    LEDGER.execute_sql(
        "INSERT INTO commission_plan (version, from_month, rules, operator_id, at_ms)"
        " VALUES (?, ?, ?, ?, ?)",
        (plan.version, plan.from_month, _written(plan.rules), operator_id, at_ms),
    )


def differences() -> list[str]:
    """Every plan that is not what the journal told."""
    told: dict[int, tuple[object, ...]] = {}
    rows = LEDGER.execute_sql(
        "SELECT body FROM journal WHERE type = ? ORDER BY seq", (CommissionChanged.type,)
    )
    for (body,) in rows:
        event = _read(body).data
        told[event.plan_version] = (event.from_month, _written(event.rules), event.operator_id)
    stored = {
        row[0]: tuple(row[1:])
        for row in LEDGER.execute_sql("SELECT version, from_month, rules, operator_id FROM commission_plan")
    }
    return [
        f"commission {version}: {stored.get(version)!r} but journal {told.get(version)!r}"
        for version in sorted(stored.keys() | told.keys())
        if stored.get(version) != told.get(version)
    ]


class _Told(msgspec.Struct):
    data: CommissionChanged


_read = msgspec.json.Decoder(_Told).decode


def _plan(row: tuple[int, str, str] | None) -> Plan:
    return Plan(row[0], row[1], _read_rules(row[2])) if row else Plan(0, "", ())


def _written(rules: tuple[Rule, ...]) -> str:
    return msgspec.json.encode(rules).decode()
