"""Shifts, cash and Zs against the journal: each table's rows, each Z's fold, each till's chain."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import msgspec

from services.domain.cash import ComparedCash, stands
from services.domain.shift import CLOSED, OPEN, UNATTENDED, Shift, Why
from services.domain.shift_events import CashCounted, CashMoved, ShiftClosed, ShiftOpened, ZChainResumed
from services.domain.z import CHAIN_START, LastZ, Z, chained, written
from services.domain.z_fold import Fold
from services.domain.z_report import report
from services.store import journal, shifts, stretch
from services.store.db import LEDGER

Key = tuple[object, ...]


class _Fact(msgspec.Struct):
    seq: int
    data: msgspec.Raw


_read_fact = msgspec.json.Decoder(_Fact).decode
_KINDS = {kind.type: kind for kind in (ShiftOpened, CashMoved, CashCounted, ShiftClosed, ZChainResumed)}
_MARKS = ", ".join("?" * len(_KINDS))


@dataclass(slots=True)
class _Told:
    """What the journal says the tables hold, and what is wrong in what it says."""

    shifts: dict[str, Shift] = field(default_factory=dict)
    counted: dict[str, tuple[ComparedCash, ...]] = field(default_factory=dict)  # while the shift was open
    rows: dict[str, dict[Key, Key]] = field(default_factory=dict)
    hashes: dict[str, bytes] = field(default_factory=dict)  # till -> of its newest Z
    totals: dict[str, int] = field(default_factory=dict)  # till -> the grand total of its newest Z
    wrong: list[str] = field(default_factory=list)

    def row(self, table: str, key: Key, values: Key) -> None:
        self.rows.setdefault(table, {})[key] = values


def differences() -> list[str]:
    """Every row of a shift's tables that the journal does not tell, every Z that is not the fold of its
    range or does not fit into its till's chain. Each line names one row."""
    told = _Told()
    for seq, kind, body in LEDGER.execute_sql(
        f"SELECT seq, type, body FROM journal WHERE type IN ({_MARKS}) ORDER BY seq", tuple(_KINDS)
    ):
        try:
            fact = msgspec.json.decode(_read_fact(body).data, type=_KINDS[kind])
            _TELL[kind](told, seq, fact)
        except (msgspec.MsgspecError, KeyError, TypeError) as error:
            told.wrong.append(f"journal {seq} tells of no shift: {error!r}")
    for shift in told.shifts.values():
        told.row("shift", (shift.shift_id,), tuple(getattr(shift, name) for name in shifts.COLUMNS))
    return [*told.wrong, *_stored_otherwise(told.rows)]


def _opened(told: _Told, seq: int, event: ShiftOpened) -> None:
    told.shifts[event.shift_id] = Shift(
        shift_id=event.shift_id,
        till=event.workstation_id,
        number=event.number,
        state=OPEN,
        business_day=event.business_day,
        operator_id=event.operator_id,
        opened_at_ms=event.opened_at_ms,
        first_seq=event.first_seq,
        unknown_float=event.unknown_float,
    )


def _moved(told: _Told, seq: int, event: CashMoved) -> None:
    values = (event.shift_id, event.kind, event.currency, event.amount_minor, event.reason, event.note)
    told.row(
        "cash_move",
        (event.move_id,),
        (*values, event.operator_id, event.approver_id, event.moved_at_ms),
    )
    if event.kind == "float":
        told.shifts[event.shift_id] = replace(told.shifts[event.shift_id], unknown_float=False)


def _counted(told: _Told, seq: int, event: CashCounted) -> None:
    shift = told.shifts[event.shift_id]
    told.row(
        "cash_count",
        (event.shift_id, event.number),
        (event.operator_id, int(event.late), event.counted_at_ms, msgspec.json.encode(event.cash)),
    )
    if event.late:
        return
    told.counted[event.shift_id] = event.cash
    found = shifts.z_of(event.shift_id)
    if found is not None:
        expected = _folded(shift, found[0], seq).expected
        if expected != {each.currency: each.expected_minor for each in event.cash}:
            told.wrong.append(f"count {event.number} of shift {event.shift_id}: expected {expected}")


def _closed(told: _Told, seq: int, event: ShiftClosed) -> None:
    z, shift = event.z, told.shifts[event.shift_id]
    shift = replace(
        shift,
        number=z.z_no,  # another one than at its beginning where a restored box must not repeat that
        state=UNATTENDED if z.unattended else CLOSED,
        closed_at_ms=z.closed_at_ms,
        closed_by=z.closed_by,
        last_seq=z.last_seq,
    )
    told.shifts[event.shift_id] = shift
    fold, counted = _folded(shift, z, z.last_seq), told.counted.get(event.shift_id, ())
    again = report(
        fold,
        shift,
        counted if z.closed_by or stands(counted, fold.expected) else (),
        first_hash=journal.hash_at(z.first_seq).hex(),
        last_hash=journal.hash_at(z.last_seq).hex(),
        grand_before_minor=told.totals.get(shift.till, 0),
        why=Why(z.reason, z.note, z.approver_id),
    )
    if again != z:
        told.wrong.append(f"Z {z.z_no} of till {shift.till}: {z!r} but its events give {again!r}")
    before, body = told.hashes.get(shift.till, CHAIN_START), written(z)
    if (event.hash_prev, event.hash) != (before.hex(), chained(before, body).hex()):
        told.wrong.append(f"Z {z.z_no} of till {shift.till} does not fit into its chain")
    told.hashes[shift.till], told.totals[shift.till] = bytes.fromhex(event.hash), z.grand_total_minor
    told.row(
        "z_report",
        (shift.till, z.z_no),
        (event.shift_id, body, bytes.fromhex(event.hash_prev), bytes.fromhex(event.hash)),
    )


def _resumed(told: _Told, seq: int, event: ZChainResumed) -> None:
    till, total_minor = event.workstation_id, event.grand_total_minor - event.repeated_minor
    last = LastZ(event.z_no, bytes.fromhex(event.hash), total_minor)
    told.hashes[till], told.totals[till] = last.hash, total_minor
    told.row(_BEFORE, (f"{shifts.BEFORE}{till}",), (msgspec.json.encode(last).decode(),))


_TELL: Mapping[str, Callable[[_Told, int, Any], None]] = {
    ShiftOpened.type: _opened,
    CashMoved.type: _moved,
    CashCounted.type: _counted,
    ShiftClosed.type: _closed,
    ZChainResumed.type: _resumed,
}


def _folded(shift: Shift, z: Z, upto: int) -> Fold:
    apart = z.gift_cards is not None  # else no card was about, or an older program counted it as a sale
    fold = Fold(
        *(shift.till, shift.shift_id, z.currency, z.cash_tenders, apart),
        turns=z.sub_shifts is not None,
        members=z.members is not None,
        rate=_rate(z),
    )
    stretch.read(fold, shift.first_seq - 1, upto)
    return fold


def _rate(z: Z) -> tuple[int, int]:
    points = z.members.points if z.members is not None else None
    return (points.per_points, points.per_minor) if points is not None else (0, 0)


_BEFORE = f"box WHERE key GLOB '{shifts.BEFORE}*'"  # keys of the box: Zs that it does not hold
_STORED = {  # table -> (columns of its key, the others)
    "shift": ("shift_id", ", ".join(shifts.COLUMNS)),
    "cash_move": (
        "move_id",
        "shift_id, kind, currency, amount_minor, reason, note, operator_id, approver_id, moved_at_ms",
    ),
    "cash_count": ("shift_id, number", "operator_id, late, counted_at_ms, cash"),
    _BEFORE: ("key", "value"),
    "z_report": ("till, number", "shift_id, body, hash_prev, hash"),
}


def _stored_otherwise(told: Mapping[str, Mapping[Key, Key]]) -> list[str]:
    wrong = []
    for table, (key, others) in _STORED.items():
        expected, width = dict(told.get(table, {})), len(key.split(", "))
        for row in LEDGER.execute_sql(f"SELECT {key}, {others} FROM {table} ORDER BY {key}"):
            name, values = row[:width], row[width:]
            if (says := expected.pop(name, None)) != values:
                wrong.append(f"{table} {name!r}: {values!r} but journal {says!r}")
        wrong += [f"{table} {name!r} is in the journal alone" for name in expected]
    return wrong
