"""A rule that nobody has published yet, tried on everybody who has bought here: a piece at a time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from services.flows.stored_value_moves import Group
from services.store import facts
from services.store.members import group

PIECE = 200  # ids of one answer


@dataclass(frozen=True, slots=True)
class Tried:
    """Of one piece; `next` is where the others begin, "" when there are none."""

    holds: int
    people: int
    next: str


def tried(after: str, holds: Callable[[Group], bool]) -> Tried:
    """How many of those who have bought here, behind `after`, a rule holds for. Each person is in one piece
    only, under the first of their ids that has bought."""
    ids = facts.buyers(after, PIECE)
    people = [own for each in ids if not facts.bought_before(own := group(each), each)]
    return Tried(sum(map(holds, people)), len(people), ids[-1] if len(ids) == PIECE else "")
