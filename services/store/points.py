"""Points: the lots of each member, and a row for each change of one, with its journal row's number."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from services.domain.earning import Grant
from services.domain.points import ACTIVE, MAIN, PENDING, Account, Held, Lot, Past
from services.domain.points_events import PointsMoved
from services.store.db import LEDGER

STATEMENT_MAX = 200  # rows of one page
_COLUMNS = (
    "seq, member_id, program, kind, state, expires, pending_until, delta, balance, reason, args, sale_id,"
    " of_sale, of_seq, grant_body, operator_id, at_ms"
)


@dataclass(frozen=True, slots=True)
class Entry:
    """A row of the statement."""

    seq: int
    kind: str
    lot: Lot
    delta: int
    balance: int  # of the member after it
    reason: str
    args: dict[str, int | str]
    sale_id: str
    of_sale: str
    of_seq: int
    grant: Grant | None
    operator_id: str
    at_ms: int


def account(group: tuple[str, ...], program: str = MAIN) -> Account:
    """What these members hold together, as it is stored: what is due has not been done."""
    rows = LEDGER.execute_sql(
        "SELECT member_id, state, expires, pending_until, credited - debited FROM points_lot"
        f" WHERE program = ? AND member_id IN ({_marks(group)}) AND credited <> debited",
        (program, *group),
    )
    held = tuple(Held(Lot(member, program, state, month, day), n) for member, state, month, day, n in rows)
    return Account(group, program, held)


def move(lot: Lot, delta: int) -> tuple[int, int, int]:
    """Change a lot; (what was ever credited to it, debited, the member's balance) after it.

    Raises IntegrityError where a lot would fall below zero, or a debt rise above it.
    """
    key = (lot.member_id, lot.program, lot.state, lot.expires, lot.pending_until)
    LEDGER.execute_sql(
        "INSERT INTO points_lot (member_id, program, state, expires, pending_until, credited, debited)"
        " VALUES (?, ?, ?, ?, ?, 0, 0) ON CONFLICT DO NOTHING",
        key,
    )
    LEDGER.execute_sql(
        "UPDATE points_lot SET credited = credited + ?, debited = debited + ? WHERE member_id = ?"
        " AND program = ? AND state = ? AND expires = ? AND pending_until = ?",
        (max(0, delta), max(0, -delta), *key),
    )
    credited, debited = LEDGER.execute_sql(
        "SELECT credited, debited FROM points_lot WHERE member_id = ? AND program = ? AND state = ?"
        " AND expires = ? AND pending_until = ?",
        key,
    ).fetchone()
    return int(credited), int(debited), balance(lot.member_id, lot.program)


def balance(member_id: str, program: str = MAIN) -> int:
    """Of one member id as stored, without what is pending."""
    row = LEDGER.execute_sql(
        "SELECT COALESCE(SUM(credited - debited), 0) FROM points_lot"
        " WHERE member_id = ? AND program = ? AND state <> ?",
        (member_id, program, PENDING),
    ).fetchone()
    return int(row[0])


def balance_at(group: tuple[str, ...], program: str, seq: int) -> int:
    """Of these members together after row `seq`, without what is pending."""
    row = LEDGER.execute_sql(
        f"SELECT COALESCE(SUM(delta), 0) FROM points_row WHERE member_id IN ({_marks(group)})"
        " AND program = ? AND seq <= ? AND state <> ?",
        (*group, program, seq, PENDING),
    ).fetchone()
    return int(row[0])


def ending_at(group: tuple[str, ...], program: str, seq: int, month: str) -> tuple[str, int] | None:
    """(month, points): those that ended first, from `month` on, of what these members had after row `seq`;
    None where nothing ends."""
    row = LEDGER.execute_sql(
        f"SELECT expires, SUM(delta) AS held FROM points_row WHERE member_id IN ({_marks(group)})"
        " AND program = ? AND seq <= ? AND state = ? AND expires >= ?"
        " GROUP BY expires HAVING held > 0 ORDER BY expires LIMIT 1",
        (*group, program, seq, ACTIVE, month),
    ).fetchone()
    return (str(row[0]), int(row[1])) if row else None


def note(seq: int, event: PointsMoved, at_ms: int) -> None:
    """Keep the row that journal row `seq` tells of."""
    LEDGER.execute_sql(
        f"INSERT INTO points_row ({_COLUMNS}) VALUES ({_marks(_COLUMNS.split(','))})",
        _told_row(seq, event, at_ms),
    )


def statement(
    group: tuple[str, ...], program: str = MAIN, *, before: int = 0, limit: int = 50
) -> list[Entry]:
    """The newest rows of these members, the newest first; `before` a row's number, 0 for the top."""
    assert 0 < limit <= STATEMENT_MAX, limit
    rows = LEDGER.execute_sql(
        f"SELECT {_COLUMNS} FROM points_row WHERE member_id IN ({_marks(group)}) AND program = ?"
        " AND (? = 0 OR seq < ?) ORDER BY seq DESC LIMIT ?",
        (*group, program, before, before, limit),
    )
    return [_entry(row) for row in rows]


def of_sale(sale_id: str) -> list[Entry]:
    """What a sale did to points, and what returns of it undid, in order."""
    rows = LEDGER.execute_sql(
        f"SELECT {_COLUMNS} FROM points_row WHERE of_sale = ? ORDER BY seq", (sale_id,)
    )
    return [_entry(row) for row in rows]


def of_document(sale_id: str) -> list[Entry]:
    """What one document did to points, in order."""
    rows = LEDGER.execute_sql(
        f"SELECT {_COLUMNS} FROM points_row WHERE sale_id = ? ORDER BY seq", (sale_id,)
    )
    return [_entry(row) for row in rows]


def had_for(group: tuple[str, ...], reason: str) -> bool:
    """Whether one of these ids ever had points for this reason."""
    row = LEDGER.execute_sql(
        f"SELECT 1 FROM points_row WHERE member_id IN ({_marks(group)}) AND reason = ? LIMIT 1",
        (*group, reason),
    ).fetchone()
    return row is not None


def exchanged(reward_id: str, group: tuple[str, ...] = ()) -> int:
    """How often a reward was had and kept, by these members or, without, by anybody."""
    whose = f" AND member_id IN ({_marks(group)})" if group else ""
    (times,) = LEDGER.execute_sql(
        "SELECT COUNT(DISTINCT of_sale) FROM points_row r WHERE reason = 'reward'"
        f" AND json_extract(args, '$.reward_id') = ?{whose} AND NOT EXISTS"
        " (SELECT 1 FROM points_row b WHERE b.of_sale = r.of_sale AND b.reason = 'reward_back')",
        (reward_id, *group),
    ).fetchone()
    return int(times)


def undone(entries: Sequence[Entry], entry: Entry) -> Past:
    """A row with what is left of it, of all rows of its sale."""
    done = sum(abs(each.delta) for each in entries if each.of_seq == entry.seq)
    return Past(entry.seq, entry.lot, abs(entry.delta) - done)


def due(
    day: str, limit: int, after: tuple[str, str] = ("", ""), *, closing: bool = True
) -> list[tuple[str, str]]:
    """The next (member, program) in which something has become true by itself by `day`; without `closing`
    only where points have become usable."""
    named = "SELECT member_id, program FROM points_lot INDEXED BY points_lot_due WHERE credited <> debited"
    rows = LEDGER.execute_sql(
        f"SELECT member_id, program FROM ({named} AND ? AND state = ? AND expires > '' AND expires < ?"
        f" UNION {named} AND state = ? AND expires >= '' AND pending_until <= ?)"
        " WHERE (member_id, program) > (?, ?) ORDER BY member_id, program LIMIT ?",
        (int(closing), ACTIVE, day[:7], PENDING, day, *after, limit),
    )
    return [(str(member), str(program)) for member, program in rows]


def differences() -> list[str]:
    """Every lot and every row that is not what the journal told."""
    return [
        f"points {key!r}: {stored.get(key)!r} but journal {told.get(key)!r}"
        for stored, told in zip(_stored(), _told(), strict=True)
        for key in sorted(stored.keys() | told.keys(), key=repr)
        if stored.get(key) != told.get(key)
    ]


_Rows = dict[object, tuple[object, ...]]


def _stored() -> Iterator[_Rows]:
    """(the lots, the rows)."""
    rows = LEDGER.execute_sql(
        "SELECT member_id, program, state, expires, pending_until, credited, debited FROM points_lot"
    )
    yield {tuple(row[:5]): tuple(row[5:]) for row in rows}
    rows = LEDGER.execute_sql(f"SELECT {_COLUMNS} FROM points_row")
    yield {row[0]: tuple(row) for row in rows}


def _told() -> Iterator[_Rows]:
    """The same as the journal tells it. Sums and balances are added up again, not read."""
    lots: dict[object, tuple[int, int]] = {}
    balances: dict[tuple[str, str], int] = {}
    rows: _Rows = {}
    for seq, at_ms, body in LEDGER.execute_sql(
        "SELECT seq, at_ms, body FROM journal WHERE type = ? ORDER BY seq", (PointsMoved.type,)
    ):
        event = _read(body).data
        key = (event.member_id, event.program, event.state, event.expires, event.pending_until)
        credited, debited = lots.get(key, (0, 0))
        lots[key] = (credited + max(0, event.delta), debited + max(0, -event.delta))
        owner = (event.member_id, event.program)
        balances[owner] = balances.get(owner, 0) + (event.delta if event.state != PENDING else 0)
        summed = msgspec.structs.replace(event, balance=balances[owner])
        rows[seq] = _told_row(seq, summed, at_ms)
        if (event.credited, event.debited) != lots[key]:
            rows[seq] = (*rows[seq], f"{event.credited}, {event.debited} in the journal's row")
    yield dict(lots)
    yield rows


class _Told(msgspec.Struct):
    data: PointsMoved


_read = msgspec.json.Decoder(_Told).decode
_read_grant = msgspec.json.Decoder(Grant).decode


def _told_row(seq: int, event: PointsMoved, at_ms: int) -> tuple[object, ...]:
    return (
        *(seq, event.member_id, event.program, event.kind, event.state, event.expires, event.pending_until),
        *(event.delta, event.balance, event.reason, msgspec.json.encode(event.args).decode()),
        *(event.sale_id, event.of_sale, event.of_seq),
        msgspec.json.encode(event.grant).decode() if event.grant is not None else "",
        *(event.operator_id, at_ms),
    )


def _entry(row: tuple[Any, ...]) -> Entry:
    (seq, member, program, kind, state, expires, pending, delta, balance, reason, args) = row[:11]
    sale_id, of_sale, of_seq, grant, operator_id, at_ms = row[11:]
    return Entry(
        seq=seq,
        kind=kind,
        lot=Lot(member, program, state, expires, pending),
        delta=delta,
        balance=balance,
        reason=reason,
        args=msgspec.json.decode(args),
        sale_id=sale_id,
        of_sale=of_sale,
        of_seq=of_seq,
        grant=_read_grant(grant) if grant else None,
        operator_id=operator_id,
        at_ms=at_ms,
    )


def _marks(values: Sequence[object]) -> str:
    return ", ".join("?" * len(values))
