"""Parked baskets by who parked them."""

from __future__ import annotations

from services.reports.contract import Chart, Question, Report, Row
from services.reports.parked import columns, rows_by
from services.store import staff


def rows(question: Question) -> list[Row]:
    found = rows_by(question, lambda stay: stay.operator_id)
    return [(staff.name_of(staff_id), *cells) for staff_id, cells in found.items()]


REPORT = Report(
    key="parked_people",
    label_zh="挂单收银员",
    label_en="Parked: cashiers",
    place=102,
    columns=columns("name", "收银员", "Cashier"),
    rows=rows,
    chart=Chart("rank", "parked"),
)
