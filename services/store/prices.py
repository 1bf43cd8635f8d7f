"""Price lists by date: what an article costs from one moment to another."""

from __future__ import annotations

from collections.abc import Iterable

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


def standing(skus: Iterable[str], at_ms: int, price_list: str = "") -> dict[str, int]:
    """unit_minor() of many articles at once; those without a price in the list are left out."""
    wanted = list(skus)
    rows = LEDGER.execute_sql(
        f"SELECT sku, unit_minor FROM price WHERE sku IN ({', '.join('?' * len(wanted))}) AND list = ?"
        " AND from_ms <= ? AND (to_ms = 0 OR to_ms > ?) ORDER BY sku, from_ms",
        (*wanted, price_list, at_ms, at_ms),
    )
    return {sku: int(minor) for sku, minor in rows}


def planned(skus: Iterable[str], at_ms: int, price_list: str = "") -> dict[str, list[tuple[int, int]]]:
    """What begins after `at_ms`: sku -> (from_ms, price) in order."""
    wanted = list(skus)
    found: dict[str, list[tuple[int, int]]] = {}
    for sku, from_ms, minor in LEDGER.execute_sql(
        f"SELECT sku, from_ms, unit_minor FROM price WHERE sku IN ({', '.join('?' * len(wanted))})"
        " AND list = ? AND from_ms > ? ORDER BY sku, from_ms",
        (*wanted, price_list, at_ms),
    ):
        found.setdefault(sku, []).append((from_ms, int(minor)))
    return found


def end(skus: Iterable[str], at_ms: int, price_list: str = "") -> None:
    """What stands now stands no longer; what is planned for later stays planned."""
    LEDGER.execute_many(
        "UPDATE price SET to_ms = ? WHERE sku = ? AND list = ? AND from_ms <= ?"
        " AND (to_ms = 0 OR to_ms > ?)",
        [(at_ms, sku, price_list, at_ms, at_ms) for sku in skus],
    )


def put(sku: str, price_list: str, from_ms: int, to_ms: int, minor: int) -> None:
    """Add a price, or replace the one of this list that begins at the same moment. `to_ms` 0: no end."""
    LEDGER.execute_sql(
        "INSERT OR REPLACE INTO price (sku, list, from_ms, to_ms, unit_minor) VALUES (?, ?, ?, ?, ?)",
        (sku, price_list, from_ms, to_ms, minor),
    )
