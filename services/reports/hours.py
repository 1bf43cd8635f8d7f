"""Sales by hour of the day, as the shop's clock showed it."""

from __future__ import annotations

from services.domain import days
from services.reports.contract import CUSTOMERS, NET, Chart, Column, Question, Report, Row
from services.store.db import LEDGER

_QUARTER_MS = 15 * 60_000  # every zone's offset is a multiple: all of a quarter falls into one hour
_SUMS = (
    f"SELECT ended_at_ms / ?, SUM({NET}), SUM({CUSTOMERS})"
    " FROM sale s WHERE business_day >= ? AND business_day < ? GROUP BY 1"
)


def rows(question: Question) -> list[Row]:
    """From the first hour in which something was sold to the last."""
    net, customers = [0] * 24, [0] * 24
    period = question.period
    for quarter, total, count in LEDGER.execute_sql(_SUMS, (_QUARTER_MS, period.begin, period.end)):
        hour = days.local(quarter * _QUARTER_MS, question.zone).hour
        net[hour] += total
        customers[hour] += count
    busy = [hour for hour in range(24) if net[hour] or customers[hour]]
    if not busy:
        return []
    hours = range(busy[0], busy[-1] + 1)
    return [(f"{hour:02}:00", net[hour], customers[hour], None, None) for hour in hours]


REPORT = Report(
    key="hours",
    label_zh="分时段",
    label_en="Hours of the day",
    place=20,
    columns=(
        Column("hour", "时段", "Hour", "text"),
        Column("net", "销售额", "Net sales", "money"),
        Column("customers", "客数", "Customers"),
        Column("average", "客单价", "Average sale", "money", ratio=("net", "customers", 1)),
        Column("share", "占比", "Share", "share", share_of="net", wide=True),
    ),
    rows=rows,
    chart=Chart("time", "net"),
)
