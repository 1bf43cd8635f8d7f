"""What each promotion gave away, what was taken off by hand, and what stored-value bonus paid."""

from __future__ import annotations

from services.domain.stored_value import TENDER
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
# Known only when a bag is paid, so no adjustment of its lines; what came back has its share below zero.
_BONUS = (
    "SELECT COUNT(DISTINCT CASE WHEN l.quantity > 0 THEN l.sale_id END), COALESCE(SUM(l.bonus_minor), 0)"
    " FROM sale JOIN sale_line l USING (sale_id)"
    " WHERE business_day >= ? AND business_day < ? AND l.bonus_minor <> 0"
)


def rows(question: Question) -> list[Row]:
    """The dearest first, at most ROWS_MAX, and last what stored-value bonus paid. What came back with a
    return counts against it."""
    between = (question.period.begin, question.period.end)
    found: list[Row] = [
        (question.word(zh, en), source, sales, -amount, None)
        for _, zh, en, source, sales, amount in LEDGER.execute_sql(_SUMS, (*between, ROWS_MAX))
    ]
    sales, bonus_minor = LEDGER.execute_sql(_BONUS, between).fetchone()
    if sales or bonus_minor:
        name = question.word("赠送金抵扣", "Paid with bonus")
        found.append((name, TENDER, sales, bonus_minor, None))
    return found


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
