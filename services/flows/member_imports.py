"""Taking over a file of members: look first, then whoever is new joins, piece by piece.

A piece is one transaction that knows its place: after a crash the same request goes on where it ended.
Bad rows, and people who may be known, are left out. Who is known is not changed by a file; what they bring
along from another till is theirs once.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import msgspec

from services.domain import identity, profile
from services.domain.errors import ImportStale
from services.domain.imports import BAD_MAX, MEMBERS, Row, Table
from services.domain.member_events import MembersImported
from services.domain.profile import Profile
from services.flows import members as people
from services.flows import opening_balances
from services.flows.imports import COMPARING, READING, WRITING, Told, check_columns
from services.flows.members import Joining, Member
from services.flows.opening_balances import Brought, Sums
from services.flows.record import record
from services.flows.shop import Shop
from services.store import db, members, requests, sealed
from services.store.sealed import VAULT

PIECE = 100  # rows of one transaction: no till waits longer for it
NEW, KNOWN, DOUBTFUL = "new", "known", "doubtful"
_GIVEN = "given"  # known, and now with what they bring along
_FROM_FILE = Joining(given={}, channel="import")


@dataclass(frozen=True, slots=True)
class Seen:
    """One row against the members there are: `by` are the fields it shares with `member_id`."""

    line: int
    state: str
    person: dict[str, str] = field(repr=False)
    by: tuple[str, ...] = ()
    member_id: str = ""
    gets: Brought = field(default_factory=dict)
    gets_not: dict[str, str] = field(default_factory=dict)  # column -> why


@dataclass(frozen=True, slots=True)
class Preview:
    table: Table = field(repr=False)
    people: list[Seen]
    token: str  # stands for exactly this file

    opening: Sums

    def count(self, state: str) -> int:
        return sum(each.state == state for each in self.people)


class Joined(msgspec.Struct, frozen=True, kw_only=True):
    """What became of a file, or of a piece of it."""

    import_id: str = ""
    rows: int = 0
    joined: int = 0
    known: int = 0
    given: int = 0  # of the known: who got what they bring along
    doubtful: int = 0
    bad: int = 0


def preview(shop: Shop, data: bytes, told: Told = lambda *_: None, columns: Sequence[str] = ()) -> Preview:
    """Look at a file; nothing changes. `columns` says what each column is, "" for nothing; without it their
    heads do. Raises ImportUnreadable, MemberSealed."""
    table = _read(shop, data, told, columns)
    told(COMPARING, len(table.rows))
    VAULT.forgotten()  # or nothing can be compared
    seen = [_seen(shop, row) for row in table.rows]
    brought = opening_balances.sums([each.gets for each in seen])
    return Preview(table, seen, _token(shop, data, columns), brought)


def take_over(
    shop: Shop,
    data: bytes,
    *,
    token: str,
    operator_id: str,
    request_id: str,
    told: Told = lambda *_: None,
    columns: Sequence[str] = (),
) -> Joined:
    """Whoever is new in the previewed file joins, with what they bring along; who is known gets that, where
    they had none of it. A repeat of `request_id` goes on where it was cut off, and answers with the first
    result once it is through.

    What a row is, is looked at again: somebody may have joined since. Raises ImportUnreadable,
    MemberSealed, and ImportStale for another file.
    """
    mine = _token(shop, data, columns)
    asked = sealed.fingerprint(shop.keyring, "import", MEMBERS, mine, token)
    if (done := requests.answer(request_id, asked)) is not None:
        return msgspec.json.decode(done, type=Joined)
    if token != mine:
        raise ImportStale("this is not what the preview has shown")
    table = _read(shop, data, told, columns)
    check_columns(table)
    pieces = [table.rows[n : n + PIECE] for n in range(0, len(table.rows), PIECE)]
    counts = []
    for n, rows in enumerate(pieces):
        told(WRITING, n * PIECE)
        counts.append(_piece(shop, rows, f"{request_id}.{n}", asked, operator_id))
    result = Joined(
        import_id=shop.new_id(),
        rows=len(table.rows) + table.bad_rows,
        joined=sum(each.joined for each in counts),
        known=sum(each.known for each in counts),
        given=sum(each.given for each in counts),
        doubtful=sum(each.doubtful for each in counts),
        bad=table.bad_rows,
    )
    return _finish(shop, result, mine, request_id, asked, operator_id)


def _finish(
    shop: Shop, result: Joined, token: str, request_id: str, asked: bytes, operator_id: str
) -> Joined:
    answer = msgspec.json.encode(result).decode()
    with db.write():
        if (done := requests.claim(request_id, asked, answer, shop.now_ms())) is not None:
            return msgspec.json.decode(done, type=Joined)
        told = {each: n for each, n in msgspec.structs.asdict(result).items() if each != "given"}
        event = MembersImported(**told, file=token, operator_id=operator_id)  # who was given has an own
        record(shop, event, shop.now_ms())
    return result


def _piece(shop: Shop, rows: Sequence[Row], key: str, asked: bytes, operator_id: str) -> Joined:
    """These rows in one transaction, once. Keys that nobody needed go again."""
    if (done := requests.answer(key, asked)) is not None:
        return msgspec.json.decode(done, type=Joined)
    ids = {row.line: shop.new_id() for row in rows if _seen(shop, row).state == NEW}
    unused = set(ids.values())
    VAULT.create_all(sorted(unused))
    try:
        with db.write():
            if (done := requests.answer(key, asked)) is not None:
                return msgspec.json.decode(done, type=Joined)
            states = [_admitted(shop, row, ids.get(row.line, ""), operator_id) for row in rows]
            result = Joined(
                rows=len(rows),
                joined=states.count(NEW),
                known=states.count(KNOWN) + states.count(_GIVEN),
                given=states.count(_GIVEN),
                doubtful=states.count(DOUBTFUL),
            )
            requests.remember(key, asked, msgspec.json.encode(result).decode(), shop.now_ms())
    finally:
        if left := [each for each in unused if members.by_id(each) is None]:
            VAULT.drop(*left)
    return result


def _admitted(shop: Shop, row: Row, member_id: str, operator_id: str) -> str:
    """What the row is now; whoever is new has joined under `member_id`. Somebody who was known a moment
    ago and is not any more, has no key: they wait for another look."""
    seen = _seen(shop, row)
    if seen.state == KNOWN and seen.gets:
        opening_balances.carry_in(shop, people.group(seen.member_id), seen.gets, operator_id)
        return _GIVEN
    if seen.state != NEW:
        return seen.state
    if not member_id:
        return DOUBTFUL
    people.admit(shop, member_id, _profile(shop, row), _FROM_FILE, operator_id)
    if row.opening:
        opening_balances.carry_in(shop, (member_id,), row.opening, operator_id)
    return NEW


def _seen(shop: Shop, row: Row) -> Seen:
    """Somebody known first, then somebody who may be; a row that says nothing new is nobody new."""
    found = people.alike(shop, _profile(shop, row))
    for member, likeness in found:
        if likeness == profile.SAME or row.person.items() <= member.values.items():
            gets, gets_not = opening_balances.for_known(shop, member, row.opening)
            return replace(_found(row, KNOWN, member), gets=gets, gets_not=gets_not)
    if found:
        return _found(row, DOUBTFUL, found[0][0])
    return Seen(row.line, NEW, row.person, gets=row.opening)


def _found(row: Row, state: str, member: Member) -> Seen:
    by = tuple(kind for kind in identity.KINDS if row.person.get(kind, " ") == member.values.get(kind))
    return Seen(row.line, state, row.person, by, member.member_id)


def _profile(shop: Shop, row: Row) -> Profile:
    return profile.changed({}, row.person, (), shop.now_ms())


def _read(shop: Shop, data: bytes, told: Told, columns: Sequence[str]) -> Table:
    """The table, without the rows whose balances this shop cannot take."""
    told(READING, 0)
    table = shop.read_sheet(data, MEMBERS, lambda rows: told(READING, rows), columns)
    faults = opening_balances.faults(shop, table.rows)
    lines = {fault.line for fault in faults}
    table.rows = [row for row in table.rows if row.line not in lines]
    table.bad = sorted([*table.bad, *faults], key=lambda fault: fault.line)[:BAD_MAX]
    table.bad_rows += len(faults)
    return table


def _token(shop: Shop, data: bytes, columns: Sequence[str]) -> str:
    file = hashlib.sha256(data).hexdigest()
    return sealed.fingerprint(shop.keyring, MEMBERS, file, ",".join(columns)).hex()
