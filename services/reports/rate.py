"""What points are worth: the shop's own rate at a moment, as reports ask for it."""

from __future__ import annotations

import msgspec

from services.domain.points_rules import Book
from services.store.db import LEDGER

_BOOK = "SELECT body FROM points_book WHERE at_ms < ? ORDER BY version DESC LIMIT 1"


def rate_before(at_ms: int) -> tuple[int, int]:
    """(so many points, take so much off) by the book that held last before then; (0, 0): they take nothing
    off."""
    row = LEDGER.execute_sql(_BOOK, (at_ms,)).fetchone()
    if row is None:
        return 0, 0
    discount = msgspec.json.decode(row[0], type=Book).discount
    return discount.points, discount.minor
