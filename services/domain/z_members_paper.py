"""The members' section of X and Z on paper."""

from __future__ import annotations

from collections.abc import Iterable

from services.domain.money import Money, written
from services.domain.paper_words import Words
from services.domain.z_members import ZCoupons, ZMembers, ZPoints, ZStoredValue

Told = tuple[tuple[str, str], int, int]  # (words, how many or 0, minor units)
Line = tuple[str, str]  # (label, figure); a heading has no figure


def lines(members: ZMembers | None, currency: str, words: Words, *, blind: bool) -> list[Line]:
    """Nothing where an older program told of no members. A `blind` paper keeps back what lies in the
    drawer."""
    if members is None:
        return []

    def row(told: Told) -> Line:
        label, count, minor = told
        named = f" {words.pick(*label)}" + (f" × {count}" if count and minor else "")
        return named, written(Money(minor, currency)) if minor or not count else str(count)

    rows: list[Line] = [
        (words.pick("顾客", "Customers"), str(members.customers)),
        (
            f"{words.pick('会员单', 'Sales to members')} × {members.member_sales}",
            written(Money(members.member_net_minor, currency)),
        ),
    ]
    if members.joined:
        rows.append((words.pick("新会员", "New members"), str(members.joined)))
    if members.points is not None:
        rows += _points(members.points, currency, words)
    if members.stored_value is not None:
        rows.append((words.pick("储值", "Stored value"), ""))
        rows += map(row, _stored_value(members.stored_value, blind=blind))
    if members.coupons is not None:
        rows.append((words.pick("优惠券", "Coupons"), ""))
        rows += map(row, _coupons(members.coupons))
    return rows


def _points(points: ZPoints, currency: str, words: Words) -> list[Line]:
    """How many, and what they are worth where points take something off."""
    moved = (
        (("赚取", "Earned"), points.earned, points.earned_minor),
        (("使用", "Redeemed"), points.redeemed, points.redeemed_minor),
        (("退还", "Given back"), points.restored, 0),
        (("收回", "Taken back"), points.clawed, points.clawed_minor),
    )
    rows: list[Line] = [(words.pick("积分", "Points"), "")]
    for label, count, minor in moved:
        worth = f" = {written(Money(minor, currency))}" if minor else ""
        if count:
            rows.append((f" {words.pick(*label)}", f"{count}{worth}"))
    return rows


def _stored_value(value: ZStoredValue, *, blind: bool) -> Iterable[Told]:
    told: tuple[Told, ...] = (
        (("充值本金", "Paid in"), value.recharges, value.recharged_minor),
        (("赠送", "Bonus given"), 0, value.bonus_given_minor),
        (("消费本金", "Principal used"), 0, -value.spent_minor),
        (("消费赠送", "Bonus used"), 0, -value.bonus_spent_minor),
        (("退回本金", "Principal put back"), 0, value.refunded_minor),
        (("退回赠送", "Bonus put back"), 0, value.bonus_refunded_minor),
        (("退款", "Paid out"), value.paid_out, -value.paid_out_minor),
        (("退款扣留", "Kept"), 0, -value.kept_minor),
        (("赠送作废", "Bonus ended"), 0, -value.bonus_ended_minor),
        (("其中现金收付", "Of that in cash"), 0, 0 if blind else value.cash_minor),
    )
    return [each for each in told if each[1] or each[2]]


def _coupons(coupons: ZCoupons) -> Iterable[Told]:
    told: tuple[Told, ...] = (
        (("发放（面值）", "Issued, face"), coupons.issued, coupons.issued_minor),
        (("核销", "Redeemed"), coupons.redeemed, -coupons.redeemed_minor),
        (("退还", "Given back"), coupons.given_back, 0),
        (("作废", "Cancelled"), coupons.cancelled, 0),
    )
    return [each for each in told if each[1] or each[2]]
