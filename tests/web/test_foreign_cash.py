"""Notes of other currencies over the API: rates are entered, notes are quoted and taken."""

from __future__ import annotations

import pytest

from services.domain.exchange import STALE_MS
from services.flows.shop import Shop
from tests.shop import JEANS, TEE, Clock, make_shop
from tests.web.conftest import PINS, Browser, Told, new_key

NOTES, QUOTE, RATES = (
    "/api/till/foreign-cash",
    "/api/till/foreign-cash/quote",
    "/api/office/exchange-rates",
)


@pytest.fixture
def shop(clock: Clock, shop: Shop) -> Shop:
    return make_shop(clock, foreign_cash=("USD", "JPY"), new_id=shop.new_id)


def bag_of(browser: Browser) -> dict[str, object]:
    browser.add(TEE)
    bag = browser.add(JEANS)
    return {"basket_id": bag["basket_id"], "version": bag["version"]}


def test_a_rate_is_entered_and_notes_pay(told: Told, manager: Browser) -> None:
    assert told.send(manager, "GET", RATES)["history"] == []
    wanted = {"currency": "USD", "rate": "7.0812", "source": "中国银行"}
    entered = told.send(manager, "POST", RATES, wanted)
    assert (entered["text"], entered["version"], entered["source"]) == ("7.0812", 1, "中国银行")
    later = told.send(manager, "POST", RATES, {**wanted, "valid_from": "2026-11-23T09:00"})
    assert later["valid_from_ms"] > entered["valid_from_ms"]
    seen = told.send(manager, "GET", RATES)
    assert [each["version"] for each in seen["history"]] == [2, 1]
    assert [(e["currency"], e["rate"] and e["rate"]["version"]) for e in seen["taken"]] == [
        ("USD", 1),
        ("JPY", None),
    ]
    where = bag_of(manager)
    usd, jpy = told.send(manager, "GET", NOTES)["offers"]
    assert (usd["due"]["text"], [each["text"] for each in usd["quick"]]) == (
        "$61.00",
        ["$61.00", "$70.00", "$80.00", "$100.00"],
    )
    assert (jpy["rate"], jpy["due"], jpy["decimals"]) == (None, None, 0)
    quote = told.send(manager, "GET", QUOTE, query="?currency=USD&minor=10000")
    assert (quote["worth"]["text"], quote["change"]["text"]) == ("¥708.12", "¥280.12")
    after = told.send(manager, "POST", NOTES, {**where, "currency": "USD", "minor": 100_00})
    assert (after["left"]["minor"], after["change"]["text"]) == (0, "¥280.12")
    assert after["payments"][0]["foreign"]["text"] == "$100.00"
    sale = manager.send(
        "POST",
        "/api/sales",
        {"basket_id": after["basket_id"], "version": after["version"], "tenders": []},
        key=new_key(),
    ).json
    assert (sale["change"]["text"], sale["tenders"][0]["foreign"]["text"]) == ("¥280.12", "$100.00")
    assert told.heard >= {("GET", NOTES), ("POST", NOTES), ("GET", QUOTE), ("GET", RATES), ("POST", RATES)}


def test_an_old_rate_asks_for_a_managers_pin(manager: Browser, cashier: Browser, clock: Clock) -> None:
    manager.send("POST", RATES, {"currency": "USD", "rate": "7.0812"}, key=new_key())
    clock.at_ms += STALE_MS + 1
    cashier.sign_on("zhou")
    wanted = {**bag_of(cashier), "currency": "USD", "minor": 61_00}
    key = new_key()
    refused = cashier.send("POST", NOTES, wanted, key=key)
    assert (refused.status_code, refused.json["details"]["right"]) == (403, "stale_rate")
    lent = {"approver_id": "he", "pin": PINS["he"], "reason": "bank is closed"}
    assert cashier.send("POST", NOTES, {**wanted, "approval": lent}, key=key).status_code == 200


@pytest.mark.parametrize("minor", [0, -100, 10**12, "100", 1.5, None])
def test_hostile_notes_change_nothing(cashier: Browser, minor: object) -> None:
    wanted = {**bag_of(cashier), "currency": "USD", "minor": minor}
    assert cashier.send("POST", NOTES, wanted, key=new_key()).json["code"] == "bad_request"
    assert cashier.get("/api/till/basket").json["version"] == wanted["version"]


def test_refusals_say_why(manager: Browser) -> None:
    def entered(**changes: str) -> object:
        body = {"currency": "USD", "rate": "7.0812", **changes}
        answer = manager.send("POST", RATES, body, key=new_key()).json
        return (answer["code"], answer["details"].get("why"))

    assert entered(currency="EUR") == ("rate_refused", "off")
    assert entered(rate="0") == ("rate_refused", "rate")
    assert entered(rate="7,1")[0] == "bad_request"  # type: ignore[index]
    assert entered(valid_from="2026-11-01T09:00") == ("rate_refused", "time")
    assert entered(valid_from="2026-02-30T09:00") == ("rate_refused", "time")
    where = bag_of(manager)
    refused = manager.send("POST", NOTES, {**where, "currency": "USD", "minor": 100}, key=new_key())
    assert refused.json["code"] == "rate_missing"


def test_the_audit_trail_tells_notes_in_their_own_currency(manager: Browser) -> None:
    manager.send("POST", RATES, {"currency": "JPY", "rate": "0.0482"}, key=new_key())
    where = bag_of(manager)
    taken = manager.send("POST", NOTES, {**where, "currency": "JPY", "minor": 9_000}, key=new_key()).json
    bag = {"basket_id": taken["basket_id"], "version": taken["version"], "tenders": []}
    manager.send("POST", "/api/sales", bag, key=new_key())
    shift = manager.send("POST", "/api/till/shift", {}, key=new_key()).json["shift"]["shift_id"]
    counts = [{"currency": "JPY", "pieces": [{"value_minor": 1_000, "pieces": 9}]}]
    manager.send("POST", "/api/till/shift/count", {"shift_id": shift, "counts": counts}, key=new_key())

    def told(kind: str) -> set[tuple[str, str]]:
        (row, *_) = manager.get(f"/api/office/journal?type={kind}").json["rows"]
        facts = manager.get(f"/api/office/journal/{row['seq']}").json["facts"]
        return {(fact["name"], fact["text"]) for fact in facts}

    assert {("foreign_currency", "JPY"), ("buy_e8", "0.0482")} <= told("exchange_rate.entered")
    assert {("foreign_minor", "JPY 9,000"), ("amount_minor", "¥433.80")} <= told("payment.changed")
    assert {("foreign_minor", "JPY 9,000"), ("rate_e8", "0.0482"), ("change_minor", "¥5.80")} <= told(
        "sale.completed"
    )
    assert ("counted_minor", "JPY 9,000") in told("cash.counted")


def test_the_list_of_shifts_names_each_currency_that_lacks(manager: Browser) -> None:
    float_ = [{"currency": "USD", "pieces": [{"value_minor": 20_00, "pieces": 2}]}]
    begun = manager.send("POST", "/api/till/shift", {"counts": float_}, key=new_key()).json["shift"]
    counts = [{"currency": "USD", "pieces": [{"value_minor": 20_00, "pieces": 1}]}]
    body = {"shift_id": begun["shift_id"], "counts": counts}
    assert manager.send("POST", "/api/till/shift/count", body, key=new_key()).status_code == 200
    closed = {"shift_id": begun["shift_id"], "reason": "other"}
    assert manager.send("POST", "/api/till/shift/close", closed, key=new_key()).status_code == 200
    (row,) = manager.get("/api/shifts").json["rows"]
    assert (row["variance"]["text"], [each["text"] for each in row["others"]]) == ("¥0.00", ["-$20.00"])


def test_every_drawer_is_counted_and_the_button_is_there(cashier: Browser) -> None:
    assert [each["currency"] for each in cashier.get("/api/till/shift").json["drawers"]] == [
        "CNY",
        "JPY",
        "USD",
    ]
    assert "foreign_cash" in [each["key"] for each in cashier.get("/api/session").json["tenders"]]
