"""A fixed set of articles at a fixed price."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

import msgspec

from services.domain.every_nth import Queue
from services.domain.forms import labelled
from services.domain.money import split
from services.domain.offers import MINOR_MAX, UNIT, Goods, Group, Lack, Parts, Unit
from services.promotions.contract import Promotion


class Part(msgspec.Struct, frozen=True):
    goods: Annotated[Goods, labelled("商品", "Goods", "fields")]
    pieces: Annotated[int, labelled("件数", "Pieces", "pieces", 1, 100)] = 1


class Bundle(msgspec.Struct, frozen=True):
    """As a rule: each part in turn takes the dearest units left, for as long as the set saves something."""

    made_of: Annotated[tuple[Part, ...], labelled("组成", "Made of", "rows", 1, 10)]
    price_minor: Annotated[int, labelled("套装价", "Price of the set", "minor", 1, MINOR_MAX)]

    @property
    def by_amount(self) -> bool:
        return False

    @property
    def by_shop(self) -> bool:
        return False

    @property
    def parts(self) -> tuple[Goods, ...]:
        return tuple(part.goods for part in self.made_of)

    def groups(self, free: Sequence[Unit], every: Sequence[Unit], parts: Parts) -> list[Group]:
        queues = [Queue([unit for unit in free if unit.line in lines]) for lines in parts]
        found, used = list[Group](), set[int]()
        while chosen := self._set(queues, used):
            nets = [unit.net for unit in chosen]
            saved = sum(nets) - self.price_minor
            if saved <= 0:
                break
            found.append(Group(tuple(chosen), tuple(zip(chosen, split(saved, nets), strict=True))))
        return found

    def lacks(self, free: Sequence[Unit], every: Sequence[Unit], parts: Parts) -> Lack:
        of = sum(part.pieces for part in self.made_of)
        used = {unit for group in self.groups(free, every, parts) for unit in group.units}
        left = [unit for unit in free if unit not in used]
        missing: list[Lack] = []
        for part, lines in zip(self.made_of, parts, strict=True):
            own = [unit for unit in left if unit.line in lines][: part.pieces]
            left = [unit for unit in left if unit not in own]
            if len(own) < part.pieces:
                missing.append(Lack(part.pieces - len(own), of, part.goods))
        return missing[0]._replace(pieces=sum(lack.pieces for lack in missing)) if missing else Lack(of, of)

    def plain(self, parts: Parts) -> bool:
        return sum(map(len, parts)) == len(frozenset().union(*parts))

    def _set(self, queues: Sequence[Queue], used: set[int]) -> list[Unit]:
        """The units of the best complete set, now used, or none."""
        chosen: list[Unit] = []
        for part, queue in zip(self.made_of, queues, strict=True):
            own = queue.take(part.pieces, used)
            if len(own) < part.pieces:
                return []
            chosen += own
        return chosen


def bundle(params: Bundle) -> Bundle:
    if sum(part.pieces for part in params.made_of) < 2:
        raise ValueError("a set has two pieces at least")
    return params


PROMOTION = Promotion(
    key="bundle",
    label_zh="套装",
    label_en="Bundle",
    layers=(UNIT,),
    params=Bundle,
    rule=bundle,
)
