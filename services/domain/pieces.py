"""The pieces that offers of L3 form groups of, and the groups that each has formed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from services.domain.candidate import Candidate
from services.domain.offers import Item, LineRule, OrderRule, Unit

UNBOUNDED = 1 << 62


class Formed(NamedTuple):
    """The groups of an L3 offer: the units that they hold, and what each line is reduced by."""

    keys: frozenset[int]
    off: tuple[tuple[int, int, int], ...]  # (line, amount, desired)


class Own:
    """The pieces of one L3 offer at certain prices, and what it made of them, by those that others hold.

    A search changes one offer at a time: most others then meet just the pieces that they met before.
    """

    __slots__ = ("_candidate", "_formed", "_keys", "_units")

    def __init__(self, candidate: Candidate, units: Sequence[Unit]) -> None:
        self._candidate, self._units = candidate, units
        self._keys = frozenset(unit.key for unit in units)
        self._formed: dict[frozenset[int], Formed] = {}

    def formed(self, items: Sequence[Item], taken: frozenset[int]) -> Formed:
        """Of those units whose keys are not `taken`."""
        held = taken & self._keys
        if (formed := self._formed.get(held)) is None:
            formed = self._formed[held] = self._form(items, held)
        return formed

    def _form(self, items: Sequence[Item], held: frozenset[int]) -> Formed:
        offer, rule = self._candidate.offer, self._candidate.offer.rule
        assert not isinstance(rule, (LineRule, OrderRule)), self._candidate
        free = [unit for unit in self._units if unit.key not in held] if held else self._units
        groups = rule.groups(free, self._units, self._candidate.parts)[: offer.terms.uses_per_sale or None]
        left = offer.terms.cap_minor or UNBOUNDED
        off: dict[int, tuple[int, int]] = {}
        for unit, desired in [reward for group in groups for reward in group.rewards]:
            amount = max(min(desired, unit.net - items[unit.line].floor_minor, left), 0)
            left -= amount
            before = off.get(unit.line, (0, 0))
            off[unit.line] = (before[0] + amount, before[1] + desired)
        keys = frozenset(unit.key for group in groups for unit in group.units)
        return Formed(keys, tuple((line, *off[line]) for line in sorted(off)))


Known = dict[tuple[Candidate, tuple[Unit, ...]], Own]  # of every price that was met


class Pieces:
    """Those that L3 begins with, dearest first, and of each offer its own."""

    __slots__ = ("_known", "_owns", "_units")

    def __init__(self, units: Sequence[Unit], known: Known) -> None:
        self._units, self._known = units, known
        self._owns: dict[Candidate, Own] = {}

    def own(self, candidate: Candidate) -> Own:
        if (own := self._owns.get(candidate)) is None:
            places = candidate.places
            mine = tuple([unit for unit in self._units if unit.line in places])
            if (own := self._known.get((candidate, mine))) is None:
                own = self._known[candidate, mine] = Own(candidate, mine)
            self._owns[candidate] = own
        return own
