"""Sales and commission by the person who sold."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import date

from services.domain.commission import Sold, earned
from services.reports.contract import GOODS, Chart, Column, Question, Report, Row
from services.store.commission import of_month
from services.store.db import LEDGER

# What comes back is taken from whoever sold it; what has no seller is the cashier's. Who sold what comes
# back without a receipt nobody knows: it stands by itself, and costs nobody's commission.
NOBODY = ""
_SOLD = (
    "SELECT CASE WHEN l.quantity < 0 AND l.return_of = '' THEN '' ELSE"
    " COALESCE(NULLIF(o.seller_id, ''), b.operator_id, NULLIF(l.seller_id, ''), s.operator_id) END AS who,"
    " l.category, SUM(l.net_minor), SUM(l.quantity), SUM(MIN(l.quantity, 0))"
    " FROM sale s JOIN sale_line l USING (sale_id)"
    " LEFT JOIN sale_line o ON l.return_of <> ''"
    " AND o.sale_id = l.return_of AND o.line_number = l.return_line"
    " LEFT JOIN sale b ON b.sale_id = o.sale_id"
    f" WHERE s.business_day >= ? AND s.business_day < ? AND {GOODS}"
    " GROUP BY who, l.category"
)
_PEOPLE = "SELECT staff_id, name, role FROM staff"


def rows(question: Question) -> list[Row]:
    """By what they sold. The commission of a part of a month is what it added to the month's. It is on what
    the goods were sold for, also where stored-value bonus paid: the shop gave that with a recharge, and the
    seller has sold no less."""
    people = {staff_id: (name, role) for staff_id, name, role in LEDGER.execute_sql(_PEOPLE)}
    begin, end = question.period.begin, question.period.end
    net: Counter[str] = Counter()
    pieces: Counter[str] = Counter()
    returned: Counter[str] = Counter()
    for who, _, net_minor, count, back in LEDGER.execute_sql(_SOLD, (begin, end)):
        net[who] += net_minor
        pieces[who] += count
        returned[who] -= back
    paid: Counter[str] = Counter()
    for month in _months(begin, end):
        first, over = f"{month}-01", min(end, _month_after(month))
        paid.update(_earned(month, first, over, people))
        if begin > first:
            paid.subtract(_earned(month, first, begin, people))
    found = sorted(net.keys() | paid.keys(), key=lambda who: (-net[who], who))
    return [
        (people.get(who, (who or "—", ""))[0], net[who], pieces[who], returned[who], paid[who], None)
        for who in found
    ]


def _earned(month: str, begin: str, end: str, people: dict[str, tuple[str, str]]) -> dict[str, int]:
    sold: defaultdict[tuple[str, str], list[int]] = defaultdict(lambda: [0, 0])
    for who, category, net_minor, count, _ in LEDGER.execute_sql(_SOLD, (begin, end)):
        sold[who, category][0] += net_minor
        sold[who, category][1] += count
    return earned(
        of_month(month).rules,
        (
            Sold(who, people.get(who, ("", ""))[1], category, net_minor, count)
            for (who, category), (net_minor, count) in sold.items()
            if who != NOBODY
        ),
    )


def _months(begin: str, end: str) -> list[str]:
    """The months that the days from `begin` to before `end` touch."""
    found, month = [], begin[:7]
    while f"{month}-01" < end:
        found.append(month)
        month = _month_after(month)[:7]
    return found


def _month_after(month: str) -> str:
    """The first day of the month after."""
    year, number = (int(part) for part in month.split("-"))
    return date(year + number // 12, number % 12 + 1, 1).isoformat()


REPORT = Report(
    key="sellers",
    label_zh="导购",
    label_en="Sellers",
    place=85,
    columns=(
        Column("name", "导购", "Seller", "text"),
        Column("net", "销售额", "Net sales", "money"),
        Column("pieces", "件数", "Pieces", wide=True),
        Column("returned", "退货件数", "Returned", wide=True),
        Column("commission", "提成", "Commission", "money"),
        Column("rate", "提成比", "Rate", "share", ratio=("commission", "net", 10_000), wide=True),
    ),
    rows=rows,
    chart=Chart("rank", "net"),
)
