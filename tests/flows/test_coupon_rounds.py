"""A coupon for everybody who wears a tag: each person once, wherever it was broken off."""

from __future__ import annotations

from pathlib import Path

import pytest

from services.domain.coupon_errors import CouponRefused
from services.domain.errors import ApprovalNeeded
from services.domain.tags import Book
from services.flows import coupon_rounds, coupon_templates, coupons, merges, tags
from services.flows.coupon_rounds import Piece, give_piece
from services.flows.shop import Shop
from services.store import books, db, journal, members
from services.store import tags as stored
from tests.faults import each_failure
from tests.flows.test_coupons import TWENTY
from tests.flows.test_customers import joined
from tests.flows.test_tags import named
from tests.shop import make_shop, open_store

BOOK = Book(tags=(named("linen"),))


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    open_store(tmp_path / "ledger.db")
    return worn(make_shop())


def worn(shop: Shop) -> Shop:
    tags.publish(shop, BOOK, seen_version=0, operator_id="he")
    for phone, card in (("13812345620", "2700000000014"), ("13987654321", "2700000000021")):
        member_id = joined(shop, phone, card)
        tags.by_hand(shop, (member_id,), "linen", on=True, operator_id="he")
    return shop


def kind(shop: Shop, template_id: str = "") -> str:
    draft = TWENTY if not template_id else coupon_templates.listed()[0].template
    return coupon_templates.publish(shop, draft, operator_id="he", request_id=shop.new_id()).template_id


def piece(shop: Shop, template_id: str, *, version: int = 1, after: str = "", key: str = "") -> Piece:
    return give_piece(
        *(shop, template_id, "linen"),
        version=version,
        after=after,
        operator_id="he",
        request_id=key or shop.new_id(),
    )


def people() -> list[str]:
    return stored.wearing("linen", "", 9)


def test_everybody_gets_one_however_often_it_is_begun_again(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    five = kind(shop)
    monkeypatch.setattr(coupon_rounds, "PIECE", 1)
    first = piece(shop, five, key="round-one")
    assert (first.given, first.had) == (1, 0) and first.next
    assert piece(shop, five, key="round-one") == first
    assert piece(shop, five) == Piece(0, 1, first.next)  # broken off, begun again
    second = piece(shop, five, after=first.next)
    assert second.given == 1
    assert piece(shop, five, after=second.next).given == 0
    wallets = [coupons.wallet((each,)) for each in people()]
    assert [[coupon.reason for coupon in wallet] for wallet in wallets] == [["round"], ["round"]]
    assert books.differences() == [] and journal.first_break() == 0


def test_a_version_that_came_between_is_no_second_coupon(shop: Shop) -> None:
    five = kind(shop)
    assert piece(shop, five).given == 2
    assert kind(shop, five) == five
    with pytest.raises(CouponRefused) as refused:
        piece(shop, five)
    assert refused.value.details == {"why": "version"}
    assert piece(shop, five, version=2).given == 2
    with pytest.raises(ApprovalNeeded):
        give_piece(shop, five, "linen", version=2, after="", operator_id="zhou", request_id="by-zhou-1")


def test_whatever_fails_a_piece_is_whole_or_absent(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shop = make_shop()
    kinds: list[str] = []

    def prepare(n: int) -> str:
        if not kinds:
            worn(shop)
        kinds.append(kind(shop))
        return kinds[-1]

    def look() -> object:
        assert books.differences() == []
        return sorted(db.LEDGER.execute_sql("SELECT coupon_id, state FROM coupon").fetchall())

    each_failure(monkeypatch, tmp_path, prepare, lambda one: piece(shop, one, key=f"round-{one}"), look)


def test_two_who_turned_out_to_be_one_person_get_one(shop: Shop) -> None:
    five, (one, other) = kind(shop), people()
    merges.merge(shop, one, other, "same person", None, operator_id="he", request_id="merge-one")
    assert piece(shop, five) == Piece(1, 1, "")
    assert len(coupons.wallet(members.group(one))) == 1
