"""Points that members can still use, by the month to whose end: what they are worth, and what is owed."""

from __future__ import annotations

import msgspec

from services.domain.points_rules import Book
from services.reports.contract import Chart, Column, Question, Report, Row
from services.store.db import LEDGER

_HELD = (
    "SELECT expires, SUM(CASE WHEN state = 'active' THEN held ELSE 0 END),"
    " SUM(CASE WHEN state = 'pending' THEN held ELSE 0 END),"
    " SUM(CASE WHEN state = 'debt' THEN -held ELSE 0 END), COUNT(DISTINCT member_id)"
    " FROM (SELECT member_id, state, expires, SUM(delta) AS held FROM points_row WHERE at_ms < ?"
    " GROUP BY member_id, program, state, expires, pending_until HAVING held <> 0) GROUP BY state = 'debt',"
    " expires ORDER BY state = 'debt', expires = '', expires"
)
_BOOK = "SELECT body FROM points_book WHERE at_ms < ? ORDER BY version DESC LIMIT 1"


def rows(question: Question) -> list[Row]:
    """As it stood at midnight after the period's last day, at the rate of then. What members owe stands
    last, below zero."""
    end_ms = question.midnight_ms(question.period.end)
    per_points, minor = _rate(end_ms)
    found: list[Row] = []
    for month, active, pending, debt, people in LEDGER.execute_sql(_HELD, (end_ms,)):
        name = month or question.word("长期有效", "No end")
        whole = active + pending
        if debt:
            name, whole, active = question.word("欠分", "Owed by members"), -debt, -debt
        worth = whole * minor // per_points if per_points else 0
        found.append((name, active, pending, people, worth))
    return found


def _rate(end_ms: int) -> tuple[int, int]:
    """So many points take so much off; (0, 0): they take nothing off."""
    row = LEDGER.execute_sql(_BOOK, (end_ms,)).fetchone()
    if row is None:
        return 0, 0
    discount = msgspec.json.decode(row[0], type=Book).discount
    return discount.points, discount.minor


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
