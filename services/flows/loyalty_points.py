"""The points that a closed document earns, uses up and undoes."""

from __future__ import annotations

from services.domain import days, recompute
from services.domain import stored_value as value
from services.domain.earning import Bought, Purchase
from services.domain.member_errors import MemberSealed, MemberUnknown
from services.domain.offers import POINTS
from services.domain.points_returns import Return, SoldLine
from services.domain.returns import Source
from services.domain.stored_value import Parts
from services.flows import members, points, referrals, stored_value_moves
from services.flows import returns as coming
from services.flows.points import Document, Group
from services.flows.shop import Shop
from services.store import facts, returns, sales
from services.store.sales import Sale


def follow(
    shop: Shop,
    sale: Sale,
    buyer: Group,
    original: Sale | None,
    first: Sale | None,
    kept: bool,
    spent: int,
    moved: Parts,
    tier: str,
) -> None:
    """After the rows of a document that is `buyer`'s; `original` is the sale whose goods come back, `first`
    the one with which they were bought before any exchange, and of which, or of what they were exchanged
    for, something is `kept`. `spent` points took something off it, `moved` is what it
    took of stored value (below zero: gave back), `tier` the one its prices were those of. Raises
    PointsShort."""
    document = Document(
        sale_id=sale.sale_id,
        group=buyer,
        member_id=sale.member_id,
        at_ms=sale.ended_at_ms,
        business_day=sale.business_day,
        operator_id=sale.operator_id,
        till=sale.till,
        spent=spent,
        purchase=_purchase(shop, sale, tier, buyer) if buyer else None,
        returned=_returned(sale, original, moved) if original is not None else None,
        of_sale=original.sale_id if original is not None else "",
        first_sale=first.sale_id if first is not None else "",
        kept=kept,
        never=sale.kind == sales.VOID,
    )
    points.follow(shop, document)
    referrals.follow(shop, document)


def _purchase(shop: Shop, sale: Sale, tier: str, buyer: Group) -> Purchase | None:
    bought = tuple(
        Bought(
            line_number=each.line.line_id,
            sku=each.line.sku,
            style=each.line.style,
            category=each.line.category,
            pieces=each.line.quantity,
            net_minor=each.net.minor,
        )
        for each in recompute.goods(sale.lines)
    )
    if not bought:
        return None
    wall = days.local(sale.ended_at_ms, shop.zone)
    return Purchase(
        lines=bought,
        bonus_minor=_bonus_minor(sale),
        day=wall.date().isoformat(),
        weekday=wall.isoweekday(),
        minute=wall.hour * 60 + wall.minute,
        tiers=frozenset((tier,) if tier else ()),
        birthday=_birthday(sale.member_id),
        first=facts.orders(buyer) == 1,
    )


def _birthday(member_id: str) -> str:
    """MM-DD; "" where it is not known, or not to be read."""
    try:
        return members.find(member_id).values.get("birthday", "")[5:]
    except (MemberUnknown, MemberSealed):
        return ""


def _returned(sale: Sale, original: Sale, moved: Parts) -> Return:
    back = returns.pieces(original.sale_id)  # with those of this document
    now: dict[int, int] = {}
    for each in sale.lines:
        if each.line.returned is not None and not each.line.voided:
            number = each.line.returned.line_number
            now[number] = now.get(number, 0) - each.line.quantity
    bonus_after = _bonus_minor(original)
    lines = tuple(
        SoldLine(
            line_number=each.line.line_id,
            pieces=each.line.quantity,
            net_minor=each.net.minor,
            points_minor=-sum(a.amount.minor for a in each.adjustments if a.layer == POINTS),
            before=back.get(each.line.line_id, 0) - now.get(each.line.line_id, 0),
            now=now.get(each.line.line_id, 0),
        )
        for each in recompute.goods(original.lines)
    )
    numbers = {line.line_number for line in lines}
    worths = returns.worths(original.sale_id)  # with those of this document
    given_after = sum(worths[n][0] for n in numbers & worths.keys())
    given_now = -sum(
        each.net.minor
        for each in sale.lines
        if each.line.returned is not None
        and not each.line.voided
        and each.line.returned.line_number in numbers
    )
    return Return(
        lines=lines,
        given_before_minor=given_after - given_now,
        given_after_minor=given_after,
        bonus_before_minor=bonus_after + max(0, -moved.bonus) + _taken_over_minor(sale, original),
        bonus_after_minor=bonus_after,
    )


def _bonus_minor(sale: Sale) -> int:
    """The bonus in what still pays for a sale's goods, also where an exchange took it over from before."""
    return sum(stored_value_moves.bonus_in(source.reference, source.left_minor) for source in _stored(sale))


def _taken_over_minor(sale: Sale, original: Sale) -> int:
    """The bonus in what a document took of the payments of the one before and did not give back to them."""
    over = {each.n: each.amount_minor for each in sale.drawn}
    back = {each.reference: -each.amount.minor for each in sale.tenders if each.key == value.TENDER}
    return sum(
        stored_value_moves.bonus_in(
            each.reference, over.get(each.n, 0) - max(0, back.get(each.reference, 0))
        )
        for each in _stored(original)
    )


def _stored(sale: Sale) -> list[Source]:
    return [each for each in coming.standing(sale) if each.key == value.TENDER]
