"""Who saw whose data: nobody is left out, and nothing that was seen stands in the report itself."""

from __future__ import annotations

import pytest

from services.domain.periods import period
from services.flows import member_exports, member_privacy
from services.flows.member_exports import Wish
from services.flows.shop import Shop
from tests.flows.loyal import MANAGER, Till
from tests.reports.test_members import DAY, DAY_MS, NEXT, ONE, asked, told
from tests.shop import Clock


@pytest.fixture
def till(shop: Shop) -> Till:
    return Till(shop)


def look(till: Till, key: str, *fields: str) -> None:
    member_privacy.unmask(
        *(till.shop, till.member, fields, "a call", MANAGER), operator_id="zhou", request_id=key
    )


def test_a_member_is_named_with_every_field_that_was_seen_and_by_whom(till: Till, clock: Clock) -> None:
    look(till, "one", "phone")
    look(till, "one", "phone")
    look(till, "two", "name")
    member_privacy.export(till.shop, till.member, "asked for it", MANAGER, operator_id="li", request_id="c")
    row = told("disclosures")[till.member]
    assert (row["looks"], row["copies"]) == (2, 1)
    assert {"name", "phone"} <= set(row["fields"].split(", "))
    assert row["people"] == "周婷, li" and row["reasons"] == "a call; asked for it"
    assert row["last"].startswith(DAY)
    clock.at_ms += DAY_MS
    look(till, "three", "name")
    row = told("disclosures", period(NEXT, NEXT))[till.member]
    assert (row["fields"], row["looks"], row["copies"]) == ("name", 1, 0)


def test_a_copy_of_the_whole_base_stands_above_all(till: Till) -> None:
    look(till, "one", "phone")
    for clear in (False, True):
        wish = Wish(form="csv", clear=clear, reason="audit", approval=MANAGER)
        member_exports.export(till.shop, wish, operator_id="zhou", request_id=f"all {clear}")
        whole, _ = asked("disclosures").rows
        assert whole[0] == "All members"
        assert ("phone" in str(whole[1])) is clear
    assert told("disclosures")["All members"]["copies"] == 2


def test_nobody_looked_and_nobody_is_named(till: Till) -> None:
    assert asked("disclosures", ONE).empty
