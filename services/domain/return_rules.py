"""What a shop promises about goods that come back: for how long, and how much without a receipt."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

LOWEST_DAYS = 30  # without a receipt goods are worth the lowest price of so many days
CREDIT = "gift_card"  # the tender that pays back without a receipt: what is worth money in this shop alone


@dataclass(frozen=True, slots=True)
class ReturnRules:
    """`window_days` 0: whenever. A category named in `days_of` has its own."""

    window_days: int = 7
    days_of: Mapping[str, int] = field(default_factory=dict)
    blind_max_minor: int = 500_00  # of one return without a receipt; 0: there are none

    def last_day(self, business_day: str, category: str) -> str:
        """The last business day on which goods sold on `business_day` come back; "" for no end."""
        window = self.days_of.get(category, self.window_days)
        if not window:
            return ""
        return (date.fromisoformat(business_day) + timedelta(days=window)).isoformat()

    def late(self, business_day: str, category: str, today: str) -> bool:
        last = self.last_day(business_day, category)
        return bool(last) and today > last


PROMISED = ReturnRules()
