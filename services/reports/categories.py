"""Sales by category."""

from __future__ import annotations

from services.reports.contract import GOODS, Chart, Column, Question, Report, Row
from services.store.db import LEDGER

_SUMS = (
    "SELECT COALESCE(c.name, l.category), SUM(l.quantity), SUM(l.net_minor)"
    " FROM sale JOIN sale_line l USING (sale_id) LEFT JOIN category c ON c.key = l.category"
    f" WHERE business_day >= ? AND business_day < ? AND {GOODS}"
    " GROUP BY l.category ORDER BY 3 DESC, 1"
)


def rows(question: Question) -> list[Row]:
    """By what they brought in. Lines of goods without a category are one row."""
    found = LEDGER.execute_sql(_SUMS, (question.period.begin, question.period.end))
    nameless = question.word("未分类", "No category")
    return [(name or nameless, pieces, net, None) for name, pieces, net in found]


REPORT = Report(
    key="categories",
    label_zh="分类",
    label_en="Categories",
    place=50,
    columns=(
        Column("category", "分类", "Category", "text"),
        Column("pieces", "件数", "Pieces"),
        Column("net", "销售额", "Net sales", "money"),
        Column("share", "占比", "Share", "share", share_of="net"),
    ),
    rows=rows,
    chart=Chart("rank", "net"),
)
