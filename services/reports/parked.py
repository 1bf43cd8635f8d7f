"""Parked baskets by the reason they were parked for: how many came back, how fast, and what was lost."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta

import msgspec

from services.domain.parked import ABANDONED, EXPIRED, REASONS, RESUMED
from services.domain.periods import Period
from services.reports.contract import Cell, Chart, Column, Question, Report, Row
from services.store.db import LEDGER

UNDONE_MS = 10_000  # resumed sooner: a slip of the finger, which says nothing about customers
SOLD_WITHIN_DAYS = 14  # after its parking
_OVER = (EXPIRED, ABANDONED)
_MINUTE_MS = 60_000

_STAYS = (
    "SELECT reason, operator_id, state, parked_at_ms, ended_at_ms, ended_till, total_minor, body"
    " FROM parked WHERE business_day >= ? AND business_day < ?"
    " AND NOT (state = 'resumed' AND ended_at_ms - parked_at_ms < ?) ORDER BY ticket"
)
_SALES = "SELECT till, begun_at_ms, sale_id FROM sale WHERE business_day >= ? AND business_day < ?"
_SOLD = "SELECT sku, quantity FROM sale_line WHERE sale_id = ? AND NOT voided AND return_of = ''"


class _Line(msgspec.Struct):
    sku: str
    quantity: int
    voided: bool


class _Basket(msgspec.Struct):
    begun_at_ms: int
    lines: tuple[_Line, ...]


class _Kept(msgspec.Struct):
    basket: _Basket


_read_kept = msgspec.json.Decoder(_Kept).decode


@dataclass(frozen=True, slots=True)
class Stay:
    """One basket that was parked, and how that ended."""

    reason: str
    operator_id: str
    parked_at_ms: int
    state: str
    minutes: int  # until it was resumed
    value_minor: int
    swapped: bool  # sold after it was resumed, with other articles in place of parked ones


def rows_by(question: Question, key: Callable[[Stay], str]) -> dict[str, tuple[Cell, ...]]:
    """key -> the cells beside it, the key that lost most first."""
    groups: dict[str, list[Stay]] = {}
    for stay in _stays(question.period):
        groups.setdefault(key(stay), []).append(stay)
    counted = {name: _cells(stays) for name, stays in groups.items()}
    return dict(sorted(counted.items(), key=lambda item: (-_number(item[1][6]), -_number(item[1][0]))))


def _cells(stays: list[Stay]) -> tuple[Cell, ...]:
    resumed = [stay for stay in stays if stay.state == RESUMED]
    return (
        len(stays),
        len(resumed),
        None,
        _median([stay.minutes for stay in resumed]),
        sum(stay.value_minor for stay in stays),
        sum(stay.value_minor for stay in resumed),
        sum(stay.value_minor for stay in stays if stay.state in _OVER),
        sum(stay.swapped for stay in resumed),
    )


def _number(cell: Cell) -> int:
    assert isinstance(cell, int), cell
    return cell


def _median(values: list[int]) -> int | None:
    """The lower middle of an even number, so that it is one of them."""
    return sorted(values)[(len(values) - 1) // 2] if values else None


def _stays(period: Period) -> Iterator[Stay]:
    sales = _sales(period)
    for (
        reason,
        operator_id,
        state,
        parked_at_ms,
        ended_at_ms,
        till,
        total_minor,
        body,
    ) in LEDGER.execute_sql(_STAYS, (period.begin, period.end, UNDONE_MS)):
        stay = Stay(
            reason=reason,
            operator_id=operator_id,
            parked_at_ms=parked_at_ms,
            state=state,
            minutes=max(0, ended_at_ms - parked_at_ms) // _MINUTE_MS,
            value_minor=total_minor,
            swapped=False,
        )
        basket = _read_kept(body).basket
        sale_id = sales.get((till, basket.begun_at_ms)) if state == RESUMED else None
        yield replace(stay, swapped=_swapped(basket, sale_id)) if sale_id else stay


def _sales(period: Period) -> Mapping[tuple[str, int], str]:
    """(till, when its basket was begun) -> sale: a till fills one basket at a time."""
    end = (date.fromisoformat(period.end) + timedelta(days=SOLD_WITHIN_DAYS)).isoformat()
    found = LEDGER.execute_sql(_SALES, (period.begin, end))
    return {(till, begun_at_ms): sale_id for till, begun_at_ms, sale_id in found}


def _swapped(basket: _Basket, sale_id: str) -> bool:
    """Whether something that was parked stayed behind and something else was bought."""
    parked: Counter[str] = Counter()
    sold: Counter[str] = Counter()
    for line in basket.lines:
        if not line.voided and line.quantity > 0:
            parked[line.sku] += line.quantity
    for sku, quantity in LEDGER.execute_sql(_SOLD, (sale_id,)):
        sold[sku] += quantity
    return bool(parked - sold) and bool(sold - parked)


def columns(key: str, label_zh: str, label_en: str) -> tuple[Column, ...]:
    return (
        Column(key, label_zh, label_en, "text"),
        Column("parked", "挂单", "Parked"),
        Column("resumed", "取回", "Resumed", wide=True),
        Column("recovery", "取回率", "Recovery", "share", ratio=("resumed", "parked", 10_000)),
        Column("minutes", "等候中位数（分）", "Median minutes", sums=False, wide=True),
        Column("value", "挂单金额", "Value parked", "money", wide=True),
        Column("recovered", "取回金额", "Value recovered", "money", wide=True),
        Column("lost", "流失金额", "Value lost", "money"),
        Column("swapped", "取单后换货", "Items swapped", wide=True),
    )


def rows(question: Question) -> list[Row]:
    found = rows_by(question, lambda stay: stay.reason)
    return [(question.word(*REASONS[reason]), *cells) for reason, cells in found.items()]


REPORT = Report(
    key="parked",
    label_zh="挂单原因",
    label_en="Parked: reasons",
    place=100,
    columns=columns("reason", "原因", "Reason"),
    rows=rows,
    chart=Chart("rank", "parked"),
    figures=("parked", "recovery", "lost", "swapped"),
)
