"""The Zs of every till as they arrive, and whether each follows the one before: a box that was restored
without what headquarters knows begins a second chain, and that is seen here."""

from __future__ import annotations

import hashlib
import logging
import sqlite3
from collections.abc import Iterator, Sequence
from typing import Annotated

import msgspec

from services.domain.stream import Count

LOG = logging.getLogger(__name__)

CLOSED = "shift.closed"
MINOR_MAX = 2**53  # of a grand total; beyond it nobody has sold anything
START = "00" * 32  # the hash before a till's first Z


class _Figures(msgspec.Struct):
    z_no: Count
    grand_total_minor: Annotated[int, msgspec.Meta(ge=-MINOR_MAX, le=MINOR_MAX)]


class _Closed(msgspec.Struct):
    workstation_id: str
    z: msgspec.Raw
    hash_prev: str
    hash: str


class _Body(msgspec.Struct):
    data: _Closed


_read_body = msgspec.json.Decoder(_Body).decode
_read_figures = msgspec.json.Decoder(_Figures).decode


def follow(connection: sqlite3.Connection, rows: Sequence[tuple[object, ...]]) -> None:
    """Inside the transaction that stores these new events, as (store, epoch, seq, id, type, schema, body
    ...): keep their Zs. One that follows no other is kept and said, never refused: the shop goes on."""
    for store, epoch, seq, _, kind, _, body, *_ in rows:
        if kind == CLOSED and isinstance(body, bytes):
            _keep(connection, str(store), epoch, seq, body)


def strays(connection: sqlite3.Connection, store: str) -> Iterator[tuple[str, int]]:
    """(till, number) of each Z of a store that does not follow the one before it, as they came."""
    yield from connection.execute(
        "SELECT till, z_no FROM z WHERE store = ? AND NOT fits ORDER BY n", (store,)
    )


def _keep(connection: sqlite3.Connection, store: str, epoch: object, seq: object, body: bytes) -> None:
    try:
        told = _read_body(body).data
        figures = _read_figures(told.z)
        hash_ = hashlib.sha256(bytes.fromhex(told.hash_prev) + bytes(told.z)).hexdigest()
    except (msgspec.MsgspecError, ValueError, RecursionError):
        LOG.warning("a Z that cannot be read store=%s seq=%s", store, seq)
        return
    till = told.workstation_id
    row = connection.execute(
        "SELECT hash FROM z WHERE store = ? AND till = ? ORDER BY n DESC LIMIT 1", (store, till)
    ).fetchone()
    fits = told.hash == hash_ and told.hash_prev == (row[0] if row else START)
    if not fits:
        LOG.warning("a Z follows no other store=%s till=%s z_no=%s", store, till, figures.z_no)
    connection.execute(
        "INSERT INTO z (store, till, z_no, epoch, seq, hash, grand_total_minor, fits)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        (store, till, figures.z_no, epoch, seq, told.hash, figures.grand_total_minor, fits),
    )
