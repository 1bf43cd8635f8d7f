"""Instalments over the API: the plans for what is left, and one that pays it."""

from __future__ import annotations

import pytest

from services.flows.shop import Shop
from tests.flows.test_instalments import TERMS
from tests.shop import JEANS, TEE, Clock, make_shop
from tests.web.conftest import Browser, Told, new_key

PLANS = "/api/till/instalments"


@pytest.fixture
def shop(clock: Clock, shop: Shop) -> Shop:
    return make_shop(clock, instalments=TERMS, new_id=shop.new_id)


def test_a_plan_is_shown_and_pays_what_is_left(told: Told, cashier: Browser) -> None:
    bag = cashier.add(TEE)
    assert told.send(cashier, "GET", PLANS)["plans"] == []
    bag = cashier.add(JEANS)
    seen = told.send(cashier, "GET", PLANS)
    assert (seen["provider"], seen["least"]["text"]) == ("分期服务", "¥300.00")
    assert [(plan["months"], plan["rows"][0]["amount"]["text"]) for plan in seen["plans"]] == [
        (3, "¥142.67"),
        (6, "¥71.34"),
    ]
    wanted = {"basket_id": bag["basket_id"], "version": bag["version"], "months": 6}
    after = told.send(cashier, "POST", PLANS, wanted)
    assert (after["left"]["minor"], after["payments"][0]["key"]) == (0, "instalment")
    assert told.heard == {("GET", PLANS), ("POST", PLANS)}


def test_a_hostile_plan_changes_nothing(cashier: Browser) -> None:
    bag = cashier.add(JEANS)
    wanted = {"basket_id": bag["basket_id"], "version": bag["version"]}
    for months in (0, 4, -3, 10**9, "3", None, [3]):
        answer = cashier.send("POST", PLANS, {**wanted, "months": months}, key=new_key())
        assert answer.json["code"] == "bad_request", months
    refused = cashier.send("POST", PLANS, {**wanted, "months": 12}, key=new_key())
    assert refused.json["code"] == "tender_refused"
    assert cashier.get("/api/till/basket").json["version"] == bag["version"]


def test_the_button_is_there_where_plans_are_offered(cashier: Browser) -> None:
    assert "instalment" in [b["key"] for b in cashier.get("/api/session").json["tenders"]]
