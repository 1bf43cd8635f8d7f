"""What the shop owes on stored value: principal and bonus that moved each day, and what is left then."""

from __future__ import annotations

from collections.abc import Sequence

from services.domain.stored_value import CASHED_OUT, EXPIRED, OPENED, RECHARGED, REFUNDED, SPENT
from services.reports.contract import Cell, Chart, Column, Question, Report, Row
from services.store.db import LEDGER

_MOVED = (
    "SELECT business_day, kind, SUM(principal_minor), SUM(bonus_minor), SUM(pays_minor)"
    " FROM stored_value_move WHERE business_day >= ? AND business_day < ? GROUP BY business_day, kind"
)
_BEFORE = (
    "SELECT COALESCE(SUM(principal_minor), 0), COALESCE(SUM(bonus_minor), 0) FROM stored_value_move"
    " WHERE business_day < ?"
)
_Sums = tuple[int, int, int]


def rows(question: Question) -> Sequence[Row]:
    """Every day of the period; what was used is less what came back of it. Bonus that ended, or went with
    a recharge that was paid out, is cancelled; principal kept of a pay-out is named beside it."""
    begin, end = question.period.begin, question.period.end
    moved: dict[str, dict[str, _Sums]] = {}
    for day, kind, *sums in LEDGER.execute_sql(_MOVED, (begin, end)):
        moved.setdefault(day, {})[kind] = (sums[0], sums[1], sums[2])
    principal, bonus = LEDGER.execute_sql(_BEFORE, (begin,)).fetchone()
    found = []
    for day in question.period.each():
        kinds = moved.get(day, {})
        principal += sum(each[0] for each in kinds.values())
        bonus += sum(each[1] for each in kinds.values())
        found.append((day, *_cells(kinds), principal, bonus))
    return found


def _cells(kinds: dict[str, _Sums]) -> tuple[Cell, ...]:
    none = (0, 0, 0)
    came, spent, back = (kinds.get(kind, none) for kind in (RECHARGED, SPENT, REFUNDED))
    brought = kinds.get(OPENED, none)  # from another till
    out, ended = kinds.get(CASHED_OUT, none), kinds.get(EXPIRED, none)
    return (
        *(came[0] + brought[0], came[1] + brought[1], -spent[0] - back[0], -spent[1] - back[1]),
        *(out[2], -out[0] - out[2], -out[1] - ended[1]),
    )


REPORT = Report(
    key="stored_value",
    label_zh="储值余额",
    label_en="Stored value",
    place=65,
    columns=(
        Column("day", "日期", "Day", "text"),
        Column("recharged", "充值本金", "Paid in", "money"),
        Column("given", "赠送", "Bonus given", "money", wide=True),
        Column("used", "消费本金", "Principal used", "money"),
        Column("bonus_used", "消费赠送", "Bonus used", "money", wide=True),
        Column("out", "退款", "Paid out", "money", wide=True),
        Column("kept", "退款扣留", "Kept", "money", wide=True),
        Column("cancelled", "赠送作废", "Bonus ended", "money", wide=True),
        Column("principal", "本金余额", "Principal owed", "money", sums=False),
        Column("bonus", "赠送余额", "Bonus left", "money", sums=False),
    ),
    rows=rows,
    chart=Chart("time", "principal"),
)
