"""What each promotion gave away, and what was taken off by hand."""

from __future__ import annotations

from services.reports.contract import ROWS_MAX, Chart, Column, Question, Report, Row
from services.store.db import LEDGER

# The newest words of a promotion stand for all its versions; ids of sales rise with time.
_SUMS = (
    "SELECT MAX(a.sale_id), a.label_zh, a.label_en, a.source, COUNT(DISTINCT a.sale_id),"
    " SUM(a.amount_minor)"
    " FROM sale JOIN adjustment a USING (sale_id)"
    " WHERE business_day >= ? AND business_day < ?"
    " GROUP BY a.source ORDER BY 6, 4 LIMIT ?"
)


def rows(question: Question) -> list[Row]:
    """The dearest first, at most ROWS_MAX. What came back with a return counts against it."""
    found = LEDGER.execute_sql(_SUMS, (question.period.begin, question.period.end, ROWS_MAX))
    return [
        (question.word(zh, en), source, sales, -amount, None) for _, zh, en, source, sales, amount in found
    ]


REPORT = Report(
    key="discounts",
    label_zh="优惠",
    label_en="Discounts",
    place=70,
    columns=(
        Column("promotion", "促销", "Promotion", "text"),
        Column("source", "编号", "Id", "text", wide=True),
        Column("sales", "单数", "Sales", sums=False),
        Column("given", "让利", "Given", "money"),
        Column("share", "占比", "Share", "share", share_of="given", wide=True),
    ),
    rows=rows,
    chart=Chart("rank", "given"),
)
