"""Parked baskets by the hour in which they were parked."""

from __future__ import annotations

from services.domain import days
from services.reports.contract import Chart, Question, Report, Row
from services.reports.parked import columns, rows_by


def rows(question: Question) -> list[Row]:
    """In the order of the clock, the hours in which something was parked."""
    found = rows_by(question, lambda stay: f"{days.local(stay.parked_at_ms, question.zone).hour:02}:00")
    return [(hour, *found[hour]) for hour in sorted(found)]


REPORT = Report(
    key="parked_hours",
    label_zh="挂单时段",
    label_en="Parked: hours",
    place=101,
    columns=columns("hour", "时段", "Hour"),
    rows=rows,
    chart=Chart("rank", "parked"),
)
