"""What articles cost in the last days: as they were listed, and as they were really sold."""

from __future__ import annotations

import msgspec

from services.domain.events import CatalogueChanged
from services.store.db import LEDGER


class _Told(msgspec.Struct):
    data: CatalogueChanged


_read = msgspec.json.Decoder(_Told).decode


def lowest_sold(sku: str, since_ms: int, since_day: str) -> int | None:
    """The least that one piece was sold for after all discounts, rounded down. What was given for nothing
    was no price, and what was undone no sale."""
    row = LEDGER.execute_sql(
        "SELECT MIN(l.net_minor / l.quantity) FROM sale s JOIN sale_line l USING (sale_id)"
        " WHERE s.business_day >= ? AND s.ended_at_ms >= ? AND l.sku = ? AND NOT l.voided"
        " AND l.quantity > 0 AND l.net_minor >= l.quantity AND NOT EXISTS"
        " (SELECT 1 FROM sale v WHERE v.original_id = s.sale_id AND v.original_id <> ''"
        " AND v.kind = 'void')",
        (since_day, since_ms, sku),
    ).fetchone()
    return None if row is None or row[0] is None else int(row[0])


def lowest_listed(sku: str, since_ms: int, now_ms: int) -> int | None:
    """The lowest of the price list's prices that stood at any time since then; None where it had none."""
    row = LEDGER.execute_sql(
        "SELECT MIN(unit_minor) FROM price WHERE sku = ? AND list = '' AND from_ms <= ?"
        " AND (to_ms = 0 OR to_ms > ?)",
        (sku, now_ms, since_ms),
    ).fetchone()
    return None if row is None or row[0] is None else int(row[0])


def lowest_before_changes(sku: str, since_ms: int, since_day: str) -> int | None:
    """The lowest price that somebody changed since then to another one, as the journal tells."""
    before = LEDGER.execute_sql(
        "SELECT journal_seq FROM sale WHERE business_day < ? ORDER BY business_day DESC LIMIT 1",
        (since_day,),
    ).fetchone()
    rows = LEDGER.execute_sql(
        "SELECT body FROM journal WHERE seq > ? AND type = ? AND at_ms >= ?",
        (int(before[0]) if before else 0, CatalogueChanged.type, since_ms),
    )
    old = [
        int(each.old)
        for (body,) in rows
        for each in _read(body).data.changed
        if each.sku == sku and each.field == "price_minor"
    ]
    return min(old, default=None)
