"""What has come back of a sale, and what was paid back for it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from services.domain.gift_cards import CATEGORY
from services.store.db import LEDGER

FOUND_MAX = 50  # sales of one look


@dataclass(frozen=True, slots=True)
class Summary:
    """One sale in a list."""

    sale_id: str
    number: str
    kind: str
    till: str
    ended_at_ms: int
    total_minor: int
    pieces: int


def pieces(sale_id: str) -> dict[int, int]:
    """line of the sale -> how many of its pieces have come back."""
    rows = LEDGER.execute_sql(
        "SELECT return_line, -SUM(quantity) FROM sale_line"
        " WHERE return_of = ? AND return_of <> '' AND NOT voided GROUP BY return_line",
        (sale_id,),
    )
    return {line: int(count) for line, count in rows}


def worths(sale_id: str) -> dict[int, tuple[int, int, int]]:
    """line of the sale -> the net of what has come back of it, and the tax and the bonus in that; zero or
    more."""
    rows = LEDGER.execute_sql(
        "SELECT return_line, -SUM(net_minor), -SUM(tax_minor), -SUM(bonus_minor) FROM sale_line"
        " WHERE return_of = ? AND return_of <> '' AND NOT voided GROUP BY return_line",
        (sale_id,),
    )
    return {line: (int(minor), int(tax), int(bonus)) for line, minor, tax, bonus in rows}


def answered_minor(person: str, business_day: str) -> int:
    """The worth of what came back on a day with a receipt, where this person answers for it: who took it
    back, or who approved that."""
    row = LEDGER.execute_sql(
        "SELECT COALESCE(-SUM(l.net_minor), 0) FROM sale s JOIN sale_line l USING (sale_id)"
        " WHERE s.business_day = ? AND s.kind IN ('return', 'exchange') AND s.original_id <> ''"
        " AND CASE s.approver_id WHEN '' THEN s.operator_id ELSE s.approver_id END = ?"
        " AND l.return_of <> '' AND NOT l.voided",
        (business_day, person),
    ).fetchone()
    return int(row[0])


def net_minor(sale_id: str) -> int:
    """The net of all that has come back, zero or more."""
    row = LEDGER.execute_sql(
        "SELECT COALESCE(-SUM(net_minor), 0) FROM sale_line"
        " WHERE return_of = ? AND return_of <> '' AND NOT voided",
        (sale_id,),
    ).fetchone()
    return int(row[0])


def drawn(sale_id: str) -> dict[int, int]:
    """tender of the sale -> how much of it is used up."""
    rows = LEDGER.execute_sql(
        "SELECT n, SUM(amount_minor) FROM tender_draw WHERE original_id = ? GROUP BY n", (sale_id,)
    )
    return {n: int(minor) for n, minor in rows}


def chain(sale_id: str) -> tuple[str, ...]:
    """A sale, the exchanges of what it sold, those of what they sold, and so on."""
    rows = LEDGER.execute_sql(
        "WITH RECURSIVE chain (sale_id) AS (VALUES (?) UNION SELECT s.sale_id FROM chain c JOIN sale s"
        " ON s.original_id = c.sale_id AND s.original_id <> '' AND s.kind = 'exchange')"
        " SELECT sale_id FROM chain",
        (sale_id,),
    )
    return tuple(str(row[0]) for row in rows)


def any_kept(sale_ids: Sequence[str]) -> bool:
    """Whether anything that these sold, gift cards apart, has not come back."""
    row = LEDGER.execute_sql(
        f"SELECT 1 FROM sale_line l WHERE l.sale_id IN ({', '.join('?' * len(sale_ids))})"
        " AND l.quantity > 0 AND NOT l.voided AND l.category <> ? AND l.quantity >"
        " (SELECT COALESCE(-SUM(r.quantity), 0) FROM sale_line r WHERE r.return_of = l.sale_id"
        " AND r.return_of <> '' AND r.return_line = l.line_number AND NOT r.voided) LIMIT 1",
        (*sale_ids, CATEGORY),
    ).fetchone()
    return row is not None


def paid_back(sale_id: str, keys: Collection[str]) -> tuple[int, int]:
    """(before rounding, as moved): what these tenders have paid back for the sale; zero or more.

    What was exchanged is one chain with what it was exchanged for: the same money is in all its links, and
    is rounded as one sum.
    """
    marks = ", ".join("?" * len(keys))
    row = LEDGER.execute_sql(
        "WITH RECURSIVE before (sale_id, original_id) AS ("
        " SELECT sale_id, CASE kind WHEN 'exchange' THEN original_id ELSE '' END"
        " FROM sale WHERE sale_id = ?"
        " UNION SELECT s.sale_id, CASE s.kind WHEN 'exchange' THEN s.original_id ELSE '' END"
        " FROM before b JOIN sale s ON s.sale_id = b.original_id),"
        " chain (sale_id) AS (SELECT sale_id FROM before WHERE original_id = ''"
        " UNION SELECT s.sale_id FROM chain c JOIN sale s ON s.original_id = c.sale_id"
        " AND s.original_id <> '' AND s.kind = 'exchange')"
        " SELECT COALESCE(-SUM(t.exact_minor), 0), COALESCE(-SUM(t.amount_minor), 0)"
        " FROM chain c JOIN sale s ON s.original_id = c.sale_id AND s.original_id <> ''"
        f" JOIN tender t ON t.sale_id = s.sale_id WHERE t.exact_minor < 0 AND t.key IN ({marks})",
        (sale_id, *keys),
    ).fetchone()
    return int(row[0]), int(row[1])


def by_number(till: str, till_seq: int) -> str | None:
    """The id of a till's numbered sale."""
    row = LEDGER.execute_sql(
        "SELECT sale_id FROM sale WHERE till = ? AND till_seq = ?", (till, till_seq)
    ).fetchone()
    return str(row[0]) if row else None


def recent(till: str, before_ms: int) -> list[Summary]:
    """The sales of a till that ended before a moment, newest first, at most FOUND_MAX."""
    rows = LEDGER.execute_sql(
        "SELECT s.sale_id, s.number, s.kind, s.till, s.ended_at_ms, s.total_minor,"
        " (SELECT COALESCE(SUM(quantity), 0) FROM sale_line l WHERE l.sale_id = s.sale_id AND NOT voided)"
        " FROM sale s WHERE s.till = ? AND s.ended_at_ms < ? ORDER BY s.till_seq DESC LIMIT ?",
        (till, before_ms, FOUND_MAX),
    )
    return [Summary(*row) for row in rows]
