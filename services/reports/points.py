"""Points by day: earned, used, given and taken back, ended, and what members have then."""

from __future__ import annotations

from datetime import datetime

from services.domain import points as rules
from services.reports.contract import Chart, Column, Question, Report, Row
from services.store.db import LEDGER

_MOVED = "SELECT at_ms, kind, delta FROM points_row WHERE at_ms >= ? AND at_ms < ? ORDER BY at_ms"
_BEFORE = "SELECT COALESCE(SUM(delta), 0) FROM points_row WHERE at_ms < ?"
_SIGNS = {  # kind -> (its column, the sign with which it stands there)
    rules.EARNED: (0, 1),
    rules.SPENT: (1, -1),
    rules.RESTORED: (2, 1),
    rules.CLAWED: (3, -1),
    rules.EXPIRED: (4, -1),
    rules.ADJUSTED: (5, 1),
}


def rows(question: Question) -> list[Row]:
    """Every day on the shop's calendar: points begin and end at midnight. Pending points and debts are in
    what members have; what only moves between lots changes nothing."""
    begin, end = map(question.midnight_ms, (question.period.begin, question.period.end))
    balance = int(LEDGER.execute_sql(_BEFORE, (begin,)).fetchone()[0])
    moved: dict[str, list[int]] = {}
    for at_ms, kind, delta in LEDGER.execute_sql(_MOVED, (begin, end)):
        day = datetime.fromtimestamp(at_ms / 1000, question.zone).date().isoformat()
        sums = moved.setdefault(day, [0] * 7)
        if kind in _SIGNS:
            place, sign = _SIGNS[kind]
            sums[place] += sign * delta
        sums[6] += delta
    found: list[Row] = []
    for day in question.period.each():
        *sums, change = moved.get(day, [0] * 7)
        balance += change
        found.append((day, *sums, balance))
    return found


REPORT = Report(
    key="points",
    label_zh="积分变动",
    label_en="Points",
    place=69,
    columns=(
        Column("day", "日期", "Day", "text"),
        Column("earned", "赚取", "Earned"),
        Column("used", "使用", "Used"),
        Column("restored", "退还", "Given back", wide=True),
        Column("clawed", "收回", "Taken back", wide=True),
        Column("expired", "过期", "Expired", wide=True),
        Column("adjusted", "调整", "Corrected", wide=True),
        Column("balance", "积分余额", "Outstanding", sums=False),
    ),
    rows=rows,
    chart=Chart("time", "balance"),
)
