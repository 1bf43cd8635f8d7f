"""What a bag costs now: the live promotions, what people took off, and what comes back."""

from __future__ import annotations

from collections import OrderedDict

from services.domain import days, pricing
from services.domain.basket import Basket, Line
from services.domain.gift_cards import is_card
from services.domain.money import Money
from services.domain.offers import ORDER, Context, Grant, Item, Offer
from services.domain.priced import Adjustment, PricedBag, PricedLine
from services.domain.pricing import Priced
from services.flows import customers, promotions
from services.flows.shop import Shop
from services.store import db

MANUAL = "manual"
KEPT_MAX = 64  # priced bags; a till asks for the same one at each look

_kept: OrderedDict[tuple[object, ...], Priced] = OrderedDict()


def priced(shop: Shop, basket: Basket) -> PricedBag:
    """Every line with its net. The till, the receipt and the sale show this and compute nothing."""
    bought = [line for line in basket.standing if line.returned is None and not is_card(line)]
    items, customer = tuple(_item(line) for line in bought), customers.of(basket)
    grants = (*customers.member_prices(customer, items), *_grants(basket))
    now_ms = _moment_ms(shop, basket)
    offers = promotions.live(shop, now_ms, basket.begun_at_ms) if bought else ()
    if not offers and not grants:
        return PricedBag(tuple(PricedLine(line, _net(line)) for line in basket.lines), shop.currency)
    moment = promotions.context(shop, now_ms, offers, customer=customer, grants=grants)
    found = _priced(items, offers, moment)
    by_line = {line.line_id: line for line in found.lines}
    lines = (_line(line, by_line.get(line.line_id)) for line in basket.lines)
    return PricedBag(tuple(lines), shop.currency, found)


def _moment_ms(shop: Shop, basket: Basket) -> int:
    """When the offers are looked at: now, or when it was parked, on the business day of that."""
    now_ms, held_ms = shop.now_ms(), basket.held_at_ms
    return (
        held_ms
        if held_ms and days.same_business_day(held_ms, now_ms, shop.zone, shop.rollover_hour)
        else now_ms
    )


def _priced(items: tuple[Item, ...], offers: tuple[Offer, ...], moment: Context) -> Priced:
    """Asked at each look and again in the sale, where the others wait: the last answers are kept."""
    versions = tuple((offer.promotion_id, offer.version) for offer in offers)
    when = (moment.day, moment.minute, moment.grants, tuple(sorted(moment.uses.items())))
    who = (moment.member_id, moment.tier, moment.segments, moment.coupons)
    key = (str(db.LEDGER.database), items, versions, when, who)
    found = _kept.get(key)
    if found is None:
        found = _kept[key] = pricing.price(items, offers, moment)
        if len(_kept) > KEPT_MAX:
            _kept.popitem(last=False)
    return found


def _item(line: Line) -> Item:
    return Item(
        line_id=line.line_id,
        sku=line.sku,
        style=line.style,
        category=line.category,
        quantity=line.quantity,
        unit_minor=line.unit_price.minor,
        override=line.list_price is not None,
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
        return PricedLine(line, _net(line))
    currency = line.unit_price.currency
    given = tuple(
        Adjustment(
            line_id=line.line_id,
            layer=each.layer,
            source=each.source_id or each.source,
            source_version=each.version,
            amount=Money(each.amount_minor, currency),
            label_zh=each.label_zh,
            label_en=each.label_en,
        )
        for each in found.adjustments
        if each.amount_minor
    )
    return PricedLine(line, Money(found.net_minor, currency), given)


def _net(line: Line) -> Money:
    if line.returned is not None and not line.voided:
        return Money(line.returned.net_minor, line.unit_price.currency)
    return line.extended
