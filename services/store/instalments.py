"""Instalment plans as they stand."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import msgspec

from services.domain.instalment_events import InstalmentChanged
from services.domain.instalments import Due
from services.store.db import LEDGER


@dataclass(frozen=True, slots=True)
class Plan:
    plan_id: str
    sale_id: str  # that was paid with it
    currency: str
    provider: str
    months: int
    fee_bp: int
    rows: tuple[Due, ...]

    @property
    def owed_minor(self) -> int:
        return sum(row.amount_minor for row in self.rows)


_HEAD = "plan_id, sale_id, currency, provider, months, fee_bp"


def add(plan: Plan) -> None:
    """A new plan, inside the sale's transaction."""
    LEDGER.execute_sql(
        f"INSERT INTO instalment_plan ({_HEAD}) VALUES (?, ?, ?, ?, ?, ?)",
        (plan.plan_id, plan.sale_id, plan.currency, plan.provider, plan.months, plan.fee_bp),
    )
    for row in plan.rows:
        LEDGER.execute_sql(
            "INSERT INTO instalment_due (plan_id, n, day, agreed_minor, owed_minor) VALUES (?, ?, ?, ?, ?)",
            (plan.plan_id, row.n, row.day, row.amount_minor, row.amount_minor),
        )


def keep(plan_id: str, rows: tuple[Due, ...]) -> None:
    """What is owed from now on; what was agreed stays beside it."""
    for row in rows:
        LEDGER.execute_sql(
            "UPDATE instalment_due SET owed_minor = ? WHERE plan_id = ? AND n = ?",
            (row.amount_minor, plan_id, row.n),
        )


def by_id(plan_id: str) -> Plan | None:
    head = LEDGER.execute_sql(
        f"SELECT {_HEAD} FROM instalment_plan WHERE plan_id = ?", (plan_id,)
    ).fetchone()
    return _plan(head, "owed_minor") if head else None


def agreed(sale_id: str) -> list[Plan]:
    """The plans that a sale was paid with, as they were agreed."""
    heads = LEDGER.execute_sql(
        f"SELECT {_HEAD} FROM instalment_plan WHERE sale_id = ?", (sale_id,)
    ).fetchall()
    return [_plan(head, "agreed_minor") for head in heads]


def _plan(head: tuple[Any, ...], column: str) -> Plan:
    plan_id, sale_id, currency, provider, months, fee_bp = head
    return Plan(plan_id, sale_id, currency, provider, months, fee_bp, _rows(plan_id, column))


def _rows(plan_id: str, column: str) -> tuple[Due, ...]:
    rows = LEDGER.execute_sql(
        f"SELECT n, day, {column} FROM instalment_due WHERE plan_id = ? ORDER BY n", (plan_id,)
    )
    return tuple(Due(*row) for row in rows)


def differences() -> list[str]:
    """Every plan that is not what the journal told."""
    told: dict[str, Plan] = {}
    for (body,) in LEDGER.execute_sql(
        "SELECT body FROM journal WHERE type = ? ORDER BY seq", (InstalmentChanged.type,)
    ):
        event = _read(body).data
        first = told.get(event.plan_id)
        told[event.plan_id] = Plan(
            plan_id=event.plan_id,
            sale_id=first.sale_id if first is not None else event.sale_id,
            currency=event.currency,
            provider=event.provider,
            months=event.months,
            fee_bp=event.fee_bp,
            rows=tuple(Due(each.number, each.due_day, each.amount_minor) for each in event.schedule),
        )
    ids = [row[0] for row in LEDGER.execute_sql("SELECT plan_id FROM instalment_plan")]
    lost = [f"instalments of no plan: {row[0]!r}" for row in LEDGER.execute_sql(_ORPHANS)]
    return lost + [
        f"instalment plan {plan_id!r}: {by_id(plan_id)!r} but journal {told.get(plan_id)!r}"
        for plan_id in sorted({*ids, *told})
        if by_id(plan_id) != told.get(plan_id)
    ]


_ORPHANS = (
    "SELECT DISTINCT plan_id FROM instalment_due WHERE plan_id NOT IN (SELECT plan_id FROM instalment_plan)"
)


class _Told(msgspec.Struct):
    data: InstalmentChanged


_read = msgspec.json.Decoder(_Told).decode
