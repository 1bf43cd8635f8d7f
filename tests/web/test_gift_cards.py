"""Gift cards over the API: asked about and spent by their code, which no answer tells."""

from __future__ import annotations

import pytest

from services.domain import gift_cards as rules
from services.store import gift_cards as stored
from tests.flows.test_gift_cards import CARD, put_card
from tests.shop import TEE
from tests.web.conftest import Browser, Told, new_key

REDEEM = "/api/till/gift-cards"
BALANCE = f"{REDEEM}/balance"


@pytest.fixture
def code(cashier: Browser) -> str:
    """Of a card over 200.00 that was sold at this till."""
    put_card()
    sale = cashier.pay(cashier.add(CARD), 200_00).json
    found = stored.moves(sale["sale_id"])[0].code
    assert found not in str(sale) and rules.grouped(found) not in str(sale)
    return found


def test_a_card_is_looked_at_and_pays(told: Told, cashier: Browser, code: str) -> None:
    bag = cashier.add(TEE)
    seen = told.send(cashier, "POST", BALANCE, {"code": rules.grouped(code)})
    assert (seen["balance"]["text"], seen["usable"]["text"]) == ("¥200.00", "¥99.00")
    wanted = {"basket_id": bag["basket_id"], "version": bag["version"], "code": code}
    after = told.send(cashier, "POST", REDEEM, wanted)
    assert (after["left"]["minor"], after["payments"][0]["key"]) == (0, "gift_card")
    assert code not in str(after)
    sale = cashier.send(
        "POST",
        "/api/sales",
        {"basket_id": after["basket_id"], "version": after["version"], "tenders": []},
        key=new_key(),
    ).json
    assert [(t["key"], t["amount"]["text"]) for t in sale["tenders"]] == [("gift_card", "¥99.00")]
    assert cashier.send("POST", BALANCE, {"code": code}).json["balance"]["text"] == "¥101.00"
    assert told.heard == {("POST", BALANCE), ("POST", REDEEM)}


def test_a_hostile_code_or_amount_changes_nothing(cashier: Browser, code: str) -> None:
    bag = cashier.add(TEE)
    wanted = {"basket_id": bag["basket_id"], "version": bag["version"]}
    for wrong in ("", "x" * 41, 7, None, ["a"]):
        assert cashier.send("POST", BALANCE, {"code": wrong}).status_code == 400
    for wrong in ("<script>", "0000000000001", "\u0000", "礼品卡"):
        answer = cashier.send("POST", REDEEM, {**wanted, "code": wrong}, key=new_key())
        assert answer.json["code"] == "code_malformed", wrong
    unknown = cashier.send("POST", BALANCE, {"code": rules.code(7)})
    assert (unknown.status_code, unknown.json["code"]) == (404, "gift_card_unknown")
    for minor, said in ((200_01, "gift_card_short"), (99_01, "tender_refused"), (-1, "bad_request")):
        refused = cashier.send(
            "POST", REDEEM, {**wanted, "code": code, "amount_minor": minor}, key=new_key()
        )
        assert refused.json["code"] == said
    assert cashier.get("/api/till/basket").json["version"] == bag["version"]
