"""What a member did in a stretch of days: the numbers that tiers, tags and segments ask for."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Annotated, Literal, get_args

import msgspec

from services.domain.days import later
from services.domain.forms import labelled

Metric = Literal["spend_minor", "visits", "orders", "categories", "stores", "referrals", "points"]
Span = Literal["rolling_months", "rolling_days", "month", "year", "ever"]
METRICS: tuple[Metric, ...] = get_args(Metric)
FIRST_DAY = "0001-01-01"

Measure = Callable[["Window"], Mapping[Metric, int]]


@dataclass(frozen=True, slots=True)
class Purchase:
    """One line of one sale, without what came back of it; a line that came back whole is none."""

    sale_id: str
    day: str  # business day, YYYY-MM-DD
    store: str
    category: str
    style: str
    pieces: int  # 1 or more
    net_minor: int  # 0 or more; what stored-value bonus paid of it counts too: it was promised as money


@dataclass(frozen=True, slots=True)
class Dated:
    """So much of something that is counted by its day: a referral that qualified, points earned."""

    metric: Metric
    day: str
    amount: int = 1


class Window(msgspec.Struct, frozen=True):
    """A stretch of days that ends with the day it is asked for. Months and years are those of the calendar;
    a rolling one goes back `length` months or days."""

    span: Annotated[Span, labelled("时间", "Window", "choice")] = "rolling_months"
    length: Annotated[int, labelled("长度", "Length", "number", 1, 1_000)] = 12

    def begin(self, today: str) -> str:
        """Its first day. Twelve rolling months before 2028-02-29 begin on 2027-03-01."""
        day = date.fromisoformat(today)
        if self.span == "rolling_months":
            return (later(day, -self.length) + timedelta(days=1)).isoformat()
        if self.span == "rolling_days":
            return (day - timedelta(days=self.length - 1)).isoformat()
        if self.span == "month":
            return day.replace(day=1).isoformat()
        return day.replace(month=1, day=1).isoformat() if self.span == "year" else FIRST_DAY


def measured(purchases: Iterable[Purchase], besides: Iterable[Dated] = ()) -> dict[Metric, int]:
    """Every metric over all that is given. Three purchases of one day are one visit."""
    bought = list(purchases)
    found: dict[Metric, int] = dict.fromkeys(METRICS, 0)
    found["spend_minor"] = sum(each.net_minor for each in bought)
    found["visits"] = len({(each.store, each.day) for each in bought})
    found["orders"] = len({each.sale_id for each in bought})
    found["categories"] = len({each.category for each in bought if each.category})
    found["stores"] = len({each.store for each in bought})
    for each in besides:
        found[each.metric] += each.amount
    return found


def measure(purchases: Sequence[Purchase], besides: Sequence[Dated], today: str) -> Measure:
    """The metrics of any window that ends with `today`."""

    def of(window: Window) -> dict[Metric, int]:
        begin = window.begin(today)
        return measured(
            (each for each in purchases if begin <= each.day <= today),
            (each for each in besides if begin <= each.day <= today),
        )

    return of
