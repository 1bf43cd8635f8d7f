"""What is owed on stored value by the store that took the recharge, which settles it with the others."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from services.domain.stored_value import (
    BONUS,
    CASHED_OUT,
    EXPIRED,
    OPENED,
    PRINCIPAL,
    RECHARGED,
    REFUNDED,
    SPENT,
)
from services.reports.contract import Cell, Chart, Column, Question, Report, Row
from services.store.db import LEDGER

# Each part of a move falls on the store where its lot was recharged.
_PARTS = (
    "SELECT r.store_id, CASE WHEN m.business_day < ? THEN 'before' ELSE m.kind END AS what, l.kind,"
    " m.store_id <> r.store_id AS elsewhere, SUM(d.amount_minor)"
    " FROM stored_value_move m JOIN stored_value_draw d USING (move_id)"
    " JOIN stored_value_lot l USING (lot_id) JOIN stored_value_move r ON r.move_id = l.recharge_id"
    " WHERE m.business_day < ? GROUP BY 1, 2, 3, 4"
)
_PAID_OUT = (
    "SELECT r.store_id, SUM(m.pays_minor) FROM stored_value_move m"
    " JOIN stored_value_move r ON r.move_id = m.recharge_id WHERE m.kind = ?"
    " AND m.business_day >= ? AND m.business_day < ? GROUP BY 1"
)


_KINDS = ((PRINCIPAL, "本金", "principal"), (BONUS, "赠送", "bonus"))


def rows(question: Question) -> Sequence[Row]:
    """Principal and bonus of each store, as they were before the period and are at its end. What was used
    is less what came back of it; what was kept of a recharge that was paid out, and bonus that has ended,
    is owed no longer."""
    begin, end = question.period.begin, question.period.end
    sums: dict[str, Counter[tuple[str, str]]] = {}
    for store, what, kind, elsewhere, minor in LEDGER.execute_sql(_PARTS, (begin, end)):
        told = sums.setdefault(store, Counter())
        told[what, kind] += minor
        if elsewhere and what in (SPENT, REFUNDED):
            told["elsewhere", kind] -= minor
    out = dict(LEDGER.execute_sql(_PAID_OUT, (CASHED_OUT, begin, end)).fetchall())
    return [
        (f"{store} {question.word(zh, en)}", *_cells(told, kind, out.get(store, 0)))
        for store, told in sorted(sums.items())
        for kind, zh, en in _KINDS
    ]


def _cells(told: Counter[tuple[str, str]], kind: str, out_minor: int) -> tuple[Cell, ...]:
    """`out_minor` was paid back, of the principal."""
    out_minor = out_minor if kind == PRINCIPAL else 0
    opening, elsewhere = told["before", kind], told["elsewhere", kind]
    came = told[RECHARGED, kind] + told[OPENED, kind]
    used = -told[SPENT, kind] - told[REFUNDED, kind]
    ended = -told[CASHED_OUT, kind] - told[EXPIRED, kind] - out_minor
    closing = opening + came - used - out_minor - ended
    return opening, came, used, elsewhere, out_minor, ended, closing


REPORT = Report(
    key="stored_value_stores",
    label_zh="储值负债",
    label_en="Stored value owed",
    place=66,
    columns=(
        Column("store", "充值门店", "Store of recharge", "text"),
        Column("opening", "期初", "Before", "money", wide=True),
        Column("recharged", "充值", "Came in", "money"),
        Column("used", "消费", "Used", "money"),
        Column("elsewhere", "其中他店", "Elsewhere", "money", wide=True),
        Column("out", "退款", "Paid out", "money", wide=True),
        Column("ended", "扣留与作废", "Kept, ended", "money", wide=True),
        Column("owed", "期末", "Owed", "money"),
    ),
    rows=rows,
    chart=Chart("rank", "owed"),
)
