"""Price lists by date: what an article costs from one moment to another."""

from __future__ import annotations

from services.store.db import LEDGER


def unit_minor(sku: str, at_ms: int, price_list: str = "") -> int | None:
    """The price of the list at that moment; None where the list has none, then the article's own counts.

    Of two that overlap the one that began later counts.
    """
    row = LEDGER.execute_sql(
        "SELECT unit_minor FROM price WHERE sku = ? AND list = ? AND from_ms <= ?"
        " AND (to_ms = 0 OR to_ms > ?) ORDER BY from_ms DESC LIMIT 1",
        (sku, price_list, at_ms, at_ms),
    ).fetchone()
    return int(row[0]) if row else None


def put(sku: str, price_list: str, from_ms: int, to_ms: int, minor: int) -> None:
    """Add a price, or replace the one of this list that begins at the same moment. `to_ms` 0: no end."""
    LEDGER.execute_sql(
        "INSERT OR REPLACE INTO price (sku, list, from_ms, to_ms, unit_minor) VALUES (?, ?, ?, ?, ?)",
        (sku, price_list, from_ms, to_ms, minor),
    )
