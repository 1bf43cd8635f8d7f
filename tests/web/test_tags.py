"""Tags over the wire: each with its reason, by hand for a manager only, and in versions."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import pytest

from tests.web.conftest import Browser, Told
from tests.web.test_members import join

ONE_TEE = {
    "key": "tee",
    "label_zh": "T 恤",
    "label_en": "Tees",
    "rule": {"type": "share", "kind": {"styles": ["T1"]}, "least_bp": 5_000, "least_pieces": 1},
}
LINEN = {"key": "linen", "label_zh": "喜欢亚麻", "label_en": "Likes linen"}
OFFICE, MINE = "/api/office/tags", "/api/members/{member_id}/tags"


def put(manager: Browser, *tags: dict[str, Any], seen: int) -> Any:
    return manager.send("PUT", OFFICE, {"seen_version": seen, "tags": list(tags)})


def test_a_members_tags_come_with_their_reasons(told: Told, cashier: Browser, manager: Browser) -> None:
    told.send(manager, "PUT", OFFICE, {"seen_version": 0, "tags": [ONE_TEE, LINEN]})
    member = join(told, cashier)
    shown = told.send(cashier, "GET", MINE, values=member)
    assert [(tag["key"], tag["on"]) for tag in shown["tags"]] == [("tee", False), ("linen", False)]
    assert (shown["life"]["stage"], shown["life"]["group"]) == ("none", "other")
    bag = told.send(cashier, "POST", "/api/till/lines", {"sku": "T-W-S"})
    who = {"basket_id": bag["basket_id"], "member_id": member["member_id"]}
    bag = told.send(cashier, "PUT", "/api/till/member", who)
    paid = {"basket_id": bag["basket_id"], "version": bag["version"]}
    tenders = [{"key": "cash", "amount_minor": bag["total"]["minor"]}]
    sale = told.send(cashier, "POST", "/api/sales", {**paid, "tenders": tenders})
    shown = told.send(cashier, "GET", MINE, values=member)
    tee = shown["tags"][0]
    assert (tee["on"], tee["by_hand"], tee["evidence"]["sale_ids"]) == (True, False, [tee["sale_id"]])
    assert tee["sale_id"] == sale["sale_id"]
    assert tee["evidence"]["numbers"] == {"pieces": 1, "of_pieces": 1, "least_bp": 5_000}
    assert (shown["life"]["stage"], shown["life"]["spend"]["minor"]) == ("new", 99_00)


def test_by_hand_is_said_and_lifted(told: Told, cashier: Browser, manager: Browser) -> None:
    told.send(manager, "PUT", OFFICE, {"seen_version": 0, "tags": [LINEN]})
    member = join(told, cashier) | {"key": "linen"}
    for _ in range(2):
        shown = told.send(manager, "PUT", MINE + "/{key}", {"on": True}, values=member)
        assert [(tag["on"], tag["by_hand"], tag["operator_id"]) for tag in shown["tags"]] == [
            (True, True, "he")
        ]
    for _ in range(2):
        shown = told.send(manager, "DELETE", MINE + "/{key}", values=member)
        assert [(tag["on"], tag["by_hand"]) for tag in shown["tags"]] == [(False, False)]
    odd = told.send(manager, "PUT", MINE + "/{key}", {"on": True}, values=member | {"key": "silk"})
    assert (odd["code"], odd["details"]["why"]) == ("tag_refused", "tag")


def test_a_tag_lists_its_members_masked_with_the_reason_of_whoever_put_it_on(
    told: Told, cashier: Browser, manager: Browser
) -> None:
    told.send(manager, "PUT", OFFICE, {"seen_version": 0, "tags": [LINEN]})
    member = join(told, cashier) | {"key": "linen"}
    told.send(manager, "PUT", MINE + "/{key}", {"on": True, "reason": "told"}, values=member)
    (row,) = told.send(manager, "GET", "/api/office/tagged", query="?tag=linen")["rows"]
    phones = [each["text"] for each in row["member"]["fields"] if each["field"] == "phone"]
    assert (phones, row["worn"]["reason"], row["worn"]["operator_id"]) == (["138****5620"], "told", "he")
    assert manager.get("/api/office/tagged?stage=new").json == {"rows": [], "next": ""}
    shown = manager.get(OFFICE).json
    assert (shown["members"], shown["stages"], shown["looked"]) == ({"linen": 1}, {}, False)
    tried = manager.send("POST", "/api/office/tag-trial", {"rule": ONE_TEE["rule"]}).json
    assert tried == {"members": 0, "of": 0, "next": ""}


def test_tags_begin_empty_with_presets_and_are_published_in_versions(manager: Browser) -> None:
    shown = manager.get(OFFICE).json
    assert shown["book"]["tags"] == []
    assert [each["key"] for each in shown["presets"]] == [
        *("high_value", "mother_baby", "summer_dresses", "family", "office_commuter", "casual_sport"),
    ]
    assert put(manager, *shown["presets"], seen=0).json["book"]["version"] == 1
    assert put(manager, *shown["presets"], seen=0).json["book"]["version"] == 1  # of a lost answer
    late = put(manager, LINEN, seen=0)
    assert (late.status_code, late.json["details"]["why"]) == (409, "version")


@pytest.mark.parametrize(
    ("field", "value", "status"),
    [
        ("least_bp", 0, 400),
        ("least_bp", "viel", 400),
        ("least_pieces", 0, 400),
        ("type", "horoscope", 400),
        ("window", {"span": "decade", "length": 1}, 400),
        ("kind", {}, 409),
    ],
)
def test_a_rule_that_says_nothing_is_refused(
    manager: Browser, field: str, value: object, status: int
) -> None:
    odd = deepcopy(ONE_TEE)
    odd["rule"][field] = value  # type: ignore[index]
    assert put(manager, odd, seen=0).status_code == status
    assert manager.get(OFFICE).json["book"]["version"] == 0
