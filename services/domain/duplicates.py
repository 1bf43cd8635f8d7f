"""Who of many is one person: groups that share a key, chained, and the oldest stands for each chain."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from services.domain.profile import CANDIDATE, HINT, SAME

SHARED_MAX = 64  # more people under one key: it is nobody's, as a phone of all ones
Group = Sequence[int]


class Forest:
    """Union-find over numbers below `size`; the smallest of a tree is its root, whatever the order."""

    __slots__ = ("_above",)

    def __init__(self, size: int) -> None:
        self._above = list(range(size))

    def root(self, n: int) -> int:
        above = self._above
        while above[n] != n:
            above[n] = n = above[above[n]]
        return n

    def join(self, one: int, other: int) -> None:
        one, other = self.root(one), self.root(other)
        if one < other:
            self._above[other] = one
        else:
            self._above[one] = other

    def join_all(self, groups: Iterable[Group]) -> None:
        for group in groups:
            for other in group[1:]:
                self.join(group[0], other)


@dataclass(frozen=True, slots=True)
class Base:
    """People by number, from the oldest on: `merged` are pairs that are one already, `apart` those that
    somebody parted. The groups share a key, and say how sure it is that they are one."""

    size: int
    merged: Collection[Group] = ()
    apart: Collection[Group] = ()
    groups: Mapping[str, Collection[Group]] = field(default_factory=dict)


def pairs(base: Base) -> Iterator[tuple[int, int, str]]:
    """(the younger, the older, how sure) of all that may be one: with SAME the older stands for all of
    its chain. No pair twice; the order of what is given changes nothing."""
    known, chained = Forest(base.size), Forest(base.size)
    known.join_all(base.merged)
    for forest_groups in (base.merged, base.groups.get(SAME, ())):
        chained.join_all(forest_groups)
    apart = {_ordered(known.root(one), known.root(other)) for one, other in base.apart}
    doubtful = {chained.root(one) for one, other in apart if chained.root(one) == chained.root(other)}
    done = set(apart)
    for n in range(base.size):
        root = chained.root(n)
        if root != n and known.root(n) == n and (n, root) not in done:
            done.add((n, root))
            yield n, root, CANDIDATE if root in doubtful else SAME
    for likeness in (CANDIDATE, HINT):
        for group in base.groups.get(likeness, ()):
            oldest, *others = sorted({chained.root(n) for n in group})
            for other in others:
                if (other, oldest) not in done:
                    done.add((other, oldest))
                    yield other, oldest, likeness


def _ordered(one: int, other: int) -> tuple[int, int]:
    return (one, other) if one > other else (other, one)
