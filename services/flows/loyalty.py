"""What a closed document does for its member, all in its own transaction."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from services.domain import coupons as coupon_rules
from services.domain import recompute
from services.domain.offers import COUPON
from services.domain.rewards import Used
from services.flows import coupon_moves, loyalty_points, stored_value_payments, tags, tiers
from services.flows.coming_back import first_of
from services.flows.shop import Shop
from services.flows.stored_value_moves import Moment, moment
from services.store import coupons, members, returns, sales
from services.store.sales import Sale


def follow(shop: Shop, sale: Sale, used: Used) -> None:
    """After the document's rows. What comes back is undone for whoever bought it, also where somebody else
    brings it or pays an exchange; what is bought is the document's member's. Raises what
    coupon_moves.use(), stored_value_moves.spend() and refund() raise."""
    when = moment(
        *(shop, sale.operator_id),
        sale_id=sale.sale_id,
        at_ms=sale.ended_at_ms,
        bizday=sale.business_day,
        till=sale.till,
    )
    coupon_moves.use(shop, when, used.coupons, basket_id=used.basket_id)
    original = sales.by_id(sale.original_id) if sale.original_id else None
    first = first_of(original) if original is not None else None
    chain = returns.chain(first.sale_id) if first is not None else ()
    kept = bool(chain) and returns.any_kept(chain)
    if original is not None:
        _give_back(shop, when, original, () if kept else chain)
    if sale.kind == sales.SALE:
        goods_minor = sum(each.net.minor for each in recompute.goods(sale.lines))
        coupon_moves.issue_with_sale(shop, when, sale.member_id, goods_minor)
    moved = stored_value_payments.follow(shop, sale, when)
    buyer = members.group(sale.member_id) if sale.member_id else ()
    tier = used.tier or (tiers.held_by(tiers.program(), buyer).tier if buyer else "")
    loyalty_points.follow(shop, sale, buyer, original, first, kept, used.points, moved, tier)
    owner = members.group(original.member_id) if original is not None and original.member_id else ()
    if first is not None and owner:
        tiers.came_back(shop, sale, owner, first.business_day)
    if buyer and sale.kind in (sales.SALE, sales.EXCHANGE):
        tiers.follow(shop, sale, buyer, used.tier)
    for owns in dict.fromkeys(each for each in (owner, buyer) if each):
        tags.follow(shop, sale, owns)


def _give_back(shop: Shop, when: Moment, original: Sale, gone: Sequence[str]) -> None:
    """Coupons whose lines have all come back are good again; those that came with the goods of sales that
    are `gone` are not: nothing is left of them nor of what they were exchanged for."""
    back = returns.pieces(original.sale_id)
    kept = {
        each.line.line_id
        for each in original.lines
        if not each.line.voided and each.line.quantity > back.get(each.line.line_id, 0)
    }
    carried = dict(_carried(original))
    over = [
        each for each in coupons.used_in(original.sale_id) if not carried.get(_source(each), set()) & kept
    ]
    coupon_moves.give_back(shop, when, [each.coupon_id for each in over], used_sale=original.sale_id)
    for sale_id in gone:
        coupon_moves.sale_undone(shop, when, sale_id)


def _source(coupon: coupons.Coupon) -> str:
    """Of the adjustments that a coupon makes."""
    return coupon_rules.promotion_id(coupon.template_id, coupon.template_version)


def _carried(sale: Sale) -> Iterator[tuple[str, set[int]]]:
    """(source, the lines that it took something off) of each coupon's offer."""
    given = [each for line in sale.lines for each in line.adjustments if each.layer == COUPON]
    for source in {each.source for each in given}:
        yield source, {each.line_id for each in given if each.source == source}
