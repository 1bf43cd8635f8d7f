"""Notes of a member: sealed wherever they lie, copied with the member and gone with them; preferences."""

from __future__ import annotations

from pathlib import Path

import pytest

from services.domain.consents import Consent
from services.domain.member_errors import MemberRefused
from services.domain.preferences import Kept, preferences
from services.flows import around, member_copy, member_notes, member_privacy, members
from services.flows.shop import Shop
from services.store import books, db, member_records
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
