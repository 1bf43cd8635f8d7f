"""Storage that fails at its n-th statement: whatever a flow was doing, it is whole or absent."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import pytest

from services.domain.errors import OutcomeUnknown
from services.store import journal
from services.store.db import LEDGER
from tests.shop import open_store

STATEMENTS_MAX = 100
Case = TypeVar("Case")


def each_failure(
    monkeypatch: pytest.MonkeyPatch,
    folder: Path,
    prepare: Callable[[int], Case],
    step: Callable[[Case], object],
    look: Callable[[], object],
) -> None:
    """Run `step` on a new case with the first statement failing, then the second, up to a run without.

    After a failure `look` sees what it saw before, and the same step again succeeds.
    """
    real = sqlite3.connect
    monkeypatch.setattr(sqlite3, "connect", lambda *a, **k: real(*a, **{"factory": FailingConnection, **k}))
    open_store(folder / "faulty.db")
    for n in range(1, STATEMENTS_MAX):
        case = prepare(n)
        before = look()
        failed = failing(n, lambda case=case: step(case))  # type: ignore[misc]
        if failed:
            assert look() == before, (n, FailingConnection.seen[-1])
            step(case)
        assert look() != before, n
        assert failed == (len(FailingConnection.seen) >= n), n
        if not failed:
            assert journal.first_break() == 0
            LEDGER.shut()
            return
    pytest.fail("the fault loop never reached a clean run")


def failing(n: int, step: Callable[[], object]) -> bool:
    """Whether `step` failed because its n-th statement did."""
    FailingConnection.fail_at, FailingConnection.seen = n, []
    try:
        step()
    except Exception as error:
        assert "injected" in str(error) or isinstance(error, OutcomeUnknown), error
        return True
    finally:
        FailingConnection.fail_at = 0
    return False


class FailingConnection(sqlite3.Connection):
    """Raises at the n-th statement that changes or ends something, COMMIT included."""

    fail_at = 0
    seen: list[str]

    def _count(self, sql: str) -> None:
        cls = type(self)
        if cls.fail_at:
            cls.seen.append(sql)
            if len(cls.seen) == cls.fail_at:
                raise sqlite3.OperationalError(f"injected at statement {cls.fail_at}: {sql[:40]}")

    def execute(self, sql: str, *args: object) -> sqlite3.Cursor:  # type: ignore[override]
        self._count(sql)
        return super().execute(sql, *args)  # type: ignore[arg-type]

    def executemany(self, sql: str, *args: object) -> sqlite3.Cursor:  # type: ignore[override]
        self._count(sql)
        return super().executemany(sql, *args)  # type: ignore[arg-type]

    def cursor(self, *_: object) -> sqlite3.Cursor:  # type: ignore[override]
        return super().cursor(FailingCursor)


class FailingCursor(sqlite3.Cursor):
    def execute(self, sql: str, *args: object) -> sqlite3.Cursor:  # type: ignore[override]
        self.connection._count(sql)  # type: ignore[attr-defined]
        return super().execute(sql, *args)  # type: ignore[arg-type]
