"""Members at the till: answers as described, numbers masked on the server, nothing for technicians."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from tests.web.conftest import Browser, Told, new_key
from tests.web.test_access import CONSENT
from web_console.routes import declared

PHONE, CARD = "13812345620", "2700000000014"
FIELDS = {
    "name": "王芳",
    "phone": "+86 138 1234 5620",
    "card": CARD,
    "email": "wang@x.cn",
    "birthday": "1990-05-21",
}
ME = "/api/members/{member_id}"
NOTHING = {"minor": 0, "currency": "CNY", "text": "¥0.00"}


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
    assert technician.get("/api/live").status_code == 403, "who buys at a till is in what it tells"


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
        **{"tier_zh": "", "tier_en": "", "balance": NOTHING, "usable": NOTHING},
        **{"points": 0, "points_most": 0, "points_worth": NOTHING, "points_used": 0},
        **{"birthday_month": False, "frozen": False},
    }
    (lack,) = told.send(cashier, "GET", f"{ME}/tier", values=member)["to_next"]
    assert (lack["metric"], lack["missing"], lack["have_text"], lack["least_text"]) == (
        *("spend_minor", "¥1.00", "¥0.00", "¥1.00"),
    )
    assert told.send(cashier, "PUT", "/api/till/member", {**wanted, "member_id": ""})["customer"] is None
    assert told.send(cashier, "GET", f"{ME}/purchases", values=member) == {"purchases": []}
    paid = cashier.pay(told.send(cashier, "PUT", "/api/till/member", wanted), 99_00)
    assert paid.status_code == 201
    assert paid.json["risen"] == {"label_zh": "常客", "label_en": "Regular"}
    again = told.send(cashier, "GET", "/api/sales/{sale_id}", values=paid.json)
    assert again["risen"] == paid.json["risen"]  # also for a page that is loaded again
    (line,) = told.send(cashier, "GET", f"{ME}/purchases", values=member)["purchases"]
    assert (line["number"], line["sku"], line["pieces"], line["amount"]["minor"]) == (
        *(paid.json["number"], "T-W-S", 1, 99_00),
    )
    standing = told.send(cashier, "GET", f"{ME}/tier", values=member)
    assert (standing["tier_zh"], standing["to_next"], standing["next_zh"]) == ("常客", [], "")


def test_consents_copies_and_erasing_are_as_described(
    told: Told, cashier: Browser, manager: Browser
) -> None:
    member = join(told, cashier)
    said = told.send(cashier, "POST", ME + "/consents", CONSENT, values=member)
    assert said == told.send(cashier, "GET", ME + "/consents", values=member)
    assert said["standing"] == {"marketing_sms": True} and said["log"][0]["operator"] == "周婷"
    why = {"reason": "本人要求"}
    wanted = {"fields": ["phone"], **why}
    assert told.send(cashier, "POST", ME + "/unmask", wanted, values=member)["code"] == "approval_needed"
    lent = {**wanted, "approval": {"approver_id": "he", "pin": "735290", "reason": "顾客在场"}}
    assert told.send(cashier, "POST", ME + "/unmask", lent, values=member)["fields"] == {"phone": PHONE}
    whole = told.send(manager, "POST", ME + "/export", why, values=member)["member"]
    assert {each["field"] for each in whole["profile"]} == set(FIELDS)
    path = ME.format(**member) + "/export.csv"
    table = manager.send("POST", path, why, key=new_key())
    assert (
        table.mimetype == "text/csv"
        and PHONE in table.text
        and "no-store" in table.headers["Cache-Control"]
    )
    shown = told.send(manager, "GET", ME + "/erasure", values=member)
    assert set(shown["fields"]) == set(FIELDS) and shown["consents"] == 1
    told.send(manager, "POST", ME + "/erasure", {}, values=member)
    assert told.send(manager, "GET", ME, values=member)["code"] == "member_unknown"


def test_two_side_by_side_become_one_and_two_again(told: Told, cashier: Browser, manager: Browser) -> None:
    one = join(told, cashier)
    other = join(told, cashier, name="王芳", birthday="1990-05-21", phone="13912345678")
    like = told.send(cashier, "GET", ME + "/like", values=one)
    assert [(each["member"], each["likeness"]) for each in like["suspects"]] == [(other, "hint")]
    (pair,) = told.send(manager, "GET", "/api/member-duplicates")["pairs"]
    assert pair == {
        "one": one,
        "other": other,
        "likeness": "hint",
        "reasons": ["name_same", "birthday_same"],
    }
    asked = {"one": one["member_id"], "other": other["member_id"]}
    shown = told.send(
        cashier, "GET", "/api/member-merges", query="?one={one}&other={other}".format(**asked)
    )
    assert (shown["evidence"], shown["conflicts"]) == (["name", "birthday"], ["phone"])
    text = json.dumps([like, pair, shown], ensure_ascii=False)
    assert not [secret for secret in (PHONE, "王芳", CARD, "wang@", "1990") if secret in text]
    merge = {**asked, "reason": "同一人"}
    assert told.send(cashier, "POST", "/api/member-merges", merge)["code"] == "approval_needed"
    both = told.send(manager, "POST", "/api/member-merges", merge)
    assert both["ids"] == [one["member_id"], other["member_id"]] and both["fields"] == shown["outcome"]
    (made,) = told.send(cashier, "GET", ME + "/like", values=other)["merges"]
    parts = {"absorbed": made["absorbed"], "survivor": made["survivor"], "reason": "弄错了"}
    parted = told.send(manager, "POST", "/api/member-merges/part", parts)
    assert parted == {"older": one, "younger": other}
    third = join(told, cashier, name="王芳", birthday="1990-05-21", phone="13712345678")
    apart = {"one": third["member_id"], "other": one["member_id"], "reason": "姐妹"}
    assert told.send(cashier, "POST", "/api/member-merges/apart", apart)["code"] == "approval_needed"
    answer = told.send(manager, "POST", "/api/member-merges/apart", apart)
    assert answer == {"older": one, "younger": third}
    like = told.send(cashier, "GET", ME + "/like", values=one)
    assert like["suspects"] == [], "both were told apart from this one"


def test_no_page_of_members_is_open_to_a_technician() -> None:
    ours = [route for route in declared() if route.path.startswith(("/api/member", "/api/recognition"))]
    assert len(ours) > 15
    assert not [
        route.path for route in ours if "technician" in route.access.roles or not route.access.roles
    ]


def test_points_and_a_coupon_take_something_off(told: Told, cashier: Browser, manager: Browser) -> None:
    book = {"terms": {"points": 1, "per_minor": 100}, "discount": {"points": 100, "minor": 100}}
    told.send(manager, "PUT", "/api/office/points/rules", {"seen_version": 0, "book": book})
    member = join(told, cashier)
    template = {"kind": "amount", "label_zh": "5 元券", "label_en": "5 off", "face_minor": 500, "days": 30}
    kind = told.send(manager, "POST", "/api/coupons/templates", template)
    adjust = {"points": 1_000, "reason": "goodwill"}
    told.send(manager, "POST", f"{ME}/points", adjust, values=member)
    give = {"template_id": kind["template_id"], "reason": "gift"}
    coupon = told.send(manager, "POST", f"{ME}/coupons", give, values=member)
    bag = told.send(cashier, "POST", "/api/till/lines", {"code": "T-W-S"})
    wanted = {"basket_id": bag["basket_id"]}
    who = told.send(cashier, "PUT", "/api/till/member", {**wanted, "member_id": member["member_id"]})
    assert (who["customer"]["points"], who["customer"]["points_most"]) == (1_000, 1_000)
    told.send(cashier, "PUT", "/api/till/points", {**wanted, "points": 1_000})
    shown = told.send(cashier, "PUT", "/api/till/coupon", {**wanted, "code": coupon["code"]})
    assert (shown["total"]["text"], shown["customer"]["points_used"]) == ("¥84.00", 1_000)
    off = {**wanted, "coupon_id": shown["coupons"][0], "wanted": False}
    assert told.send(cashier, "PUT", "/api/till/coupon", off)["total"]["text"] == "¥89.00"
    more = cashier.send("PUT", "/api/till/points", {**wanted, "points": 1_100})
    assert (more.status_code, more.json["code"]) == (422, "points_refused")
    assert cashier.pay(told.send(cashier, "GET", "/api/till/basket"), 89_00).status_code == 201


def test_the_best_choice_is_shown_with_its_reasons_and_taken_once(
    told: Told, cashier: Browser, manager: Browser
) -> None:
    path = "/api/till/best-choice"
    book = {"terms": {"points": 1, "per_minor": 100}, "discount": {"points": 100, "minor": 100}}
    told.send(manager, "PUT", "/api/office/points/rules", {"seen_version": 0, "book": book})
    member = join(told, cashier)
    template = {"kind": "amount", "label_zh": "5 元券", "label_en": "5 off", "face_minor": 500, "days": 30}
    kind = told.send(manager, "POST", "/api/coupons/templates", template)
    adjust = {"points": 1_250, "reason": "goodwill"}
    told.send(manager, "POST", f"{ME}/points", adjust, values=member)
    for _ in range(2):
        give = {"template_id": kind["template_id"], "reason": "gift"}
        told.send(manager, "POST", f"{ME}/coupons", give, values=member)
    bag = told.send(cashier, "POST", "/api/till/lines", {"code": "T-W-S"})
    assert told.send(cashier, "GET", path)["best"] is None, "nobody is known"
    named = {"basket_id": bag["basket_id"], "member_id": member["member_id"]}
    told.send(cashier, "PUT", "/api/till/member", named)
    shown = told.send(cashier, "GET", path)
    assert (shown["best"]["saves"]["text"], shown["best"]["points"], shown["taken"]) == (
        *("¥17.00", 1_200),
        False,
    )
    assert shown["best"]["points_worth"]["text"] == "¥12.00"
    assert [each["saves"]["text"] for each in shown["others"]] == ["¥12.00", "¥5.00"]
    (pick,) = shown["best"]["coupons"]
    assert (pick["label_zh"], pick["label_en"], pick["last_day"]) == ("5 元券", "5 off", "2026-12-21")
    wanted = {
        **{"basket_id": shown["basket_id"], "version": shown["version"]},
        **{"coupons": [pick["coupon_id"]], "points": 1_200},
    }
    for _ in range(2):
        after = told.send(cashier, "PUT", path, wanted)
        assert (after["total"]["text"], after["coupons"]) == ("¥82.00", [pick["coupon_id"]])
    assert told.send(cashier, "GET", path)["taken"] is True
    stale = cashier.send("PUT", path, {**wanted, "points": 0})
    assert (stale.status_code, stale.json["code"]) == (409, "basket_changed")
    off = {**wanted, "version": after["version"], "coupons": [], "points": 0}
    assert told.send(cashier, "PUT", path, off)["total"]["text"] == "¥99.00"


def test_the_audit_trail_tells_of_members_without_their_data(
    told: Told, cashier: Browser, manager: Browser
) -> None:
    join(told, cashier)
    (row,) = manager.get("/api/office/journal?type=member.joined").json["rows"]
    detail = manager.get(f"/api/office/journal/{row['seq']}").json
    facts = {fact["name"]: fact["text"] for fact in detail["facts"]}
    assert facts["sealed"].startswith("AES-256-GCM, ") and facts["member_id"]
    text = json.dumps([row, detail], ensure_ascii=False) + manager.get("/api/office/journal.csv").text
    assert not [secret for secret in (PHONE, "王芳", CARD, "wang@", "1990") if secret in text]
