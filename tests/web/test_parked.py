"""Parked baskets over the API: two tills, one basket, and everybody hears of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from werkzeug.test import TestResponse

from tests.shop import JEANS, TEE
from tests.web.conftest import Browser, PlayedBox, new_key
from web_console.live import Live


@pytest.fixture
def other(browsers: Callable[[], Browser]) -> Browser:
    """何敏 at till 2."""
    browser = browsers()
    assert browser.sign_on("he", till="2").status_code == 200
    return browser


def park(browser: Browser, basket: dict[str, Any], key: str = "", **more: object) -> TestResponse:
    body = {
        "basket_id": basket["basket_id"],
        "version": basket["version"],
        "reason": "choosing_more",
        **more,
    }
    return browser.send("POST", "/api/till/park", body, key=key or new_key())


def test_the_list_says_whose_a_basket_is_and_hides_the_number(cashier: Browser) -> None:
    fields = {"fields": {"phone": "13812345620", "name": "王芳"}}
    member = cashier.send("POST", "/api/members", fields, key=new_key()).json
    bag = cashier.add(TEE)
    named = {"basket_id": bag["basket_id"], "member_id": member["member_id"]}
    row = park(cashier, cashier.send("PUT", "/api/till/member", named).json).json["parked"]
    assert row["customer"] == "138****5620"
    assert park(cashier, cashier.add(JEANS)).json["parked"]["customer"] == ""


def resume(browser: Browser, parked_id: str, key: str = "", **body: object) -> TestResponse:
    return browser.send("POST", f"/api/parked/{parked_id}/resume", body, key=key or new_key())


def test_a_basket_goes_from_one_till_to_the_other(cashier: Browser, other: Browser, box: PlayedBox) -> None:
    cashier.add(TEE)
    bag = cashier.add(JEANS)
    box.woken.clear()
    done = park(cashier, bag, "park-0001", note="灰大衣").json
    assert box.woken == ["jobs 1", "uplink"]
    assert done["basket"]["lines"] == [] and done["basket"]["basket_id"] != bag["basket_id"]
    row = done["parked"]
    assert (row["ticket"], row["state"], row["pieces"], row["total"]["text"]) == (
        "0001",
        "parked",
        2,
        "¥428.00",
    )
    assert (
        row["goods"] == ["高腰直筒牛仔裤", "纯棉基础 T 恤"] and row["by"] == "周婷" and row["held"] is True
    )
    assert park(cashier, bag, "park-0001", note="灰大衣").json == done
    assert other.get("/api/parked?q=0001").json == {"waiting": 1, "rows": [row], "next": ""}
    assert other.get("/api/parked?q=nobody").json == {"waiting": 1, "rows": [], "next": ""}

    taken = resume(other, row["parked_id"], "resume-01").json
    assert [line["sku"] for line in taken["basket"]["lines"]] == [TEE, JEANS]
    assert taken["parked"]["state"] == "resumed" and taken["differences"] == []
    assert resume(other, row["parked_id"], "resume-01").json == taken
    late = resume(cashier, row["parked_id"])
    assert (late.status_code, late.json["code"], late.json["details"]["by"]) == (
        409,
        "parked_taken",
        "何敏",
    )
    assert other.get("/api/parked").json == {"waiting": 0, "rows": [], "next": ""}


def test_the_pages_of_every_till_hear_that_the_list_has_changed(
    cashier: Browser, other: Browser, live: Live
) -> None:
    stream = live.enter("2", b"o", lambda: True)
    assert b'event: parked\ndata: {"waiting":0,"questions":0,"oldest":null}' in (stream.take(1) or b"")
    row = park(cashier, cashier.add(TEE)).json["parked"]
    assert b'event: parked\ndata: {"waiting":1,"questions":0,"oldest":null}' in (stream.take(1) or b"")
    resume(other, row["parked_id"])
    told = stream.take(1) or b""
    assert (
        b'event: parked\ndata: {"waiting":0,"questions":0,"oldest":null}' in told
        and b"event: basket" in told
    )


def test_a_bag_in_use_is_parked_first_when_asked(cashier: Browser, other: Browser) -> None:
    row = park(cashier, cashier.add(TEE)).json["parked"]
    other.add(JEANS)
    refused = resume(other, row["parked_id"], "resume-02")
    assert (refused.status_code, refused.json["code"]) == (409, "bag_in_use")
    taken = resume(other, row["parked_id"], "resume-02", park_first=True).json
    assert [line["sku"] for line in taken["basket"]["lines"]] == [TEE]
    (waits,) = other.get("/api/parked").json["rows"]
    assert waits["reason"] == "queue" and waits["goods"] == ["高腰直筒牛仔裤"]


def test_the_same_basket_may_be_parked_and_resumed_at_one_till_again_and_again(cashier: Browser) -> None:
    bag = cashier.add(TEE)
    for _ in range(3):
        row = park(cashier, bag).json["parked"]
        bag = resume(cashier, row["parked_id"]).json["basket"]
        assert cashier.get("/api/till/basket").json["pieces"] == 1
    assert cashier.pay(bag, 99_00).status_code == 201


def test_a_typed_ticket_names_its_basket(cashier: Browser) -> None:
    row = park(cashier, cashier.add(TEE)).json["parked"]
    typed = cashier.send("POST", "/api/till/lines", {"code": "2800000000011"}, key=new_key())
    assert (typed.status_code, typed.json["code"]) == (409, "ticket_scanned")
    assert typed.json["details"] == {"parked_id": row["parked_id"]}


def test_a_ticket_is_printed_again_and_a_basket_given_up(cashier: Browser, box: PlayedBox) -> None:
    path = f"/api/parked/{park(cashier, cashier.add(TEE)).json['parked']['parked_id']}"
    job = cashier.send("POST", f"{path}/ticket", key="ticket-01").json
    assert (job["kind"], job["state"]) == ("park_ticket", "queued")
    gone = cashier.send("POST", f"{path}/abandon", {"reason": "customer_left"})
    assert gone.json["state"] == "abandoned"
    assert cashier.send("POST", f"{path}/abandon", {"reason": "customer_left"}).json == gone.json
    assert cashier.send("POST", f"{path}/abandon", {"reason": "mistake"}).json["code"] == "parked_over"


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"reason": "because"}, 400),
        ({"note": "x" * 401}, 400),
        ({"version": 0}, 400),
        ({"basket_id": "other"}, 409),
        ({"note": "</script><img src=x>\x00\x1b@13812345620"}, 200),
    ],
)
def test_what_is_not_of_the_form_parks_nothing(cashier: Browser, body: dict[str, Any], status: int) -> None:
    answer = park(cashier, cashier.add(TEE), **body)
    assert answer.status_code == status, answer.json
    waiting = cashier.get("/api/parked").json
    assert waiting["waiting"] == (1 if status == 200 else 0)
    if status == 200:
        assert waiting["rows"][0]["note"] == "</script><img src=x>@13812345620", "whose bag it is"


def test_a_total_below_zero_can_be_accepted(cashier: Browser, other: Browser) -> None:
    """More comes back than is bought, and what is bought has become dearer overnight."""
    sold = cashier.pay(cashier.add(JEANS), 329_00).json
    bag = cashier.add(TEE)
    goods = [{"line_number": 1, "quantity": 1}]
    body = {"basket_id": bag["basket_id"], "sale_id": sold["sale_id"], "lines": goods, "reason": "size"}
    bag = cashier.send("POST", "/api/till/returns", body, key=new_key()).json
    assert bag["gross"]["minor"] == -230_00
    row = park(cashier, bag).json["parked"]
    assert resume(other, row["parked_id"], accepted_minor=-230_00).status_code == 200


def test_every_till_hears_of_a_payment_whose_end_must_be_said(
    cashier: Browser, other: Browser, live: Live
) -> None:
    bag = cashier.add(TEE)
    asked = {
        "basket_id": bag["basket_id"],
        "version": bag["version"],
        "tender": "card",
        "amount_minor": 99_00,
    }
    bag = cashier.send("POST", "/api/till/payments", asked, key=new_key()).json
    path = f"/api/till/payments/{bag['payments'][0]['payment_id']}/answer"
    bag = cashier.send("POST", path, {"state": "unknown"}).json
    stream = live.enter("2", b"o", lambda: True)
    stream.take(1)
    wanted = {"basket_id": bag["basket_id"], "version": bag["version"], "reason": "payment_open"}
    row = cashier.send("POST", "/api/till/park", wanted, key=new_key()).json["parked"]
    told = (stream.take(1) or b"").decode()
    assert '"waiting":1,"questions":1' in told and '"ticket":"0001","key":"card"' in told
    given_up = other.send("POST", f"/api/parked/{row['parked_id']}/abandon", {"reason": "mistake"})
    assert (given_up.status_code, given_up.json["code"]) == (409, "payment_open")
    assert resume(other, row["parked_id"]).json["basket"]["payments"] == bag["payments"]
    assert '"questions":0,"oldest":null' in (stream.take(1) or b"").decode()
