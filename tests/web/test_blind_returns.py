"""Returns without a receipt, and what a return is worth, as the page asks for them."""

from __future__ import annotations

from urllib.parse import quote

import pytest

from services.flows import promotions
from services.flows.promotions import Draft
from services.flows.shop import Shop
from tests.shop import JEANS, SOCKS, TEE
from tests.web.conftest import PINS, Browser, contents, new_key, payment

OFFER = "/api/till/blind-returns/offer?code="
WORTH = "/api/till/blind-returns/worth?pieces="
MANAGER = {"approver_id": "he", "pin": PINS["he"], "reason": "lost it"}


def wish(**changes: object) -> dict[str, object]:
    lines = [{"sku": TEE, "quantity": 2}, {"sku": SOCKS, "quantity": 1}]
    return {"lines": lines, "total_minor": 227_00, "reason": "size", **changes}


def test_the_page_is_told_what_goods_give_and_makes_the_document(cashier: Browser) -> None:
    told = cashier.get(OFFER + TEE).json
    assert (told["unit"]["minor"], told["days"], told["most"]["minor"]) == (99_00, 30, 500_00)
    worth = cashier.get(f"{WORTH}{TEE}*2,{SOCKS}*1").json
    assert [each["minor"] for each in worth["lines"]] == [198_00, 29_00]
    assert (worth["total"]["minor"], worth["over"]) == (227_00, False)
    assert cashier.get(f"{WORTH}{JEANS}*2").json["over"] is True
    key = new_key()
    refused = cashier.send("POST", "/api/till/blind-returns", wish(), key=key)
    assert (refused.status_code, refused.json["code"]) == (403, "approval_needed")
    assert refused.json["details"]["right"] == "return_blind"
    made = cashier.send("POST", "/api/till/blind-returns", wish(approval=MANAGER), key=key)
    again = cashier.send("POST", "/api/till/blind-returns", wish(approval=MANAGER), key=key)
    assert made.status_code in (200, 201) and again.json["sale_id"] == made.json["sale_id"]
    assert made.json["total"]["minor"] == -227_00
    assert [each["key"] for each in made.json["tenders"]] == ["gift_card"]


@pytest.mark.parametrize(
    "pieces",
    [
        *("", "*", "T-W-S", "T-W-S*", "*2", "T-W-S*-1", "T-W-S*1.5", "T-W-S*1e3", "T-W-S*99999"),
        *("T-W-S*1,", ",T-W-S*1", "T-W-S*1,T-W-S*1", "T-W-S*0", "nothing*1", "T-W-S*１", "'; --*1"),
        "T-W-S*1," * 2_000,
    ],
)
def test_a_malformed_question_is_refused_and_changes_nothing(cashier: Browser, pieces: str) -> None:
    before = contents()
    assert cashier.get(WORTH + quote(pieces)).status_code in (400, 404, 409, 414, 422)
    assert contents() == before


@pytest.mark.parametrize(
    "changes",
    [
        *({"lines": []}, {"lines": [{"sku": TEE, "quantity": 0}]}, {"total_minor": 0}),
        *({"total_minor": -1}, {"total_minor": 1.5}, {"reason": "\x00"}, {"reason": ""}, {"extra": 1}),
        {"lines": [{"sku": TEE, "quantity": 1, "unit_minor": 1}]},
        {"lines": [{"sku": "a" * 65, "quantity": 1}]},
    ],
)
def test_a_malformed_wish_is_refused_and_changes_nothing(
    cashier: Browser, changes: dict[str, object]
) -> None:
    before = contents()
    body = wish(approval=MANAGER, **changes)
    assert cashier.send("POST", "/api/till/blind-returns", body, key=new_key()).status_code == 400
    assert contents() == before


def test_a_return_that_is_reckoned_anew_is_told_with_its_reasons(cashier: Browser, shop: Shop) -> None:
    draft = Draft(
        kind="spend_and_save",
        layer=4,
        label_zh="满减",
        label_en="Savings",
        terms=promotions.Terms(on_return="recompute"),
        params={"steps": [{"threshold_minor": 150_00, "amount_minor": 60_00}]},
    )
    promotions.publish(shop, draft, operator_id="he", request_id="published")
    for sku in (TEE, "T-W-M"):
        basket = cashier.send("POST", "/api/till/lines", {"sku": sku}, key=new_key()).json
    sale = cashier.send("POST", "/api/sales", payment(basket, 200_00), key=new_key()).json
    held = cashier.get(f"/api/sales/{sale['sale_id']}/returnable").json
    assert held["anew"] is True
    assert [(line["last_day"], line["late"]) for line in held["lines"]] == [("2026-11-29", False)] * 2
    told = cashier.get(f"/api/sales/{sale['sale_id']}/worth?pieces=1*1").json
    assert (told["back"]["minor"], told["kept"]["minor"], told["less"]["minor"]) == (39_00, 99_00, 30_00)
    assert (told["anew"], told["offers"]) == (True, [{"label_zh": "满减", "label_en": "Savings"}])
    for wrong in ("", "1", "1*", "1*0", "9*1", "1*2", "1*1,1*1", "-1*1", "1*1;2*1", "99999*1"):
        answer = cashier.get(f"/api/sales/{sale['sale_id']}/worth?pieces={quote(wrong)}")
        assert answer.status_code in (400, 404, 409, 422), wrong
