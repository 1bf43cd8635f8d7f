"""Notes of a member: sealed wherever they lie, copied with the member and gone with them; preferences."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from services.domain.consents import Consent
from services.domain.errors import NotFound
from services.domain.member_errors import MemberRefused
from services.domain.preferences import Kept, preferences
from services.flows import around, member_copy, member_notes, member_privacy, members, merges
from services.flows.shop import Shop
from services.store import books, db, journal, member_records
from services.store.db import LEDGER
from tests.faults import each_failure
from tests.flows.test_tiers import sold
from tests.shop import JEANS, TEE, Clock, make_shop

SAID = "王芳的女儿嫌袖子短"


def joined(shop: Shop, phone: str = "13812345620") -> members.Member:
    joining = members.Joining(given={"phone": phone})
    return members.join(shop, joining, operator_id="zhou", request_id=f"join {phone}")


def noted(shop: Shop, member: members.Member, text: str = SAID, key: str = "note-1") -> member_notes.Note:
    return member_notes.note(
        *(shop, member.member_id, "feedback", "", text), operator_id="zhou", request_id=key
    )


def test_what_was_said_is_sealed_copied_with_the_member_and_gone_with_them(
    shop: Shop, tmp_path: Path
) -> None:
    member = joined(shop)
    first = noted(shop, member)
    assert noted(shop, member).note_id == first.note_id  # a repeat
    assert [each.text for each in member_notes.notes(member)] == [SAID]
    assert ("notes 1", "text", SAID) in member_copy.copied(member).rows()
    assert all(SAID.encode() not in file.read_bytes() for file in tmp_path.rglob("*") if file.is_file())
    assert SAID not in repr(first)
    assert books.differences() == []
    member_privacy.erase(shop, member.member_id, None, operator_id="he", request_id="erase-1")
    assert LEDGER.execute_sql("SELECT COUNT(*) FROM member_note").fetchone() == (0,)
    assert books.differences() == []


def test_a_note_that_was_changed_in_its_table_is_found(shop: Shop) -> None:
    noted(shop, joined(shop))
    with db.write():
        LEDGER.execute_sql("UPDATE member_note SET kind = 'event'")
    assert [each.rpartition(":")[2] for each in books.differences()] == [" kind differ"]


@pytest.mark.parametrize(("day", "text"), [("", " "), ("2999-01-01", SAID), ("", "长" * 501)])
def test_a_note_without_words_or_of_a_day_to_come_is_refused(shop: Shop, day: str, text: str) -> None:
    member = joined(shop)
    with pytest.raises(MemberRefused):
        member_notes.note(
            *(shop, member.member_id, "event", day, text), operator_id="zhou", request_id="note-1"
        )
    assert member_notes.notes(member) == []


def test_what_somebody_likes_is_told_by_pieces_and_not_of_who_refused(shop: Shop) -> None:
    member = joined(shop)
    sold(shop, JEANS, TEE, TEE, member_id=member.member_id)
    found = around.around(shop, member.ids)
    assert found.likes is not None
    assert (found.likes.categories[0].key, found.likes.categories[0].pieces) == ("tops", 2)
    assert sum(each.share_bp for each in found.likes.sizes) in range(9_990, 10_001)
    assert [(day.orders, day.pieces) for day in found.visits] == [(1, 3)]
    with db.write():
        no = dict(text_id="t", text_version="1", text_hash="h", channel="till", evidence="")
        member_records.add_consent(
            Consent(
                **no,
                consent_id="c",
                member_id=member.member_id,
                purpose="profiling",
                granted=False,
                operator_id="he",
                workstation_id="1",
                at_ms=1,
            )
        )
    assert around.around(shop, member.ids).likes is None


def test_nothing_is_liked_by_who_bought_nothing() -> None:
    assert preferences([]).categories == ()
    some = preferences([Kept("tops", "", "M", 23, 7, 3), Kept("", "红", "M", 1, 7, 1)])
    assert [(each.key, each.share_bp) for each in some.categories] == [("tops", 10_000)]
    assert [(each.key, each.share_bp) for each in some.hours] == [("21", 7_500), ("0", 2_500)]


def test_whatever_fails_a_note_is_there_with_its_event_or_not_at_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop = make_shop()

    def prepare(n: int) -> tuple[members.Member, str]:
        return joined(shop, f"138{n:08d}"), f"note-{n}"

    def look() -> object:
        assert books.differences() == []
        return LEDGER.execute_sql("SELECT COUNT(*) FROM member_note").fetchone()

    each_failure(
        *(monkeypatch, tmp_path, prepare),
        lambda case: noted(shop, case[0], key=case[1]),
        look,
    )


def correct(shop: Shop, member: members.Member, note_id: str, text: str, key: str) -> member_notes.Note:
    return member_notes.correct(
        *(shop, member.member_id, note_id, "2026-11-20", text), operator_id="he", request_id=key
    )


def test_one_note_is_put_right_and_taken_away_and_the_journal_keeps_who_and_when(
    shop: Shop, clock: Clock, tmp_path: Path
) -> None:
    member = joined(shop)
    first, other = noted(shop, member), noted(shop, member, "喜欢亚麻", "note-2")
    clock.at_ms += 1_000
    after = correct(shop, member, first.note_id, "袖子改好了", "c-1")
    assert correct(shop, member, first.note_id, "袖子改好了", "c-1") == after
    assert (after.text, after.day, after.operator_id, after.at_ms) == (
        *("袖子改好了", "2026-11-20"),
        *(first.operator_id, first.at_ms),
    )
    assert after.corrected_by == "he" and after.corrected_ms > first.at_ms
    assert {each.text for each in member_notes.notes(member)} == {"袖子改好了", "喜欢亚麻"}
    assert books.differences() == []
    for _ in range(2):
        member_notes.remove(shop, member.member_id, first.note_id, operator_id="zhou", request_id="gone")
    assert [each.note_id for each in member_notes.notes(member)] == [other.note_id]
    told = [each for each in journal.after(0, 50) if each.type == "member.note_changed"]
    assert [msgspec.json.decode(each.body)["data"]["operator_id"] for each in told] == ["he", "zhou"]
    for said in (SAID, "袖子改好了"):
        assert not any(said.encode() in file.read_bytes() for file in tmp_path.rglob("*") if file.is_file())
    for key in ("c-1", "c-2"):
        with pytest.raises(NotFound):
            correct(shop, member, first.note_id, "袖子改好了", key)
    assert books.differences() == [] and journal.first_break() == 0


def test_another_persons_note_is_not_touched(shop: Shop) -> None:
    one, other = joined(shop), joined(shop, "13912345620")
    note = noted(shop, one)
    with pytest.raises(NotFound):
        correct(shop, other, note.note_id, "x", "c")
    with pytest.raises(NotFound):
        member_notes.remove(shop, other.member_id, note.note_id, operator_id="he", request_id="r")
    with pytest.raises(MemberRefused):
        correct(shop, one, note.note_id, " ", "c-2")
    merges.merge(shop, one.member_id, other.member_id, "one", None, operator_id="he", request_id="m")
    assert correct(shop, other, note.note_id, "x", "c-3").text == "x", "they are one person by now"
    assert books.differences() == []


@pytest.mark.parametrize("what", ["correct", "remove"])
def test_a_note_is_changed_whole_or_not_at_all_wherever_storage_fails(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    shop = make_shop()

    def prepare(n: int) -> tuple[members.Member, str]:
        member = joined(shop, f"138{n:08d}")
        return member, noted(shop, member, key=f"note-{n}").note_id

    def step(case: tuple[members.Member, str]) -> None:
        member, note_id = case
        if what == "correct":
            correct(shop, member, note_id, "袖子改好了", f"c-{note_id}")
        else:
            key = f"r-{note_id}"
            member_notes.remove(shop, member.member_id, note_id, operator_id="he", request_id=key)

    def look() -> object:
        assert books.differences() == []
        rows = LEDGER.execute_sql("SELECT note_id, corrected_by FROM member_note ORDER BY 1").fetchall()
        return [tuple(row) for row in rows]

    each_failure(monkeypatch, tmp_path, prepare, step, look)
