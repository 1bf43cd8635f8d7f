"""Sales of the past, as far as pricing asks: what was bought at which price."""

from __future__ import annotations

from typing import NamedTuple

from services.store.db import LEDGER


class PastLine(NamedTuple):
    sale_id: str
    at_ms: int
    line_number: int
    sku: str
    style: str  # "" for an article that has left the catalogue
    category: str
    quantity: int
    unit_minor: int


def newest(since_ms: int, sales_max: int) -> list[PastLine]:
    """What the newest plain sales after `since_ms` sold, sale by sale; at most `sales_max` sales."""
    rows = LEDGER.execute_sql(
        "SELECT s.sale_id, s.ended_at_ms, l.line_number, l.sku, COALESCE(a.style, ''), l.category,"
        " l.quantity, l.unit_price_minor FROM (SELECT sale_id, ended_at_ms FROM sale WHERE kind = 'sale'"
        " AND ended_at_ms > ? ORDER BY sale_id DESC LIMIT ?) s"
        " JOIN sale_line l USING (sale_id) LEFT JOIN article a ON a.sku = l.sku"
        " WHERE NOT l.voided ORDER BY s.sale_id DESC, l.line_number",
        (since_ms, sales_max),
    )
    return [PastLine(*row) for row in rows]
