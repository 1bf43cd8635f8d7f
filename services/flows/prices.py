"""What a bag costs now: the live promotions, what people took off, and what comes back."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import tzinfo

from msgspec import structs

from services.domain import coupons, days, pricing
from services.domain.basket import Basket, Line
from services.domain.gift_cards import is_card
from services.domain.money import Money
from services.domain.offers import ORDER, Context, Coupon, Grant, Item, Offer, Uses
from services.domain.priced import Adjustment, PricedBag, PricedLine
from services.domain.pricing import Priced
from services.domain.tax import contained
from services.flows import customers, promotions
from services.flows.promotions import STRANGER, Customer
from services.flows.shop import Shop
from services.store import db

MANUAL = "manual"
KEPT_MAX = 64  # priced bags; a till asks for the same one at each look


@dataclass(frozen=True, slots=True)
class _Look:
    """What a bag cost, and all that it hung on."""

    basket: Basket
    zone: tzinfo
    offers: tuple[Offer, ...]
    clock: tuple[str, int, int]
    uses: dict[str, Uses]
    bag: PricedBag


_looks: OrderedDict[tuple[str, str], _Look] = OrderedDict()
_found: OrderedDict[tuple[object, ...], Priced] = OrderedDict()


def priced(shop: Shop, basket: Basket) -> PricedBag:
    """Every line with its net. The till, the receipt and the sale show this and compute nothing.

    Asked at each look and again in the sale, where the others wait: the last answers are kept, by the bag
    and by its goods. A member's bag is not kept: a tier and what it gives may change between two looks.
    """
    key = (shop.store_id, basket.basket_id)
    now_ms = _moment_ms(shop, basket)
    offers = promotions.live(shop, now_ms, basket.begun_at_ms) if basket.lines else ()
    clock = days.clock(now_ms, shop.zone)
    customer = customers.of(shop, basket)
    uses = promotions.uses(offers, clock[0], customer)
    held = _looks.get(key)
    if (
        held is not None
        and (held.basket is basket or held.basket == basket)
        and (held.offers, held.clock, held.uses) == (offers, clock, uses)
        and held.zone == shop.zone
        and customer == STRANGER
    ):
        return held.bag
    bag = _priced(shop, basket, offers, customer, now_ms)
    if reached := customers.lifted(shop, basket, customer, bag):  # once only
        again = _priced(shop, basket, offers, replace(customer, tier=reached), now_ms)
        bag = structs.replace(again, tier=reached)
    _looks[key] = _Look(basket, shop.zone, offers, clock, uses, bag)
    if len(_looks) > KEPT_MAX:
        _looks.popitem(last=False)
    return bag


def quoting(shop: Shop, basket: Basket) -> Callable[[tuple[Coupon, ...]], PricedBag]:
    """What a bag would cost before points with these coupons instead of its own: a question to be asked of
    many sets of them, at one moment."""
    now_ms, without = _moment_ms(shop, basket), replace(basket, points=0)
    offers = promotions.live(shop, now_ms, basket.begun_at_ms)
    customer = customers.of(shop, basket)
    return lambda coupons: _priced(shop, without, offers, replace(customer, coupons=coupons), now_ms)


def _priced(
    shop: Shop, basket: Basket, offers: tuple[Offer, ...], customer: Customer, now_ms: int
) -> PricedBag:
    bought = [line for line in basket.standing if line.returned is None and not is_card(line)]
    items = tuple(_item(line) for line in bought)
    grants = (*customers.member_prices(customer, items), *_grants(basket))
    offers = coupons.multiplied(offers, customer.coupons) if bought else ()
    look = (shop, basket, items, offers, customer, now_ms)
    bag = _bag(*look, grants)
    off = customers.points_off(shop, basket, _due_minor(items, bag)) if basket.points else None
    if off is None:
        return bag
    return structs.replace(_bag(*look, (*grants, off.grant)), points=off.points)


def _due_minor(items: tuple[Item, ...], bag: PricedBag) -> int:
    """What is bought costs, before points."""
    if bag.engine is None:
        return sum(item.gross_minor for item in items)
    return sum(line.net_minor for line in bag.engine.lines)


def _bag(
    shop: Shop,
    basket: Basket,
    items: tuple[Item, ...],
    offers: tuple[Offer, ...],
    customer: Customer,
    now_ms: int,
    grants: tuple[Grant, ...],
) -> PricedBag:
    if not offers and not grants:
        taxes = contained([(item.tax_bp, item.gross_minor) for item in items])
        taxed = {item.line_id: minor for item, minor in zip(items, taxes, strict=True)}
        lines = (_untouched(line, taxed.get(line.line_id, 0)) for line in basket.lines)
        return PricedBag(tuple(lines), shop.currency)
    moment = promotions.context(shop, now_ms, offers, customer=customer, grants=grants)
    found = _of_goods(items, offers, moment)
    by_line = {line.line_id: line for line in found.lines}
    priced_lines = (_line(line, by_line.get(line.line_id)) for line in basket.lines)
    return PricedBag(tuple(priced_lines), shop.currency, found)


def _of_goods(items: tuple[Item, ...], offers: tuple[Offer, ...], moment: Context) -> Priced:
    versions = tuple((offer.promotion_id, offer.version) for offer in offers)
    when = (moment.day, moment.minute, moment.grants, tuple(sorted(moment.uses.items())))
    who = (moment.member_id, moment.tier, moment.segments, moment.coupons)
    key = (str(db.LEDGER.database), items, versions, when, who)
    found = _found.get(key)
    if found is None:
        found = _found[key] = pricing.price(items, offers, moment)
        if len(_found) > KEPT_MAX:
            _found.popitem(last=False)
    return found


def _moment_ms(shop: Shop, basket: Basket) -> int:
    """When the offers are looked at: now, or when it was parked, on the business day of that."""
    now_ms, held_ms = shop.now_ms(), basket.held_at_ms
    return (
        held_ms
        if held_ms and days.same_business_day(held_ms, now_ms, shop.zone, shop.rollover_hour)
        else now_ms
    )


def _item(line: Line) -> Item:
    return Item(
        line_id=line.line_id,
        sku=line.sku,
        style=line.style,
        category=line.category,
        quantity=line.quantity,
        unit_minor=line.unit_price.minor,
        override=line.list_price is not None,
        tax_bp=line.tax_bp,
    )


def _grants(basket: Basket) -> tuple[Grant, ...]:
    standing = {0, *(line.line_id for line in basket.standing if line.returned is None)}
    return tuple(
        Grant(
            layer=ORDER,
            source=MANUAL,
            source_id=MANUAL,
            label_zh=f"优惠：{each.reason}",
            label_en=f"Discount: {each.reason}",
            line_id=each.line_id,
            basis_points=each.percent_bp,
            amount_minor=each.amount_minor,
            most_bp=each.most_bp,
        )
        for each in basket.discounts
        if each.line_id in standing
    )


def _line(line: Line, found: pricing.PricedLine | None) -> PricedLine:
    if found is None:
        return _untouched(line)
    currency = line.unit_price.currency
    given = tuple(
        Adjustment(
            line_id=line.line_id,
            layer=each.layer,
            source=coupons.kind_of(each.source_id) or each.source,
            source_version=each.version,
            amount=Money(each.amount_minor, currency),
            label_zh=each.label_zh,
            label_en=each.label_en,
        )
        for each in found.adjustments
        if each.amount_minor
    )
    return PricedLine(line, Money(found.net_minor, currency), given, found.tax_minor)


def _untouched(line: Line, tax_minor: int = 0) -> PricedLine:
    """At its own price; what comes back is worth what it was sold for, with the tax and bonus of then."""
    if line.returned is not None and not line.voided:
        net = Money(line.returned.net_minor, line.unit_price.currency)
        back = line.returned
        return PricedLine(line, net, tax_minor=back.tax_minor, bonus_minor=back.bonus_minor)
    return PricedLine(line, line.extended, tax_minor=tax_minor)
