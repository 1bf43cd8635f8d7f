"""Spend so much, and an article that lies in the basket is a gift."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

import msgspec

from services.domain.forms import labelled
from services.domain.offers import MINOR_MAX, UNIT, Goods, Group, Lack, Parts, Unit
from services.promotions.contract import Promotion


class Gift(msgspec.Struct, frozen=True):
    """As a rule: a gift keeps its list price and is reduced to nothing; it counts towards no threshold."""

    gifts: Annotated[Goods, labelled("赠品", "Gifts", "fields")]
    threshold_minor: Annotated[int, labelled("满", "Spend", "minor", 0, MINOR_MAX)]
    pieces: Annotated[int, labelled("送几件", "Pieces", "pieces", 1, 100)] = 1
    counts: Annotated[Goods, labelled("计入金额的商品", "Goods that count", "fields")] = Goods()

    @property
    def by_amount(self) -> bool:
        return True

    @property
    def by_shop(self) -> bool:
        return False

    @property
    def parts(self) -> tuple[Goods, ...]:
        return (self.gifts, self.counts)

    def groups(self, free: Sequence[Unit], every: Sequence[Unit], parts: Parts) -> list[Group]:
        if self._spent(every, parts) < max(self.threshold_minor, 1):
            return []
        given = [unit for unit in free if unit.line in parts[0]][: self.pieces]
        return [Group((unit,), ((unit, unit.net),)) for unit in given]

    def lacks(self, free: Sequence[Unit], every: Sequence[Unit], parts: Parts) -> Lack:
        if (spent := self._spent(every, parts)) < self.threshold_minor:
            return Lack(0, 0, self.counts, self.threshold_minor, spent)
        return Lack(1, 1, self.gifts)

    def plain(self, parts: Parts) -> bool:
        return True

    def _spent(self, every: Sequence[Unit], parts: Parts) -> int:
        gifts, counts = parts
        return sum(unit.net for unit in every if unit.line in counts and unit.line not in gifts)


def gift(params: Gift) -> Gift:
    if params.gifts.everything:
        raise ValueError("the gifts must be named")
    return params


PROMOTION = Promotion(
    key="gift",
    label_zh="满赠",
    label_en="Gift",
    layers=(UNIT,),
    params=Gift,
    rule=gift,
)
