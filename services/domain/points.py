"""Points as lots: earned, spent soonest expiry first, given back, taken back, expired, and what is owed.

A lot is everything that one member id holds in one program until the end of one month. One person may have
several member ids, their group: nothing is ever moved from one to the other, all of them are spent from.
Every function answers with the moves that should be made; an account after them is `after(moves)`.
"""

from __future__ import annotations

import calendar
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Literal

from services.domain.errors import PointsShort

MAIN = "main"  # the program of a shop that has one
POINTS_MAX = 1_000_000_000  # of one move
ACTIVE, PENDING, DEBT = "active", "pending", "debt"
EARNED, ACTIVATED, SPENT, RESTORED = "earned", "activated", "spent", "restored"
EXPIRED, CLAWED, SETTLED, ADJUSTED = "expired", "clawed", "settled", "adjusted"
KINDS = (EARNED, ACTIVATED, SPENT, RESTORED, EXPIRED, CLAWED, SETTLED, ADJUSTED)

Policy = Literal["only_pending", "within_balance", "unlimited"]  # how far a return takes points back

_NEVER = "9999-99"


@dataclass(frozen=True, slots=True)
class Lot:
    """Points that become and stay usable together. A debt is a lot below zero; no other ever is."""

    member_id: str
    program: str = MAIN
    state: str = ACTIVE
    expires: str = ""  # YYYY-MM, usable to the end of that month; "": for ever
    pending_until: str = ""  # YYYY-MM-DD, usable from that day on; "": usable, or a debt

    @property
    def usable(self) -> Lot:
        """The lot that these points are in once they are no longer pending."""
        return replace(self, state=ACTIVE, pending_until="")


@dataclass(frozen=True, slots=True)
class Held:
    lot: Lot
    points: int  # not zero


@dataclass(frozen=True, slots=True)
class Move:
    """One change of one lot, and the row of the statement that it becomes."""

    kind: str  # of KINDS
    lot: Lot
    delta: int  # not zero
    of_seq: int = 0  # the row that it gives back or takes back; 0: none


@dataclass(frozen=True, slots=True)
class Past:
    """A row of the statement that a return works on, and how much of it is left to work on."""

    seq: int  # rising: the later row has the larger
    lot: Lot
    points: int


@dataclass(frozen=True, slots=True)
class Account:
    """What a person holds in one program: the lots that are not empty, in no order."""

    group: tuple[str, ...]  # the member ids of one person, the one that stands for them first
    program: str = MAIN
    held: tuple[Held, ...] = ()

    @property
    def active(self) -> int:
        return sum(each.points for each in self.held if each.lot.state == ACTIVE)

    @property
    def pending(self) -> int:
        """Earned and not usable yet; in no balance."""
        return sum(each.points for each in self.held if each.lot.state == PENDING)

    @property
    def debt(self) -> int:
        """Zero or more: while there is one, nothing can be spent."""
        return -sum(each.points for each in self.held if each.lot.state == DEBT)

    @property
    def balance(self) -> int:
        return self.active - self.debt

    def of(self, lot: Lot) -> int:
        return next((each.points for each in self.held if each.lot == lot), 0)

    def in_order(self) -> list[Held]:
        """The active lots as they are spent: soonest expiry first, then in the order of the group."""
        rank = {member_id: n for n, member_id in enumerate(self.group)}
        active = [each for each in self.held if each.lot.state == ACTIVE]
        return sorted(active, key=lambda each: (each.lot.expires or _NEVER, rank[each.lot.member_id]))

    def after(self, moves: Iterable[Move]) -> Account:
        points = {each.lot: each.points for each in self.held}
        for move in moves:
            assert move.lot.program == self.program and move.lot.member_id in self.group, move
            points[move.lot] = points.get(move.lot, 0) + move.delta
            assert (points[move.lot] <= 0) == (move.lot.state == DEBT) or not points[move.lot], move
        return replace(self, held=tuple(Held(lot, left) for lot, left in points.items() if left))

    def check(self) -> None:
        """What holds between two transactions."""
        assert not (self.debt and self.active), self


def earn(account: Account, lot: Lot, points: int, kind: str = EARNED) -> list[Move]:
    """Put `points` (more than zero) into a lot; a debt takes its part of them at once."""
    assert 0 < points <= POINTS_MAX and lot.state != DEBT, (lot, points)
    return _settled(account, [Move(kind, lot, points)])


def spend(account: Account, points: int) -> list[Move]:
    """Take `points` (more than zero) for something. Raises PointsShort (details: balance, usable)."""
    assert 0 < points <= POINTS_MAX, points
    if account.debt or account.active < points:
        usable = 0 if account.debt else account.active
        raise PointsShort("there are not so many points", balance=account.balance, usable=usable)
    return _drawn(account, points, SPENT)


def adjust(account: Account, lot: Lot, points: int) -> list[Move]:
    """Correct a balance by hand, up into `lot` or down out of what is usable. Raises PointsShort."""
    if points > 0:
        return earn(account, lot, points, ADJUSTED)
    return [replace(move, kind=ADJUSTED) for move in spend(account, -points)]


def last_drawn(spent: Sequence[Past], points: int) -> list[Past]:
    """`points` of those that a document spent, the last drawn first."""
    assert 0 <= points <= sum(each.points for each in spent), (points, spent)
    parts = []
    for each in sorted(spent, key=lambda each: -each.seq):
        part = min(points, each.points)
        points -= part
        if part:
            parts.append(replace(each, points=part))
    return parts


def restore(account: Account, parts: Sequence[Past], month: str, grace: str) -> list[Move]:
    """Give back parts of what a document spent, each into its own lot, or into one until the end of `grace`
    where its month is before `month`, the one that runs."""
    moves = []
    for each in parts:
        closed = each.lot.expires and each.lot.expires < month
        lot = replace(each.lot, expires=max(grace, month)) if closed else each.lot
        moves.append(Move(RESTORED, lot, each.points, each.seq))
    return _settled(account, moves)


def claw(account: Account, earned: Sequence[Past], policy: Policy) -> list[Move]:
    """Take back what a document earned: `earned` with the points of each row that must go.

    From the lots it went into, pending ones first; what is no longer there becomes a debt, is taken from
    other lots, or stays with the member, as `policy` says. A debt is settled at once.
    """
    moves: list[Move] = []
    pending_first = sorted(
        earned, key=lambda each: (each.lot.state != PENDING or not account.of(each.lot), each.seq)
    )
    for each in pending_first:
        left = each.points
        for lot in dict.fromkeys((each.lot, each.lot.usable)):
            if lot.state == PENDING or policy != "only_pending":
                left -= _take(account.after(moves), moves, lot, left, each.seq)
        if left and policy == "within_balance":
            for other in account.after(moves).in_order():
                left -= _take(account.after(moves), moves, other.lot, left, each.seq)
        if left and policy == "unlimited":
            moves.append(Move(CLAWED, _debt(each.lot), -left, each.seq))
    return _settled(account, moves)


def due(account: Account, day: str, *, closing: bool = True) -> list[Move]:
    """What has become true by itself by `day`: pending points that are usable, a debt paid from them, and
    points whose month is over. Without `closing` nothing expires: the clock is not to be trusted."""
    moves: list[Move] = []
    ready = [h for h in account.held if h.lot.state == PENDING and h.lot.pending_until <= day]
    for each in sorted(ready, key=lambda each: (each.lot.pending_until, each.lot.expires or _NEVER)):
        moves.append(Move(ACTIVATED, each.lot, -each.points))
        moves.append(Move(ACTIVATED, each.lot.usable, each.points))
        moves = _settled(account, moves)
    moves = _settled(account, moves)
    if closing:
        over = [h for h in account.after(moves).held if h.lot.expires and h.lot.expires < day[:7]]
        moves += [Move(EXPIRED, each.lot, -each.points) for each in over]
    return moves


def last_month(day: str, months: int) -> str:
    """The month to whose end points earned on `day` can be used; "" for 0 months: they stay."""
    if not months:
        return ""
    whole = int(day[:4]) * 12 + int(day[5:7]) - 1 + months
    return f"{whole // 12:04d}-{whole % 12 + 1:02d}"


def month_after(day: str, days: int) -> str:
    """The month of the day that is so many days later."""
    return later(day, days)[:7]


def later(day: str, days: int) -> str:
    return (date.fromisoformat(day) + timedelta(days=days)).isoformat()


def last_day(month: str) -> str:
    """YYYY-MM-DD on which the points of a month can be used for the last time; "" for ever."""
    if not month:
        return ""
    year, number = int(month[:4]), int(month[5:])
    return f"{month}-{calendar.monthrange(year, number)[1]:02d}"


def _drawn(account: Account, points: int, kind: str) -> list[Move]:
    moves = []
    for each in account.in_order():
        part = min(points, each.points)
        points -= part
        if part:
            moves.append(Move(kind, each.lot, -part))
    return moves


def _take(account: Account, moves: list[Move], lot: Lot, wanted: int, of_seq: int) -> int:
    """Claw up to `wanted` from one lot; how many it was."""
    part = min(wanted, account.of(lot))
    if part > 0:
        moves.append(Move(CLAWED, lot, -part, of_seq))
        return part
    return 0


def _debt(lot: Lot) -> Lot:
    return Lot(lot.member_id, lot.program, DEBT)


def _settled(account: Account, moves: list[Move]) -> list[Move]:
    """`moves`, and then each debt paid from the lots that expire soonest."""
    now = account.after(moves)
    debts = sorted(
        (h for h in now.held if h.lot.state == DEBT), key=lambda h: now.group.index(h.lot.member_id)
    )
    for each in debts:
        paid = _drawn(now, min(-each.points, now.active), SETTLED)
        if paid:
            paid.append(Move(SETTLED, each.lot, -sum(move.delta for move in paid)))
            moves = [*moves, *paid]
            now = now.after(paid)
    return moves
