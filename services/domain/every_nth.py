"""The rule of "the second at half price" and of "three for two": groups, the last of each reduced."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec

from services.domain.money import rounded
from services.domain.offers import Goods, Group, Lack, Pairing, Parts, Unit


class EveryNth(msgspec.Struct, frozen=True):
    """Groups of `pieces` units, dearest first; the last `rewards` of each are reduced.

    Pairing "shop": as many units, but the cheapest of all are the rewards, each once.
    """

    pieces: int
    basis_points: int
    rewards: int = 1
    pairing: Pairing = "customer"

    @property
    def by_amount(self) -> bool:
        return False

    @property
    def by_shop(self) -> bool:
        return self.pairing == "shop"

    @property
    def parts(self) -> tuple[Goods, ...]:
        return (Goods(),)

    def groups(self, free: Sequence[Unit], every: Sequence[Unit], parts: Parts) -> list[Group]:
        count = len(free) // self.pieces
        paying = self.pieces - self.rewards
        if self.pairing == "customer":
            chunks = [free[n * self.pieces : (n + 1) * self.pieces] for n in range(count)]
            return [self._group(chunk, chunk[paying:]) for chunk in chunks]
        dear, cheap = free[: count * paying], free[len(free) - count * self.rewards :]
        return [
            self._group(
                [
                    *dear[n * paying : (n + 1) * paying],
                    *(reduced := cheap[n * self.rewards : (n + 1) * self.rewards]),
                ],
                reduced,
            )
            for n in range(count)
        ]

    def lacks(self, free: Sequence[Unit], every: Sequence[Unit], parts: Parts) -> Lack:
        return Lack(self.pieces - len(free) % self.pieces, self.pieces)

    def plain(self, parts: Parts) -> bool:
        return self.pairing == "customer"

    def _group(self, chunk: Sequence[Unit], reduced: Sequence[Unit]) -> Group:
        return Group(
            tuple(chunk),
            tuple((unit, rounded(unit.net * self.basis_points, 10_000)) for unit in reduced),
        )


class Queue:
    """Units in an order, each given out once, and none that another queue has given out."""

    def __init__(self, units: Iterable[Unit]) -> None:
        self._left = iter(units)

    def take(self, pieces: int, used: set[int]) -> list[Unit]:
        """The next ones, fewer when there are no more; they are in `used` from now on."""
        taken: list[Unit] = []
        while len(taken) < pieces and (unit := next(self._left, None)) is not None:
            if unit.key not in used:
                used.add(unit.key)
                taken.append(unit)
        return taken
