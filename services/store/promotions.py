"""Promotions in immutable versions, when each of them stood, and how often it was used."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

import msgspec

from services.domain.offers import Definition, Terms
from services.store.db import LEDGER

STORE = "store"  # the scope of all uses here
STAMP = "promotions"  # the box's key of the last change


@dataclass(frozen=True, slots=True)
class Version:
    """One version and when it stood; `until_ms` is 0 while it does."""

    definition: Definition
    from_ms: int
    until_ms: int

    def stood(self, at_ms: int) -> bool:
        return self.from_ms <= at_ms and (not self.until_ms or at_ms < self.until_ms)


class _Stamp:
    """The stored stamp as it was last read, until somebody sets out to change it, and again until that is
    over: a sale need not ask the disk whether there is another offer."""

    count = itertools.count(1)
    change = 0  # the last that was begun or over; no number comes twice
    lock = threading.Lock()
    open = 0  # changes that were begun and are not over
    read: tuple[int, int, str] = (-1, -1, "")  # (opening of the database, change, stamp)


def stamp() -> str:
    """Changes with every change of any promotion: what was made from them before is out of date."""
    opening, change, value = _Stamp.read
    if (opening, change) == (LEDGER.opening, _Stamp.change):
        return value
    opening, change = LEDGER.opening, _Stamp.change
    row = LEDGER.execute_sql("SELECT value FROM box WHERE key = ?", (STAMP,)).fetchone()
    value = str(row[0]) if row else ""
    _Stamp.read = (opening, change, value)
    return value


@contextmanager
def changing() -> Iterator[None]:
    """Around the transaction that puts a stamp, however it ends."""
    with _Stamp.lock:
        _Stamp.change, _Stamp.open = next(_Stamp.count), _Stamp.open + 1
    try:
        yield
    finally:
        with _Stamp.lock:
            _Stamp.change, _Stamp.open = next(_Stamp.count), _Stamp.open - 1


def put_stamp(value: str) -> None:
    """In a transaction within changing(): outside, the old offers would go on."""
    assert _Stamp.open > 0, "a stamp is put within changing()"
    LEDGER.execute_sql("INSERT OR REPLACE INTO box (key, value) VALUES (?, ?)", (STAMP, value))


def standing_since(from_ms: int) -> list[Version]:
    """All versions that stand, or did after `from_ms`; by promotion, then version."""
    rows = LEDGER.execute_sql(
        "SELECT body, from_ms, until_ms FROM promotion WHERE until_ms = 0 OR until_ms > ?"
        " ORDER BY promotion_id, version",
        (from_ms,),
    )
    return [Version(_definition(body), begun, ended) for body, begun, ended in rows]


def newest(promotion_id: str) -> Version | None:
    """The last version, whether it stands or not."""
    row = LEDGER.execute_sql(
        "SELECT body, from_ms, until_ms FROM promotion WHERE promotion_id = ?"
        " ORDER BY version DESC LIMIT 1",
        (promotion_id,),
    ).fetchone()
    return Version(_definition(row[0]), row[1], row[2]) if row else None


def version(promotion_id: str, number: int) -> Definition | None:
    row = LEDGER.execute_sql(
        "SELECT body FROM promotion WHERE promotion_id = ? AND version = ?", (promotion_id, number)
    ).fetchone()
    return _definition(row[0]) if row else None


def versions(promotion_id: str) -> list[Version]:
    """All versions, the newest first."""
    rows = LEDGER.execute_sql(
        "SELECT body, from_ms, until_ms FROM promotion WHERE promotion_id = ? ORDER BY version DESC",
        (promotion_id,),
    )
    return [Version(_definition(body), begun, ended) for body, begun, ended in rows]


def newest_of_all() -> list[Version]:
    """The last version of every promotion, the one that changed last first."""
    rows = LEDGER.execute_sql(
        "SELECT body, MAX(from_ms), until_ms FROM promotion GROUP BY promotion_id"
        " ORDER BY 2 DESC, promotion_id"
    )
    return [Version(_definition(body), begun, ended) for body, begun, ended in rows]


def put(definition: Definition, at_ms: int) -> None:
    """Add a version; it stands from now on, and the one before no longer."""
    end(definition.promotion_id, at_ms)
    LEDGER.execute_sql(
        "INSERT INTO promotion (promotion_id, version, body, from_ms, until_ms) VALUES (?, ?, ?, ?, 0)",
        (definition.promotion_id, definition.version, msgspec.json.encode(definition), at_ms),
    )


def end(promotion_id: str, at_ms: int) -> None:
    LEDGER.execute_sql(
        "UPDATE promotion SET until_ms = ? WHERE promotion_id = ? AND until_ms = 0", (at_ms, promotion_id)
    )


def scopes(terms: Terms, day: str, member_id: str) -> list[tuple[str, int, int]]:
    """(where a use on `day`, of the clock on the wall, counts; its limit there; the budget); 0 is none."""
    found = [(STORE, terms.uses_per_store, terms.budget_minor)]
    if terms.uses_per_day:
        found.append((f"day {day}", terms.uses_per_day, 0))
    if terms.uses_per_member and member_id:
        found.append((f"member {member_id}", terms.uses_per_member, 0))
    return found


def used(promotion_id: str, scope: str) -> tuple[int, int]:
    """(times, minor units given) so far."""
    row = LEDGER.execute_sql(
        "SELECT used, spent_minor FROM promotion_use WHERE promotion_id = ? AND scope = ?",
        (promotion_id, scope),
    ).fetchone()
    return (int(row[0]), int(row[1])) if row else (0, 0)


def use(promotion_id: str, scope: str, spent_minor: int, limit: int, budget_minor: int) -> bool:
    """Count one use inside the caller's transaction, unless the limit or the budget is reached; 0 is none.

    The budget may be passed by its last use, never by one more.
    """
    counted = LEDGER.execute_sql(
        "INSERT INTO promotion_use (promotion_id, scope, used, spent_minor) VALUES (?1, ?2, 1, ?3)"
        " ON CONFLICT (promotion_id, scope) DO UPDATE SET used = used + 1, spent_minor = spent_minor + ?3"
        " WHERE (?4 = 0 OR used < ?4) AND (?5 = 0 OR spent_minor < ?5)",
        (promotion_id, scope, spent_minor, limit, budget_minor),
    )
    return counted.rowcount == 1  # limits are above zero: the first use is always within them


def unuse(promotion_id: str, scope: str, spent_minor: int) -> None:
    """Take one use back, inside the caller's transaction. A scope that counted none stays as it is."""
    LEDGER.execute_sql(
        "UPDATE promotion_use SET used = used - 1, spent_minor = spent_minor - ?"
        " WHERE promotion_id = ? AND scope = ? AND used > 0",
        (spent_minor, promotion_id, scope),
    )


# Of which sale every line that carried a promotion has come back, and what the promotion had given there.
_ALL_BACK = (
    "SELECT a.sale_id, a.source, a.source_version, -SUM(a.amount_minor) AS given FROM adjustment a"
    " JOIN sale_line l ON l.sale_id = a.sale_id AND l.line_number = a.line_number"
    " WHERE a.source_version > 0 AND a.amount_minor < 0 {where}"
    " GROUP BY a.sale_id, a.source, a.source_version"
    " HAVING MAX(l.quantity + (SELECT COALESCE(SUM(r.quantity), 0) FROM sale_line r"
    " WHERE r.return_of = a.sale_id AND r.return_of <> '' AND r.return_line = a.line_number"
    " AND NOT r.voided)) = 0"
)


def brought_back(document_id: str, sale_id: str) -> list[tuple[str, int, int]]:
    """(promotion, version, what it gave) of a sale, where this document has brought back the last piece of
    all that carried it."""
    rows = LEDGER.execute_sql(
        _ALL_BACK.format(where="AND a.sale_id = ?")
        + " AND MAX(a.line_number IN (SELECT return_line FROM sale_line d WHERE d.sale_id = ?"
        " AND d.return_of = a.sale_id AND NOT d.voided))",
        (sale_id, document_id),
    )
    return [(source, version, int(given)) for _, source, version, given in rows]


class _Fact(msgspec.Struct):
    definition: Definition | None = None
    promotion_id: str = ""  # of one that was withdrawn


class _Envelope(msgspec.Struct):
    data: _Fact


_read_fact = msgspec.json.Decoder(_Envelope).decode


def differences() -> list[str]:
    """Every version that is not as the journal tells: what it says, and when it stood; and every promotion
    whose uses are not those of the sales."""
    told: dict[tuple[str, int], list[object]] = {}
    standing: dict[str, tuple[str, int]] = {}
    for at_ms, body in LEDGER.execute_sql(
        "SELECT at_ms, body FROM journal WHERE type >= 'promotion.' AND type < 'promotion/' ORDER BY seq"
    ):
        fact = _read_fact(body).data
        definition = fact.definition
        ended = standing.pop(definition.promotion_id if definition else fact.promotion_id, None)
        if ended:
            told[ended][2] = at_ms
        if definition:
            key = (definition.promotion_id, definition.version)
            told[key] = [definition, at_ms, 0]
            standing[definition.promotion_id] = key
    stored = {
        (promotion_id, version): [_definition(body), begun, until]
        for promotion_id, version, body, begun, until in LEDGER.execute_sql(
            "SELECT promotion_id, version, body, from_ms, until_ms FROM promotion"
        )
    }
    versions = [
        f"promotion {key!r}: {stored.get(key)!r} but journal {told.get(key)!r}"
        for key in sorted({*stored, *told})
        if stored.get(key) != told.get(key)
    ]
    return versions + _uses_differ({key: held[0].terms for key, held in stored.items()})


# The wall's day of a sale is that of its journal row, which says its time with the store's offset.
_DAY = 'CAST(substr(j.body, instr(j.body, CAST(\'"time":"\' AS BLOB)) + 8, 10) AS TEXT)'
_USED = (
    f"SELECT a.source, a.source_version, {_DAY}, s.member_id, COUNT(DISTINCT sale_id), -SUM(amount_minor)"
    " FROM adjustment a JOIN sale s USING (sale_id) LEFT JOIN journal j ON j.seq = s.journal_seq"
    " WHERE s.kind IN ('sale', 'exchange') AND a.source_version > 0 AND a.amount_minor < 0"
    " GROUP BY 1, 2, 3, 4"
)
_GIVEN_BACK = (
    f"SELECT b.source, b.source_version, {_DAY}, s.member_id, -COUNT(*), -SUM(b.given)"
    f" FROM ({_ALL_BACK.format(where='')}) b JOIN sale s USING (sale_id)"
    " LEFT JOIN journal j ON j.seq = s.journal_seq GROUP BY 1, 2, 3, 4"
)


def _uses_differ(terms: Mapping[tuple[str, int], Terms]) -> list[str]:
    """Of the store, of each day and each member, as far as the version of then counted them. The sales' own
    rows are held against the journal elsewhere."""
    counted = {
        (promotion_id, scope): (used, spent)
        for promotion_id, scope, used, spent in LEDGER.execute_sql(
            "SELECT promotion_id, scope, used, spent_minor FROM promotion_use"
        )
    }
    sold: dict[tuple[str, str], tuple[int, int]] = {}
    for query in (_USED, _GIVEN_BACK):
        for source, number, day, member_id, times, given in LEDGER.execute_sql(query):
            for scope, _, _ in scopes(terms.get((source, number), Terms()), day, member_id):
                used, spent = sold.get((source, scope), (0, 0))
                sold[source, scope] = used + times, spent + given
    return [
        f"promotion_use {key!r}: {counted.get(key)} but sales {sold.get(key)}"
        for key in sorted({*counted, *sold})
        if counted.get(key) != sold.get(key)
    ]


_definition = msgspec.json.Decoder(Definition).decode
