"""What a bag costs now."""

from __future__ import annotations

from services.domain.basket import Basket, Line
from services.domain.money import Money
from services.domain.priced import PricedBag, PricedLine
from services.flows.shop import Shop


def priced(shop: Shop, basket: Basket) -> PricedBag:
    """Every line with its net. The till, the receipt and the sale show this and compute nothing."""
    return PricedBag(tuple(PricedLine(line, _net(line)) for line in basket.lines), shop.currency)


def _net(line: Line) -> Money:
    if line.returned is not None and not line.voided:
        return Money(line.returned.net_minor, line.unit_price.currency)
    return line.extended
