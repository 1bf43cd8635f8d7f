"""What the shop owes on prepaid cards at the end of each quarter, and what of it must lie in the bank.

The measures on single-purpose commercial prepaid cards (MOFCOM 2012 no. 9) take the share of what was paid
in and is not used: principal and gift cards, no bonus.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

from services.domain.periods import Period
from services.reports.contract import Chart, Column, Question, Report, Row
from services.store.db import LEDGER

_PRINCIPAL = "SELECT COALESCE(SUM(principal_minor), 0) FROM stored_value_move WHERE business_day <= ?"
_CARDS = (
    "SELECT COALESCE(SUM(m.amount_minor), 0) FROM gift_card_move m JOIN sale USING (sale_id)"
    " WHERE business_day <= ?"
)
_WHOLE_BP = 10_000


def rows(question: Question) -> list[Row]:
    """Each quarter of the period, the newest as it stands on the period's last day. A part of a fen is a
    whole one in the reserve."""
    found: list[Row] = []
    for name, day in _quarters(question.period):
        principal, cards = (
            int(LEDGER.execute_sql(query, (day,)).fetchone()[0]) for query in (_PRINCIPAL, _CARDS)
        )
        owed = principal + cards
        reserve = -(-max(0, owed) * question.reserve_bp // _WHOLE_BP)
        found.append((name, day, principal, cards, owed, question.reserve_bp, reserve))
    return found


def _quarters(period: Period) -> Iterator[tuple[str, str]]:
    """("2026-Q4", the last of its days that belongs to the period), the oldest first."""
    day, last = date.fromisoformat(period.begin), date.fromisoformat(period.last)
    while day <= last:
        quarter = (day.month - 1) // 3 + 1
        following = date(day.year + quarter // 4, quarter % 4 * 3 + 1, 1)
        yield f"{day.year}-Q{quarter}", min(following - timedelta(days=1), last).isoformat()
        day = following


REPORT = Report(
    key="prepaid_reserve",
    label_zh="预付卡备付金",
    label_en="Prepaid reserve",
    place=67,
    columns=(
        Column("quarter", "季度", "Quarter", "text"),
        Column("day", "截至", "As of", "text"),
        Column("principal", "储值本金", "Stored value", "money", sums=False, wide=True),
        Column("cards", "礼品卡", "Gift cards", "money", sums=False, wide=True),
        Column("owed", "预收余额", "Owed", "money", sums=False),
        Column("share", "比例", "Share", "share", sums=False, wide=True),
        Column("reserve", "应存备付金", "Reserve", "money", sums=False),
    ),
    rows=rows,
    chart=Chart("rank", "reserve"),
)
