"""Puts a copy of the ledger, and the members' keys beside it, onto a box that has neither."""

from __future__ import annotations

import sqlite3
import sys
from pathlib import Path

from device import check, keyring
from device.clock import Clock
from device.config import Settings
from device.leash import CannotStart
from device.shop import make_shop
from services.domain.errors import ShopError
from services.flows import found_again, member_privacy
from services.store import copies, journal, schema
from services.store.db import LEDGER
from services.store.sealed import VAULT
from services.store.sealed_file import Broken

DRAFT = "restoring.db"


def run(settings: Settings, copy: Path) -> int:
    """0 when the ledger is in its place; it gets there as the last step, so that a power cut before it
    leaves nothing to sell with. Raises CannotStart."""
    draft = settings.data_dir / DRAFT
    if settings.database.exists():
        raise CannotStart(f"{settings.database} is there: move it away first, with its -wal and -shm")
    if not (settings.data_dir / keyring.FOLDER / keyring.NAMES[0]).exists():
        raise CannotStart(f"{settings.data_dir / keyring.FOLDER}: put the box's keys back first")
    try:
        _bring(settings, copy, draft)
        fine = check.told(draft)
        said = _mend(settings, draft) if fine else "this copy is damaged: take an older one"
    except (Broken, OSError, sqlite3.Error, ShopError) as error:
        raise CannotStart(f"nothing was restored: {error}") from error
    if fine:
        draft.replace(settings.database)
        copies.synced(settings.data_dir)
    sys.stdout.write(f"{said}\n")
    return 0 if fine else 1


def _bring(settings: Settings, copy: Path, draft: Path) -> None:
    """The ledger as a draft, and the members' keys where there are none."""
    keys = keyring.load(settings.data_dir)
    copies.unsealed(copy, draft, keys)
    beside = copy.with_name(settings.member_keys.name)
    if settings.member_keys.exists():
        return  # newer than any copy
    if not beside.exists():
        raise CannotStart(f"{beside} is missing: without it no member's data can be read")
    VAULT.put_back(beside, settings.member_keys, keys)


def _mend(settings: Settings, draft: Path) -> str:
    """Members are found again, and who was erased after the copy was made stays so."""
    LEDGER.open(draft)
    try:
        schema.migrate()
        VAULT.open(settings.member_keys, keyring.load(settings.data_dir), settings.member_keys_copy)
        shop = make_shop(settings, Clock(journal.newest_at_ms()))
        erased = member_privacy.settle(shop)
        found, shut = found_again.find_again(shop)
    finally:
        VAULT.shut()
        LEDGER.shut()
        Path(f"{draft}.lock").unlink(missing_ok=True)
    return (
        f"restored: {found} members, {erased} erased since, {shut} whose key is missing; now give the box a"
        " new epoch: enrol at headquarters, job new_epoch here"
    )
