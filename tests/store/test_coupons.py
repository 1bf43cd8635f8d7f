"""What one person has is read by their own coupons, and kinds are counted without looking at any."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from services.store import coupons
from services.store.db import LEDGER
from tests.shop import open_store

IDS = ("m-1", "m-2")


def test_no_wallet_and_no_list_looks_through_all_coupons(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    open_store(tmp_path / "ledger.db")
    asked: list[tuple[str, Any]] = []
    real = LEDGER.execute_sql

    def heard(sql: str, params: Any = ()) -> Any:
        asked.append((sql, params))
        return real(sql, params)

    monkeypatch.setattr(LEDGER, "execute_sql", heard)
    coupons.of_group(IDS)
    coupons.had_in_year(IDS, "birthday", "2026")
    coupons.had_version(IDS, "round", "t", 1)
    coupons.open_of_round("r", 1)
    coupons.counts()
    coupons.counts_of_rounds("t")
    monkeypatch.undo()
    for sql, params in asked:
        plan = [row[3] for row in real(f"EXPLAIN QUERY PLAN {sql}", params)]
        assert not [step for step in plan if step == "SCAN coupon"], (sql, plan)
    assert len(asked) == 9
