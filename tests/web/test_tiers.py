"""Tiers over the wire: what makes no sense is said, and nobody overwrites what they have not seen."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import pytest

from tests.web.conftest import Browser, Told
from tests.web.test_members import join

GOLD = {
    "key": "gold",
    "rank": 1,
    "label_zh": "金卡",
    "label_en": "Gold",
    "rule": {"type": "need", "metric": "spend_minor", "least": 500_000},
}


def put(manager: Browser, *tiers: dict[str, Any], seen: int) -> Any:
    return manager.send("PUT", "/api/office/tiers", {"seen_version": seen, "tiers": list(tiers)})


def test_tiers_begin_empty_with_presets_and_are_published_in_versions(manager: Browser) -> None:
    shown = manager.get("/api/office/tiers").json
    assert shown["program"]["tiers"] == []
    assert [each["key"] for each in shown["presets"]] == ["regular", "all_round", "ambassador"]
    assert put(manager, GOLD, seen=0).json["program"]["version"] == 1
    assert put(manager, GOLD, seen=0).json["program"]["version"] == 1  # the repeat of a lost answer
    late = put(manager, {**GOLD, "rank": 2}, seen=0)
    assert (late.status_code, late.json["code"], late.json["details"]["why"]) == (
        409,
        "tier_refused",
        "version",
    )


def test_a_rule_is_tried_before_it_is_published_and_the_form_knows_what_it_may_name(
    manager: Browser,
) -> None:
    rule = {"type": "need", "metric": "visits", "least": 3}
    assert manager.send("POST", "/api/office/tier-trial", {"rule": rule}).json == {
        **{"members": 0, "of": 0},
        "next": "",
    }
    put(manager, GOLD, seen=0)
    form = manager.get("/api/office/loyalty-form?lang=en").json
    assert [each["key"] for each in form["tiers"]] == ["gold"]
    assert (form["decimals"], form["zero"]) == (2, "\u00a50.00")


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("metric", "shoe_size"),
        ("least", 0),
        ("least", 10**13),
        ("least", "viel"),
        ("window", {"span": "decade", "length": 1}),
        ("window", {"span": "month", "length": 0}),
    ],
)
def test_a_rule_that_says_nothing_is_refused_by_its_field(
    manager: Browser, field: str, value: object
) -> None:
    odd = deepcopy(GOLD)
    odd["rule"][field] = value  # type: ignore[index]
    answer = put(manager, odd, seen=0)
    assert (answer.status_code, answer.json["code"]) == (400, "bad_request"), answer.json
    assert manager.get("/api/office/tiers").json["program"]["version"] == 0


def test_a_tier_is_given_by_hand_once_and_never_a_lower_one(
    told: Told, manager: Browser, cashier: Browser
) -> None:
    put(manager, {**GOLD, "key": "silver"}, {**GOLD, "rank": 2}, seen=0)
    li = join(told, manager, phone="13812345620")
    path = "/api/office/members/{member_id}/tier"
    wanted = {"tier": "gold", "until": "2027-11-22", "reason": "elsewhere"}
    given = told.send(manager, "POST", path, wanted, values=li)
    assert (given["tier"], given["until"]) == ("gold", "2027-11-22")
    lower = told.send(manager, "POST", path, {**wanted, "tier": "silver"}, values=li)
    assert (lower["code"], lower["details"]["why"]) == ("tier_refused", "lower")
    past = told.send(manager, "POST", path, {**wanted, "until": "2020-01-01"}, values=li)
    assert past["code"] == "tier_refused"
    odd = manager.send("POST", path.format(**li), {**wanted, "reason": "because"}, key="odd")
    assert odd.status_code == 400
    assert cashier.send("POST", path.format(**li), wanted, key="mine").status_code == 403
