"""Every n-th piece at a share of its price: the second at half price."""

from typing import Annotated

import msgspec

from services.domain.every_nth import EveryNth
from services.domain.forms import labelled
from services.domain.offers import UNIT, Pairing
from services.promotions.contract import Promotion


class NthItem(msgspec.Struct, frozen=True):
    nth: Annotated[int, labelled("第几件", "Every n-th piece", "pieces", 2, 100)]
    basis_points: Annotated[int, labelled("减去", "Off", "basis_points", 1, 10_000)]
    pairing: Annotated[Pairing, labelled("配对", "Pairing", "choice")] = "customer"


def nth_item(params: NthItem) -> EveryNth:
    return EveryNth(params.nth, params.basis_points, pairing=params.pairing)


PROMOTION = Promotion(
    key="nth_item",
    label_zh="第 N 件优惠",
    label_en="Every n-th piece",
    layers=(UNIT,),
    params=NthItem,
    rule=nth_item,
)
