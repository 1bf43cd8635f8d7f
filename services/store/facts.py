"""What members bought and kept, read from the sales."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from services.domain.gift_cards import CATEGORY
from services.domain.metrics import FIRST_DAY, Dated, Purchase
from services.domain.money import Money
from services.domain.proposals import Together
from services.store.db import LEDGER

# By the member's sales: "<> ''" is what their index and that of returns ask for, and "+" keeps the planner
# from the index by day, which is every sale there is.
_KEPT = """
        l.quantity + COALESCE(back.pieces, 0) AS kept, l.net_minor + COALESCE(back.worth, 0)
    FROM sale s JOIN sale_line l USING (sale_id) LEFT JOIN (
        SELECT return_of, return_line, SUM(quantity) AS pieces, SUM(net_minor) AS worth
        FROM sale_line WHERE return_of IN (
            SELECT sale_id FROM sale WHERE member_id IN ({ids}) AND member_id <> '' AND +business_day >= ?
        ) AND return_of <> '' AND NOT voided GROUP BY return_of, return_line
    ) AS back ON back.return_of = s.sale_id AND back.return_line = l.line_number
    WHERE s.member_id IN ({ids}) AND s.member_id <> '' AND +s.business_day >= ?
        AND NOT l.voided AND l.quantity > 0 AND l.category <> ?
"""
_PURCHASES = f"""
    SELECT s.sale_id, s.business_day, l.category, l.style, {_KEPT} ORDER BY s.ended_at_ms, l.line_number
"""
_BOUGHT = f"""
    SELECT s.sale_id, s.number, s.ended_at_ms, l.sku, l.name, l.variant, s.currency, {_KEPT} AND kept > 0
    ORDER BY s.ended_at_ms DESC, l.line_number LIMIT ?
"""

# Of the newest sales; a sale counts once for a style, however many pieces of it were sold.
_SOLD = """
    WITH newest AS (
        SELECT sale_id FROM sale WHERE kind IN ('sale', 'exchange') ORDER BY business_day DESC LIMIT ?
    ), sold AS MATERIALIZED (
        SELECT DISTINCT sale_id, style FROM newest JOIN sale_line USING (sale_id)
        WHERE NOT voided AND quantity > 0 AND style <> '' AND category <> ?
    )
"""


@dataclass(frozen=True, slots=True)
class Bought:
    """A line of a receipt, as far as it was kept."""

    sale_id: str
    number: str
    at_ms: int
    sku: str
    name: str
    variant: str
    pieces: int
    amount: Money


def purchases(store: str, member_ids: Sequence[str], since: str = FIRST_DAY) -> list[Purchase]:
    """What these ids, all of one person, bought here from business day `since` on and did not bring back,
    in the order of time. A gift card is no purchase: what is bought with it is. What was paid for a line
    that came back and not given back, since the rest costs more without it, is in the dearest of that."""
    query = _PURCHASES.format(ids=", ".join("?" * len(member_ids)))
    rows = LEDGER.execute_sql(query, (*member_ids, since, *member_ids, since, CATEGORY))
    kept: list[Purchase] = []
    paid: dict[str, int] = {}  # sale -> for lines that came back whole
    for sale_id, day, category, style, pieces, net_minor in rows:
        if pieces > 0:
            kept.append(Purchase(sale_id, day, store, category, style, pieces, net_minor))
        elif net_minor:
            paid[sale_id] = paid.get(sale_id, 0) + net_minor
    for sale_id, minor in paid.items():
        mine = (n for n, each in enumerate(kept) if each.sale_id == sale_id)
        dearest = max(mine, key=lambda n: kept[n].net_minor, default=None)
        if dearest is not None:
            held = kept[dearest]
            kept[dearest] = replace(held, net_minor=held.net_minor + minor)
    return kept


def buyers(after: str, limit: int) -> list[str]:
    """At most so many ids by which somebody has bought here, behind `after`."""
    rows = LEDGER.execute_sql(
        "SELECT DISTINCT member_id FROM sale WHERE member_id > ? AND member_id <> ''"
        " ORDER BY member_id LIMIT ?",
        (after, limit),
    )
    return [str(member_id) for (member_id,) in rows]


def bought_before(member_ids: Sequence[str], member_id: str) -> bool:
    """Whether one of these ids that stands before `member_id` in buyers() has bought here too."""
    return any(
        each < member_id
        and LEDGER.execute_sql(
            "SELECT 1 FROM sale WHERE member_id = ? AND member_id <> '' LIMIT 1", (each,)
        ).fetchone()
        for each in member_ids
    )


def orders(member_ids: Sequence[str]) -> int:
    """How often these ids, all of one person, have bought here, whatever came back. A sale that was undone
    whole never was, and a gift card is no purchase."""
    marks = ", ".join("?" * len(member_ids))
    row = LEDGER.execute_sql(
        f"SELECT COUNT(*) FROM sale s WHERE s.member_id IN ({marks}) AND s.member_id <> ''"
        " AND s.kind IN ('sale', 'exchange') AND EXISTS (SELECT 1 FROM sale_line l"
        " WHERE l.sale_id = s.sale_id AND l.quantity > 0 AND NOT l.voided AND l.category <> ?)"
        " AND NOT EXISTS (SELECT 1 FROM sale v WHERE v.original_id = s.sale_id AND v.original_id <> ''"
        " AND v.kind = 'void')",
        (*member_ids, CATEGORY),
    ).fetchone()
    return int(row[0])


def bought(member_ids: Sequence[str], limit: int) -> list[Bought]:
    """The newest that these ids, all of one person, bought here and kept; of one sale as on its receipt."""
    query = _BOUGHT.format(ids=", ".join("?" * len(member_ids)))
    rows = LEDGER.execute_sql(query, (*member_ids, FIRST_DAY, *member_ids, FIRST_DAY, CATEGORY, limit))
    return [
        Bought(sale_id, number, at_ms, sku, name, variant, pieces, Money(net_minor, currency))
        for sale_id, number, at_ms, sku, name, variant, currency, pieces, net_minor in rows
    ]


def together(styles: Sequence[str], sales: int) -> Together:
    """What was sold with these styles in the newest `sales` of the shop, whoever bought it."""
    if not styles:
        return Together(0, {}, {})
    rows = LEDGER.execute_sql(
        f"{_SOLD} SELECT '', style, COUNT(*) FROM sold GROUP BY style UNION ALL"
        " SELECT mine.style, other.style, COUNT(*) FROM sold mine JOIN sold other USING (sale_id)"
        f" WHERE mine.style IN ({', '.join('?' * len(styles))}) GROUP BY 1, 2",
        (sales, CATEGORY, *styles),
    ).fetchall()
    (count,) = LEDGER.execute_sql(
        "SELECT COUNT(*) FROM (SELECT 1 FROM sale WHERE kind IN ('sale', 'exchange') LIMIT ?)", (sales,)
    ).fetchone()
    return Together(
        int(count),
        {style: times for mine, style, times in rows if not mine},
        {(mine, other): times for mine, other, times in rows if mine},
    )


def earned_points(member_ids: Sequence[str]) -> list[Dated]:
    """What sales have earned these ids, by business day, less what was taken back with their goods."""
    rows = LEDGER.execute_sql(
        "SELECT s.business_day, SUM(r.delta) FROM points_row r JOIN sale s ON s.sale_id = r.of_sale"
        f" WHERE r.member_id IN ({', '.join('?' * len(member_ids))}) AND r.kind IN ('earned', 'clawed')"
        " GROUP BY 1",
        tuple(member_ids),
    )
    return [Dated("points", day, int(earned)) for day, earned in rows]


def brought(member_ids: Sequence[str]) -> list[str]:
    """The business days of the purchases by which those whom these ids brought became customers."""
    rows = LEDGER.execute_sql(
        "SELECT s.business_day FROM referral r JOIN sale s ON s.sale_id = r.sale_id"
        f" WHERE r.referrer_id IN ({', '.join('?' * len(member_ids))}) AND r.state = 'rewarded'",
        tuple(member_ids),
    )
    return [str(day) for (day,) in rows]
