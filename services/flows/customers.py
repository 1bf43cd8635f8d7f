"""Who buys: the member that a bag belongs to, as far as its prices ask."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from services.domain.basket import Basket
from services.domain.offers import MEMBER, Grant, Item
from services.flows.promotions import STRANGER, Customer
from services.store import tiers


def of(basket: Basket) -> Customer:
    """The customer of a bag; STRANGER where nobody is known."""
    if not basket.member_id:
        return STRANGER
    return Customer(member_id=basket.member_id, tier=tiers.standing(basket.member_id).tier)


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
