"""How customers paid."""

from __future__ import annotations

from services.reports.contract import Chart, Column, Question, Report, Row
from services.store.db import LEDGER

_SUMS = (
    "SELECT t.key, t.currency, SUM(CASE WHEN t.amount_minor > 0 THEN 1 ELSE 0 END),"
    " SUM(CASE WHEN t.amount_minor > 0 THEN t.amount_minor ELSE 0 END),"
    " SUM(CASE WHEN t.amount_minor < 0 THEN t.amount_minor ELSE 0 END), SUM(t.amount_minor),"
    " SUM(t.bonus_minor)"
    " FROM sale JOIN tender t USING (sale_id)"
    " WHERE business_day >= ? AND business_day < ? GROUP BY t.key, t.currency ORDER BY 6 DESC, 1, 2"
)


_RECHARGED = (
    "SELECT tender, SUM(CASE kind WHEN 'recharged' THEN principal_minor ELSE -pays_minor END)"
    " FROM stored_value_move WHERE kind IN ('recharged', 'cashed_out')"
    " AND business_day >= ? AND business_day < ? GROUP BY tender ORDER BY tender"
)


def rows(question: Question) -> list[Row]:
    """By what was taken, notes of other currencies each for themselves, in the shop's money. A tender that
    this box no longer knows keeps its key. Recharges of stored value, less what of them was paid out,
    stand beside net sales; bonus that stored value paid with brought no money, and is told beside it."""
    between = (question.period.begin, question.period.end)
    recharged = dict(LEDGER.execute_sql(_RECHARGED, between).fetchall())
    found: list[Row] = []
    for key, currency, times, taken, back, net, bonus in LEDGER.execute_sql(_SUMS, between):
        name = f"{question.tenders.get(key, key)} {currency}".rstrip()
        came = recharged.pop(key, 0) if not currency else 0
        found.append((name, times, taken, back, net, None, bonus, came))
    return [
        *found,
        *((question.tenders.get(key, key), 0, 0, 0, 0, None, 0, minor) for key, minor in recharged.items()),
    ]


REPORT = Report(
    key="tenders",
    label_zh="收款构成",
    label_en="Tenders",
    place=60,
    columns=(
        Column("tender", "收款方式", "Tender", "text"),
        Column("times", "笔数", "Payments"),
        Column("taken", "收款", "Taken", "money", wide=True),
        Column("back", "退款", "Paid back", "money", wide=True),
        Column("net", "净收", "Net", "money"),
        Column("share", "占比", "Share", "share", share_of="net", wide=True),
        Column("bonus", "其中赠送金", "Of it bonus", "money", wide=True),
        Column("recharged", "储值收付", "Stored value", "money", wide=True),
    ),
    rows=rows,
    chart=Chart("rank", "net"),
)
