"""Who buys: the member that a bag belongs to, as far as its prices ask."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from services.domain import days, redemption
from services.domain.basket import Basket
from services.domain.errors import BasketChanged
from services.domain.gift_cards import is_card
from services.domain.identity import KINDS
from services.domain.member_errors import MemberBlocked, MemberUnknown
from services.domain.metrics import Purchase
from services.domain.offers import MEMBER, POINTS, Grant, Item
from services.domain.priced import PricedBag
from services.domain.rewards import NOTHING, Used
from services.domain.tiers import Tier
from services.flows import coupon_moves, coupons, members, points, tags
from services.flows.baskets import current
from services.flows.promotions import STRANGER, Customer
from services.flows.shop import Shop
from services.flows.stored_value_moves import moment
from services.flows.tiers import held_by, reached_with
from services.store import baskets, coupon_templates, db, facts, points_rules, tiers
from services.store.facts import Bought as Bought
from services.store.members import group


def name(shop: Shop, till: str, member_id: str, *, basket_id: str) -> Basket:
    """Say who buys the bag, "" for nobody known: its goods are priced anew. A repeat changes nothing.

    Of a person's several ids it stays the given one: the sale goes with it, should they be two again.
    Raises BasketChanged when that bag was paid meanwhile, MemberUnknown, MemberBlocked, PaymentOpen once
    something was paid.
    """
    member = members.find(member_id) if member_id else None
    if member is not None and member.blocked:
        raise MemberBlocked("this member is blocked")
    with db.write():
        before = current(shop, till)
        meant(before, basket_id)
        after = before.bought_by(_living(member, member_id) if member is not None else "")
        if after is not before:
            baskets.save(till, after)
        if member is not None:
            _congratulated(shop, till, member)
    return after


def _living(member: members.Member, member_id: str) -> str:
    return member_id if member_id in member.ids else member.member_id


def _congratulated(shop: Shop, till: str, member: members.Member) -> None:
    """The coupons of a birthday, once a year, to whoever comes to a till in its month."""
    kinds = coupon_templates.given_on(coupon_moves.BIRTHDAY)
    if not kinds or not birthday_month(shop, member):
        return
    when = moment(shop, "", till=till)
    keys = [digest for kind, digest in members.digests(shop, member.profile) if kind in KINDS]
    for kind in kinds[:1]:
        coupon_moves.issue_birthday(shop, when, kind.template_id, member.ids, keys)


@dataclass(frozen=True, slots=True)
class Known:
    """What the till may say of who buys. Shows nothing of it in a log."""

    values: Mapping[str, str] = field(repr=False)  # in clear; none of one who was erased
    tier: Tier | None


def known(member_id: str) -> Known:
    ladder = tiers.program()
    tier = ladder.tier(held_by(ladder, group(member_id)).tier)
    try:
        return Known(members.find(member_id).values, tier)
    except MemberUnknown:
        return Known({}, tier)


def birthday_month(shop: Shop, person: Known | members.Member) -> bool:
    """Whether it is the month they were born in; not of one who has not said."""
    return person.values.get("birthday", "")[5:7] == moment(shop, "").day[5:7]


def meant(basket: Basket, basket_id: str) -> None:
    """Raises BasketChanged for another bag than the one that was shown."""
    if basket.basket_id != basket_id:
        raise BasketChanged("this was meant for another bag", version=basket.version)


def bought(member_id: str, limit: int) -> list[Bought]:
    """What somebody bought here last and kept. Raises MemberUnknown."""
    return facts.bought(members.find(member_id).ids, limit)


def of(shop: Shop, basket: Basket) -> Customer:
    """The customer of a bag; STRANGER where nobody is known and no coupon was shown."""
    if not basket.member_id and not basket.coupons:
        return STRANGER
    ids = group(basket.member_id) if basket.member_id else ()
    keys = coupons.usable(shop, basket.coupons, basket.basket_id, ids) if basket.coupons else ()
    if not ids:
        return Customer(coupons=keys)
    return Customer(
        member_id=ids[0],
        tier=_tier(shop, basket, ids),
        segments=tags.segments(ids),
        coupons=keys,
        others=ids[1:],
    )


def lifted(shop: Shop, basket: Basket, customer: Customer, bag: PricedBag) -> str:
    """The tier that this bag, as it is priced, brings its customer to, where that counts in the same sale;
    "" for none."""
    if not customer.member_id or not tiers.program().same_sale:
        return ""
    today = days.business_day(shop.now_ms(), shop.zone, shop.rollover_hour)
    bought = [
        Purchase(
            sale_id=basket.basket_id,
            day=today,
            store=shop.store_id,
            category=each.line.category,
            style=each.line.style,
            pieces=each.line.quantity,
            net_minor=each.net.minor,
        )
        for each in bag.standing
        if each.line.returned is None and not is_card(each.line)
    ]
    return reached_with(shop, group(customer.member_id), customer.tier, bought)


def _tier(shop: Shop, basket: Basket, ids: tuple[str, ...]) -> str:
    """The tier whose prices count: the one of now, or that of the bag's parking where it was higher, for
    as long as the prices of then do."""
    ladder, now_ms = tiers.program(), shop.now_ms()
    held = basket.held_at_ms and days.same_business_day(
        basket.held_at_ms, now_ms, shop.zone, shop.rollover_hour
    )
    return max(held_by(ladder, ids).tier, basket.held_tier if held else "", key=ladder.rank)


@dataclass(frozen=True, slots=True)
class PointsOff:
    points: int
    grant: Grant


def points_off(shop: Shop, basket: Basket, due_minor: int) -> PointsOff | None:
    """What the points that were asked for take off a bag that would cost `due_minor`: as many of them as
    there are and the shop allows, in whole steps. None for nothing."""
    if not basket.member_id:
        return None
    discount = points_rules.newest().book.discount
    has = points.usable(points.look(shop, group(basket.member_id)))
    count = redemption.most(discount, min(has, basket.points), due_minor)
    minor = redemption.off(discount, count)
    if not minor:
        return None
    grant = Grant(
        layer=POINTS,
        source="points",
        source_id="points",
        label_zh=f"{count:,} 积分抵现",
        label_en=f"{count:,} points",
        amount_minor=minor,
    )
    return PointsOff(count, grant)


def used(shop: Shop, basket: Basket, bag: PricedBag) -> Used:
    """What of the coupons and points that were shown for a bag is in its price."""
    if not (basket.coupons or bag.points or bag.tier) or bag.engine is None:
        return NOTHING
    owns = group(basket.member_id) if basket.member_id else ()
    held = coupons.usable(shop, basket.coupons, basket.basket_id, owns)
    spent = coupons.applied(held, [each.promotion_id for each in bag.engine.applied])
    return Used(basket.basket_id, tuple(spent), bag.points, bag.tier)


def member_prices(customer: Customer, items: Sequence[Item]) -> Iterator[Grant]:
    """What the customer's tier takes off each article that it covers."""
    tier = tiers.program().tier(customer.tier) if customer.tier else None
    if tier is None or not tier.benefits.discount_bp:
        return
    for item in items:
        if tier.benefits.goods.covers(item):
            yield Grant(
                layer=MEMBER,
                source="member",
                source_id=tier.key,
                label_zh=f"{tier.label_zh}会员价",
                label_en=f"{tier.label_en} price",
                line_id=item.line_id,
                basis_points=tier.benefits.discount_bp,
            )
