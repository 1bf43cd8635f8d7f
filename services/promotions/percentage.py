"""A share off: off each piece of some goods, or off the whole order."""

from typing import Annotated

import msgspec

from services.domain.forms import labelled
from services.domain.offers import LINE, PIECES_MAX, LineRule
from services.promotions.contract import Promotion


class Percentage(msgspec.Struct, frozen=True):
    basis_points: Annotated[int, labelled("减去", "Off", "basis_points", 1, 10_000)]
    pieces_min: Annotated[int, labelled("起购件数", "From so many pieces", "pieces", 1, PIECES_MAX)] = 1


def percentage(params: Percentage) -> LineRule:
    return LineRule(basis_points=params.basis_points, pieces_min=params.pieces_min)


PROMOTION = Promotion(
    key="percentage",
    label_zh="单品折扣",
    label_en="Percentage off goods",
    layers=(LINE,),
    params=Percentage,
    rule=percentage,
)
