"""What part of the sales members bring, by business day."""

from __future__ import annotations

from collections import Counter
from datetime import datetime

from services.reports.contract import CUSTOMERS, NET, Chart, Column, Question, Report, Row
from services.store.db import LEDGER

_SUMS = (
    f"SELECT business_day, SUM({CUSTOMERS}), SUM(CASE WHEN member_id <> '' THEN {CUSTOMERS} ELSE 0 END),"
    f" SUM({NET}), SUM(CASE WHEN member_id <> '' THEN {NET} ELSE 0 END)"
    " FROM sale s WHERE business_day >= ? AND business_day < ? GROUP BY business_day"
)
_JOINED = "SELECT created_at_ms FROM member WHERE created_at_ms >= ? AND created_at_ms < ?"


def rows(question: Question) -> list[Row]:
    """Every day of the period, also those without a sale. New members are of the calendar's day."""
    joined = _joined(question)
    sums = {
        day: cells
        for day, *cells in LEDGER.execute_sql(_SUMS, (question.period.begin, question.period.end))
    }
    found: list[Row] = []
    for day in question.period.each():
        customers, members, net, member_net = sums.get(day, (0, 0, 0, 0))
        found.append((day, customers, members, None, net, member_net, None, None, joined[day]))
    return found


def _joined(question: Question) -> Counter[str]:
    ends = tuple(map(question.midnight_ms, (question.period.begin, question.period.end)))
    return Counter(
        datetime.fromtimestamp(at_ms / 1000, question.zone).date().isoformat()
        for (at_ms,) in LEDGER.execute_sql(_JOINED, ends)
    )


REPORT = Report(
    key="member_share",
    label_zh="会员销售占比",
    label_en="Members' share",
    place=90,
    columns=(
        Column("day", "营业日", "Business day", "text"),
        Column("customers", "客数", "Customers", wide=True),
        Column("members", "会员客数", "Members", wide=True),
        Column(
            "of_customers", "会员客数占比", "Of customers", "share", ratio=("members", "customers", 10_000)
        ),
        Column("net", "销售额", "Net sales", "money", wide=True),
        Column("member_net", "会员销售额", "To members", "money"),
        Column("of_net", "会员销售占比", "Of net sales", "share", ratio=("member_net", "net", 10_000)),
        Column(
            "member_average",
            "会员客单价",
            "Average, members",
            "money",
            ratio=("member_net", "members", 1),
            wide=True,
        ),
        Column("joined", "新会员", "New members", wide=True),
    ),
    rows=rows,
    chart=Chart("time", "member_net"),
    matched=False,
    figures=("of_net", "of_customers", "member_average", "joined"),
)
