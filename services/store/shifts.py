"""Shifts, their cash moves, counts and Zs."""

from __future__ import annotations

from dataclasses import dataclass

import msgspec

from services.domain.cash import ComparedCash
from services.domain.shift import CLOSED, OPEN, Shift
from services.domain.shift_events import CashMoved
from services.domain.z import CHAIN_START, LastZ, Z, chained, written
from services.store import box
from services.store.db import LEDGER

PAGE = 50  # shifts of one list
MOVES_MAX = 500  # of one shift's list
BEFORE = "z_before."  # and a till: a key of the box

COLUMNS = (
    *("shift_id", "till", "number", "state", "business_day", "operator_id", "opened_at_ms"),
    *("first_seq", "unknown_float", "closed_at_ms", "closed_by", "last_seq"),
)
_COLUMNS = ", ".join(COLUMNS)
_MOVE = (
    *("move_id", "shift_id", "kind", "currency", "amount_minor", "reason", "note"),
    *("operator_id", "approver_id", "moved_at_ms"),
)
_MOVED = ", ".join(f"cash_move.{name}" for name in _MOVE)
_read_cash = msgspec.json.Decoder(tuple[ComparedCash, ...]).decode
_read_z = msgspec.json.Decoder(Z).decode


@dataclass(frozen=True, slots=True)
class Count:
    """One count of a shift's drawer, with what ought to have been there."""

    number: int  # 1, 2 for the recount; more where cash moved in between
    operator_id: str
    late: bool  # after the shift was closed without one
    counted_at_ms: int
    cash: tuple[ComparedCash, ...]


@dataclass(frozen=True, slots=True)
class Unheld:
    """The first sale of a till that is in no shift yet."""

    at_ms: int
    business_day: str


def open_of(till: str) -> Shift | None:
    """The till's open shift."""
    return _one(f"SELECT {_COLUMNS} FROM shift WHERE till = ? AND state = 'open'", till)


def last_of(till: str) -> Shift | None:
    """The till's newest shift, whatever its state."""
    return _one(f"SELECT {_COLUMNS} FROM shift WHERE till = ? ORDER BY number DESC LIMIT 1", till)


def by_id(shift_id: str) -> Shift | None:
    return _one(f"SELECT {_COLUMNS} FROM shift WHERE shift_id = ?", shift_id)


def newest(before_ms: int, limit: int = PAGE) -> list[Shift]:
    """Shifts of all tills that were opened before that time, newest first."""
    rows = LEDGER.execute_sql(
        f"SELECT {_COLUMNS} FROM shift WHERE opened_at_ms < ? ORDER BY opened_at_ms DESC, till LIMIT ?",
        (before_ms, limit),
    )
    return [_shift(row) for row in rows]


def unheld_sale(till: str, after_seq: int) -> Unheld | None:
    """The till's first sale after row `after_seq` of the journal."""
    found = None
    for seq, at_ms, day in LEDGER.execute_sql(
        "SELECT journal_seq, ended_at_ms, business_day FROM sale WHERE till = ? ORDER BY till_seq DESC",
        (till,),
    ):
        if seq <= after_seq:
            break
        found = Unheld(at_ms, day)
    return found


def next_number(till: str) -> int:
    """Of the till's next shift, and of its Z."""
    row = LEDGER.execute_sql("SELECT MAX(number) FROM shift WHERE till = ?", (till,)).fetchone()
    return max(int(row[0] or 0), _used(till)) + 1


def z_number(shift: Shift) -> int:
    """The number of a shift's Z: the shift's own, unless another life of this box has given that out."""
    return shift.number if shift.number > _used(shift.till) else next_number(shift.till)


def skip_numbers(till: str, used: int) -> None:
    """Never give a Z of `till` a number up to `used` again: another life of this box has."""
    box.put(f"used_z.{till}", str(max(used, _used(till))))


def _used(till: str) -> int:
    return int(box.get(f"used_z.{till}", "0"))


def create(shift: Shift) -> None:
    LEDGER.execute_sql(
        f"INSERT INTO shift ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        tuple(getattr(shift, name) for name in COLUMNS),
    )


def know_float(shift_id: str) -> None:
    """The drawer was counted after the shift had begun."""
    LEDGER.execute_sql("UPDATE shift SET unknown_float = 0 WHERE shift_id = ?", (shift_id,))


def close(shift: Shift, z: Z) -> tuple[bytes, bytes]:
    """Close an open shift with its Z, and its number; the hashes (before, of this one). The shift must be
    open."""
    assert shift.state != OPEN, shift
    done = LEDGER.execute_sql(
        "UPDATE shift SET number = ?, state = ?, closed_at_ms = ?, closed_by = ?, last_seq = ?"
        " WHERE shift_id = ? AND state = 'open'",
        (shift.number, shift.state, shift.closed_at_ms, shift.closed_by, shift.last_seq, shift.shift_id),
    )
    assert done.rowcount == 1, shift
    body, before = written(z), last_hash(shift.till)
    hash_ = chained(before, body)
    LEDGER.execute_sql(
        "INSERT INTO z_report (till, number, shift_id, body, hash_prev, hash) VALUES (?, ?, ?, ?, ?, ?)",
        (shift.till, shift.number, shift.shift_id, body, before, hash_),
    )
    return before, hash_


def settle_unattended(shift_id: str) -> None:
    """Its drawer has been counted at last."""
    LEDGER.execute_sql(
        "UPDATE shift SET state = ? WHERE shift_id = ? AND state = 'unattended'", (CLOSED, shift_id)
    )


def last_hash(till: str) -> bytes:
    """Of the till's newest Z, or of the one after which another life of this box goes on; CHAIN_START
    before the first."""
    last = chain_end(till)
    return last.hash if last else CHAIN_START


def last_z(till: str) -> Z | None:
    """The newest that this box has made itself."""
    row = LEDGER.execute_sql(
        "SELECT body FROM z_report WHERE till = ? ORDER BY number DESC LIMIT 1", (till,)
    ).fetchone()
    return _read_z(row[0]) if row else None


def chain_end(till: str) -> LastZ | None:
    """The Z that the next one of this till is chained to, whoever holds it."""
    row = LEDGER.execute_sql(
        "SELECT number, hash, body FROM z_report WHERE till = ? ORDER BY number DESC LIMIT 1", (till,)
    ).fetchone()
    own = LastZ(row[0], bytes(row[1]), _read_z(row[2]).grand_total_minor) if row else None
    told = box.get(f"{BEFORE}{till}")
    if not told:
        return own
    before = msgspec.json.decode(told, type=LastZ)
    return before if own is None or before.number > own.number else own


def resume(till: str, last: LastZ) -> None:
    """The till's next Z comes after this one, which another life of this box has made."""
    box.put(f"{BEFORE}{till}", msgspec.json.encode(last).decode())


def z_of(shift_id: str) -> tuple[Z, bytes] | None:
    """A shift's Z and its hash; None while it is open."""
    row = LEDGER.execute_sql("SELECT body, hash FROM z_report WHERE shift_id = ?", (shift_id,)).fetchone()
    return (_read_z(row[0]), bytes(row[1])) if row else None


def add_move(move: CashMoved) -> None:
    LEDGER.execute_sql(
        f"INSERT INTO cash_move ({', '.join(_MOVE)}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        tuple(getattr(move, name) for name in _MOVE),
    )


def move(move_id: str) -> CashMoved | None:
    row = LEDGER.execute_sql(
        f"SELECT {_MOVED}, till FROM cash_move JOIN shift USING (shift_id) WHERE move_id = ?", (move_id,)
    ).fetchone()
    return _move(row) if row else None


def moves_of(shift_id: str) -> list[CashMoved]:
    """The shift's cash moves, oldest first; at most MOVES_MAX."""
    rows = LEDGER.execute_sql(
        f"SELECT {_MOVED}, till FROM cash_move JOIN shift USING (shift_id) WHERE shift_id = ?"
        " ORDER BY moved_at_ms, move_id LIMIT ?",
        (shift_id, MOVES_MAX),
    )
    return [_move(row) for row in rows]


def _move(row: tuple[object, ...]) -> CashMoved:
    return CashMoved(**dict(zip((*_MOVE, "workstation_id"), row, strict=True)))  # type: ignore[arg-type]


def add_count(shift_id: str, count: Count) -> None:
    LEDGER.execute_sql(
        "INSERT INTO cash_count (shift_id, number, operator_id, late, counted_at_ms, cash)"
        " VALUES (?, ?, ?, ?, ?, ?)",
        (
            *(shift_id, count.number, count.operator_id, int(count.late), count.counted_at_ms),
            msgspec.json.encode(count.cash),
        ),
    )


def counts_of(shift_id: str) -> list[Count]:
    """The shift's counts in their order."""
    rows = LEDGER.execute_sql(
        "SELECT number, operator_id, late, counted_at_ms, cash FROM cash_count WHERE shift_id = ?"
        " ORDER BY number",
        (shift_id,),
    )
    return [
        Count(n, operator, bool(late), at_ms, _read_cash(cash)) for n, operator, late, at_ms, cash in rows
    ]


def _one(query: str, value: str) -> Shift | None:
    row = LEDGER.execute_sql(query, (value,)).fetchone()
    return _shift(row) if row else None


def _shift(row: tuple[object, ...]) -> Shift:
    values = dict(zip(COLUMNS, row, strict=True))
    values["unknown_float"] = bool(values["unknown_float"])
    return Shift(**values)  # type: ignore[arg-type]
