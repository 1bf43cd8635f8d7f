"""The check of shifts finds whatever was changed behind the journal's back."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from services.domain.z_fold import Fold
from services.domain.z_report import report
from services.flows import business_day
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


def test_a_z_that_is_not_the_fold_of_its_events_is_named(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Written, chained and told to headquarters as it stands, but wrong."""
    shift_id = begin(shop)
    sell(shop)
    count(shop, shift_id, [(100_00, 2)])
    wrong = lambda *a, **k: replace(report(*a, **k), net_minor=1)  # noqa: E731
    monkeypatch.setattr(business_day, "report", wrong)
    close(shop, shift_id)
    (found,) = books.differences()
    assert found.startswith("Z 1 of till 1")


def test_a_count_that_was_told_another_expectation_is_named(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    shift_id = begin(shop)
    monkeypatch.setattr(Fold, "expected", property(lambda _: {"CNY": 1_00}))
    count(shop, shift_id, [(100_00, 2)])
    monkeypatch.undo()
    count(shop, shift_id, [(100_00, 2)])  # no shift closes with the one before
    close(shop, shift_id)
    assert any(line.startswith("count 1 of shift") for line in books.differences())
