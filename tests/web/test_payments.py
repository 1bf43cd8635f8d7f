"""Split tender over the API: a card on its terminal, the rest in cash."""

from __future__ import annotations

from tests.shop import JEANS, TEE
from tests.web.conftest import Browser, new_key

ASK = "/api/till/payments"


def test_a_card_and_cash_pay_one_bag(cashier: Browser) -> None:
    cashier.add(TEE)
    bag = cashier.add(JEANS)
    asked = {
        "basket_id": bag["basket_id"],
        "version": bag["version"],
        "tender": "card",
        "amount_minor": 300_00,
    }
    bag = cashier.send("POST", ASK, asked, key="ask-0001").json
    (payment,) = bag["payments"]
    assert (payment["state"], payment["amount"]["text"], bag["left"]["text"]) == (
        "sent",
        "¥300.00",
        "¥428.00",
    )
    assert cashier.send("POST", ASK, asked, key="ask-0001").json == bag
    assert cashier.get("/api/till/basket").json["payments"] == bag["payments"]
    refused = cashier.send("POST", "/api/till/lines", {"sku": TEE}, key=new_key())
    assert (refused.status_code, refused.json["code"]) == (409, "payment_open")
    assert cashier.pay(bag, 428_00).json["code"] == "payment_open"

    answer = f"{ASK}/{payment['payment_id']}/answer"
    bag = cashier.send("POST", answer, {"state": "paid", "reference": "T1-000231"}).json
    assert (bag["left"]["text"], bag["quick"][0]["text"]) == ("¥128.00", "¥128.00")
    quote = cashier.get("/api/till/quote?tendered_minor=15000").json
    assert (quote["due"]["text"], quote["change"]["text"]) == ("¥128.00", "¥22.00")
    sale = cashier.pay(bag, 150_00).json
    assert [(t["key"], t["amount"]["text"], t["reference"]) for t in sale["tenders"]] == [
        ("card", "¥300.00", "T1-000231"),
        ("cash", "¥128.00", ""),
    ]
    assert sale["change"]["text"] == "¥22.00"


def test_the_till_is_told_which_ways_to_pay_there_are(cashier: Browser) -> None:
    buttons = cashier.get("/api/session").json["tenders"]
    assert [(b["key"], b["outcome"]) for b in buttons][:3] == [
        ("cash", "at_once"),
        ("mobile", "asked"),
        ("card", "asked"),
    ]
    assert all(b["label_zh"] and b["label_en"] and b["icon"] for b in buttons)


def test_a_hostile_reference_or_amount_is_refused_and_changes_nothing(cashier: Browser) -> None:
    bag = cashier.add(TEE)
    asked = {"basket_id": bag["basket_id"], "version": bag["version"], "tender": "card"}
    for minor in (0, -1, 99_01, 10**15, 1.5, "1"):
        refused = cashier.send("POST", ASK, {**asked, "amount_minor": minor}, key=new_key())
        assert refused.status_code in (400, 422), minor
    held = cashier.send("POST", ASK, {**asked, "amount_minor": 99_00}, key=new_key()).json
    answer = f"{ASK}/{held['payments'][0]['payment_id']}/answer"
    for reference in ("\x1b@", "'; DROP TABLE sale", "x" * 65, "中文"):
        refused = cashier.send("POST", answer, {"state": "paid", "reference": reference})
        assert refused.status_code == 400, reference
    assert cashier.get("/api/till/basket").json["payments"] == held["payments"]


def test_an_unknown_end_is_confirmed_with_a_reason_and_a_managers_pin(cashier: Browser) -> None:
    bag = cashier.add(TEE)
    asked = {"basket_id": bag["basket_id"], "version": bag["version"], "tender": "card"}
    held = cashier.send("POST", ASK, {**asked, "amount_minor": 99_00}, key=new_key()).json
    path = f"{ASK}/{held['payments'][0]['payment_id']}/answer"
    assert cashier.send("POST", path, {"state": "unknown"}).status_code == 200
    paid = {"state": "paid", "reference": "T1-000233"}
    unsaid = cashier.send("POST", path, paid)
    assert (unsaid.status_code, unsaid.json["code"]) == (422, "reason_needed")
    alone = cashier.send("POST", path, {**paid, "reason": "list"})
    assert alone.json["code"] == "approval_needed"
    assert [each["staff_id"] for each in alone.json["details"]["approvers"]] == ["he"]
    manager = {"approver_id": "he", "pin": "735290", "reason": "seen"}
    bag = cashier.send("POST", path, {**paid, "reason": "list", "approval": manager}).json
    assert (bag["payments"][0]["state"], bag["left"]["minor"]) == ("paid", 0)
