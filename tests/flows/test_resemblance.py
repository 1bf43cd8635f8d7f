"""Look-alikes are suggested with their reasons, never merged; an answer is remembered for good."""

from __future__ import annotations

import pytest

from services import initials
from services.flows import merges, resemblance
from services.flows.shop import Shop
from services.store import books, duplicates
from services.store.db import LEDGER
from tests.flows.test_duplicates import registered
from tests.flows.test_members import count
from tests.flows.test_merges import merge


def suggest(shop: Shop) -> resemblance.Suggested:
    return resemblance.suggest(shop, initials.syllable, lambda _: None)


@pytest.fixture
def sisters(shop: Shop) -> tuple[str, str]:
    one = registered(shop, phone="13812345678", name="王芳", birthday="1990-05-21")
    other = registered(shop, phone="13812345687", name="汪方", birthday="1990-05-21")
    suggest(shop)
    return one, other


def test_a_slip_is_suggested_with_its_reasons_and_nobody_is_merged(
    shop: Shop, sisters: tuple[str, str]
) -> None:
    one, other = sisters
    assert merges.duplicates() == [(one, other)]
    shown = merges.review(shop, other, one)
    assert shown.reasons == ("name_sounds", "birthday_same", "phone_turned")
    assert count("member_alias") == 0 and books.differences() == []
    assert suggest(shop) == resemblance.Suggested(1, 0, 0)


def test_who_is_told_apart_is_never_asked_about_again(shop: Shop, sisters: tuple[str, str]) -> None:
    one, other = sisters
    told = [
        merges.tell_apart(shop, one, other, "姐妹", None, operator_id="he", request_id=key)
        for key in ("a1", "a1", "a2")
    ]
    assert [each.member_id for each in told[0]] == [one, other] and told[0] == told[1] == told[2]
    assert duplicates.apart() == [(other, one)]
    assert merges.duplicates() == [] and suggest(shop).pairs == 0
    assert merges.review(shop, one, other).reasons == ()
    kinds = [kind for (kind,) in LEDGER.execute_sql("SELECT type FROM journal ORDER BY seq")]
    assert kinds.count("member.told_apart") == 1 and books.differences() == []
    assert merge(shop, one, other).ids == (one, other), "somebody knows better"
    assert books.differences() == [] and suggest(shop).pairs == 0
