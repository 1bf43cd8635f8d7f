"""Parked baskets by who parked them."""

from __future__ import annotations

from services.reports.contract import Chart, Question, Report, Row
from services.reports.parked import columns, rows_by
from services.store.db import LEDGER


def rows(question: Question) -> list[Row]:
    """The name, or the id of somebody who is no longer listed."""
    names = dict(LEDGER.execute_sql("SELECT staff_id, name FROM staff").fetchall())
    found = rows_by(question, lambda stay: stay.operator_id)
    return [(names.get(staff_id, staff_id), *cells) for staff_id, cells in found.items()]


REPORT = Report(
    key="parked_people",
    label_zh="挂单收银员",
    label_en="Parked: cashiers",
    place=102,
    columns=columns("name", "收银员", "Cashier"),
    rows=rows,
    chart=Chart("rank", "parked"),
)
