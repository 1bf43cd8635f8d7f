"""Sales by business day."""

from __future__ import annotations

from services.reports.contract import CUSTOMERS, GOODS, Chart, Column, Question, Report, Row
from services.store.db import LEDGER

# A return's lines have negative pieces.
_DOCUMENTS = (
    f"SELECT business_day, SUM({CUSTOMERS})"
    " FROM sale s WHERE business_day >= ? AND business_day < ? GROUP BY business_day"
)
_LINES = (
    "SELECT business_day,"
    " SUM(CASE WHEN quantity > 0 THEN extended_minor ELSE 0 END),"
    " SUM(CASE WHEN quantity > 0 THEN net_minor - extended_minor ELSE 0 END),"
    " SUM(CASE WHEN quantity < 0 THEN net_minor ELSE 0 END),"
    " SUM(net_minor), SUM(quantity)"
    " FROM sale JOIN sale_line l USING (sale_id)"
    f" WHERE business_day >= ? AND business_day < ? AND {GOODS} GROUP BY business_day"
)


def rows(question: Question) -> list[Row]:
    """Every day of the period, also those without a sale."""
    between = (question.period.begin, question.period.end)
    customers = dict(LEDGER.execute_sql(_DOCUMENTS, between).fetchall())
    sums = {day: amounts for day, *amounts in LEDGER.execute_sql(_LINES, between)}
    found: list[Row] = []
    for day in question.period.each():
        gross, discounts, returns, net, pieces = sums.get(day, (0, 0, 0, 0, 0))
        found.append((day, gross, discounts, returns, net, pieces, customers.get(day, 0), None, None))
    return found


REPORT = Report(
    key="days",
    label_zh="每日销售",
    label_en="Sales by day",
    place=10,
    columns=(
        Column("day", "营业日", "Business day", "text"),
        Column("gross", "原价", "Gross", "money", wide=True),
        Column("discounts", "优惠", "Discounts", "money", wide=True),
        Column("returns", "退货", "Returns", "money", wide=True),
        Column("net", "销售额", "Net sales", "money"),
        Column("pieces", "件数", "Pieces", wide=True),
        Column("customers", "客数", "Customers"),
        Column("average", "客单价", "Average sale", "money", ratio=("net", "customers", 1)),
        Column(
            "basket", "连带率", "Pieces a sale", "hundredths", ratio=("pieces", "customers", 100), wide=True
        ),
    ),
    rows=rows,
    chart=Chart("time", "net"),
    matched=False,
    figures=("net", "customers", "average", "basket"),
)
