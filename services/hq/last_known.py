"""Where the earlier life of a restored or replaced box left off, as far as headquarters heard of it."""

from __future__ import annotations

import sqlite3


def receipt_numbers(connection: sqlite3.Connection, store: str) -> dict[str, int]:
    """The highest receipt number known of each till: a restored or replaced box goes on after it."""
    return dict(
        connection.execute(
            "SELECT till, MAX(CAST(substr(number, length(store || '-' || till || '-') + 1) AS INTEGER))"
            " FROM sale WHERE store = ? GROUP BY till",
            (store,),
        )
    )


def shifts(connection: sqlite3.Connection, store: str) -> dict[str, int]:
    """The highest number known of a shift or its Z, of each till."""
    return dict(
        connection.execute(
            "SELECT json_extract(told, '$.data.workstation_id'),"
            " MAX(COALESCE(json_extract(told, '$.data.z.z_no'), json_extract(told, '$.data.number')))"
            " FROM (SELECT CAST(body AS TEXT) AS told FROM event WHERE store = ?"
            " AND type IN ('shift.opened', 'shift.closed')) GROUP BY 1",
            (store,),
        )
    )


def zs(connection: sqlite3.Connection, store: str) -> dict[str, tuple[int, str, int]]:
    """(number, hash in hex, grand total in minor units) of the newest Z known of each till."""
    rows = connection.execute(
        "SELECT till, z_no, hash, grand_total_minor, MAX(n) FROM z WHERE store = ? GROUP BY till", (store,)
    )
    return {till: (number, hash_, total_minor) for till, number, hash_, total_minor, _ in rows}
