"""Copies of the ledger on a second medium, a file each, and the one copy of the members' keys beside them.

The ledger's copies are sealed as a whole with a key of the box. What finds members is left out of them: it
can be made again of their data, and of whoever was erased it shall not be there.
"""

from __future__ import annotations

import contextlib
import hmac
import os
import sqlite3
from pathlib import Path

from services.domain.keyring import Keyring
from services.store import sealed_file
from services.store.db import LEDGER
from services.store.sealed_file import Broken

SUFFIX = ".sgw"
MADE = "copied_ms"  # of the box's facts: when the last one was whole
DRAFT = ".part"
# Made again of the sealed data, or good for nothing on another day.
_LEFT_OUT = ("member_key", "coupon_year", "session")


class NotCopied(Exception):
    """No copy was made, and why; those of before are as they were."""


def taken(target: Path) -> None:
    """The open ledger as it is at one moment, in a file of its own. Raises NotCopied."""
    try:
        _taken(target)
    except sqlite3.Error as error:
        raise NotCopied(f"the ledger cannot be copied: {error}") from error


def _taken(target: Path) -> None:
    target.unlink(missing_ok=True)
    source = sqlite3.connect(f"file:{LEDGER.database}?mode=ro", uri=True, isolation_level=None)
    with contextlib.closing(source):
        source.execute("VACUUM INTO ?", (str(target),))
    copy = sqlite3.connect(target, isolation_level=None)
    with contextlib.closing(copy):
        copy.execute("PRAGMA journal_mode=DELETE")
        copy.execute("PRAGMA secure_delete=ON")
        copy.execute("PRAGMA temp_store=MEMORY")
        copy.execute("BEGIN")
        for table in _LEFT_OUT:
            copy.execute(f"DELETE FROM {table}")
        copy.execute("COMMIT")


def stored(plain: Path, folder: Path, name: str, keyring: Keyring) -> Path:
    """Seal a copy into `folder`, and read it back before it gets its name. Raises OSError, NotCopied."""
    final = folder / f"{name}{SUFFIX}"
    draft = final.with_suffix(DRAFT)
    try:
        was = sealed_file.seal(plain, draft, _key(keyring))
        if _read_back(draft, keyring) != was:
            raise NotCopied(f"{draft.name} does not hold what was written: is the medium worn out?")
        draft.replace(final)
    finally:
        draft.unlink(missing_ok=True)
    synced(folder)
    return final


def _read_back(draft: Path, keyring: Keyring) -> bytes:
    """b"" for what does not open."""
    try:
        return sealed_file.opened(draft, _key(keyring), len)
    except Broken:
        return b""


def unsealed(copy: Path, target: Path, keyring: Keyring) -> None:
    """What stored() sealed, at `target`. Raises Broken, OSError."""
    with target.open("wb") as file:
        sealed_file.opened(copy, _key(keyring), file.write)
        file.flush()
        os.fsync(file.fileno())


def held(folder: Path, store_id: str) -> list[Path]:
    """The whole copies of one store, the oldest first."""
    return sorted(folder.glob(f"{store_id}-*{SUFFIX}"))


def drop_old(folder: Path, store_id: str, keep: int) -> int:
    """Remove all but the newest `keep`, and what a power cut left half written; how many of them."""
    for draft in folder.glob(f"{store_id}-*{DRAFT}"):
        draft.unlink()
    old = held(folder, store_id)[:-keep]
    for each in old:
        each.unlink()
    synced(folder)
    return len(old)


def synced(folder: Path) -> None:
    """Names in `folder` last when this returns."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _key(keyring: Keyring) -> bytes:
    """Of the files alone: never the one that wraps members' keys."""
    return hmac.digest(keyring.master, b"copy of the ledger", "sha256")
