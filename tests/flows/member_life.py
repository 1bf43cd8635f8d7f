"""What a member's life comes to, told naively: dicts, lists and integers. For tests only.

`mutant` names one rule that is broken on purpose: whoever compares this with the shop must notice.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from tests.domain.naive_price import shares

MUTANTS = {  # and the kinds of steps by which it comes out
    "a return forgets pending points": ("buy", "bring_back", "void", "exchange"),
    "unmerging loses coupons": ("give_coupon", "merge", "unmerge"),
    "bonus is spent first": ("recharge", "buy"),
    "the window of tiers begins a day late": ("buy", "pass_time"),
    "points last a month longer": ("check_in", "correct_points", "pass_time"),
    "a missed day does not break the row": ("check_in", "pass_time"),
    "points go to the first id of whoever is merged": ("merge", "buy"),
}
VALID_MONTHS, PENDING_DAYS, GRACE_DAYS = 2, 3, 30
WINDOW_DAYS, STAY_DAYS = 30, 10
COUPON_DAYS, COUPON_GRACE_DAYS, BONUS_DAYS = 30, 30, 40
REFERRED, REFERRED_DAYS, VISIT, ROW_OF_DAYS, ROW = 40, 7, 5, 2, 10
TIERS = {0: ("", 0, 0), 1: ("silver", 300_00, 500), 2: ("gold", 600_00, 1_000)}  # rank: key, spend, bp

Lot = tuple[str, str, str]  # whose, usable from which day on ("" it is), last month


def later(day: str, days: int) -> str:
    return (date.fromisoformat(day) + timedelta(days=days)).isoformat()


def month_later(day: str) -> str:
    """The same day of the next month, or its last."""
    year, month, number = map(int, day.split("-"))
    year, month = (year + 1, 1) if month == 12 else (year, month + 1)
    while True:
        try:
            return date(year, month, number).isoformat()
        except ValueError:
            number -= 1


class Purse:
    """Points in lots; what is owed stands apart."""

    def __init__(self) -> None:
        self.lots: dict[Lot, int] = {}
        self.debts: dict[str, int] = {}

    def copy(self) -> Purse:
        other = Purse()
        other.lots, other.debts = dict(self.lots), dict(self.debts)
        return other

    def owed(self, group: Sequence[str]) -> int:
        return sum(self.debts.get(each, 0) for each in group)

    def active(self, group: Sequence[str]) -> int:
        return sum(n for lot, n in self.lots.items() if lot[0] in group and not lot[1])

    def pending(self, group: Sequence[str]) -> int:
        return sum(n for lot, n in self.lots.items() if lot[0] in group and lot[1])

    def usable(self, group: Sequence[str]) -> int:
        return 0 if self.owed(group) else self.active(group)

    def put(self, group: Sequence[str], lot: Lot, n: int) -> None:
        self.lots[lot] = self.lots.get(lot, 0) + n
        self.settle(group)

    def draw(self, group: Sequence[str], n: int) -> list[tuple[Lot, int]]:
        """Soonest expiry first, of one month the oldest id's."""
        found = []
        mine = [lot for lot, has in self.lots.items() if lot[0] in group and not lot[1] and has]
        for lot in sorted(mine, key=lambda lot: (lot[2], group.index(lot[0]))):
            part = min(n, self.lots[lot])
            self.lots[lot] -= part
            n -= part
            if part:
                found.append((lot, part))
        assert n == 0
        return found

    def settle(self, group: Sequence[str]) -> None:
        for each in group:
            part = min(self.debts.get(each, 0), self.active(group))
            if part:
                self.draw(group, part)
                self.debts[each] -= part

    def catch_up(self, group: Sequence[str], day: str) -> None:
        ready = [lot for lot in self.lots if lot[0] in group and lot[1] and lot[1] <= day]
        for lot in sorted(ready, key=lambda lot: lot[1:]):
            self.put(group, (lot[0], "", lot[2]), self.lots.pop(lot))
        self.settle(group)
        for lot in [lot for lot in self.lots if lot[0] in group and lot[2] < day[:7]]:
            del self.lots[lot]

    def claw(self, group: Sequence[str], parts: Iterable[tuple[Lot, int]], forgets: bool = False) -> None:
        """Pending points first, then what they have become; the rest is owed by whoever had them."""
        for lot, n in parts:
            for place in (lot, (lot[0], "", lot[2])):
                part = 0 if forgets and place[1] else min(n, self.lots.get(place, 0))
                if part:
                    self.lots[place] -= part
                    n -= part
            self.debts[lot[0]] = self.debts.get(lot[0], 0) + n
        self.settle(group)


@dataclass(eq=False)
class Value:
    """The principal or the bonus of one recharge."""

    owner: str
    recharge: str
    bonus: bool
    left: int
    ends: str = ""


@dataclass(eq=False)
class Coupon:
    owner: str
    last: str
    used: str = ""  # the day; "" while it can be used


@dataclass(eq=False)
class Deal:
    """A sale as it stands: its lines by number, and what has not come back."""

    sale_id: str
    member: str
    day: str
    nets: dict[int, int]
    off: dict[int, int]  # what points took off each line
    kept: set[int]
    spent: list[list] = field(default_factory=list)  # [lot, points]
    earned: list[list] = field(default_factory=list)
    sources: list[list] = field(default_factory=list)  # [minor, rows of a payment by stored value or None]
    coupon: Coupon | None = None
    carried: frozenset[int] = frozenset()  # the lines from which the coupon took something
    whole: bool = True  # not one half of an exchange
    first: Deal | None = None  # with which what it was exchanged for was bought first; None: itself

    def bonus(self) -> int:
        return sum(bonus_in(rows, minor) for minor, rows in self.sources if rows is not None)

    def earns(self, bonus: int) -> int:
        return max(0, sum(self.nets[n] for n in self.kept) - bonus) // 100


def bonus_in(rows: list[list], minor: int) -> int:
    """What of a part of a payment was bonus: `rows` are [value, minor], in the order of taking."""
    has = [sum(left for value, left in rows if value.bonus == bonus) for bonus in (False, True)]
    return shares(minor, has)[1]


@dataclass(eq=False)
class Referral:
    newcomer: str
    referrer: str
    sale_id: str = ""
    rows: list[list] = field(default_factory=list)  # [lot, points]
    void: bool = False


@dataclass(frozen=True)
class Step:
    """Where somebody stands in the tiers."""

    rank: int = 0
    before: int = 0
    since: str = ""
    until: str = ""
    reached: bool = False


class Life:
    """Everybody there is."""

    def __init__(self, day: str, mutant: str = "") -> None:
        self.day, self.mutant = day, mutant
        self.members: list[str] = []  # the oldest first
        self.gone: set[str] = set()
        self.edges: dict[tuple[str, str], str] = {}  # (absorbed, survivor) -> when
        self.purse = Purse()
        self.values: list[Value] = []
        self.coupons: list[Coupon] = []
        self.deals: list[Deal] = []
        self.referrals: dict[str, Referral] = {}
        self.steps: dict[str, Step] = {}
        self.visits: list[tuple[str, str, int]] = []  # (day, whose, row)
        self.frozen: set[str] = set()

    # who

    def group(self, member: str) -> list[str]:
        """All ids of one person, the oldest first."""
        found, size = {member}, 0
        while size != len(found):
            size = len(found)
            for pair in self.edges:
                if found & set(pair):
                    found |= set(pair)
        return sorted(found)

    def people(self) -> list[list[str]]:
        """Everybody who is still known."""
        return [g for m in self.members if (g := self.group(m))[0] == m and not self.gone & set(g)]

    def part(self, pair: tuple[str, str]) -> None:
        del self.edges[pair]
        if self.mutant == "unmerging loses coupons":
            self.coupons = [each for each in self.coupons if each.owner != pair[0]]

    # points

    def new_lot(self, member: str, wait: int) -> Lot:
        months = VALID_MONTHS + (self.mutant == "points last a month longer")
        whole = int(self.day[:4]) * 12 + int(self.day[5:7]) - 1 + months
        month = f"{whole // 12}-{whole % 12 + 1:02d}"
        until = later(self.day, wait) if wait else ""
        return member, until, max(month, until[:7])

    def correct(self, group: list[str], n: int) -> bool:
        """Whether there was enough."""
        self.purse.catch_up(group, self.day)
        if n > 0:
            self.purse.put(group, self.new_lot(group[0], 0), n)
        elif self.purse.usable(group) < -n:
            return False
        else:
            self.purse.draw(group, -n)
        return True

    def check_in(self, group: list[str]) -> bool:
        """Whether they were not here today."""
        mine = sorted(((day, row) for day, whose, row in self.visits if whose in group), reverse=True)
        if mine and mine[0][0] == self.day:
            return False
        goes_on = mine and (
            mine[0][0] == later(self.day, -1) or self.mutant == "a missed day does not break the row"
        )
        row = mine[0][1] + 1 if goes_on else 1
        self.visits.append((self.day, group[0], row))
        n = VISIT + (ROW if row % ROW_OF_DAYS == 0 else 0)
        self.purse.catch_up(group, self.day)
        self.purse.put(group, self.new_lot(group[0], 0), n)
        return True

    def earn(self, group: list[str], n: int, wait: int, by: str = "") -> list[list]:
        """`by` is the id that was named, which keeps them should the group be parted."""
        if not n:
            return []
        if self.mutant == "points go to the first id of whoever is merged":
            by = group[0]
        lot = self.new_lot(by or group[0], wait)
        self.purse.put(group, lot, n)
        return [[lot, n]]

    # stored value

    def worth(self, group: list[str], bonus: bool) -> int:
        live = [v for v in self.values if v.owner in group and v.bonus == bonus]
        return sum(v.left for v in live if not v.ends or v.ends >= self.day)

    def write_off(self) -> None:
        for value in self.values:
            if value.ends and value.ends < self.day:
                value.left = 0

    def pay(self, group: list[str], minor: int) -> list[list]:
        """What it takes from each lot: in proportion, the oldest principal, the bonus that ends first."""
        self.write_off()
        has = self.worth(group, False), self.worth(group, True)
        principal = (2 * minor * has[0] + sum(has)) // (2 * sum(has))
        if self.mutant == "bonus is spent first":
            principal = minor - min(minor, has[1])
        taken = []
        for bonus, part in ((False, principal), (True, minor - principal)):
            lots = [v for v in self.values if v.owner in group and v.bonus == bonus]
            for value in sorted(lots, key=lambda v: v.ends or "9999"):
                piece = min(part, value.left)
                part -= piece
                value.left -= piece
                if piece:
                    taken.append([value, piece])
        return taken

    def pay_back(self, rows: list[list], minor: int) -> None:
        self.write_off()
        bonus = bonus_in(rows, minor)
        for kind, part in ((False, minor - bonus), (True, bonus)):
            for row in reversed([row for row in rows if row[0].bonus == kind]):
                value, piece = row[0], min(part, row[1])
                part -= piece
                row[1] -= piece
                value.left += piece
                if piece and value.ends and value.ends < self.day:
                    value.ends = later(self.day, GRACE_DAYS)

    # buying

    def buy(self, deal: Deal, points: int, stored: int) -> None:
        """What a sale does for its member, once its price is known."""
        group = self.group(deal.member)
        if deal.coupon is not None:
            deal.coupon.used = self.day
        cash = sum(deal.nets.values()) - stored
        deal.sources = [[stored, self.pay(group, stored)]] if stored else []
        deal.sources.append([cash, None])
        self.purse.catch_up(group, self.day)
        if points:
            deal.spent = [list(each) for each in self.purse.draw(group, points)]
        self._bought(deal, group)
        self._rise(group)

    def _bought(self, deal: Deal, group: list[str]) -> None:
        deal.earned = self.earn(group, deal.earns(deal.bonus()), PENDING_DAYS, deal.member)
        self.deals.append(deal)
        self._reward(deal, group)

    def _reward(self, deal: Deal, group: list[str]) -> None:
        waits = sorted(each for each in group if each in self.referrals)
        held = self.referrals[waits[0]] if waits else None
        if held is None or held.sale_id or not sum(deal.nets.values()):
            return
        held.sale_id = deal.sale_id
        for who in (self.group(held.referrer), group):
            self.purse.catch_up(who, self.day)
            held.rows += self.earn(who, REFERRED, REFERRED_DAYS)

    def bring_back(
        self, deal: Deal, lines: set[int], new: Deal | None = None, *, never: bool = False
    ) -> tuple[int, int]:
        """(paid back to stored value, in cash). Money goes in the parts in which it came, points to and
        from their lots, the coupon with the last line that carried it; `new` is paid with all that."""
        group, minor = self.group(deal.member), sum(deal.nets[n] for n in lines)
        before = deal.kept
        deal.kept = before - lines
        if deal.coupon is not None and deal.coupon.used and not deal.carried & deal.kept:
            self._reinstate(deal.coupon)
            deal.coupon = None
        back, gone = self._money_back(deal, minor, new)
        left = deal.bonus()
        stays = deal.earns(left)
        deal.kept = before
        was = deal.earns(left + gone)
        deal.kept = before - lines
        self._points_back(deal, sum(deal.off[n] for n in lines), max(0, was - stays))
        if new is not None:
            self._bought(new, group)
        first = deal.first or deal
        if new is not None:
            new.first = first
        if not any(each.kept for each in self.deals if (each.first or each) is first):
            self._unreward(first, never)
        self._fall(group, first.day)
        if new is not None:
            self._rise(group)
        return back

    def _money_back(self, deal: Deal, minor: int, new: Deal | None) -> tuple[tuple[int, int], int]:
        """((to stored value, in cash), the bonus that left the deal)."""
        cost = sum(new.nets.values()) if new is not None else 0
        drawn = shares(minor, [each[0] for each in deal.sources])
        over = shares(max(0, minor - cost), drawn)
        stored = cash = gone = 0
        carried = []
        for source, part, back in zip(deal.sources, drawn, over, strict=True):
            rows = source[1]
            source[0] -= part
            if rows is None:
                cash += back
            elif back and self.gone & {value.owner for value, _ in rows}:
                gone += bonus_in(rows, back)
                cash += back
            elif back:
                gone += bonus_in(rows, back)
                self.pay_back(rows, back)
                stored += back
            carried.append([part - back, rows])
        gone += sum(bonus_in(rows, part) for part, rows in carried if rows is not None)
        if new is not None:
            new.sources = [[max(0, cost - minor), None], *carried]
        return (stored, cash), gone

    def _reinstate(self, coupon: Coupon) -> None:
        used, coupon.used = coupon.used, ""
        if coupon.last < self.day:
            if self.day > later(coupon.last, COUPON_GRACE_DAYS):
                left = (date.fromisoformat(coupon.last) - date.fromisoformat(used)).days
                coupon.last = later(self.day, max(0, left))
            else:
                coupon.last = later(self.day, COUPON_GRACE_DAYS)

    def _points_back(self, deal: Deal, restored: int, clawed: int) -> None:
        back, gone = [], []
        for row in reversed(deal.spent):
            part = min(restored, row[1])
            restored, row[1] = restored - part, row[1] - part
            back += [(row[0], part)] if part else []
        for row in deal.earned:
            part = min(clawed, row[1])
            row[1] -= part
            gone += [(row[0], part)] if part else []
        owners = {tuple(self.group(deal.member)), *(tuple(self.group(lot[0])) for lot, _ in back + gone)}
        for group in owners:
            self.purse.catch_up(group, self.day)
            for lot, n in [each for each in back if each[0][0] in group]:
                month = lot[2]
                if month < self.day[:7]:
                    month = later(self.day, GRACE_DAYS)[:7]
                self.purse.lots[lot[0], "", month] = self.purse.lots.get((lot[0], "", month), 0) + n
            self.purse.settle(group)
            forgets = self.mutant == "a return forgets pending points"
            self.purse.claw(group, [each for each in gone if each[0][0] in group], forgets)

    def _unreward(self, deal: Deal, never: bool) -> None:
        """Only what is still pending goes. What never was is no first purchase."""
        for held in self.referrals.values():
            if held.sale_id == deal.sale_id and not held.void:
                for row in held.rows:
                    group = self.group(row[0][0])
                    self.purse.catch_up(group, self.day)
                    part = min(row[1], self.purse.lots.get(row[0], 0)) if row[0][1] else 0
                    if part:
                        self.purse.lots[row[0]] -= part
                        held.void = True
                if held.void and never:
                    held.sale_id, held.rows, held.void = "", [], False

    # tiers

    def spend(self, group: list[str]) -> int:
        begin = later(self.day, 1 - WINDOW_DAYS + (self.mutant == "the window of tiers begins a day late"))
        mine = [deal for deal in self.deals if deal.member in group and deal.day >= begin]
        return sum(deal.nets[n] for deal in mine for n in deal.kept)

    def earned_rank(self, group: list[str]) -> int:
        return max(rank for rank, (_, least, _) in TIERS.items() if self.spend(group) >= least)

    def held(self, group: list[str]) -> Step:
        return max((self.steps.get(each, Step()) for each in group), key=lambda step: step.rank)

    def _step(self, member: str, rank: int, before: int, reached: bool) -> None:
        until = month_later(self.day) if rank else ""
        self.steps[member] = Step(rank, before, self.day, until, reached)

    def _rise(self, group: list[str]) -> None:
        held, rank = self.held(group), self.earned_rank(group)
        if rank > held.rank:
            self._step(group[0], rank, held.rank, True)

    def _fall(self, group: list[str], sold: str) -> None:
        held = self.held(group)
        short = held.reached and sold <= held.since and self.day < later(held.since, STAY_DAYS)
        if held.rank and short and self.spend(group) < TIERS[held.rank][1]:
            holder = next(each for each in group if self.steps.get(each, Step()) == held)
            self._step(holder, max(held.before, self.earned_rank(group)), 0, False)

    def _end_periods(self) -> None:
        for member in sorted(self.steps):
            step, group = self.steps[member], self.group(member)
            if step.rank and step.until <= self.day:
                rank = max(self.earned_rank(group), step.rank - 1)
                before = step.rank if rank > step.rank else step.before if rank == step.rank else 0
                self._step(member, rank, before, rank > step.rank)

    # nights

    def pass_time(self, days: int, night: bool) -> None:
        """`night`: the shop does then what is due, or its box was off."""
        self.day = later(self.day, days)
        if not night:
            return
        due = {lot[0] for lot, n in self.purse.lots.items() if n and (lot[1] or lot[2] < self.day[:7])}
        for lot in [lot for lot, n in self.purse.lots.items() if n and lot[0] in due]:
            if (lot[1] and lot[1] <= self.day) or (not lot[1] and lot[2] < self.day[:7]):
                self.purse.catch_up(self.group(lot[0]), self.day)
        self.write_off()
        self._end_periods()

    def open_coupons(self, group: list[str]) -> list[str]:
        """The last days of those that can be used."""
        mine = [each for each in self.coupons if each.owner in group and not each.used]
        return sorted(each.last for each in mine if each.last >= self.day)
