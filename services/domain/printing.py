"""How a shop prints, when its drawers open, and what a copy must be asked for."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from services.domain.labels import USUAL_STOCKS, Stock

Language = Literal["zh", "en", "both"]
DrawerOpens = Literal["cash", "always", "never"]

LATE_COPY_MS = 10 * 60_000  # after the sale; from then on a copy needs a reason
# Why a copy is made late; a person picks one of them.
COPY_REASONS = ("lost", "unreadable", "expenses", "other")
NOT_PRINTED = "not_printed"  # the reason of a copy that stands in for a paper that did not come out


@dataclass(frozen=True, slots=True, kw_only=True)
class Printing:
    """The shop's settings of its papers."""

    language: Language = "zh"
    footer_en: str = ""  # below an English receipt; "" prints the Chinese one
    drawer_opens: DrawerOpens = "cash"
    late_copy_approval: bool = False  # a late copy needs the right `reprint_late`
    stocks: tuple[Stock, ...] = USUAL_STOCKS  # that labels can be printed on


USUAL = Printing()


def opens_drawer(policy: DrawerOpens, tenders: Iterable[bool]) -> bool:
    """Whether a sale opens the drawer; `tenders` says of each of its tenders whether it lies in there."""
    return policy == "always" or (policy == "cash" and any(tenders))


def is_late(sold_at_ms: int, now_ms: int) -> bool:
    """Whether a copy made now needs a reason. A sale from the future, after a clock was set back, does."""
    return not 0 <= now_ms - sold_at_ms < LATE_COPY_MS
