"""Sales by the cashier who took the money."""

from __future__ import annotations

from services.reports.contract import CUSTOMERS, GOODS, NET, Chart, Column, Question, Report, Row
from services.store.db import LEDGER

_SUMS = (
    "SELECT COALESCE(p.name, s.operator_id), s.operator_id,"
    f" SUM({CUSTOMERS}), SUM({NET}),"
    f" SUM((SELECT COALESCE(SUM(quantity), 0) FROM sale_line l WHERE l.sale_id = s.sale_id AND {GOODS})),"
    " SUM(CASE WHEN s.kind IN ('return', 'void') THEN 1 ELSE 0 END)"
    " FROM sale s LEFT JOIN staff p ON p.staff_id = s.operator_id"
    " WHERE business_day >= ? AND business_day < ? GROUP BY s.operator_id ORDER BY 4 DESC, 2"
)


def rows(question: Question) -> list[Row]:
    """By what they took."""
    found = LEDGER.execute_sql(_SUMS, (question.period.begin, question.period.end))
    return [
        (name, customers, net, None, pieces, None, returns)
        for name, _, customers, net, pieces, returns in found
    ]


REPORT = Report(
    key="cashiers",
    label_zh="收银员",
    label_en="Cashiers",
    place=80,
    columns=(
        Column("name", "收银员", "Cashier", "text"),
        Column("customers", "客数", "Customers"),
        Column("net", "销售额", "Net sales", "money"),
        Column("average", "客单价", "Average sale", "money", ratio=("net", "customers", 1), wide=True),
        Column("pieces", "件数", "Pieces", wide=True),
        Column(
            "basket", "连带率", "Pieces a sale", "hundredths", ratio=("pieces", "customers", 100), wide=True
        ),
        Column("returns", "退货单", "Returns", wide=True),
    ),
    rows=rows,
    chart=Chart("rank", "net"),
)
