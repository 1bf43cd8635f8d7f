"""Best sellers by style."""

from __future__ import annotations

from services.reports.contract import GOODS, ROWS_MAX, Chart, Column, Question, Report, Row
from services.store.db import LEDGER

# An article that has left the catalogue is its own style.
_SUMS = (
    "SELECT COALESCE(s.name, MAX(l.name)), COALESCE(a.style, l.sku), SUM(l.quantity), SUM(l.net_minor),"
    " SUM(CASE WHEN l.quantity > 0 THEN 0 ELSE -l.quantity END)"
    " FROM sale JOIN sale_line l USING (sale_id) LEFT JOIN article a ON a.sku = l.sku"
    " LEFT JOIN style s ON s.style = a.style"
    f" WHERE business_day >= ? AND business_day < ? AND {GOODS}"
    " GROUP BY 2 ORDER BY 4 DESC, 3 DESC, 2 LIMIT ?"
)


def rows(question: Question) -> list[Row]:
    """By what they brought in, at most ROWS_MAX."""
    found = LEDGER.execute_sql(_SUMS, (question.period.begin, question.period.end, ROWS_MAX))
    return [(name, style, pieces, net, None, back) for name, style, pieces, net, back in found]


REPORT = Report(
    key="styles",
    label_zh="畅销款",
    label_en="Best sellers",
    place=30,
    columns=(
        Column("name", "商品", "Article", "text"),
        Column("style", "款号", "Style no.", "text", wide=True),
        Column("pieces", "件数", "Pieces"),
        Column("net", "销售额", "Net sales", "money"),
        Column("share", "占比", "Share", "share", share_of="net", wide=True),
        Column("back", "退回件数", "Returned", wide=True),
    ),
    rows=rows,
    chart=Chart("rank", "net"),
)
