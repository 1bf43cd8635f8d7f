"""Who buys: the member that a bag belongs to, as far as its prices ask."""

from __future__ import annotations

from services.domain.basket import Basket
from services.flows.promotions import STRANGER, Customer


def of(basket: Basket) -> Customer:
    """The customer of a bag; STRANGER where nobody is known."""
    return Customer(member_id=basket.member_id) if basket.member_id else STRANGER
