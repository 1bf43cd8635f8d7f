"""What a member lets work on a bag: coupons, and points that take something off."""

from __future__ import annotations

from dataclasses import dataclass, replace

from services.domain import redemption
from services.domain.basket import Basket
from services.domain.gift_cards import is_card
from services.domain.member_errors import MemberUnknown
from services.domain.offers import POINTS
from services.domain.points_rules import Discount
from services.domain.priced import PricedBag
from services.flows import coupons, points
from services.flows.baskets import current
from services.flows.customers import meant
from services.flows.prices import priced
from services.flows.shop import Shop
from services.store import baskets, db, points_rules
from services.store.members import group


def show_coupon(
    shop: Shop, till: str, code: str, *, basket_id: str, wanted: bool = True, operator_id: str
) -> Basket:
    """Let the coupon with a code, as scanned or typed, take something off, or (not `wanted`) no more. A
    repeat changes nothing. Raises BasketChanged, PaymentOpen, and what coupons.present() raises."""
    held = current(shop, till)
    meant(held, basket_id)
    owns = group(held.member_id) if held.member_id else ()
    if not wanted:
        known = coupons.verify(shop, code, owns, basket_id).coupon
        return (
            held
            if known is None
            else use_coupon(shop, till, known.coupon_id, basket_id=basket_id, wanted=False)
        )
    coupon = coupons.present(shop, code, basket_id=basket_id, group=owns, operator_id=operator_id)
    return use_coupon(shop, till, coupon.coupon_id, basket_id=basket_id)


def use_coupon(shop: Shop, till: str, coupon_id: str, *, basket_id: str, wanted: bool = True) -> Basket:
    """Let a coupon take something off the bag, or (not `wanted`) no more; it is kept from other bags for a
    while. A repeat changes nothing. Raises BasketChanged, PaymentOpen and what coupons.reserve() raises."""
    held = current(shop, till)
    meant(held, basket_id)
    if wanted:
        owns = group(held.member_id) if held.member_id else ()
        coupons.reserve(shop, coupon_id, basket_id=basket_id, group=owns)
    else:
        coupons.release(basket_id, coupon_id)
    with db.write():
        before = current(shop, till)
        meant(before, basket_id)
        others = tuple(each for each in before.coupons if each != coupon_id)
        if wanted == (coupon_id in before.coupons):
            return before
        after = before.rewarded((*others, coupon_id) if wanted else others, before.points)
        baskets.save(till, after)
    return after


def use_points(shop: Shop, till: str, count: int, *, basket_id: str) -> Basket:
    """Let so many points of the bag's member take something off, 0 for none. A repeat changes nothing.

    Raises BasketChanged, MemberUnknown for a bag of nobody known, PointsRefused (details: why, most),
    PaymentOpen.
    """
    with db.write():
        before = current(shop, till)
        meant(before, basket_id)
        if count:
            agree(shop, before, count)
        after = before.rewarded(before.coupons, count)
        if after is not before:
            baskets.save(till, after)
    return after


def agree(shop: Shop, basket: Basket, count: int) -> None:
    """Whether so many points can take something off a bag. Raises MemberUnknown for one of nobody known,
    PointsRefused (details: why, most)."""
    if not basket.member_id:
        raise MemberUnknown("nobody known buys this bag")
    discount, has = spendable(shop, basket)
    redemption.agreed(discount, count, has, due_minor(priced(shop, replace(basket, points=0))))


def spendable(shop: Shop, basket: Basket) -> tuple[Discount, int]:
    """(what points take off, how many the bag's member has to spend)."""
    discount = points_rules.newest().book.discount
    return discount, points.usable(points.look(shop, group(basket.member_id)))


@dataclass(frozen=True, slots=True)
class Points:
    """What a bag's member has and can do with it: `most` of them take `worth_minor` off this bag."""

    has: int = 0
    most: int = 0
    worth_minor: int = 0


def points_of(shop: Shop, basket: Basket, bag: PricedBag) -> Points:
    """`bag` is what it costs now."""
    if not basket.member_id:
        return Points()
    discount, has = spendable(shop, basket)
    count = redemption.most(discount, has, due_minor(bag))
    return Points(has, count, redemption.off(discount, count))


def due_minor(bag: PricedBag) -> int:
    """What the goods that are bought cost, before points. No gift card is bought with them."""
    bought = [each for each in bag.standing if each.line.returned is None and not is_card(each.line)]
    given = (each.amount.minor for line in bought for each in line.adjustments if each.layer == POINTS)
    return sum(each.net.minor for each in bought) - sum(given)
