"""What of a member's own took something off a bag, and is used up by its sale."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Used:
    basket_id: str = ""
    coupons: tuple[str, ...] = ()  # their ids
    points: int = 0
    tier: str = ""  # that this very sale reaches, and whose prices it has


NOTHING = Used()
