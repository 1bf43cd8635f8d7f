"""Is the box in order: the settings, the journal's chain, and the tables against the journal."""

from __future__ import annotations

import sys

from device.config import Settings
from services.store import books, journal
from services.store.db import LEDGER


def run(settings: Settings) -> int:
    """Print one line for each check; 0 when all hold. The settings were read to get here."""
    LEDGER.open(settings.database, read_only=True)
    try:
        broken = journal.first_break()
        wrong = books.differences()
    finally:
        LEDGER.shut()
    lines = [
        "settings: ok",
        f"journal: {'intact' if not broken else f'broken at seq {broken}'}",
        f"books: {'agree with the journal' if not wrong else f'{len(wrong)} differences'}",
        *wrong,
    ]
    sys.stdout.write("\n".join(lines) + "\n")
    return 1 if broken or wrong else 0
