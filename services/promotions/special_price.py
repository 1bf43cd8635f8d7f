"""Goods at a price of their own, or by an amount cheaper, for a while."""

from typing import Annotated

import msgspec

from services.domain.forms import labelled
from services.domain.offers import LINE, MINOR_MAX, LineRule
from services.promotions.contract import Promotion


class SpecialPrice(msgspec.Struct, frozen=True):
    price_minor: Annotated[int, labelled("特价", "Price of a piece", "minor", 0, MINOR_MAX)] = 0
    amount_minor: Annotated[int, labelled("或每件减", "Or off each piece", "minor", 0, MINOR_MAX)] = 0


def special_price(params: SpecialPrice) -> LineRule:
    if bool(params.price_minor) == bool(params.amount_minor):
        raise ValueError("either a price, or an amount off")
    return LineRule(price_minor=params.price_minor, amount_minor=params.amount_minor)


PROMOTION = Promotion(
    key="special_price",
    label_zh="特价",
    label_en="Special price",
    layers=(LINE,),
    params=SpecialPrice,
    rule=special_price,
)
