"""Stored value: accounts with their lots, and every move of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from services.domain.stored_value import ACTIVE, CASHED_OUT, RECHARGED, Draw, Lot
from services.domain.stored_value_events import MovedLot, StoredValueMoved
from services.store.db import LEDGER

MOVES_MAX = 500  # of one page of a statement


@dataclass(frozen=True, slots=True)
class Account:
    """Somebody's account; one that was never touched is active and has no card of ours."""

    member_id: str
    state: str = ACTIVE
    cards: int = 0  # given out in the place of another
    pin_hash: str = ""


@dataclass(frozen=True, slots=True)
class Move:
    """One line of a statement."""

    move_id: str
    member_id: str
    kind: str
    principal_minor: int
    bonus_minor: int
    principal_balance_minor: int  # of the account, after it
    bonus_balance_minor: int
    store_id: str
    business_day: str
    at_ms: int
    operator_id: str
    reason: str
    sale_id: str
    spend_id: str
    recharge_id: str
    plan_id: str
    plan_version: int
    tender: str
    reference: str
    pays_minor: int
    proof: str
    approver_id: str


@dataclass(frozen=True, slots=True)
class Drawn:
    """What one payment has taken from a lot and not given back, with its goods at list price."""

    lot: Lot
    taken_minor: int
    listed_minor: int
    back_minor: int
    listed_back_minor: int

    @property
    def open(self) -> Draw:
        return Draw(self.lot, self.taken_minor - self.back_minor)


LOT = "lot_id, member_id, recharge_id, kind, amount_minor, left_minor, expires"
MOVE = (
    "move_id, member_id, kind, principal_minor, bonus_minor, principal_balance_minor, bonus_balance_minor,"
    " store_id, business_day, at_ms, operator_id, reason, sale_id, spend_id, recharge_id, plan_id,"
    " plan_version, tender, reference, pays_minor, proof, approver_id"
)
ACCOUNT = "member_id, state, cards, pin_hash"


def account(member_id: str) -> Account:
    row = LEDGER.execute_sql(
        f"SELECT {ACCOUNT} FROM stored_value_account WHERE member_id = ?", (member_id,)
    ).fetchone()
    return Account(*row) if row else Account(member_id)


def put_account(changed: Account) -> None:
    LEDGER.execute_sql(
        f"INSERT OR REPLACE INTO stored_value_account ({ACCOUNT}) VALUES (?, ?, ?, ?)",
        (changed.member_id, changed.state, changed.cards, changed.pin_hash),
    )


def lots(group: Sequence[str]) -> list[Lot]:
    """Of all accounts of one person, those with something in them."""
    return [
        _lot(row)
        for member_id in group
        for row in LEDGER.execute_sql(
            f"SELECT {LOT} FROM stored_value_lot WHERE member_id = ? AND left_minor > 0 ORDER BY lot_id",
            (member_id,),
        )
    ]


def lots_of(recharge_id: str) -> list[Lot]:
    rows = LEDGER.execute_sql(
        f"SELECT {LOT} FROM stored_value_lot WHERE recharge_id = ? ORDER BY lot_id", (recharge_id,)
    )
    return [_lot(row) for row in rows]


def ended(day: str) -> list[str]:
    """The accounts that hold bonus whose last day was before `day`."""
    rows = LEDGER.execute_sql(
        "SELECT DISTINCT member_id FROM stored_value_lot WHERE left_minor > 0 AND expires <> ''"
        " AND expires < ? ORDER BY member_id",
        (day,),
    )
    return [row[0] for row in rows]


def keep(told: StoredValueMoved) -> None:
    """Do to the lots what the move says, and put it into the statement: all that a move changes here."""
    for n, lot in enumerate(told.lots, 1):
        _keep_lot(told.member_id, lot)
        LEDGER.execute_sql(
            "INSERT INTO stored_value_draw (move_id, n, lot_id, amount_minor, listed_minor)"
            " VALUES (?, ?, ?, ?, ?)",
            (told.move_id, n, lot.lot_id, lot.amount_minor, lot.listed_minor),
        )
    LEDGER.execute_sql(
        f"INSERT INTO stored_value_move ({MOVE}) VALUES ({', '.join('?' * 22)})", row_of(told)
    )


def _keep_lot(member_id: str, moved: MovedLot) -> None:
    known = LEDGER.execute_sql(
        "UPDATE stored_value_lot SET left_minor = left_minor + ?, expires = ? WHERE lot_id = ?",
        (moved.amount_minor, moved.expires, moved.lot_id),
    )
    if not known.rowcount:
        LEDGER.execute_sql(
            f"INSERT INTO stored_value_lot ({LOT}) VALUES (?, ?, ?, ?, ?, ?, ?)",
            (
                *(moved.lot_id, member_id, moved.recharge_id, moved.kind),
                *(moved.amount_minor, moved.amount_minor, moved.expires),
            ),
        )


def row_of(told: StoredValueMoved) -> tuple[object, ...]:
    """The columns of MOVE."""
    return (
        *(told.move_id, told.member_id, told.kind, told.principal_minor, told.bonus_minor),
        *(told.principal_balance_minor, told.bonus_balance_minor, told.retail_store_id),
        *(told.business_day, told.moved_at_ms, told.operator_id, told.reason, told.sale_id),
        *(told.spend_id, told.recharge_id, told.plan_id, told.plan_version, told.tender_type),
        *(told.reference, told.pays_minor, told.proof, told.approver_id),
    )


def move(move_id: str) -> Move | None:
    row = LEDGER.execute_sql(
        f"SELECT {MOVE} FROM stored_value_move WHERE move_id = ?", (move_id,)
    ).fetchone()
    return Move(*row) if row else None


def moves(group: Sequence[str], before: str = "") -> list[Move]:
    """The newest MOVES_MAX of all accounts of one person, those older than the move `before`."""
    found = [
        Move(*row)
        for member_id in group
        for row in LEDGER.execute_sql(
            f"SELECT {MOVE} FROM stored_value_move WHERE member_id = ? AND move_id < ?"
            f" ORDER BY move_id DESC LIMIT {MOVES_MAX}",
            (member_id, before or "~"),
        )
    ]
    return sorted(found, key=lambda each: each.move_id, reverse=True)[:MOVES_MAX]


def was_moved(group: Sequence[str], kind: str) -> bool:
    """Whether one of these accounts ever had a move of this kind."""
    marks = ", ".join("?" * len(group))
    row = LEDGER.execute_sql(
        f"SELECT 1 FROM stored_value_move WHERE member_id IN ({marks}) AND kind = ? LIMIT 1", (*group, kind)
    ).fetchone()
    return row is not None


def after(sale_id: str, group: Sequence[str]) -> tuple[int, int] | None:
    """(principal, bonus) of the accounts of one person that a document moved, after it; None where it moved
    none. Its change that was kept later is no part of it."""
    rows = LEDGER.execute_sql(
        "SELECT member_id, principal_balance_minor, bonus_balance_minor FROM stored_value_move"
        " WHERE sale_id = ? AND kind <> ? ORDER BY move_id",
        (sale_id, RECHARGED),
    )
    left = {who: (principal, bonus) for who, principal, bonus in rows if who in group}
    if not left:
        return None
    return sum(each[0] for each in left.values()), sum(each[1] for each in left.values())


def kept_change(sale_id: str) -> str | None:
    """The id of the move that put a sale's change onto an account, if any did."""
    row = LEDGER.execute_sql(
        "SELECT move_id FROM stored_value_move WHERE sale_id = ? AND sale_id <> '' AND kind = ?",
        (sale_id, RECHARGED),
    ).fetchone()
    return row[0] if row else None


def cash_of_day(group: Sequence[str], business_day: str) -> int:
    """What one person has paid in in cash."""
    return sum(
        int(
            LEDGER.execute_sql(
                "SELECT COALESCE(SUM(principal_minor), 0) FROM stored_value_move WHERE member_id = ?"
                " AND business_day = ? AND kind = ? AND tender = 'cash'",
                (member_id, business_day, RECHARGED),
            ).fetchone()[0]
        )
        for member_id in group
    )


def drawn(spend_id: str) -> list[Drawn]:
    """What a payment took from each lot, in that order, and what has come back of it."""
    rows = LEDGER.execute_sql(
        f"SELECT {', '.join(f'l.{column}' for column in LOT.split(', '))}, -SUM(d.amount_minor *"
        " (m.kind = 'spent')), SUM(d.listed_minor * (m.kind = 'spent')), SUM(d.amount_minor *"
        " (m.kind = 'refunded')), -SUM(d.listed_minor * (m.kind = 'refunded'))"
        " FROM stored_value_move m JOIN stored_value_draw d USING (move_id)"
        " JOIN stored_value_lot l USING (lot_id) WHERE m.spend_id = ?"
        " GROUP BY l.lot_id ORDER BY MIN(m.move_id || printf('.%03d', d.n))",
        (spend_id,),
    )
    return [Drawn(_lot(row[:7]), *row[7:]) for row in rows]


def used(recharge_id: str) -> tuple[int, int, int]:
    """(bonus used, all that was bought, the same at list price) of a recharge, less what has come back."""
    row = LEDGER.execute_sql(
        "SELECT COALESCE(-SUM(d.amount_minor * (l.kind = 'bonus')), 0), COALESCE(-SUM(d.amount_minor), 0),"
        " COALESCE(SUM(d.listed_minor), 0) FROM stored_value_lot l JOIN stored_value_draw d USING (lot_id)"
        " JOIN stored_value_move m USING (move_id)"
        " WHERE l.recharge_id = ? AND m.kind IN ('spent', 'refunded')",
        (recharge_id,),
    ).fetchone()
    return row[0], row[1], row[2]


def kept(recharge_id: str) -> int:
    """What was deducted of a recharge when it was paid out."""
    row = LEDGER.execute_sql(
        "SELECT COALESCE(SUM(-principal_minor - pays_minor), 0) FROM stored_value_move"
        " WHERE recharge_id = ? AND kind = ?",
        (recharge_id, CASHED_OUT),
    ).fetchone()
    return int(row[0])


def _lot(row: tuple[Any, ...]) -> Lot:
    lot_id, member_id, recharge_id, kind, amount_minor, left_minor, expires = row
    return Lot(
        lot_id=lot_id,
        member_id=member_id,
        recharge_id=recharge_id,
        kind=kind,
        amount_minor=amount_minor,
        left_minor=left_minor,
        expires=expires,
    )
