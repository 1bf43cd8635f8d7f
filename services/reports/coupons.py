"""Coupons by kind: issued, redeemed, ended, what they took off and the sales that they came with."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from services.domain.coupons import Template
from services.reports.contract import GOODS, ROWS_MAX, Chart, Column, Question, Report, Row
from services.store.db import LEDGER

_MOVES = (
    "SELECT c.template_id, SUM(m.kind = 'issued'), SUM(m.kind = 'used'), SUM(m.kind = 'reinstated'),"
    " SUM(m.kind = 'expired'), SUM(m.kind IN ('cancelled', 'transferred'))"
    " FROM coupon_move m JOIN coupon c USING (coupon_id)"
    " WHERE m.business_day >= ? AND m.business_day < ? GROUP BY 1"
)
# Of a sale whose coupon was given back nothing is told: the coupon did not bring it.
_SALES = (
    "SELECT u.template_id, SUM(l.net_minor) FROM"
    " (SELECT DISTINCT template_id, used_sale FROM coupon WHERE used_day >= ? AND used_day < ?)"
    f" AS u JOIN sale_line l ON l.sale_id = u.used_sale WHERE {GOODS} GROUP BY 1"
)
_GIVEN = (
    "SELECT c.template_id, -SUM(a.amount_minor) FROM"
    " (SELECT DISTINCT template_id, template_version, used_sale FROM coupon"
    " WHERE used_day >= ? AND used_day < ?) AS c JOIN adjustment a ON a.sale_id = c.used_sale"
    " AND a.source = c.template_id || '.' || c.template_version GROUP BY 1"
)
_LABELS = "SELECT template_id, body FROM coupon_template ORDER BY version"


def rows(question: Question) -> list[Row]:
    """Those most redeemed first, at most ROWS_MAX; named as their newest version is."""
    between = (question.period.begin, question.period.end)
    sales = dict(LEDGER.execute_sql(_SALES, between).fetchall())
    given = dict(LEDGER.execute_sql(_GIVEN, between).fetchall())
    names = dict(_names(question))
    found: list[Row] = [
        (
            *(names.get(kind, kind), issued, used, None, back, expired, cancelled),
            *(given.get(kind, 0), sales.get(kind, 0)),
        )
        for kind, issued, used, back, expired, cancelled in LEDGER.execute_sql(_MOVES, between)
    ]
    return sorted(found, key=lambda row: (-int(row[2] or 0), -int(row[1] or 0), str(row[0])))[:ROWS_MAX]


def _names(question: Question) -> Iterator[tuple[str, str]]:
    for template_id, body in LEDGER.execute_sql(_LABELS):
        template = msgspec.json.decode(body, type=Template)
        yield template_id, question.word(template.label_zh, template.label_en)


REPORT = Report(
    key="coupons",
    label_zh="优惠券",
    label_en="Coupons",
    place=72,
    columns=(
        Column("kind", "券种", "Coupon", "text"),
        Column("issued", "发放", "Issued"),
        Column("redeemed", "核销", "Redeemed"),
        Column("rate", "核销比", "Rate", "share", ratio=("redeemed", "issued", 10_000), wide=True),
        Column("back", "退还", "Back", wide=True),
        Column("expired", "过期", "Expired", wide=True),
        Column("cancelled", "作废", "Cancelled", wide=True),
        Column("given", "让利", "Given", "money", wide=True),
        Column("sales", "带动销售", "Sales", "money", sums=False),
    ),
    rows=rows,
    chart=Chart("rank", "redeemed"),
    figures=("issued", "redeemed", "rate", "given"),
)
