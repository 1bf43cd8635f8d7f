"""Who buys, as everybody at the till may see it."""

from __future__ import annotations

from services.domain import masks
from services.domain.basket import Basket
from services.domain.money import Money
from services.domain.priced import PricedBag
from services.flows import bag_rewards, customers, stored_value_payments
from services.flows.shop import Shop
from web_console.amounts import amount
from web_console.api import CustomerView


def customer(shop: Shop, held: Basket, bag: PricedBag) -> CustomerView:
    """`bag` is what it costs. One who was erased meanwhile has no texts."""
    known = customers.known(held.member_id)
    account = stored_value_payments.worth(shop, held, bag)
    has = bag_rewards.points_of(shop, held, bag)
    return CustomerView(
        member_id=held.member_id,
        name=masks.masked("name", known.values.get("name", "")),
        phone=masks.masked("phone", known.values.get("phone", "")),
        tier_zh=known.tier.label_zh if known.tier is not None else "",
        tier_en=known.tier.label_en if known.tier is not None else "",
        birthday_month=customers.birthday_month(shop, known),
        balance=amount(Money(account.has_minor, shop.currency)),
        usable=amount(Money(account.usable_minor, shop.currency)),
        frozen=account.frozen,
        points=has.has,
        points_most=has.most,
        points_worth=amount(Money(has.worth_minor, shop.currency)),
        points_used=bag.points,
    )
