"""Saying who sells what is in a bag."""

from __future__ import annotations

from collections.abc import Sequence

from services.domain.basket import Basket
from services.domain.errors import BasketChanged, NotFound
from services.domain.roster import SELLERS
from services.flows.baskets import current
from services.flows.shop import Shop
from services.store import baskets, db, staff
from services.store.staff import Member


def listed() -> Sequence[Member]:
    """Who can be named as the seller, in the order of the list."""
    return [member for member in staff.listed() if member.role in SELLERS]


def assign(shop: Shop, till: str, seller_id: str, *, basket_id: str, line_id: int = 0) -> Basket:
    """Name the seller of one line, or of the whole bag (`line_id` 0) and what still comes into it; ""
    takes the name away.

    A repeat changes nothing. Raises BasketChanged, LineUnknown, PaymentOpen, and NotFound for somebody who
    does not sell here.
    """
    with db.write():
        if seller_id and seller_id not in [member.staff_id for member in listed()]:
            raise NotFound("nobody of this number sells here", staff_id=seller_id)
        before = current(shop, till)
        if before.basket_id != basket_id:
            raise BasketChanged("this change was meant for another basket", version=before.version)
        after = before.sold_by(seller_id, line_id)
        if after is not before:
            baskets.save(till, after)
    return after
