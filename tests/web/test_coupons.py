"""Coupons over the API: their codes are told once, and who may do what."""

from __future__ import annotations

from services.flows import coupon_rounds
from services.flows.shop import Shop
from services.store import books
from tests.shop import JEANS
from tests.web.conftest import Browser, Told
from tests.web.test_members import join

TEMPLATES, WALLET = "/api/coupons/templates", "/api/members/{member_id}/coupons"
FIVE = {"kind": "amount", "label_zh": "5 元券", "label_en": "5 off", "face_minor": 5_00, "days": 30}
ROUNDS = "/api/office/coupons/{template_id}/rounds"
MANAGER = {"approver_id": "he", "pin": "735290", "reason": "regular"}


def test_a_coupon_is_given_verified_handed_on_and_cancelled(
    told: Told, cashier: Browser, manager: Browser
) -> None:
    made = told.send(manager, "POST", TEMPLATES, {**FIVE, "transferable": True})
    assert [each["face"]["text"] for each in told.send(cashier, "GET", TEMPLATES)] == ["¥5.00"]
    li, wang = join(told, cashier), join(told, cashier, phone="13987654321")
    given = told.send(cashier, "POST", WALLET, {"template_id": made["template_id"]}, values=li)
    assert len(given["code"]) == 16
    wallet = told.send(cashier, "GET", WALLET, values=li)
    assert [each["state"] for each in wallet] == ["issued"] and given["code"] not in str(wallet)
    seen = told.send(cashier, "POST", "/api/coupons/verify", {"code": given["code"]})
    assert (seen["face"]["minor"], seen["why_not"]) == (5_00, "")
    to = {"member_id": wang["member_id"]}
    new = told.send(cashier, "POST", "/api/coupons/{coupon_id}/hand-over", to, values=given)
    seen = told.send(cashier, "POST", "/api/coupons/verify", {"code": given["code"]})
    assert seen["why_not"] == "transferred"
    body = {"reason": "mistake"}
    over = told.send(manager, "POST", "/api/coupons/{coupon_id}/cancel", body, values=new)
    assert over["state"] == "cancelled"
    last = told.send(manager, "POST", f"{TEMPLATES}/{{template_id}}/withdraw", values=made)
    assert last["issued"] is False
    unknown = cashier.send("POST", "/api/coupons/verify", {"code": "0" * 13})
    assert (unknown.status_code, unknown.json["code"]) == (404, "coupon_unknown")
    assert books.differences() == []


def test_a_large_coupon_needs_a_second_person(told: Told, cashier: Browser, manager: Browser) -> None:
    made = told.send(manager, "POST", TEMPLATES, {**FIVE, "face_minor": 20_00})
    li = join(told, cashier)
    wanted = {"template_id": made["template_id"], "reason": "goodwill"}
    asked = cashier.send("POST", WALLET.format(**li), wanted, key="coupon-1")
    assert (asked.status_code, asked.json["code"]) == (403, "approval_needed")
    told.send(cashier, "POST", WALLET, {**wanted, "approval": MANAGER}, values=li)
    bad = manager.send("POST", TEMPLATES, {**FIVE, "days": 0}, key="coupon-2")
    assert (bad.status_code, bad.json["code"]) == (422, "coupon_template_refused")


def test_the_office_sees_how_many_of_a_kind_are_out_and_how_one_looks(
    told: Told, cashier: Browser, manager: Browser
) -> None:
    made = told.send(manager, "POST", TEMPLATES, {**FIVE, "min_spend_minor": 50_00})
    wang = join(told, cashier, phone="13987654321")
    for _ in range(2):
        given = told.send(cashier, "POST", WALLET, {"template_id": made["template_id"]}, values=wang)
    told.send(manager, "POST", "/api/coupons/{coupon_id}/cancel", {"reason": "mistake"}, values=given)
    (kind,) = told.send(manager, "GET", "/api/office/coupons")
    assert kind["counts"] == {"issued": 2, "open": 1, "used": 0, "ended": 1}
    assert kind["issued"] and kind["draft"]["min_spend_minor"] == 50_00
    again = told.send(manager, "POST", TEMPLATES, kind["draft"])
    assert (again["template_id"], again["version"]) == (made["template_id"], 2)
    seen = told.send(manager, "POST", "/api/office/coupon-preview", kind["draft"], query="?lang=en")
    assert [each["text"] for each in seen["paper"][1:3]] == ["For next time", "5 off"]
    assert seen["paper"][6]["text"] == "¥5.00 off from ¥50.00 on"
    assert seen["first_day"] < seen["last_day"] and seen["promotion"]["terms"]["needs_coupon"]
    sample = {"draft": seen["promotion"], "sample": [{"sku": JEANS, "quantity": 1}]}
    tried = manager.send("POST", "/api/office/promotion-trial?lang=en", sample).json
    assert tried["gross"]["minor"] - tried["total"]["minor"] == 5_00
    bad = manager.send("POST", "/api/office/coupon-preview?lang=en", {**kind["draft"], "days": 0})
    assert (bad.status_code, bad.json["code"]) == (422, "coupon_template_refused")
    told.send(manager, "POST", f"{TEMPLATES}/{{template_id}}/withdraw", values=made)
    assert manager.get("/api/office/coupons").json[0]["issued"] is False


def test_a_round_is_foreseen_begun_followed_and_taken_back(
    told: Told, shop: Shop, cashier: Browser, manager: Browser
) -> None:
    tag = {"key": "linen", "label_zh": "喜欢亚麻", "label_en": "Likes linen"}
    told.send(manager, "PUT", "/api/office/tags", {"seen_version": 0, "tags": [tag]})
    member = join(told, cashier)
    told.send(
        manager,
        "PUT",
        "/api/members/{member_id}/tags/{key}",
        {"on": True},
        values=member | {"key": "linen"},
    )
    made = told.send(manager, "POST", TEMPLATES, FIVE)
    wanted, reach = {"audience": "tag", "key": "linen"}, "/api/office/coupons/{template_id}/reach"
    seen = told.send(manager, "GET", reach, query="?audience=tag&key=linen", values=made)
    assert (seen["people"], seen["had"], seen["face"]["minor"]) == (1, 0, 5_00)
    begun = told.send(manager, "POST", ROUNDS, {**wanted, "version": made["version"]}, values=made)
    assert (begun["state"], begun["busy"], begun["expected"], begun["label_en"]) == (
        *("running", True, 1),
        "Likes linen",
    )
    while coupon_rounds.go_on(shop):
        pass
    (row,) = told.send(manager, "GET", ROUNDS, values=made)
    assert (row["state"], row["given"], row["open"], row["by"]) == ("done", 1, 1, "何敏")
    taken = told.send(manager, "POST", "/api/office/coupon-rounds/{round_id}/withdraw", values=row)
    assert (taken["state"], taken["busy"], taken["withdrawn_by"]) == ("withdrawn", True, "何敏")
    again = manager.send(
        "POST", ROUNDS.format(**made), {**wanted, "key": "none", "version": 1}, key="round-2x"
    )
    assert (again.status_code, again.json["details"]) == (409, {"why": "audience"})
