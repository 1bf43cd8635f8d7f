"""What else a member may want: goods that go with what is in the bag, and what they like to buy."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

Reason = Literal["together", "liked"]

TOGETHER_MIN = 3  # sales, or it may be chance


@dataclass(frozen=True, slots=True)
class Together:
    """How often styles were sold in the same sale, over so many `sales`."""

    sales: int
    sold: Mapping[str, int]  # sales by style
    pairs: Mapping[tuple[str, str], int]  # sales by (a style of the bag, any style)


@dataclass(frozen=True, slots=True)
class Proposal:
    """`beside` is the style of the bag that it goes with, in `times` of the `sold` sales of that one."""

    style: str
    reason: Reason
    beside: str = ""
    times: int = 0
    sold: int = 0


def proposed(
    bag: Collection[str], together: Together, liked: Iterable[str], owned: Collection[str]
) -> list[Proposal]:
    """Every style once and none that is in the bag; what goes with the bag first, by how often it did, then
    what is `liked`, in that order, but for what is `owned`: a second pair of socks may go with new shoes.

    Two styles go together when they did in TOGETHER_MIN sales and more often than chance has it: their
    lift, P(both) / (P(one) P(other)), is above 1 (Brin et al., "Dynamic Itemset Counting", 1997).
    """
    best: dict[str, Proposal] = {}
    for (mine, other), times in sorted(together.pairs.items()):
        sold = together.sold[mine]
        by_chance = sold * together.sold[other]
        if mine not in bag or times < TOGETHER_MIN or times * together.sales <= by_chance:
            continue
        held = best.get(other)
        if held is None or times * held.sold > held.times * sold:
            best[other] = Proposal(other, "together", mine, times, sold)
    ranked = sorted(best.values(), key=lambda each: (-each.times * 10_000 // each.sold, each.style))
    rest = [
        Proposal(each, "liked") for each in dict.fromkeys(liked) if each not in best and each not in owned
    ]
    return [each for each in (*ranked, *rest) if each.style not in bag]


def usual_size(kept: Sequence[tuple[str, str, int]], category: str) -> str:
    """Of (category, size, pieces), newest first: the size of which most pieces were kept, of equal ones the
    newest; "" where none is known."""
    counted: dict[str, int] = {}
    for where, size, pieces in kept:
        if where == category and size:
            counted[size] = counted.get(size, 0) + pieces
    return max(counted, key=counted.__getitem__, default="")
