"""Members at the till: answers as described, numbers masked on the server, nothing for technicians."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from tests.web.conftest import Browser, new_key
from tests.web.test_openapi import Told

PHONE, CARD = "13812345620", "2700000000014"
FIELDS = {
    "name": "王芳",
    "phone": "+86 138 1234 5620",
    "card": CARD,
    "email": "wang@x.cn",
    "birthday": "1990-05-21",
}
ME = "/api/members/{member_id}"


@pytest.fixture
def manager(browsers: Callable[[], Browser]) -> Browser:
    browser = browsers()
    assert browser.sign_on("he").status_code == 200
    return browser


@pytest.fixture
def told(cashier: Browser) -> Told:
    return Told(cashier.get("/api/openapi.json").json)


def shown(member: dict[str, Any]) -> dict[str, str]:
    return {each["field"]: each["text"] for each in member["fields"]}


def join(told: Told, browser: Browser, **fields: str) -> dict[str, Any]:
    member = told.send(browser, "POST", "/api/members", {"fields": fields or FIELDS, "scanned": ["card"]})
    assert "member_id" in member, member
    return member  # type: ignore[no-any-return]


def test_joining_changing_and_finding_are_as_described(
    told: Told, cashier: Browser, manager: Browser
) -> None:
    member = join(told, cashier)
    assert shown(member) == {
        **{"name": "王*", "birthday": "****-05-21", "phone": "138****5620"},
        **{"email": "w***@x.cn", "card": "27*******0014"},
    }
    assert {each["field"] for each in member["fields"] if each["verified"]} == {"card"}
    hits = told.send(cashier, "POST", "/api/recognition", {"text": "5620"})["hits"]
    assert [(hit["kind"], hit["sure"]) for hit in hits] == [("last4", False)]
    assert hits[0]["member"] == told.send(cashier, "GET", ME, values=member)
    change = {"revision": 1, "fields": {"notes": "喜欢亚麻", "email": ""}}
    after = told.send(cashier, "PUT", ME, change, values=member)
    assert (after["revision"], shown(after)["notes"], "email" in shown(after)) == (2, "喜欢亚麻", False)
    assert told.send(cashier, "PUT", ME, change, values=member)["code"] == "member_changed"
    stands = {"revision": 2, "blocked": True, "staff_id": "zhou"}
    after = told.send(manager, "PUT", ME + "/standing", stands, values=member)
    assert (after["blocked"], after["staff_id"]) == (True, "zhou")


def test_no_answer_holds_what_is_masked(told: Told, cashier: Browser) -> None:
    member = join(told, cashier)
    answers = [
        member,
        told.send(cashier, "POST", "/api/recognition", {"text": PHONE}),
        told.send(cashier, "POST", "/api/members", {"fields": {"phone": PHONE}}),
        told.send(cashier, "POST", "/api/members", {"fields": {"phone": PHONE, "id_card": "1" * 18}}),
        told.send(cashier, "GET", ME, values=member),
        told.send(cashier, "PUT", ME, {"revision": 9, "fields": {"name": "王芳"}}, values=member),
    ]
    assert answers[2]["code"] == "member_known"
    assert answers[2]["details"] == {"candidates": [member["member_id"]]}
    assert answers[3]["code"] == "member_refused"
    text = json.dumps(answers, ensure_ascii=False)
    assert not [secret for secret in (PHONE, "王芳", CARD, "wang@", "1990", "1" * 18) if secret in text]


def test_a_child_is_told_to_be_one(told: Told, cashier: Browser) -> None:
    assert not join(told, cashier)["minor"]
    assert join(told, cashier, phone="13912345678", birthday="2015-01-01")["minor"]


def test_a_technician_never_sees_a_member(
    told: Told, cashier: Browser, browsers: Callable[[], Browser]
) -> None:
    member = join(told, cashier)
    technician = browsers()
    assert technician.sign_on("tech").status_code == 200
    assert told.send(technician, "GET", ME, values=member)["code"] == "forbidden"
    asked = technician.send("POST", "/api/recognition", {"text": PHONE}, key=new_key())
    assert asked.status_code == 403


def test_who_buys_is_named_shown_masked_and_taken_off(
    told: Told, cashier: Browser, manager: Browser
) -> None:
    presets = told.send(manager, "GET", "/api/office/tiers")["presets"]
    presets[0]["rule"] = {"type": "need", "metric": "spend_minor", "least": 1_00}
    told.send(manager, "PUT", "/api/office/tiers", {"seen_version": 0, "tiers": presets[:1]})
    member = join(told, cashier)
    bag = told.send(cashier, "POST", "/api/till/lines", {"code": "T-W-S"})
    scanned = cashier.send("POST", "/api/till/lines", {"code": CARD}, key=new_key())
    assert (scanned.status_code, scanned.json["code"]) == (409, "member_scanned")
    wanted = {"basket_id": bag["basket_id"], **scanned.json["details"]}
    named = told.send(cashier, "PUT", "/api/till/member", wanted)
    assert named["customer"] == {
        **{"member_id": member["member_id"], "name": "王*", "phone": "138****5620"},
        **{"tier_zh": "", "tier_en": ""},
    }
    (lack,) = told.send(cashier, "GET", f"{ME}/tier", values=member)["to_next"]
    assert (lack["metric"], lack["missing"]) == ("spend_minor", "¥1.00")
    assert told.send(cashier, "PUT", "/api/till/member", {**wanted, "member_id": ""})["customer"] is None
    assert cashier.pay(told.send(cashier, "PUT", "/api/till/member", wanted), 99_00).status_code == 201
    standing = told.send(cashier, "GET", f"{ME}/tier", values=member)
    assert (standing["tier_zh"], standing["to_next"], standing["next_zh"]) == ("常客", [], "")
