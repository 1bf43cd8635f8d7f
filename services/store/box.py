"""The box's few own facts: store, epoch, number of boots."""

from __future__ import annotations

from services.store.db import LEDGER


def get(key: str, default: str = "") -> str:
    row = LEDGER.execute_sql("SELECT value FROM box WHERE key = ?", (key,)).fetchone()
    return str(row[0]) if row else default


def put(key: str, value: str) -> None:
    LEDGER.execute_sql(
        "INSERT INTO box (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value",
        (key, value),
    )
