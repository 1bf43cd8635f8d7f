"""An offer that could work on a basket, and on which of its lines."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from services.domain.offers import Offer


@dataclass(frozen=True, eq=False)
class Candidate:
    """An offer that could work on this basket, and the places of its lines, rising."""

    offer: Offer
    lines: tuple[int, ...]
    parts: tuple[frozenset[int], ...] = ()  # of an L3 offer: the lines that can have each of its roles

    @cached_property
    def order(self) -> tuple[int, int, str]:
        """In which they stack, and in which the first of two equal ones wins."""
        return (self.offer.layer, self.offer.terms.priority, self.offer.promotion_id)

    @cached_property
    def places(self) -> frozenset[int]:
        return frozenset(self.lines)
