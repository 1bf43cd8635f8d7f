"""A base of members for the benchmarks: rows, keys and seals as the shop would have written them."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from itertools import islice
from pathlib import Path

from services.domain import profile
from services.domain.profile import Profile
from services.flows import members as people
from services.store import sealed
from services.store.db import LEDGER
from services.store.sealed import VAULT
from tests.made_members import Registered
from tests.shop import KEYRING, START_MS, open_store

PIECE = 10_000
_SPREAD = 0x9E3779B97F4A7C15  # so that ids are in no order: the worst case for looking them up
_BLANK = bytes(260)  # as wide as a seal


def filled(path: Path, made: Iterable[Registered], *, seal: bool) -> None:
    """Without `seal` nobody can be opened, and it takes half as long."""
    open_store(path)
    filling = sqlite3.connect(path, isolation_level=None)
    filling.execute("PRAGMA synchronous=OFF")
    rows, keys, n = [], [], 0
    made = iter(made)
    while piece := list(islice(made, PIECE)):
        ids = [_id(n + each) for each in range(len(piece))]
        if seal:
            VAULT.create_all(ids)
        for member_id, each in zip(ids, piece, strict=True):
            mine = profile.changed({}, profile.normalised(each.given), each.verified, START_MS)
            blob = _sealed(member_id, mine) if seal else _BLANK
            rows.append((member_id, START_MS + n // 2, START_MS, 1, blob, 0, "", START_MS))
            keys += _keys(member_id, mine)
            n += 1
    keys.sort()
    filling.execute("BEGIN")
    filling.executemany("INSERT INTO member VALUES (?, ?, ?, ?, ?, ?, ?, ?)", sorted(rows))
    filling.executemany("INSERT INTO member_key VALUES (?, ?, ?, ?, ?, ?)", keys)
    filling.execute("COMMIT")
    filling.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    filling.close()
    LEDGER.shut()
    VAULT.shut()


def number(member_id: str) -> int:
    """Whose id of the base this is, from 0 on."""
    return int(member_id.replace("-", "")[-16:], 16)


def _id(n: int) -> str:
    text = f"{n * _SPREAD % 2**64:016x}{n:016x}"
    return f"{text[:8]}-{text[8:12]}-7{text[13:16]}-{text[16:20]}-{text[20:]}"


def _keys(member_id: str, mine: Profile) -> list[tuple[str, bytes, str, int, int, int]]:
    return [
        (
            *(kind, sealed.blind(KEYRING, kind, normal), member_id),
            *(int(kind in mine and mine[kind].verified), START_MS, 0),
        )
        for kind, normal in profile.keys(mine)
    ]


def _sealed(member_id: str, mine: Profile) -> bytes:
    return VAULT.seal(member_id, profile.written(mine), people._context(member_id, 1))
