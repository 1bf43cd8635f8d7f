"""Copies of the ledger and the members' keys on a second medium; one that fails leaves those of before."""

from __future__ import annotations

import shutil
import time
from dataclasses import dataclass
from pathlib import Path

from services.domain.errors import ShopError
from services.flows.shop import Shop
from services.store import books, box, copies, db, journal
from services.store.copies import NotCopied
from services.store.db import LEDGER
from services.store.sealed import VAULT

DRAFT = "copying.db"  # in the clear, beside the ledger, for as long as it takes


@dataclass(frozen=True, slots=True)
class Place:
    """Where copies go, and how many of them stay."""

    folder: Path
    keep: int


def back_up(shop: Shop, place: Place) -> str:
    """Copy the ledger, look at the copy as `check` does, then put it into its place; one line of what was
    done. For a job, which is alone with the ledger. Raises NotCopied."""
    if not place.folder.is_dir():
        raise NotCopied(f"{place.folder} is not there: is the medium plugged in?")
    draft = Path(LEDGER.database).with_name(DRAFT)
    try:
        return _copied(shop, draft, place)
    except (OSError, ShopError) as error:
        raise NotCopied(f"no copy was made, those of before are as they were: {error}") from error
    finally:
        draft.unlink(missing_ok=True)


def _copied(shop: Shop, draft: Path, place: Place) -> str:
    """First the ledger, then the keys: nobody in the copy lacks a key, and no key outlives its member."""
    ledger, now_ms = Path(LEDGER.database), shop.now_ms()
    free = shutil.disk_usage(ledger.parent).free
    if free < ledger.stat().st_size * 3 // 2:
        raise NotCopied(f"beside the ledger {free // 2**20} MB are free: too little for a copy on its way")
    copies.taken(draft)
    if wrong := _wrong(draft, ledger):
        raise NotCopied(f"the ledger is not in order, run check: {wrong[0]}")
    VAULT.copy_out(now_ms)
    name = f"{shop.store_id}-{time.strftime('%Y%m%dT%H%M%SZ', time.gmtime(now_ms // 1000))}"
    made = copies.stored(draft, place.folder, name, shop.keyring)
    copies.drop_old(place.folder, shop.store_id, place.keep)
    with db.write():
        box.put(copies.MADE, str(now_ms))
    alike = place.folder.stat().st_dev == ledger.stat().st_dev
    where = "; it is on the same disk as the ledger" if alike else ""
    return f"copied {made.stat().st_size // 1024} KB to {made}{where}"


def _wrong(draft: Path, ledger: Path) -> list[str]:
    """What is the matter with a copy. The ledger itself is closed meanwhile."""
    LEDGER.open(draft, read_only=True)
    try:
        broken = journal.first_break()
        chain = [f"the journal breaks at {broken}"] if broken else []
        return [*books.faults(), *chain, *books.differences()]
    finally:
        LEDGER.open(ledger)
