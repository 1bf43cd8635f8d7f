"""The people of the store, their PIN failures and their sessions."""

from __future__ import annotations

from services.store.db import LEDGER


def put(staff_id: str, name: str, role: str, pin_hash: str, rank: int) -> None:
    """Add a member of staff, or replace the one with this id."""
    LEDGER.execute_sql(
        "INSERT OR REPLACE INTO staff (staff_id, name, role, pin_hash, active, rank)"
        " VALUES (?, ?, ?, ?, 1, ?)",
        (staff_id, name, role, pin_hash, rank),
    )


def name_of(staff_id: str) -> str:
    """The name, or the id of somebody who is no longer listed."""
    row = LEDGER.execute_sql("SELECT name FROM staff WHERE staff_id = ?", (staff_id,)).fetchone()
    return str(row[0]) if row else staff_id
