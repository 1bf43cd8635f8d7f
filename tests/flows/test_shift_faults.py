"""Each step of a shift is whole or absent wherever storage fails; a restart finds it open or closed."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from services.flows import business_day
from services.flows.shop import Shop
from services.store import books, journal
from services.store import shifts as store
from services.store.db import LEDGER
from tests.faults import each_failure
from tests.flows.test_cash_moves import HE, move, release
from tests.flows.test_shifts import DAY_MS, EMPTY, FLOAT, begin, close, count, sell
from tests.shop import Clock

TABLES = ("shift", "cash_move", "cash_count", "z_report", "job", "journal", "request", "sale")
Step = Callable[[Shop, str, str], object]


def everything() -> list[object]:
    return [LEDGER.execute_sql(f"SELECT * FROM {table} ORDER BY 1, 2").fetchall() for table in TABLES]


STEPS: dict[str, tuple[Step, bool]] = {  # what is done, and whether the drawer was counted before
    "open": (lambda shop, shift_id, key: begin(shop, "2", key), False),
    "float": (lambda shop, shift_id, key: begin(shop, "2", key, FLOAT), False),
    "move": (lambda shop, shift_id, key: move(shop, "pay_out", 10_00, key, approval=HE), False),
    "drawer": (lambda shop, shift_id, key: release(shop, key), False),
    "count": (lambda shop, shift_id, key: count(shop, shift_id, [(100_00, 1)], key), False),
    "close": (lambda shop, shift_id, key: close(shop, shift_id, key=key), True),
}


@pytest.mark.parametrize("name", STEPS)
def test_a_step_is_whole_or_absent_wherever_storage_fails(
    shop: Shop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    step, counted = STEPS[name]

    def prepare(n: int) -> tuple[str, str]:
        if name == "float":
            business_day.keep(shop, "2")
        for till in "12":
            held = store.open_of(till)
            if held is not None:
                count(shop, held.shift_id, [])
                close(shop, held.shift_id)
        shift_id = begin(shop)
        sell(shop, "1")
        if name == "float":
            sell(shop, "2")
        if counted:
            count(shop, shift_id, [(100_00, 1)])
        return shift_id, f"step-{n}"

    each_failure(monkeypatch, tmp_path, prepare, lambda case: step(shop, *case), everything)


def test_the_day_s_change_is_whole_or_absent_wherever_storage_fails(
    shop: Shop, clock: Clock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def prepare(n: int) -> str:
        begin(shop) if store.open_of("1") is None else None
        sell(shop)
        clock.at_ms += DAY_MS
        sell(shop)
        return "1"

    each_failure(monkeypatch, tmp_path, prepare, lambda till: business_day.keep(shop, till), everything)


def test_a_restart_in_the_middle_of_a_close_finds_it_open_or_closed(shop: Shop, tmp_path: Path) -> None:
    """A copy of the file and its log, taken while the closing transaction is at each of its statements."""
    path = tmp_path / "shop.db"
    shift_id = begin(shop, counts=EMPTY)
    sell(shop)
    count(shop, shift_id, [(50_00, 1), (20_00, 2), (5_00, 1), (1_00, 4)])
    copies: list[Path] = []

    def copy(statement: str) -> None:
        there = tmp_path / f"restart-{len(copies)}.db"
        for suffix in ("", "-wal"):
            if (source := Path(f"{path}{suffix}")).exists():
                Path(f"{there}{suffix}").write_bytes(source.read_bytes())
        copies.append(there)

    writer = LEDGER._writing()
    writer.set_trace_callback(copy)
    close(shop, shift_id, "")
    writer.set_trace_callback(None)
    copy("after")
    states = []
    for there in copies:
        LEDGER.open(there)
        found, held = store.z_of(shift_id), store.by_id(shift_id)
        assert held is not None and (found is None) == (held.state == "open")
        states.append(held.state)
        assert (journal.first_break(), books.differences()) == (0, [])
        if found is None:
            close(shop, shift_id, "", key="again")  # what was not closed can be
        LEDGER.shut()
    assert states[0] == "open" and states[-1] == "closed" and len(states) > 8
    assert states == sorted(states, reverse=True)
