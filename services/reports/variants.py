"""Best sellers by colour and size."""

from __future__ import annotations

from services.reports.contract import GOODS, ROWS_MAX, Column, Question, Report, Row
from services.store.db import LEDGER

_SUMS = (
    "SELECT MAX(l.name) || ' · ' || MAX(l.variant), l.sku, SUM(l.quantity), SUM(l.net_minor)"
    " FROM sale JOIN sale_line l USING (sale_id)"
    f" WHERE business_day >= ? AND business_day < ? AND {GOODS}"
    " GROUP BY l.sku ORDER BY 3 DESC, 4 DESC, 2 LIMIT ?"
)


def rows(question: Question) -> list[Row]:
    """By pieces, at most ROWS_MAX."""
    found = LEDGER.execute_sql(_SUMS, (question.period.begin, question.period.end, ROWS_MAX))
    return [(name, sku, pieces, net, None) for name, sku, pieces, net in found]


REPORT = Report(
    key="variants",
    label_zh="畅销规格",
    label_en="Best variants",
    place=40,
    columns=(
        Column("name", "规格", "Variant", "text"),
        Column("sku", "商品编号", "Article no.", "text", wide=True),
        Column("pieces", "件数", "Pieces"),
        Column("net", "销售额", "Net sales", "money"),
        Column("share", "占比", "Share", "share", share_of="net", wide=True),
    ),
    rows=rows,
)
