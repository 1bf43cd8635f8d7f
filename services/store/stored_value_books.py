"""Stored value against the journal: plans, accounts, lots, moves and what each move did to each lot."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from services.domain.stored_value_events import (
    StoredValueAccountChanged,
    StoredValueMoved,
    StoredValuePlanPublished,
    StoredValuePlanWithdrawn,
)
from services.store.db import LEDGER
from services.store.stored_value import LOT, MOVE, row_of

_Key = tuple[object, ...]
_Rows = dict[_Key, _Key]
_Balances = dict[str, tuple[int, int]]  # member -> (principal, bonus)

_TABLES = {  # its key, and what else the journal tells of it: never a PIN
    "stored_value_plan": ("plan_id, version", "body, from_ms, until_ms"),
    "stored_value_account": ("member_id", "state, cards"),
    "stored_value_lot": ("lot_id", LOT.partition(", ")[2]),
    "stored_value_move": ("move_id", MOVE.partition(", ")[2]),
    "stored_value_draw": ("move_id, n", "lot_id, amount_minor, listed_minor"),
}


def differences() -> list[str]:
    """Every row that is not what the journal told, and every balance that is not the sum of its lots."""
    told, last = _told()
    wrong = []
    for table, (key, rest) in _TABLES.items():
        keys = key.count(",") + 1
        rows = (tuple(row) for row in LEDGER.execute_sql(f"SELECT {key}, {rest} FROM {table}"))
        stored = {row[:keys]: row[keys:] for row in rows}
        wrong += [
            f"{table} {at!r}: {stored.get(at)!r} but journal {told[table].get(at)!r}"
            for at in sorted({*stored, *told[table]}, key=repr)
            if stored.get(at) != told[table].get(at)
        ]
    return wrong + list(_uneven(last))


def _uneven(last: _Balances) -> Iterator[str]:
    """Accounts whose last move says another balance than their lots hold. Which was the last the journal
    knows: a clock that was set back makes ids that sort before those of before."""
    rows = LEDGER.execute_sql(
        "SELECT member_id, SUM(left_minor * (kind = 'principal')), SUM(left_minor * (kind = 'bonus'))"
        " FROM stored_value_lot GROUP BY member_id"
    )
    held = {member_id: (principal, bonus) for member_id, principal, bonus in rows}
    for member_id, (principal, bonus) in last.items():
        in_lots = held.get(member_id, (0, 0))
        if (principal, bonus) != in_lots:
            yield (
                f"stored value of {member_id!r}: {principal} + {bonus} in its last move,"
                f" {in_lots[0]} + {in_lots[1]} in its lots"
            )


def _told() -> tuple[dict[str, _Rows], _Balances]:
    """The tables as the journal tells them, and what each account held after its last move."""
    books: dict[str, _Rows] = {table: {} for table in _TABLES}
    last: _Balances = {}
    for kind, at_ms, body in LEDGER.execute_sql(
        "SELECT type, at_ms, body FROM journal WHERE type >= 'stored_value.' AND type < 'stored_value/'"
        " ORDER BY seq"
    ):
        if kind == StoredValueMoved.type:
            told = _read_move(body).data
            last[told.member_id] = (told.principal_balance_minor, told.bonus_balance_minor)
            _moved(books, told)
        elif kind == StoredValueAccountChanged.type:
            account = _read_account(body).data
            books["stored_value_account"][(account.member_id,)] = (account.state, account.cards)
        elif kind == StoredValuePlanPublished.type:
            plan = _read_plan(body).data.plan
            _end_plan(books, plan.plan_id, at_ms)
            key = (plan.plan_id, plan.version)
            books["stored_value_plan"][key] = (msgspec.json.encode(plan), at_ms, 0)
        else:
            _end_plan(books, _read_end(body).data.plan_id, at_ms)
    return books, last


def _end_plan(books: dict[str, _Rows], plan_id: str, at_ms: int) -> None:
    plans = books["stored_value_plan"]
    for key, (body, begun, until) in plans.items():
        if key[0] == plan_id and not until:
            plans[key] = (body, begun, at_ms)


def _moved(books: dict[str, _Rows], told: StoredValueMoved) -> None:
    row = row_of(told)
    books["stored_value_move"][row[:1]] = row[1:]
    for n, lot in enumerate(told.lots, 1):
        before = books["stored_value_lot"].get((lot.lot_id,))
        amount, left = (before[3], before[4]) if before else (lot.amount_minor, 0)
        assert isinstance(left, int), left
        books["stored_value_lot"][(lot.lot_id,)] = (
            *(told.member_id, lot.recharge_id, lot.kind, amount, left + lot.amount_minor),
            lot.expires,
        )
        books["stored_value_draw"][told.move_id, n] = (lot.lot_id, lot.amount_minor, lot.listed_minor)


class _Move(msgspec.Struct):
    data: StoredValueMoved


class _Account(msgspec.Struct):
    data: StoredValueAccountChanged


class _Published(msgspec.Struct):
    data: StoredValuePlanPublished


class _Withdrawn(msgspec.Struct):
    data: StoredValuePlanWithdrawn


_read_move = msgspec.json.Decoder(_Move).decode
_read_account = msgspec.json.Decoder(_Account).decode
_read_plan = msgspec.json.Decoder(_Published).decode
_read_end = msgspec.json.Decoder(_Withdrawn).decode
