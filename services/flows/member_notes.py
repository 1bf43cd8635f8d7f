"""What people noted of a member: events they took part in, what they said. Sealed with the member's key."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import msgspec

from services.domain import days
from services.domain.errors import NotFound
from services.domain.member_errors import MemberRefused
from services.domain.member_events import MemberNoteChanged, MemberNoted
from services.flows import members as people
from services.flows.members import Member
from services.flows.record import record
from services.flows.shop import Shop
from services.store import db, member_records, requests, sealed
from services.store.member_records import NoteRow
from services.store.sealed import VAULT

EVENT, FEEDBACK = "event", "feedback"
TEXT_MAX = 500
NOTES_MAX = 500  # of one member


class _Sealed(msgspec.Struct, frozen=True):
    day: str
    text: str


_read = msgspec.json.Decoder(_Sealed).decode


@dataclass(frozen=True, slots=True)
class Note:
    """Shows nothing of it in a log."""

    note_id: str
    kind: str
    day: str  # YYYY-MM-DD on which it was
    text: str = field(repr=False)
    operator_id: str
    at_ms: int  # when it was written down
    corrected_by: str
    corrected_ms: int  # 0: it is as it was written


def note(
    shop: Shop, member_id: str, kind: str, day: str, text: str, *, operator_id: str, request_id: str
) -> Note:
    """Write down an event or what a member said; `day` of "" is today. A repeat gives the first note.

    Raises MemberUnknown, MemberRefused (why: "malformed", "many"), MemberSealed.
    """
    said = _said(shop, day, text)
    asked = sealed.fingerprint(shop.keyring, "note", member_id, kind, said.day, said.text)
    with db.write():
        note_id = shop.new_id()
        if (done := requests.claim(request_id, asked, note_id, shop.now_ms())) is not None:
            return _opened(_row(member_id, done))
        member = people.find(member_id)
        if member_records.notes_of(member.ids) >= NOTES_MAX:
            raise MemberRefused("this member has many notes", why="many", most=NOTES_MAX)
        row = NoteRow(
            note_id=note_id,
            member_id=member.member_id,
            kind=kind,
            sealed=VAULT.seal(member.member_id, msgspec.json.encode(said), _context(note_id)),
            operator_id=operator_id,
            at_ms=shop.now_ms(),
        )
        member_records.add_note(row)
        event = MemberNoted(
            note_id=note_id,
            member_id=row.member_id,
            kind=kind,
            sealed=row.sealed,
            operator_id=operator_id,
        )
        record(shop, event, row.at_ms)
    return _note(row, said)


def correct(
    shop: Shop, member_id: str, note_id: str, day: str, text: str, *, operator_id: str, request_id: str
) -> Note:
    """Say one note as it should have been said; its kind stays. A repeat changes nothing. What it said
    before stays in the journal, sealed, until its member is erased.

    Raises MemberUnknown, NotFound, MemberRefused (why: "malformed"), MemberSealed.
    """
    said = _said(shop, day, text)
    asked = sealed.fingerprint(shop.keyring, "note.correct", member_id, note_id, said.day, said.text)
    with db.write():
        now_ms = shop.now_ms()
        if requests.claim(request_id, asked, note_id, now_ms) is None:
            before = _theirs(member_id, note_id)
            blob = VAULT.seal(before.member_id, msgspec.json.encode(said), _context(note_id))
            row = replace(before, sealed=blob, corrected_by=operator_id, corrected_ms=now_ms)
            member_records.correct_note(row)
            _change(shop, row, operator_id, now_ms)
        return _opened(_row(member_id, note_id))


def remove(shop: Shop, member_id: str, note_id: str, *, operator_id: str, request_id: str) -> None:
    """Take one note away, as correct() does. A repeat changes nothing. Raises MemberUnknown, NotFound."""
    asked = requests.fingerprint("note.remove", member_id, note_id)
    with db.write():
        now_ms = shop.now_ms()
        if requests.claim(request_id, asked, note_id, now_ms) is None:
            row = _theirs(member_id, note_id)
            member_records.drop_note(note_id)
            _change(shop, replace(row, sealed=b""), operator_id, now_ms)


def notes(member: Member) -> list[Note]:
    """All of this person, the newest day first. Raises MemberSealed."""
    found = [_opened(row) for row in member_records.notes(member.ids)]
    return sorted(found, key=lambda each: (each.day, each.at_ms), reverse=True)


def _change(shop: Shop, row: NoteRow, operator_id: str, now_ms: int) -> None:
    event = MemberNoteChanged(
        note_id=row.note_id, member_id=row.member_id, sealed=row.sealed, operator_id=operator_id
    )
    record(shop, event, now_ms)


def _said(shop: Shop, day: str, text: str) -> _Sealed:
    said = _Sealed(day or _today(shop), text.strip())
    if not said.text or len(said.text) > TEXT_MAX or said.day > _today(shop):
        raise MemberRefused("a note has a text and a day that was", why="malformed", field="text")
    return said


def _row(member_id: str, note_id: str) -> NoteRow:
    """Raises MemberUnknown once its member is erased, NotFound for a note that was taken away."""
    row = member_records.note(note_id)
    if row is None:
        people.find(member_id)
        raise NotFound("there is no such note", note_id=note_id)
    return row


def _theirs(member_id: str, note_id: str) -> NoteRow:
    """As _row(), and NotFound for another person's."""
    row = _row(member_id, note_id)
    if row.member_id not in people.group(member_id):
        raise NotFound("this member has no such note", note_id=note_id)
    return row


def _opened(row: NoteRow) -> Note:
    return _note(row, _read(VAULT.unseal(row.member_id, row.sealed, _context(row.note_id))))


def _note(row: NoteRow, said: _Sealed) -> Note:
    return Note(
        *(row.note_id, row.kind, said.day, said.text, row.operator_id, row.at_ms),
        corrected_by=row.corrected_by,
        corrected_ms=row.corrected_ms,
    )


def _today(shop: Shop) -> str:
    return days.local(shop.now_ms(), shop.zone).date().isoformat()


def _context(note_id: str) -> str:
    """What a seal is bound to: no note opens in the place of another."""
    return f"note:{note_id}"
