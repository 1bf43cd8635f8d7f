"""A till's stretch of the journal, read into a fold."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from services.domain.events import EVENTS, Event
from services.domain.shift_events import DrawerClosed, DrawerReleased
from services.domain.z_fold import FOLDS, Fold, belongs
from services.store import journal
from services.store.db import LEDGER


class _Envelope(msgspec.Struct):
    bizday: str
    data: msgspec.Raw


OPENINGS_MAX = 500  # of one list

_read_released = msgspec.json.Decoder(DrawerReleased).decode
_read_closed = msgspec.json.Decoder(DrawerClosed).decode
_read_envelope = msgspec.json.Decoder(_Envelope).decode
_readers = {kind.type: msgspec.json.Decoder(kind).decode for kind in EVENTS if kind.type in FOLDS}
_MARKS = ", ".join("?" * len(_readers))


def read(fold: Fold, after: int, upto: int = journal.SEQ_MAX, *, until_day: str = "") -> int:
    """Add the till's events after row `after`, `upto` included, to `fold`; the last row that was looked at.

    With `until_day` it stops before the till's first event of a later business day.
    """
    upto = min(upto, journal.head()[0])
    for seq, day, event in _events(fold.till, after, upto):
        if until_day and day > until_day:
            return seq - 1
        fold.add(event)
    return max(after, upto)


def _events(till: str, after: int, upto: int) -> Iterator[tuple[int, str, Event]]:
    """(row, business day, event) of everything that a shift of `till` may count."""
    named = b'"workstation_id":'
    mine = named + msgspec.json.encode(till)
    rows = LEDGER.execute_sql(
        "SELECT seq, type, body FROM journal WHERE seq > ? AND seq <= ?"
        f" AND type IN ({_MARKS}) ORDER BY seq",
        (after, upto, *_readers),
    )
    for seq, kind, body in rows:
        if mine not in body and named in body:  # another till's: not worth decoding
            continue
        envelope = _read_envelope(body)
        event = _readers[kind](envelope.data)
        if belongs(event, till):
            yield seq, envelope.bizday, event


def openings(till: str, after: int, upto: int) -> list[DrawerReleased | DrawerClosed]:
    """Who had the till's drawer opened without a sale, and each time that its sensor saw it shut, in the
    order of the journal; the first OPENINGS_MAX."""
    rows = LEDGER.execute_sql(
        "SELECT type, body FROM journal WHERE seq > ? AND seq <= ? AND type IN (?, ?) ORDER BY seq",
        (after, upto, DrawerReleased.type, DrawerClosed.type),
    )
    found: list[DrawerReleased | DrawerClosed] = []
    for kind, body in rows:
        data = _read_envelope(body).data
        event = _read_released(data) if kind == DrawerReleased.type else _read_closed(data)
        if event.workstation_id == till and len(found) < OPENINGS_MAX:
            found.append(event)
    return found
