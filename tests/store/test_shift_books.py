"""The check of shifts finds whatever was changed behind the journal's back."""

from __future__ import annotations

import pytest

from services.flows.shop import Shop
from services.store import books, db
from services.store.db import LEDGER
from tests.flows.test_shifts import begin, close, count, moved, sell


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE shift SET business_day = '2026-11-21'",
        "UPDATE shift SET unknown_float = 1",
        "DELETE FROM shift",
        "UPDATE cash_move SET amount_minor = amount_minor + 1",
        "DELETE FROM cash_move",
        "UPDATE cash_count SET operator_id = 'he'",
        "UPDATE z_report SET body = CAST(replace(CAST(body AS TEXT), 'sales', 'sails') AS BLOB)",
        "UPDATE z_report SET hash = zeroblob(32)",
        "INSERT INTO z_report SELECT till, 2, shift_id || 'x', body, hash_prev, hash FROM z_report",
    ],
)
def test_a_changed_row_is_named(shop: Shop, sql: str) -> None:
    shift_id = begin(shop)
    sell(shop)
    moved(shop, shift_id, "drop", 50_00)
    count(shop, shift_id, [(100_00, 2)])
    close(shop, shift_id)
    assert books.differences() == []
    with db.write():
        assert LEDGER.execute_sql(sql).rowcount == 1
    assert books.differences()
