"""What a member did is read by their own rows: no other person's sales are looked through for it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from services.store import facts, member_records
from services.store.db import LEDGER
from tests.shop import open_store

IDS = ("member-anna", "member-bo")


def test_nothing_of_a_member_is_found_by_reading_every_sale(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    open_store(tmp_path / "ledger.db")
    real, asked = LEDGER.execute_sql, []

    def heard(sql: str, params: Any = None) -> Any:
        asked.append((sql, params))
        return real(sql, params)

    monkeypatch.setattr(LEDGER, "execute_sql", heard)
    facts.purchases("S0001", IDS)
    facts.bought(IDS, 20)
    facts.orders(IDS)
    facts.brought(IDS)
    facts.earned_points(IDS)
    member_records.bought(IDS)
    monkeypatch.undo()
    for sql, params in asked:
        plan = [row[3] for row in real(f"EXPLAIN QUERY PLAN {sql}", params)]
        scans = [step for step in plan if step.startswith("SCAN")]
        by_day = [step for step in plan if "sale_by_business_day" in step]
        assert not scans + by_day, (sql, plan)
