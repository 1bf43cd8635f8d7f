"""What points must come to, told naively: one entry for each single gain, and sums. For tests only."""

from __future__ import annotations

import random
from dataclasses import dataclass, field

from services.domain import points
from services.domain.errors import PointsShort
from services.domain.points import Account, Lot, Move, Past

MEMBERS = ("m1", "m2")


@dataclass
class History:
    """A person's account over a time, with every row of it; each step checks what must always hold."""

    account: Account = field(default_factory=lambda: Account(MEMBERS))
    day: str = "2026-01-15"
    rows: list[Move] = field(default_factory=list)
    documents: dict[int, tuple[list[int], list[int]]] = field(default_factory=dict)  # earned, spent rows
    done: dict[int, int] = field(default_factory=dict)  # of a row: what was given or taken back
    sums: dict[str, int] = field(default_factory=lambda: dict.fromkeys(points.KINDS, 0))

    def book(self, moves: list[Move]) -> list[int]:
        """Make the moves; the rows they became, from 1."""
        before = self.account
        self.account = before.after(moves)
        self.rows += moves
        for move in moves:
            self.sums[move.kind] += move.delta
            if move.of_seq:
                self.done[move.of_seq] = self.done.get(move.of_seq, 0) + abs(move.delta)
        self.check()
        return list(range(len(self.rows) - len(moves) + 1, len(self.rows) + 1))

    def pass_time(self, days: int) -> None:
        self.day = points.later(self.day, days)
        self.book(points.due(self.account, self.day))

    def earn(self, member_id: str, amount: int, months: int, pending_days: int) -> int:
        until = points.later(self.day, pending_days) if pending_days else ""
        state = points.PENDING if until else points.ACTIVE
        lot = Lot(member_id, "main", state, points.last_month(self.day, months), until)
        (first, *_) = self.book(points.earn(self.account, lot, amount))
        self.documents[len(self.documents) + 1] = ([first], [])
        return len(self.documents)

    def spend(self, amount: int) -> int:
        """The document, or 0 where it was refused, and then rightly."""
        try:
            rows = self.book(points.spend(self.account, amount))
        except PointsShort:
            assert self.account.debt or self.account.active < amount
            return 0
        self.documents[len(self.documents) + 1] = ([], rows)
        return len(self.documents)

    def past(self, seqs: list[int]) -> list[Past]:
        return [
            Past(seq, self.rows[seq - 1].lot, abs(self.rows[seq - 1].delta) - self.done.get(seq, 0))
            for seq in seqs
        ]

    def take_back(self, document: int, share: int, policy: points.Policy = "unlimited") -> None:
        """Return a hundredth part of a document `share` times."""
        earned, spent = self.documents[document]
        month, grace = self.day[:7], points.month_after(self.day, 30)
        left = self.past(spent)
        amount = sum(each.points for each in left) * share // 100
        if amount:
            self.book(points.restore(self.account, points.last_drawn(left, amount), month, grace))
        clawed = [Past(p.seq, p.lot, p.points * share // 100) for p in self.past(earned)]
        self.book(points.claw(self.account, [p for p in clawed if p.points], policy))

    def check(self) -> None:
        account, total = self.account, self.sums
        account.check()
        assert account.balance == account.active - account.debt
        assert sum(total.values()) == account.balance + account.pending
        assert total[points.ACTIVATED] == total[points.SETTLED] == 0, total
        assert all(left <= abs(self.rows[seq - 1].delta) for seq, left in self.done.items())


def play(seed: int, steps: int = 14) -> History:
    """One random life of an account."""
    dice, told = random.Random(seed), History()
    for _ in range(steps):
        step = dice.randrange(10)
        if step < 4:
            member_id, pending = dice.choice(MEMBERS), dice.choice((0, 0, 7, 20))
            told.earn(member_id, dice.randrange(1, 400), dice.choice((0, 1, 2, 12)), pending)
        elif step < 6:
            told.spend(dice.randrange(1, 500))
        elif step < 8 and told.documents:
            policy = dice.choice(("only_pending", "within_balance", "unlimited", "unlimited"))
            told.take_back(dice.randrange(len(told.documents)) + 1, dice.choice((30, 50, 100)), policy)
        else:
            told.pass_time(dice.choice((1, 3, 10, 40)))
    return told
