"""Two ids of one person: which of them stands for both, the same in every shop and in any order."""

from __future__ import annotations

from typing import NamedTuple

UNMERGE_MS = 30 * 86_400_000  # how long a merge can be taken back


class Edge(NamedTuple):
    """A pair that is one person. The survivor is the older, or the smaller id."""

    absorbed: str
    survivor: str


def edge(one: str, one_ms: int, other: str, other_ms: int) -> Edge:
    """`one_ms` and `other_ms` are when each was created."""
    first, second = sorted(((one_ms, one), (other_ms, other)))
    return Edge(absorbed=second[1], survivor=first[1])
