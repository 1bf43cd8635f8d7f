"""The journal as people read it: newest first, filtered by what happened, who did it, when and where."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import msgspec

from services.store.db import LEDGER

PAGE = 50
SCAN_MAX = 5_000  # rows that one page looks at; where few match, the next page goes on from there
_PIECE = 500  # rows of one read
PEOPLE = (
    "operator_id",
    "approver_id",
    "seller_id",
    "staff_id",
    "by",
)  # an event's fields that name somebody
TILLS = ("workstation_id", "till")


class Entry(msgspec.Struct, frozen=True):
    """One event as it stands in the journal. `data` are its own fields."""

    seq: int
    type: str
    bizday: str
    time: str  # RFC 3339 with the store's offset
    data: dict[str, Any]
    at_ms: int = 0

    @property
    def who(self) -> str:
        """The id of whoever did it, or ""."""
        return next((str(self.data[name]) for name in PEOPLE if self.data.get(name)), "")

    @property
    def till(self) -> str:
        return next((str(self.data[name]) for name in TILLS if self.data.get(name)), "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """What is asked for; "" asks for everything."""

    type: str = ""
    who: str = ""
    till: str = ""
    day: str = ""  # a business day, YYYY-MM-DD

    def admits(self, entry: Entry) -> bool:
        return (
            (not self.day or entry.bizday == self.day)
            and (not self.till or entry.till == self.till)
            and (not self.who or self.who in {str(entry.data.get(name, "")) for name in PEOPLE})
        )


# UTC milliseconds, from and to, that surely hold every row of the wanted day; None: all of the journal.
Span = tuple[int, int] | None

_read = msgspec.json.Decoder(Entry).decode


def page(wanted: Filter, span: Span, before: int = 0) -> tuple[list[Entry], int]:
    """The newest PAGE entries below seq `before` (0: from the end), newest first, and where the next page
    begins (0: there is none).

    At most SCAN_MAX rows are looked at: a page may hold fewer entries, even none, and have a next one.
    """
    low, high = _rows_within(span)
    top = min(before, high) if before else high
    floor = max(low, top - SCAN_MAX)
    found = []
    for entry in _down(wanted, floor, top):
        found.append(entry)
        if len(found) == PAGE:
            return found, entry.seq if entry.seq > low else 0
    return found, floor if floor > low else 0


def every(wanted: Filter, span: Span, rows_max: int) -> Iterator[Entry]:
    """All entries, newest first, at most `rows_max`. Reads piece by piece: no read lasts long."""
    return itertools.islice(_down(wanted, *_rows_within(span)), rows_max)


def forward(wanted: Filter, span: Span) -> Iterator[Entry]:
    """All entries, oldest first, piece by piece."""
    low, high = _rows_within(span)
    for start in range(low, high, _PIECE):
        yield from reversed(list(_down(wanted, start, min(high, start + _PIECE))))


def by_seq(seq: int) -> Entry | None:
    row = LEDGER.execute_sql("SELECT at_ms, body FROM journal WHERE seq = ?", (seq,)).fetchone()
    return _entry(row[0], row[1]) if row else None


def _down(wanted: Filter, floor: int, top: int) -> Iterator[Entry]:
    """The matching entries of seq `floor` to `top` - 1, newest first."""
    kind = " AND type = ?" if wanted.type else ""
    while top > floor:
        low = max(floor, top - _PIECE)
        rows = LEDGER.execute_sql(
            f"SELECT at_ms, body FROM journal WHERE seq < ? AND seq >= ?{kind} ORDER BY seq DESC",
            (top, low, *([wanted.type] if wanted.type else [])),
        ).fetchall()
        entries = (_entry(at_ms, body) for at_ms, body in rows)
        yield from (entry for entry in entries if wanted.admits(entry))
        top = low


def _entry(at_ms: int, body: bytes) -> Entry:
    return msgspec.structs.replace(_read(body), at_ms=at_ms)


def _rows_within(span: Span) -> tuple[int, int]:
    """(first, last + 1) of the rows of `span`; all of them without one."""
    row = LEDGER.execute_sql("SELECT COALESCE(MAX(seq), 0) FROM journal").fetchone()
    end = int(row[0]) + 1
    return (1, end) if span is None else (_first_since(span[0], end), _first_since(span[1], end))


def _first_since(at_ms: int, end: int) -> int:
    """The first row at or after `at_ms`, by halving: times rise with the numbers."""
    low, high = 1, end
    while low < high:
        middle = (low + high) // 2
        found = LEDGER.execute_sql("SELECT at_ms FROM journal WHERE seq = ?", (middle,)).fetchone()
        if found and found[0] < at_ms:
            low = middle + 1
        else:
            high = middle
    return low
