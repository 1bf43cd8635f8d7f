"""Stored value over the API, each answer held against its description."""

from __future__ import annotations

from services.store import books
from tests.web.conftest import Browser, Told
from tests.web.test_members import join

PLANS = "/api/stored-value/plans"
ACCOUNT = "/api/members/{member_id}/stored-value"
MANAGER = {"approver_id": "he", "pin": "735290", "reason": "asked for it"}
PLAN = {"label_zh": "充 500 送 60", "label_en": "500 gets 60", "pays_minor": 500_00, "bonus_minor": 60_00}


def test_a_plan_is_sold_stated_and_paid_out(told: Told, cashier: Browser, manager: Browser) -> None:
    li = join(told, cashier, phone="13812345620")
    made = told.send(manager, "POST", PLANS, PLAN)
    assert [each["bonus"]["text"] for each in told.send(cashier, "GET", PLANS)] == ["¥60.00"]
    wanted = {"plan_id": made["plan_id"], "plan_version": 1, "paid_minor": 500_00, "tender": "cash"}
    first = told.send(cashier, "POST", f"{ACCOUNT}/recharges", wanted, values=li)
    assert first["principal_balance"]["text"] == "¥500.00"
    more = told.send(
        cashier, "POST", f"{ACCOUNT}/recharges", {"paid_minor": 440_01, "tender": "cash"}, values=li
    )
    assert (more["code"], more["details"]) == (
        "stored_value_refused",
        {"why": "limit", "most_minor": 440_00},
    )
    seen = told.send(cashier, "GET", ACCOUNT, values=li)
    assert (seen["principal"]["minor"], seen["bonus"]["minor"], seen["state"]) == (500_00, 60_00, "active")
    assert [each["move_id"] for each in seen["moves"]] == [first["move_id"]]
    one = "/api/stored-value/recharges/{recharge_id}"
    values = {"recharge_id": first["recharge_id"]}
    worth = told.send(cashier, "GET", f"{one}/worth", query="?reason=customer", values=values)
    assert (worth["pays"]["minor"], worth["cancelled"]["minor"]) == (500_00, 60_00)
    out = {"reason": "customer", "shown_minor": 500_00, "tender": "cash"}
    path = one.format(**values)
    asked = cashier.send("POST", f"{path}/pay-out", out, key="pay-out-1")
    assert (asked.status_code, asked.json["code"]) == (403, "approval_needed")
    paid = told.send(cashier, "POST", f"{one}/pay-out", {**out, "approval": MANAGER}, values=values)
    assert (paid["kind"], paid["pays"]["minor"]) == ("cashed_out", 500_00)
    sheet = cashier.get(f"{ACCOUNT}.csv".format(**li)).text.splitlines()
    assert [line.split(",")[1:7] for line in sheet[1:]] == [
        ["退款", "-500.00", "-60.00", "0.00", "0.00", "500.00"],
        ["充值", "500.00", "60.00", "500.00", "60.00", "0.00"],
    ]
    told.send(cashier, "GET", f"{ACCOUNT}.csv", values=li)
    told.send(manager, "POST", f"{PLANS}/{{plan_id}}/withdraw", values={"plan_id": made["plan_id"]})
    assert told.send(cashier, "GET", PLANS) == []
    assert books.differences() == []


def test_an_account_is_stopped_by_anybody_and_let_go_by_two(told: Told, cashier: Browser) -> None:
    li = join(told, cashier)
    state = f"{ACCOUNT}/state"
    stopped = told.send(cashier, "POST", state, {"change": "frozen", "reason": "lost"}, values=li)
    assert stopped["state"] == "frozen"
    release = {"change": "card_replaced", "reason": "new card"}
    refused = cashier.send("POST", state.format(**li), release, key="release-1")
    assert (refused.status_code, refused.json["code"]) == (403, "approval_needed")
    after = told.send(cashier, "POST", state, {**release, "approval": MANAGER}, values=li)
    assert (after["state"], after["cards"], after["has_pin"]) == ("active", 1, False)
    pin = {"pin": "482913", "approval": MANAGER}
    assert told.send(cashier, "POST", f"{ACCOUNT}/pin", pin, values=li)["has_pin"] is True


def test_the_office_sees_plans_limits_and_what_is_left_of_each_recharge(
    told: Told, cashier: Browser, manager: Browser
) -> None:
    li = join(told, cashier, phone="13812345620")
    made = told.send(manager, "POST", PLANS, {**PLAN, "bonus_days": 10})
    office = told.send(manager, "GET", "/api/office/stored-value")
    assert [each["plan_id"] for each in office["plans"]] == [made["plan_id"]]
    assert (office["named_max"]["minor"], office["cooling_days"]) == (5_000_00, 7)
    assert [each["reference"] for each in office["ways"]] == sorted(
        each["reference"] for each in office["ways"]
    )
    wanted = {"plan_id": made["plan_id"], "plan_version": 1, "paid_minor": 500_00, "tender": "cash"}
    first = told.send(cashier, "POST", f"{ACCOUNT}/recharges", wanted, values=li)
    lots = told.send(cashier, "GET", ACCOUNT, values=li)["lots"]
    assert {each["recharge_id"] for each in lots} == {first["recharge_id"]}
    assert {each["kind"]: each["left"]["minor"] for each in lots} == {"principal": 500_00, "bonus": 60_00}
    ends = {each["kind"]: each["last_day"] for each in lots}
    assert ends["principal"] == "" < ends["bonus"]
    assert all(each["day"] == first["business_day"] for each in lots)
