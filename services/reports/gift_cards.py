"""Gift cards by business day: what was sold on them and what they paid. Owed, never net sales."""

from __future__ import annotations

from services.reports.contract import Chart, Column, Question, Report, Row
from services.store.db import LEDGER

_MOVED = (
    "SELECT business_day, SUM(m.kind = 'issued'),"
    " SUM(CASE WHEN m.kind = 'issued' THEN m.amount_minor ELSE 0 END),"
    " SUM(CASE WHEN m.kind = 'cancelled' THEN -m.amount_minor ELSE 0 END),"
    " SUM(CASE WHEN m.kind = 'redeemed' THEN -m.amount_minor ELSE 0 END),"
    " SUM(CASE WHEN m.kind = 'refunded' THEN m.amount_minor ELSE 0 END), SUM(m.amount_minor)"
    " FROM sale JOIN gift_card_move m USING (sale_id)"
    " WHERE business_day >= ? AND business_day < ? GROUP BY business_day"
)


def rows(question: Question) -> list[Row]:
    """The days on which a card moved. Store credit for goods without a receipt counts as sold."""
    found = LEDGER.execute_sql(_MOVED, (question.period.begin, question.period.end))
    return [tuple(row) for row in found]


REPORT = Report(
    key="gift_cards",
    label_zh="礼品卡",
    label_en="Gift cards",
    place=65,
    columns=(
        Column("day", "营业日", "Business day", "text"),
        Column("cards", "张数", "Cards"),
        Column("sold", "售出", "Sold", "money"),
        Column("taken_back", "收回", "Taken back", "money", wide=True),
        Column("redeemed", "消费", "Redeemed", "money"),
        Column("refunded", "退回卡", "Put back", "money", wide=True),
        Column("owed", "负债变动", "Change of debt", "money"),
    ),
    rows=rows,
    chart=Chart("rank", "sold"),
)
