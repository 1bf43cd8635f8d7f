"""What is owed on stored value by the store that took the recharge, which settles it with the others."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from services.domain.stored_value import CASHED_OUT, EXPIRED, RECHARGED, REFUNDED, SPENT
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


def rows(question: Question) -> Sequence[Row]:
    """Opening and closing are at the ends of the period; what was used is less what came back of it."""
    begin, end = question.period.begin, question.period.end
    sums: dict[str, Counter[tuple[str, str]]] = {}
    for store, what, kind, elsewhere, minor in LEDGER.execute_sql(_PARTS, (begin, end)):
        told = sums.setdefault(store, Counter())
        told[what, kind] += minor
        if elsewhere and what in (SPENT, REFUNDED) and kind == "principal":
            told["elsewhere", kind] -= minor
    out = dict(LEDGER.execute_sql(_PAID_OUT, (CASHED_OUT, begin, end)).fetchall())
    return [(store, *_cells(told, out.get(store, 0))) for store, told in sorted(sums.items())]


def _cells(told: Counter[tuple[str, str]], out_minor: int) -> tuple[Cell, ...]:
    used = {kind: -told[SPENT, kind] - told[REFUNDED, kind] for kind in ("principal", "bonus")}
    owed = {
        kind: sum(minor for (what, of), minor in told.items() if of == kind and what != "elsewhere")
        for kind in ("principal", "bonus")
    }
    return (
        *(told["before", "principal"], told[RECHARGED, "principal"], used["principal"]),
        *(told["elsewhere", "principal"], out_minor, -told[CASHED_OUT, "principal"] - out_minor),
        *(owed["principal"], told["before", "bonus"], told[RECHARGED, "bonus"], used["bonus"]),
        *(-told[CASHED_OUT, "bonus"] - told[EXPIRED, "bonus"], owed["bonus"]),
    )


REPORT = Report(
    key="stored_value_stores",
    label_zh="储值负债",
    label_en="Stored value owed",
    place=66,
    columns=(
        Column("store", "充值门店", "Store of recharge", "text"),
        Column("opening", "期初本金", "Principal before", "money", wide=True),
        Column("recharged", "充值", "Paid in", "money"),
        Column("used", "消费本金", "Principal used", "money"),
        Column("elsewhere", "其中他店消费", "Of that elsewhere", "money", wide=True),
        Column("out", "退款", "Paid out", "money", wide=True),
        Column("kept", "退款扣留", "Kept", "money", wide=True),
        Column("principal", "期末本金", "Principal owed", "money"),
        Column("bonus_opening", "期初赠送", "Bonus before", "money", wide=True),
        Column("given", "赠送", "Bonus given", "money", wide=True),
        Column("bonus_used", "消费赠送", "Bonus used", "money", wide=True),
        Column("cancelled", "赠送作废", "Bonus ended", "money", wide=True),
        Column("bonus", "期末赠送", "Bonus left", "money", wide=True),
    ),
    rows=rows,
    chart=Chart("rank", "principal"),
    figures=("principal", "bonus", "recharged", "used"),
)
