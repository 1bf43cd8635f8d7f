"""What the shop owes its members, in money: what it was, what came and went, and what it is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from services.domain import coupons as coupon_rules
from services.domain import points as point_rules
from services.domain import stored_value as value_rules
from services.reports.contract import (
    COUPON_FACE,
    COUPON_MOVES,
    COUPON_OUT,
    Chart,
    Column,
    Question,
    Report,
    Row,
)
from services.reports.rate import rate_before
from services.store.db import LEDGER

_POINTS = "SELECT kind, SUM(delta) FROM points_row WHERE at_ms >= ? AND at_ms < ? GROUP BY kind"
_VALUE = (
    "SELECT kind, SUM(principal_minor), SUM(bonus_minor) FROM stored_value_move"
    " WHERE business_day >= ? AND business_day < ? GROUP BY kind"
)
_COUPONS = (
    f"SELECT m.kind, SUM({COUPON_OUT} * {COUPON_FACE}) FROM {COUPON_MOVES}"
    " WHERE m.business_day >= ? AND m.business_day < ? GROUP BY m.kind"
)
_CAME, _BACK, _USED, _TAKEN, _ENDED, _CORRECTED = range(6)
_PLACES: Mapping[str, int] = {  # in the order of the columns; what only moves between lots stays 0
    **{point_rules.EARNED: _CAME, point_rules.RESTORED: _BACK, point_rules.SPENT: _USED},
    **{point_rules.CLAWED: _TAKEN, point_rules.EXPIRED: _ENDED, point_rules.ADJUSTED: _CORRECTED},
    **{point_rules.ACTIVATED: _CORRECTED, point_rules.SETTLED: _CORRECTED},
    **{value_rules.RECHARGED: _CAME, value_rules.OPENED: _CORRECTED, value_rules.REFUNDED: _BACK},
    **{value_rules.CASHED_OUT: _TAKEN},
    **{coupon_rules.ISSUED: _CAME, coupon_rules.REINSTATED: _BACK, coupon_rules.USED: _USED},
    **{coupon_rules.CANCELLED: _TAKEN, coupon_rules.TRANSFERRED: _TAKEN},
}
_Sums = dict[str, int]  # kind -> how much it added; below zero: took
_Between = tuple[_Sums, _Sums]  # before the period, in it


def rows(question: Question) -> Sequence[Row]:
    """Points at the rate that stands at the end, in whole minor units that add up; stored value; and the
    face of coupons, the most that they can take off. Each figure is that of its own report: points count
    by the calendar's day, the others by the business day. Whatever moved at no till is here and in no Z:
    what a manager or the night did."""
    begin, end = question.period.begin, question.period.end
    per_points, minor = rate_before(question.midnight_ms(end))
    principal, bonus = _sums(_VALUE, 2, begin, end)
    (coupons,) = _sums(_COUPONS, 1, begin, end)
    return [
        (question.word("积分", "Points"), *_worth(_cells(_points(question)), per_points, minor)),
        (question.word("储值本金", "Stored value, principal"), *_cells(principal)),
        (question.word("储值赠送", "Stored value, bonus"), *_cells(bonus)),
        (question.word("优惠券", "Coupons"), *_cells(coupons)),
    ]


def _points(question: Question) -> _Between:
    def ask(since_ms: int, until_ms: int) -> _Sums:
        return {str(kind): int(total) for kind, total in LEDGER.execute_sql(_POINTS, (since_ms, until_ms))}

    begin_ms, end_ms = map(question.midnight_ms, (question.period.begin, question.period.end))
    return ask(0, begin_ms), ask(begin_ms, end_ms)


def _sums(query: str, columns: int, begin: str, end: str) -> list[_Between]:
    """Of each column behind the kind."""
    before, during = (LEDGER.execute_sql(query, each).fetchall() for each in (("", begin), (begin, end)))
    return [
        ({str(row[0]): int(row[n]) for row in before}, {str(row[0]): int(row[n]) for row in during})
        for n in range(1, columns + 1)
    ]


def _cells(between: _Between) -> list[int]:
    """(what it was, what each of the columns added, what it is)."""
    before, during = between
    moved = [0] * 6
    for kind, added in during.items():
        moved[_PLACES[kind]] += added
    opening = sum(before.values())
    return [opening, *moved, opening + sum(moved)]


def _worth(cells: Sequence[int], per_points: int, minor: int) -> list[int]:
    """Points as money, rounded down at each step, so that the parts are the difference to the last unit."""
    if not per_points:
        return [0] * len(cells)
    opening, *moved, closing = cells
    worth, so_far = [opening * minor // per_points], opening
    for added in moved:
        so_far += added
        worth.append(so_far * minor // per_points - sum(worth))
    return [*worth, closing * minor // per_points]


REPORT = Report(
    key="members_owed",
    label_zh="会员负债",
    label_en="Owed to members",
    place=64,
    columns=(
        Column("kind", "项目", "What", "text"),
        Column("opening", "期初", "Before", "money", wide=True),
        Column("came", "新增", "Came in", "money"),
        Column("back", "退还", "Given back", "money", wide=True),
        Column("used", "使用", "Used", "money"),
        Column("taken", "收回、退款", "Taken back, paid out", "money", wide=True),
        Column("ended", "过期", "Expired", "money", wide=True),
        Column("corrected", "调整", "Corrected", "money", wide=True),
        Column("owed", "期末", "Owed", "money"),
    ),
    rows=rows,
    chart=Chart("rank", "owed"),
    figures=("owed", "came", "used", "ended"),
)
