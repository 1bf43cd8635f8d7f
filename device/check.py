"""Is the box in order: settings, database file, the journal's chain, the tables against the journal."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

from device.config import Settings
from services.store import books, journal
from services.store.db import LEDGER


def run(settings: Settings) -> int:
    """Print one line for each check; 0 when all hold. The settings were read to get here."""
    sys.stdout.write("settings: ok\n")
    return 0 if told(settings.database) else 1


def told(ledger: Path) -> bool:
    """Print one line for each check of the database at `ledger`; whether all hold."""
    LEDGER.open(ledger, read_only=True)
    try:
        checks = [_tried("file", _file), _tried("journal", _journal), _tried("books", _books)]
    finally:
        LEDGER.shut()
    sys.stdout.write("".join(f"{line}\n" for lines, _ in checks for line in lines))
    return all(fine for _, fine in checks)


def _tried(name: str, check: Callable[[], tuple[list[str], bool]]) -> tuple[list[str], bool]:
    """The lines of `check` and whether it holds. A file that cannot be read is a finding like any other."""
    try:
        return check()
    except journal.UNREADABLE as error:
        return [f"{name}: cannot be read: {error}"], False


def _file() -> tuple[list[str], bool]:
    wrong = books.faults()
    return [f"file: {f'{len(wrong)} faults' if wrong else 'whole'}", *wrong], not wrong


def _journal() -> tuple[list[str], bool]:
    broken = journal.first_break()
    return [f"journal: {f'broken at seq {broken}' if broken else 'intact'}"], not broken


def _books() -> tuple[list[str], bool]:
    wrong = books.differences()
    found = f"{len(wrong)} differences" if wrong else "agree with the journal"
    return [f"books: {found}", *wrong], not wrong
