"""The tax in what was sold, by rate."""

from __future__ import annotations

from services.domain.tax import percent
from services.reports.contract import GOODS, Column, Question, Report, Row
from services.store.db import LEDGER

_SUMS = (
    "SELECT l.tax_bp, SUM(CASE WHEN l.quantity > 0 THEN l.tax_minor ELSE 0 END),"
    " SUM(CASE WHEN l.quantity < 0 THEN l.tax_minor ELSE 0 END),"
    " SUM(l.bonus_minor), SUM(l.net_minor - l.bonus_minor - l.tax_minor), SUM(l.tax_minor),"
    " SUM(l.net_minor)"
    " FROM sale JOIN sale_line l USING (sale_id)"
    f" WHERE business_day >= ? AND business_day < ? AND {GOODS} GROUP BY l.tax_bp ORDER BY l.tax_bp DESC"
)


def rows(question: Question) -> list[Row]:
    """As it was when each line was sold; what came back gives back the tax of then. Net sales less what
    stored-value bonus paid are the amount without tax and the tax. Goods without tax, and all that was
    sold before the shop had a rate, are the last row."""
    found = LEDGER.execute_sql(_SUMS, (question.period.begin, question.period.end))
    none = question.word("无税", "No tax")
    return [(percent(tax_bp) if tax_bp else none, *sums) for tax_bp, *sums in found]


REPORT = Report(
    key="taxes",
    label_zh="税额",
    label_en="Tax by rate",
    place=58,
    columns=(
        Column("rate", "税率", "Rate", "text"),
        Column("sold", "销售税额", "Tax on sales", "money", wide=True),
        Column("returned", "退货税额", "Tax given back", "money", wide=True),
        Column("bonus", "赠送金抵扣", "Paid with bonus", "money", wide=True),
        Column("untaxed", "不含税金额", "Without tax", "money", wide=True),
        Column("tax", "税额", "Tax", "money"),
        Column("net", "销售额", "Net sales", "money"),
    ),
    rows=rows,
)
