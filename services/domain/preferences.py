"""What somebody likes, by what they bought and kept: how large a part of the pieces each answer has."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

SHOWN_MAX = 5  # of each question
HOURS = 3  # of one stretch of the day


@dataclass(frozen=True, slots=True)
class Kept:
    """Pieces of one line. What is "" is not known."""

    category: str
    colour: str
    size: str
    hour: int  # of the day on the shop's clock, 0 to 23
    weekday: int  # Monday is 1
    pieces: int


@dataclass(frozen=True, slots=True)
class Liked:
    key: str
    pieces: int
    share_bp: int  # of all pieces of which it is known


@dataclass(frozen=True, slots=True)
class Preferences:
    """Each with the most pieces first. Hours are the first ones of stretches of HOURS."""

    categories: tuple[Liked, ...]
    colours: tuple[Liked, ...]
    sizes: tuple[Liked, ...]
    hours: tuple[Liked, ...]
    weekdays: tuple[Liked, ...]


def preferences(kept: Iterable[Kept]) -> Preferences:
    lines = list(kept)
    return Preferences(
        categories=_ranked((each.category, each.pieces) for each in lines),
        colours=_ranked((each.colour, each.pieces) for each in lines),
        sizes=_ranked((each.size, each.pieces) for each in lines),
        hours=_ranked((str(each.hour // HOURS * HOURS), each.pieces) for each in lines),
        weekdays=_ranked((str(each.weekday), each.pieces) for each in lines),
    )


def _ranked(pieces: Iterable[tuple[str, int]]) -> tuple[Liked, ...]:
    counted: Counter[str] = Counter()
    for key, many in pieces:
        if key:
            counted[key] += many
    total = counted.total()
    ranked = sorted(counted.items(), key=lambda each: (-each[1], each[0]))
    return tuple(Liked(key, many, many * 10_000 // total) for key, many in ranked[:SHOWN_MAX])
