"""How long ago, how often and for how much somebody bought: the stage of their life as a customer, and
one of four groups that are treated alike."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Literal

import msgspec

from services.domain import days
from services.domain.metrics import Purchase, Window, measured

Stage = Literal["none", "new", "active", "at_risk", "dormant", "lost"]
Group = Literal["core", "growth", "win_back", "general", "other"]
Days = Annotated[int, msgspec.Meta(ge=1, le=9_999)]
Months = Annotated[int, msgspec.Meta(ge=1, le=120)]


class Limits(msgspec.Struct, frozen=True):
    """Where a stage ends and another begins, and what is recent, frequent and high."""

    new_days: Days = 30  # since the first purchase, while there is one only
    active_days: Days = 60  # since the last one; after it somebody is at risk
    dormant_months: Months = 3
    lost_months: Months = 12
    recent_days: Days = 90
    frequent_orders: Days = 3
    high_minor: Annotated[int, msgspec.Meta(ge=1, le=10**12)] = 1_000_00
    window: Window = Window()

    def rise(self) -> bool:
        """Whether each stage has room: no three months are shorter than 89 days, no one than 28."""
        return self.active_days <= self.dormant_months * 28 and self.dormant_months < self.lost_months


@dataclass(frozen=True, slots=True)
class Life:
    """Where somebody stands, and the numbers it rests on."""

    stage: Stage
    group: Group
    first_day: str  # YYYY-MM-DD; "" for somebody who never bought
    last_day: str
    days_away: int
    orders: int  # in the window, as is what they spent
    spend_minor: int


def life(limits: Limits, purchases: Sequence[Purchase], today: str) -> Life:
    """Of somebody with all of these purchases; what lies after `today` is not seen."""
    seen = [each for each in purchases if each.day <= today]
    if not seen:
        return Life("none", "other", "", "", 0, 0, 0)
    first, last = min(each.day for each in seen), max(each.day for each in seen)
    begin = limits.window.begin(today)
    within = measured(each for each in seen if each.day >= begin)
    away = _between(last, today)
    return Life(
        stage=_stage(limits, seen, first, last, today),
        group=_group(limits, away, within["orders"], within["spend_minor"]),
        first_day=first,
        last_day=last,
        days_away=away,
        orders=within["orders"],
        spend_minor=within["spend_minor"],
    )


def _stage(limits: Limits, seen: Sequence[Purchase], first: str, last: str, today: str) -> Stage:
    if today >= _later(last, limits.lost_months):
        return "lost"
    if today >= _later(last, limits.dormant_months):
        return "dormant"
    if len({each.sale_id for each in seen}) == 1 and _between(first, today) < limits.new_days:
        return "new"
    return "active" if _between(last, today) < limits.active_days else "at_risk"


def _group(limits: Limits, away: int, orders: int, spend_minor: int) -> Group:
    """Recent, frequent, high: whoever is none of the four is looked after by the others' measures."""
    recent, frequent = away < limits.recent_days, orders >= limits.frequent_orders
    if spend_minor >= limits.high_minor:
        if recent:
            return "core" if frequent else "growth"
        return "win_back" if frequent else "other"
    return "general" if recent and frequent else "other"


def _later(day: str, months: int) -> str:
    return days.later(date.fromisoformat(day), months).isoformat()


def _between(day: str, today: str) -> int:
    return (date.fromisoformat(today) - date.fromisoformat(day)).days
