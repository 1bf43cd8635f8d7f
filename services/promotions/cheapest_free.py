"""Take so many, the cheapest of them are free: three for two."""

from typing import Annotated

import msgspec

from services.domain.every_nth import EveryNth
from services.domain.forms import labelled
from services.domain.offers import UNIT, Pairing
from services.promotions.contract import Promotion


class CheapestFree(msgspec.Struct, frozen=True):
    pieces: Annotated[int, labelled("每几件", "Of every", "pieces", 2, 100)]
    free: Annotated[int, labelled("免几件", "Are free", "pieces", 1, 99)] = 1
    pairing: Annotated[Pairing, labelled("配对", "Pairing", "choice")] = "customer"


def cheapest_free(params: CheapestFree) -> EveryNth:
    """Pairing "customer": the cheapest of each group, dearest groups first; "shop": the cheapest of all."""
    if params.free >= params.pieces:
        raise ValueError("at least one piece of a group is paid")
    return EveryNth(params.pieces, 10_000, params.free, params.pairing)


PROMOTION = Promotion(
    key="cheapest_free",
    label_zh="最低价免单",
    label_en="Cheapest free",
    layers=(UNIT,),
    params=CheapestFree,
    rule=cheapest_free,
)
