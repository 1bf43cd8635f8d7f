"""Points that members can still use, by the month to whose end: what they are worth, and what is owed."""

from __future__ import annotations

from services.reports.contract import Chart, Column, Question, Report, Row
from services.reports.rate import rate_before
from services.store.db import LEDGER

_HELD = (
    "SELECT expires, SUM(CASE WHEN state = 'active' THEN held ELSE 0 END),"
    " SUM(CASE WHEN state = 'pending' THEN held ELSE 0 END),"
    " SUM(CASE WHEN state = 'debt' THEN -held ELSE 0 END), COUNT(DISTINCT member_id)"
    " FROM (SELECT member_id, state, expires, SUM(delta) AS held FROM points_row WHERE at_ms < ?"
    " GROUP BY member_id, program, state, expires, pending_until HAVING held <> 0) GROUP BY state = 'debt',"
    " expires ORDER BY state = 'debt', expires = '', expires"
)


def rows(question: Question) -> list[Row]:
    """As it stood at midnight after the period's last day, at the rate of then. What members owe stands
    last, below zero."""
    end_ms = question.midnight_ms(question.period.end)
    per_points, minor = rate_before(end_ms)
    found: list[Row] = []
    for month, active, pending, debt, people in LEDGER.execute_sql(_HELD, (end_ms,)):
        name = month or question.word("长期有效", "No end")
        whole = active + pending
        if debt:
            name, whole, active = question.word("欠分", "Owed by members"), -debt, -debt
        worth = whole * minor // per_points if per_points else 0
        found.append((name, active, pending, people, worth))
    return found


REPORT = Report(
    key="points_owed",
    label_zh="积分负债",
    label_en="Points outstanding",
    place=68,
    columns=(
        Column("month", "有效至", "Good until", "text"),
        Column("points", "可用积分", "Points"),
        Column("pending", "待生效", "Pending", wide=True),
        Column("members", "会员数", "Members", sums=False, wide=True),
        Column("worth", "折合金额", "Worth", "money"),
    ),
    rows=rows,
    chart=Chart("rank", "points"),
    figures=("points", "pending", "worth"),
)
