"""Rules of stock: what is running out, who may be sold what is not there, how a count is reckoned."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

PIECES_MAX = 99_999  # of one article in one document
LINES_MAX = 1_000  # articles of one document that comes in one request

Oversell = Literal["allow", "warn", "refuse"]
ALLOW, WARN, REFUSE = "allow", "warn", "refuse"

RECEIVED, COUNTED, TRANSFERRED, ADJUSTED = "received", "counted", "transferred", "adjusted"
OUT, IN = "out", "in"  # directions of a transfer
REASONS = ("damaged", "lost", "found", "own_use", "sample", "other")  # of an adjustment
REWARD = "reward"  # of the one that goes with goods had for points; nobody chooses it

# States of a document. Only a count is ever open, only a transfer ever on its way.
OPEN, IN_TRANSIT = "open", "in_transit"
POSTED, ARRIVED, CANCELLED, REVERSED = "posted", "arrived", "cancelled", "reversed"

LEVEL_OUT, LEVEL_LOW, LEVEL_FINE, UNKEPT = "out", "low", "fine", ""


@dataclass(frozen=True, slots=True)
class Line:
    """What a document does to one article, in pieces."""

    sku: str
    quantity: int  # the change of what is on hand; below zero: less
    expected: int = 0  # what the books, or the sender's paper, said
    found: int = 0  # what was counted, or arrived
    moved: int = 0  # of a count: the books' change between the first and the last look at the article


def level(on_hand: int | None, reorder_point: int) -> str:
    """How much there is, as a word; UNKEPT for an article that no document has ever named."""
    if on_hand is None:
        return UNKEPT
    if on_hand <= 0:
        return LEVEL_OUT
    return LEVEL_LOW if on_hand <= reorder_point else LEVEL_FINE


def level_together(held: Iterable[int | None], reorder_point: int) -> tuple[str, int]:
    """(level, pieces) of a style from its variants. One that is not kept leaves it open: UNKEPT.

    A variant that was oversold does not eat up the pieces of another.
    """
    pieces = 0
    for on_hand in held:
        if on_hand is None:
            return UNKEPT, 0
        pieces += max(0, on_hand)
    return level(pieces, reorder_point), pieces


def gathered(lines: Iterable[tuple[str, int]]) -> list[tuple[str, int]]:
    """(sku, pieces) with the pieces of one article added up, in the order of their first mention."""
    pieces: dict[str, int] = {}
    for sku, quantity in lines:
        pieces[sku] = pieces.get(sku, 0) + quantity
    return list(pieces.items())


def counted(line: Line) -> Line:
    """A count's line as it is posted: by how much the books were wrong when the article was looked at.

    What was sold after that look stays sold: the difference is added to what is on hand now.
    """
    return Line(line.sku, line.found - line.expected, line.expected, line.found, line.moved)


def taken_back(line: Line) -> Line:
    """What undoes `line`, in the counter document."""
    return Line(line.sku, -line.quantity)
