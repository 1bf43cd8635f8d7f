"""Buy so many of these, get so many of those for less."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

import msgspec

from services.domain.every_nth import Queue
from services.domain.forms import labelled
from services.domain.money import rounded
from services.domain.offers import UNIT, Goods, Group, Lack, Pairing, Parts, Unit
from services.promotions.contract import Promotion


class BuyXGetY(msgspec.Struct, frozen=True):
    """As a rule: what can only be bought is used before what could be the reward, dearest first."""

    buy: Annotated[Goods, labelled("买", "Buy", "fields")]
    get: Annotated[Goods, labelled("得", "Get", "fields")]
    buy_pieces: Annotated[int, labelled("买几件", "Pieces to buy", "pieces", 1, 100)] = 1
    get_pieces: Annotated[int, labelled("得几件", "Pieces to get", "pieces", 1, 100)] = 1
    basis_points: Annotated[int, labelled("减去", "Off", "basis_points", 1, 10_000)] = 10_000
    pairing: Annotated[Pairing, labelled("配对", "Pairing", "choice")] = "customer"

    @property
    def by_amount(self) -> bool:
        return False

    @property
    def by_shop(self) -> bool:
        return self.pairing == "shop"

    @property
    def parts(self) -> tuple[Goods, ...]:
        return (self.buy, self.get)

    def groups(self, free: Sequence[Unit], every: Sequence[Unit], parts: Parts) -> list[Group]:
        paying, reducing = self._queues(free, parts)
        found, used = list[Group](), set[int]()
        while True:
            paid = paying.take(self.buy_pieces, used)
            reduced = reducing.take(self.get_pieces, used)
            if len(paid) < self.buy_pieces or len(reduced) < self.get_pieces:
                return found
            rewards = tuple((unit, rounded(unit.net * self.basis_points, 10_000)) for unit in reduced)
            found.append(Group((*paid, *reduced), rewards))

    def lacks(self, free: Sequence[Unit], every: Sequence[Unit], parts: Parts) -> Lack:
        used = {unit for group in self.groups(free, every, parts) for unit in group.units}
        left = [unit for unit in free if unit not in used]
        paying, reducing = self._queues(left, parts)
        taken = set[int]()
        paid, reduced = paying.take(self.buy_pieces, taken), reducing.take(self.get_pieces, taken)
        to_buy, to_get = self.buy_pieces - len(paid), self.get_pieces - len(reduced)
        of = self.buy_pieces + self.get_pieces
        return Lack(to_buy + to_get, of, self.buy if to_buy else self.get)

    def plain(self, parts: Parts) -> bool:
        buy, get = parts
        return self.pairing == "customer" and (buy == get or not buy & get)

    def _queues(self, units: Sequence[Unit], parts: Parts) -> tuple[Queue, Queue]:
        buy, get = parts
        bought = [unit for unit in units if unit.line in buy]
        got = [unit for unit in units if unit.line in get]
        bought.sort(key=lambda unit: unit.line in get)
        return Queue(bought), Queue(got if self.pairing == "customer" else reversed(got))


def buy_x_get_y(params: BuyXGetY) -> BuyXGetY:
    return params


PROMOTION = Promotion(
    key="buy_x_get_y",
    label_zh="买 X 得 Y",
    label_en="Buy X, get Y",
    layers=(UNIT,),
    params=BuyXGetY,
    rule=buy_x_get_y,
)
