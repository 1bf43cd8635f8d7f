"""What a new member brings along from another till: points, stored value and a tier, each its own move.

Their reason is "import"; nobody paid for it here, and it earns nothing and is given no gift.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from services.domain import points as point_rules
from services.domain.imports import Bad, Row
from services.domain.opening import BONUS, BONUS_UNTIL, POINTS, POINTS_UNTIL, PRINCIPAL, TIER
from services.domain.points import Lot
from services.flows import points, stored_value_moves, tiers
from services.flows.points import Why
from services.flows.shop import Shop
from services.flows.stored_value_moves import moment

REASON = "import"


@dataclass(frozen=True, slots=True)
class Sums:
    """Of all rows that join: what the shop owes from then on."""

    points: int = 0
    principal_minor: int = 0
    bonus_minor: int = 0
    tiers: int = 0  # members who have one


def sums(rows: Iterable[Row]) -> Sums:
    brought = [row.opening for row in rows]
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


def carry_in(shop: Shop, member_id: str, brought: dict[str, str], operator_id: str) -> None:
    """Inside the transaction in which somebody joins, after faults() has let them pass."""
    when = moment(shop, operator_id)
    if POINTS in brought:
        lot = points.new_lot(shop, member_id, when.at_ms, pending_days=0)
        if POINTS_UNTIL in brought:
            lot = Lot(member_id, expires=brought[POINTS_UNTIL][:7])
        account = points.caught_up(shop, (member_id,), when.at_ms)
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
        tiers.carry_in(
            shop, member_id, _tiers()[_bare(brought[TIER])], note=REASON, operator_id=operator_id
        )


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
    terms = shop.stored_value
    most = terms.named_max_minor if row.person.get("name") else terms.nameless_max_minor
    if int(brought.get(PRINCIPAL, 0)) + int(brought.get(BONUS, 0)) > most:
        return PRINCIPAL, "balance_limit"
    return None
