"""What a member brings along from another till: points, stored value and a tier, each its own move.

Their reason is "import"; nobody paid for it here, and it earns nothing and is given no gift. Each of the
three comes along once for one person, whichever file says it and however often: what the books tell of it
is what is remembered. A second till of before, and a mistake, are corrected by hand, person by person:
what was brought may be spent a minute later, so no file is taken back as a whole.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from services.domain import points as point_rules
from services.domain import stored_value as value_rules
from services.domain.imports import Bad, Row
from services.domain.opening import BONUS, BONUS_UNTIL, POINTS, POINTS_UNTIL, PRINCIPAL, TIER
from services.domain.points import Lot
from services.flows import points, stored_value_moves, tiers
from services.flows.members import Member
from services.flows.points import Group, Why
from services.flows.shop import Shop
from services.flows.stored_value_moves import moment
from services.store import members, stored_value
from services.store import points as ledger

Brought = dict[str, str]  # column -> as the file says it
REASON = "import"
KINDS = ((POINTS, POINTS_UNTIL), (PRINCIPAL, BONUS, BONUS_UNTIL), (TIER,))  # each of them once


@dataclass(frozen=True, slots=True)
class Sums:
    """Of all who bring something: what the shop owes from then on."""

    points: int = 0
    principal_minor: int = 0
    bonus_minor: int = 0
    tiers: int = 0  # members who have one


def sums(brought: Collection[Brought]) -> Sums:
    return Sums(
        points=sum(int(each.get(POINTS, 0)) for each in brought),
        principal_minor=sum(int(each.get(PRINCIPAL, 0)) for each in brought),
        bonus_minor=sum(int(each.get(BONUS, 0)) for each in brought),
        tiers=sum(TIER in each for each in brought),
    )


def faults(shop: Shop, rows: Iterable[Row]) -> list[Bad]:
    """Rows that bring what this shop cannot take: a day that is over, a tier that it does not have, more
    money than an account holds, a last day of nothing. At most one for each row."""
    today = points.day(shop, shop.now_ms())
    known = _tiers()
    found = ((row, _fault(shop, row, today, known)) for row in rows if row.opening)
    return [Bad(row.line, *fault) for row, fault in found if fault]


def for_known(shop: Shop, member: Member, brought: Brought) -> tuple[Brought, dict[str, str]]:
    """(what somebody who is a member already gets of it; why they do not get the rest, by the first column
    of that: "had" before, "limit" of an account, "lower" than the tier they hold)."""
    gets, why = dict(brought), {}
    group = members.group(member.member_id)
    if POINTS in brought and ledger.had_for(group, REASON):
        why[POINTS] = "had"
    money = [each for each in (PRINCIPAL, BONUS) if each in brought]
    if money and stored_value.was_moved(group, value_rules.OPENED):
        why[money[0]] = "had"
    elif money:
        has = stored_value_moves.balance(shop, group).total
        if has + sum(int(brought[each]) for each in money) > _most(shop, named="name" in member.values):
            why[money[0]] = "limit"
    if TIER in brought and (no := tiers.gains(group, _tiers()[_bare(brought[TIER])])):
        why[TIER] = no
    for kind in KINDS:
        if why.keys() & set(kind):
            gets = {column: said for column, said in gets.items() if column not in kind}
    return gets, why


def carry_in(shop: Shop, group: Group, brought: Brought, operator_id: str) -> None:
    """Inside the transaction in which somebody joins, or is found in a file, after faults() and for_known()
    have let it pass."""
    when, member_id = moment(shop, operator_id), group[0]
    if POINTS in brought:
        lot = points.new_lot(shop, member_id, when.at_ms, pending_days=0)
        if POINTS_UNTIL in brought:
            lot = Lot(member_id, expires=brought[POINTS_UNTIL][:7])
        account = points.caught_up(shop, group, when.at_ms)
        moves = point_rules.earn(account, lot, int(brought[POINTS]), point_rules.ADJUSTED)
        why = Why(reason=REASON, at_ms=when.at_ms, operator_id=operator_id)
        points.moved(shop, account, moves, why)
    principal, bonus = int(brought.get(PRINCIPAL, 0)), int(brought.get(BONUS, 0))
    if principal or bonus:
        stored_value_moves.carry_in(
            *(shop, member_id, when, principal, bonus),
            bonus_until=brought.get(BONUS_UNTIL, ""),
            reason=REASON,
        )
    if TIER in brought:
        tier = _tiers()[_bare(brought[TIER])]
        tiers.carry_in(shop, group, tier, note=REASON, operator_id=operator_id)


def _tiers() -> dict[str, str]:
    """key, or name in either language -> key"""
    return {
        _bare(name): each.key
        for each in tiers.program().tiers
        for name in (each.label_en, each.label_zh, each.key)
    }


def _bare(name: str) -> str:
    return "".join(name.casefold().split())


def _fault(shop: Shop, row: Row, today: str, known: dict[str, str]) -> tuple[str, str] | None:
    """(column, reason)"""
    brought = row.opening
    for end, of, day in ((POINTS_UNTIL, POINTS, today[:7]), (BONUS_UNTIL, BONUS, today)):
        if end in brought and of not in brought:
            return of, "required"
        if brought.get(end, "9999") < day:
            return end, "day_over"
    if TIER in brought and _bare(brought[TIER]) not in known:
        return TIER, "tier_unknown"
    money = int(brought.get(PRINCIPAL, 0)) + int(brought.get(BONUS, 0))
    if money > _most(shop, named=bool(row.person.get("name"))):
        return PRINCIPAL, "balance_limit"
    return None


def _most(shop: Shop, *, named: bool) -> int:
    terms = shop.stored_value
    return terms.named_max_minor if named else terms.nameless_max_minor
