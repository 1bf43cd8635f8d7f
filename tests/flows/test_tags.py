"""Tags in the shop: put on by rules with their evidence, by hand with the last word, and priced."""

from __future__ import annotations

from pathlib import Path

import pytest

from services.domain.basket import Basket
from services.domain.consents import Consent
from services.domain.member_errors import TagRefused
from services.domain.metrics import Window
from services.domain.offers import LINE, Terms
from services.domain.tags import Away, Book, InARow, Kind, Reaches, Tag
from services.flows import checkout, member_privacy, members, promotions, tags
from services.flows.promotions import Draft
from services.flows.rule_trials import Tried
from services.flows.shop import Shop
from services.store import books, db, member_records
from services.store import tags as stored
from services.store.db import LEDGER
from tests.faults import each_failure
from tests.flows.test_tiers import ANNA, BO, DAY_MS, filled, sold, undo
from tests.shop import JEANS, SOCKS, TEE, Clock, make_shop


def named(key: str, rule: object = None) -> Tag:
    return Tag(key=key, label_zh=key, label_en=key, rule=rule)  # type: ignore[arg-type]


BOOK = Book(
    tags=(
        named("big", Reaches("spend_minor", 300_00, Window("rolling_days", 30))),
        named("denim", InARow(Kind(categories=("bottoms",)), 2)),
        named("gone", Away(90)),
        named("linen"),
    )
)


@pytest.fixture
def shop(shop: Shop) -> Shop:
    tags.publish(shop, BOOK, seen_version=0, operator_id="he")
    return shop


def worn(*member_ids: str) -> set[str]:
    return set(tags.segments(member_ids or (ANNA,)))


def aimed(shop: Shop, *segments: str) -> None:
    draft = Draft(
        kind="percentage",
        layer=LINE,
        label_zh="专享",
        label_en="For you",
        terms=Terms(segments=segments),
        params={"basis_points": 1_000},
    )
    promotions.publish(shop, draft, operator_id="he", request_id=shop.new_id())


def test_a_rule_puts_a_tag_on_with_the_numbers_and_sales_it_rests_on(shop: Shop) -> None:
    sold(shop, TEE)
    assert worn() == set()
    one, two = sold(shop, JEANS), sold(shop, JEANS, SOCKS)
    assert worn() == {"big", "denim"}
    denim = next(each for each in stored.of((ANNA,)) if each.tag == "denim")
    assert (denim.evidence.numbers, denim.evidence.sale_ids) == (
        {"in_a_row": 2, "least": 2},
        (one.sale_id, two.sale_id),
    )
    assert (denim.sale_id, denim.operator_id, denim.rule_version) == (two.sale_id, "zhou", 1)
    assert worn(BO) == set()
    assert books.differences() == []


def test_a_promotion_that_is_aimed_at_a_tag_works_from_the_next_sale_on(shop: Shop) -> None:
    aimed(shop, "big")
    assert sold(shop, JEANS).total.minor == 329_00
    assert sold(shop, TEE).total.minor == 89_10
    assert sold(shop, TEE, member_id=BO).total.minor == 99_00
    assert sold(shop, TEE, member_id="").total.minor == 99_00


def test_what_comes_back_takes_its_tag_along(shop: Shop) -> None:
    sale = sold(shop, JEANS)
    undo(shop, sale)
    assert worn() == set()
    assert books.differences() == []


def test_the_days_end_looks_once_at_everybody(
    shop: Shop, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tags, "SWEPT_MAX", 1)
    sold(shop, JEANS)
    sold(shop, TEE, member_id=BO)
    assert (tags.sweep(shop), tags.sweep(shop)) == (2, 0)
    clock.at_ms += 91 * DAY_MS
    assert (tags.sweep(shop), tags.sweep(shop)) == (2, 0)
    assert (worn(), worn(BO)) == ({"gone"}, {"gone"})
    tags.publish(shop, Book(tags=(named("gone", Away(200)),)), seen_version=1, operator_id="he")
    assert (tags.sweep(shop), tags.sweep(shop)) == (2, 0)
    assert (worn(), worn(BO)) == (set(), set())
    assert books.differences() == []


def test_by_hand_has_the_last_word_until_it_is_lifted(shop: Shop) -> None:
    for _ in range(2):
        tags.by_hand(shop, (ANNA,), "linen", on=True, operator_id="he")
        tags.by_hand(shop, (ANNA,), "big", on=False, operator_id="he")
    sold(shop, JEANS)
    assert worn() == {"linen"}
    count = "SELECT COUNT(*) FROM journal WHERE type = 'tag.changed'"
    assert LEDGER.execute_sql(count).fetchone() == (2,)
    for _ in range(2):
        tags.lift(shop, (ANNA,), "linen", operator_id="he")
        tags.lift(shop, (ANNA,), "big", operator_id="he")
    assert worn() == {"big"}  # its rule decides again
    with pytest.raises(TagRefused):
        tags.by_hand(shop, (ANNA,), "silk", on=True, operator_id="he")
    assert books.differences() == []


def test_two_ids_of_one_person_wear_what_either_wears_and_lose_it_together(shop: Shop) -> None:
    tags.by_hand(shop, (BO,), "linen", on=True, operator_id="he")
    sold(shop, JEANS, member_id=BO)
    assert worn(ANNA, BO) == {"linen", "big"}
    tags.by_hand(shop, (ANNA, BO), "linen", on=False, operator_id="he")
    tags.by_hand(shop, (ANNA, BO), "big", on=False, operator_id="he")
    assert (worn(ANNA, BO), worn(BO)) == (set(), set())
    assert books.differences() == []


def test_who_refused_to_be_profiled_has_no_tags_by_rule(shop: Shop) -> None:
    sold(shop, JEANS)
    assert worn() == {"big"}
    with db.write():
        no = dict(text_id="t", text_version="1", text_hash="h", channel="till", evidence="")
        member_records.add_consent(
            Consent(
                **no,
                consent_id="c",
                member_id=ANNA,
                purpose="profiling",
                granted=False,
                operator_id="he",
                workstation_id="1",
                at_ms=1,
            )
        )
    tags.sweep(shop)
    assert worn() == set()


def test_the_look_at_everybody_says_in_which_stage_they_are(shop: Shop, clock: Clock) -> None:
    joining = members.Joining(given={"phone": "13812345620"})
    member = members.join(shop, joining, operator_id="zhou", request_id="join").member_id
    assert (tags.census().day, tags.census().done) == ("", False)
    sold(shop, JEANS, member_id=member)
    assert tags.sweep(shop) == 1
    found = tags.census()
    assert (found.stages, found.groups, found.wear) == ({"new": 1}, {"other": 1}, {"big": 1})
    for wanted in (("", "new", ""), ("", "", "other"), ("", "new", "other"), ("big", "", "")):
        assert tags.among(tags.Among(*wanted), "", 9) == [member]
    for wanted in (("", "lost", ""), ("", "new", "core"), ("denim", "", "")):
        assert tags.among(tags.Among(*wanted), "", 9) == []
    assert tags.trial(shop, Reaches("visits", 1)) == Tried(1, 1, "")
    assert tags.trial(shop, Reaches("visits", 2)) == Tried(0, 1, "")
    with pytest.raises(TagRefused) as refused:
        tags.trial(shop, InARow(Kind()))
    assert refused.value.details["why"] == "kind"
    assert found.done
    clock.at_ms += 400 * DAY_MS
    tags.sweep(shop)
    assert tags.census().stages == {"lost": 1}
    member_privacy.erase(shop, member, None, operator_id="he", request_id="erase-1")
    found = tags.census()
    assert (found.stages, found.wear, tags.among(tags.Among("", "lost", ""), "", 9)) == ({}, {}, [])


def test_who_was_erased_loses_the_tags_of_rules_with_the_next_round(shop: Shop) -> None:
    joining = members.Joining(given={"phone": "13812345620"})
    member = members.join(shop, joining, operator_id="zhou", request_id="join").member_id
    sold(shop, JEANS, member_id=member)
    assert worn(member) == {"big"}
    member_privacy.erase(shop, member, None, operator_id="he", request_id="erase-1")
    tags.sweep(shop)
    assert worn(member) == set()
    assert books.differences() == []


def test_publishing_asks_for_the_version_that_was_seen(shop: Shop) -> None:
    assert tags.publish(shop, BOOK, seen_version=0, operator_id="he").version == 1  # a repeat
    with pytest.raises(TagRefused) as refused:
        tags.publish(shop, Book(), seen_version=0, operator_id="he")
    assert refused.value.details == {"why": "version", "version": 1}


def test_a_tag_and_its_sale_are_there_together_or_not_at_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop = make_shop()

    def prepare(n: int) -> tuple[Basket, str]:
        tags.publish(shop, BOOK, seen_version=0, operator_id="he")
        return filled(shop, JEANS, member_id=f"member-{n}"), f"sale-{n}"

    def settle(case: tuple[Basket, str]) -> None:
        basket, key = case
        checkout.settle(
            shop,
            "1",
            basket_id=basket.basket_id,
            version=basket.version,
            tendered=[("cash", 329_00)],
            operator_id="zhou",
            request_id=key,
        )

    def look() -> object:
        count = "SELECT (SELECT COUNT(*) FROM sale), (SELECT COUNT(*) FROM member_tag)"
        seen = LEDGER.execute_sql(count).fetchone()
        assert seen[0] == seen[1], "a tag without its sale"
        assert books.differences() == []
        return seen

    each_failure(monkeypatch, tmp_path, prepare, settle, look)


def test_damage_is_found(shop: Shop) -> None:
    sold(shop, JEANS)
    for damage in (
        "UPDATE member_tag SET is_on = 0",
        "UPDATE member_tag SET evidence = '{}'",
        "DELETE FROM member_tag",
        "UPDATE tag_book SET body = '{}'",
    ):
        with pytest.raises(ZeroDivisionError), db.write():
            LEDGER.execute_sql(damage)
            assert books.differences(), damage
            raise ZeroDivisionError
    assert books.differences() == []
