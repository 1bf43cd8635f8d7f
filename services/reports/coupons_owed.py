"""Coupons by day: given out, used, given back, ended; how many can still be used then, and their face."""

from __future__ import annotations

from collections.abc import Sequence

from services.domain import coupons as rules
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
from services.store.db import LEDGER

_MOVES = (
    f"SELECT m.business_day, m.kind, COUNT(*), SUM({COUPON_OUT}), SUM({COUPON_OUT} * {COUPON_FACE})"
    f" FROM {COUPON_MOVES}"
)
_MOVED = f"{_MOVES} WHERE m.business_day >= ? AND m.business_day < ? GROUP BY 1, 2"
_BEFORE = f"{_MOVES} WHERE m.business_day < ? GROUP BY 2"
_PLACES = {
    rules.ISSUED: 0,
    rules.REINSTATED: 1,
    rules.USED: 2,
    rules.EXPIRED: 3,
    rules.CANCELLED: 4,
    rules.TRANSFERRED: 4,  # whoever it was handed to has a new one
}


def rows(question: Question) -> Sequence[Row]:
    """Every business day, whatever till it happened at, or at none: what the birthday's coupons, a manager
    and the night have moved is in no Z. The face is the most that they can take off, of a share as well;
    one without has none."""
    begin, end = question.period.begin, question.period.end
    before = LEDGER.execute_sql(_BEFORE, (begin,)).fetchall()
    out, face_minor = sum(row[3] for row in before), sum(row[4] for row in before)
    moved: dict[str, list[int]] = {}
    for day, kind, count, change, minor in LEDGER.execute_sql(_MOVED, (begin, end)):
        sums = moved.setdefault(day, [0] * 7)
        sums[_PLACES[kind]] += count
        sums[5] += change
        sums[6] += minor
    found: list[Row] = []
    for day in question.period.each():
        *sums, change, minor = moved.get(day, [0] * 7)
        out, face_minor = out + change, face_minor + minor
        found.append((day, out - change, *sums, out, face_minor))
    return found


REPORT = Report(
    key="coupons_owed",
    label_zh="优惠券余量",
    label_en="Coupons outstanding",
    place=73,
    columns=(
        Column("day", "营业日", "Business day", "text"),
        Column("opening", "期初", "Before", sums=False, wide=True),
        Column("issued", "发放", "Issued"),
        Column("back", "退还", "Back", wide=True),
        Column("used", "核销", "Redeemed"),
        Column("expired", "过期", "Expired", wide=True),
        Column("cancelled", "作废", "Cancelled", wide=True),
        Column("out", "未用张数", "Left", sums=False),
        Column("face", "未用面额", "Face", "money", sums=False),
    ),
    rows=rows,
    chart=Chart("time", "out"),
)
