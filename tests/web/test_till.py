"""A sale over the API, from the first article to the copy of its receipt."""

from __future__ import annotations

from typing import Any

import pytest

from services.flows.shop import Shop
from services.store import db, jobs
from tests.shop import JEANS, SOCKS, TEE
from tests.web.conftest import Browser, PlayedBox, new_key, payment
from web_console import views
from web_console.paper_views import QR_QUIET, paper_lines


def test_a_sale_from_scan_to_copy(cashier: Browser, box: PlayedBox) -> None:
    cashier.add(TEE)
    basket = cashier.add(TEE)
    assert [(line["sku"], line["quantity"], line["style"]) for line in basket["lines"]] == [(TEE, 2, "T1")]
    by_code = {"code": "6901028014571"}
    basket = cashier.send("POST", "/api/till/lines", by_code, key=new_key()).json
    basket_id = basket["basket_id"]
    assert basket["last_line_id"] == 2 and basket["total"]["text"] == "¥527.00" and basket["pieces"] == 3
    basket = cashier.send("PUT", "/api/till/lines/1", {"basket_id": basket_id, "quantity": 0}).json
    assert [line["line_id"] for line in basket["lines"]] == [2]
    basket = cashier.send("POST", "/api/till/lines/1/restore", {"basket_id": basket_id}).json
    basket = cashier.send("PUT", "/api/till/lines/1", {"basket_id": basket_id, "quantity": 1}).json
    assert basket == cashier.get("/api/till/basket").json | {"last_line_id": 1}
    assert [amount["text"] for amount in basket["quick"]][:2] == ["¥428.00", "¥430.00"]

    quote = cashier.get("/api/till/quote?tendered_minor=50000").json
    assert {name: quote[name]["text"] for name in quote} == {
        "due": "¥428.00",
        "tendered": "¥500.00",
        "change": "¥72.00",
        "short": "¥0.00",
        "rounding": "¥0.00",
    }
    assert cashier.get("/api/till/quote?tendered_minor=100").json["short"]["text"] == "¥427.00"

    box.woken.clear()
    paid = cashier.pay(basket, 500_00, "attempt-1")
    assert paid.status_code == 201 and box.woken == ["jobs 1", "uplink"]
    sale = paid.json
    assert sale["change"]["text"] == "¥72.00" and sale["number"] == "S0001-1-000001"
    assert [job["kind"] for job in sale["jobs"]] == ["drawer", "receipt"]
    assert cashier.get("/api/till/basket").json["lines"] == []
    again = cashier.pay(basket, 500_00, "attempt-1")
    assert (again.status_code, again.json) == (200, sale)
    assert cashier.get("/api/sales/by-key/attempt-1").json == sale
    assert cashier.get(f"/api/sales/{sale['sale_id']}").json == sale

    copied = cashier.send("POST", f"/api/sales/{sale['sale_id']}/copies", {}, key="copy-0001").json
    assert (copied["kind"], copied["sale_number"]) == ("copy", sale["number"])
    repeat = cashier.send("POST", f"/api/sales/{sale['sale_id']}/copies", {}, key="copy-0001").json
    assert repeat == copied


def test_a_receipt_that_may_not_have_come_out_is_answered_once(cashier: Browser) -> None:
    sale = cashier.pay(cashier.add(TEE), 100_00).json
    with db.write():
        jobs.mark(f"{sale['sale_id']}.receipt", jobs.UNKNOWN, 1)
    path = f"/api/jobs/{sale['sale_id']}.receipt/answer"
    answered = cashier.send("POST", path, {"came_out": False})
    assert (answered.json["kind"], answered.json["state"]) == ("copy", "queued")
    assert cashier.send("POST", path, {"came_out": False}).json == answered.json
    assert cashier.send("POST", path, {"came_out": True}).status_code == 404


def test_the_paper_on_the_screen_is_the_paper_from_the_printer(cashier: Browser) -> None:
    paper = cashier.pay(cashier.add(JEANS), 400_00).json["paper"]
    assert paper[0] | {"op": "text", "center": True, "size": 2, "text": "南京西路店"} == paper[0]
    assert any(line["op"] == "row" and line["right"].endswith("329.00") for line in paper)
    assert {line["op"] for line in paper} <= {"text", "row", "rule", "qr", "barcode", "feed"}


def test_a_qr_code_on_the_screen_has_its_quiet_zone() -> None:
    from drivers.contracts import Cut, Qr

    (line,) = paper_lines([Qr("S0001-1-000001"), Cut()])
    assert line.op == "qr" and line.modules >= 21 + 2 * QR_QUIET
    assert line.svg.startswith(f"M{QR_QUIET} {QR_QUIET}h1v1h-1z")


@pytest.mark.parametrize(
    ("path", "body", "status", "code"),
    [
        ("/api/till/lines", {"sku": "nothing"}, 404, "code_unknown"),
        ("/api/till/lines", {"code": "6901028014570"}, 422, "code_malformed"),
        ("/api/till/lines", {}, 400, "bad_request"),
        ("/api/till/lines", {"sku": TEE, "code": "6901028014571"}, 400, "bad_request"),
        ("/api/till/lines", {"sku": TEE, "quantity": 10_000}, 400, "bad_request"),
        ("/api/sales/nothing/copies", {}, 404, "sale_unknown"),
    ],
)
def test_refusals_have_their_codes(cashier: Browser, path: str, body: Any, status: int, code: str) -> None:
    response = cashier.send("POST", path, body, key=new_key())
    assert (response.status_code, response.json["code"]) == (status, code), response.json


def test_paying_is_refused_in_the_shops_words(cashier: Browser) -> None:
    basket = cashier.add(TEE)
    short = cashier.pay(basket, 98_00)
    assert (short.status_code, short.json["code"]) == (422, "tender_short")
    changed = cashier.pay({**basket, "version": 9}, 100_00)
    assert (changed.status_code, changed.json["details"]["version"]) == (409, 1)
    removed = {"basket_id": basket["basket_id"], "quantity": 0}
    empty = cashier.pay(cashier.send("PUT", "/api/till/lines/1", removed).json, 0)
    assert (empty.status_code, empty.json["code"]) == (422, "basket_empty")
    assert cashier.get("/api/sales/by-key/never-used").json["code"] == "sale_unknown"


@pytest.mark.parametrize(("asked", "names"), [("zh-CN", ["上装", "新品"]), ("en-GB,en", ["Tops", "新品"])])
def test_a_tab_is_named_in_the_language_of_the_page_where_it_has_a_name_in_it(
    cashier: Browser, asked: str, names: list[str]
) -> None:
    answer = cashier.get("/api/categories", headers={"Accept-Language": asked}).json
    assert [tab["name"] for tab in answer] == names
    cashier.client.set_cookie("lang", "en")
    answer = cashier.get("/api/categories", headers={"Accept-Language": "zh"}).json
    assert [tab["name"] for tab in answer] == ["Tops", "新品"]


def test_the_catalogue_is_found_by_tab_by_words_and_by_page(cashier: Browser, monkeypatch: Any) -> None:
    assert cashier.get("/api/categories").json == [
        {"key": "tops", "name": "上装"},
        {"key": "new", "name": "新品"},
    ]
    everything = cashier.get("/api/catalogue?category=&after=").json
    assert [tile["style"] for tile in everything["tiles"]] == ["T1", "J1", "K1"] and not everything["next"]
    assert [tile["only_sku"] for tile in everything["tiles"]] == ["", JEANS, SOCKS]
    assert everything["tiles"][0]["sizes"] == "S–M"
    found = cashier.get("/api/catalogue?q=jsmw").json["tiles"]
    assert [tile["name"] for tile in found] == ["精梳棉袜"]
    assert len(cashier.get("/api/catalogue?category=tops").json["tiles"]) == 1
    monkeypatch.setattr("services.store.catalogue.PAGE", 2)
    first = cashier.get("/api/catalogue").json
    rest = cashier.get(f"/api/catalogue?after={first['next']}").json
    assert [tile["style"] for tile in [*first["tiles"], *rest["tiles"]]] == ["T1", "J1", "K1"]
    style = cashier.get("/api/styles/T1").json
    assert [(v["size"], v["price"]["text"]) for v in style["variants"]] == [
        ("S", "¥99.00"),
        ("M", "¥99.00"),
    ]
    assert cashier.get("/api/styles/X9").json["code"] == "not_found"
    for query in ("after=x", "after=1&after=2", "nothing=1", "q=" + "a" * 65, "category=a'b"):
        assert cashier.get(f"/api/catalogue?{query}").status_code == 400, query


def test_a_till_sees_only_its_own_basket(cashier: Browser, browsers: Any) -> None:
    cashier.add(TEE)
    other = browsers()
    other.sign_on("he", till="2")
    assert other.get("/api/till/basket").json["lines"] == []
    stolen = payment(cashier.get("/api/till/basket").json, 100_00)
    assert other.send("POST", "/api/sales", stolen, key=new_key()).json["code"] == "basket_changed"


def test_the_technician_tests_devices_and_checks_the_journal(browser: Browser, box: PlayedBox) -> None:
    browser.sign_on("tech")
    box.woken.clear()
    job = browser.send("POST", "/api/technician/tests", {"till": "2", "test": "ticket"}, key=new_key()).json
    assert (job["kind"], job["state"], box.woken) == ("self_test", "queued", ["jobs 2", "uplink"])
    nowhere = {"till": "9", "test": "ticket"}
    assert browser.send("POST", "/api/technician/tests", nowhere, key=new_key()).status_code == 404
    assert browser.send("POST", "/api/technician/journal-check").json["store_id"] == "S0001"
    assert box.checked == 1


def test_the_counter_plays_on_the_twins(browser: Browser, box: PlayedBox) -> None:
    for path, body in (
        ("scan", {"twin": "printer-1", "code": "6901028014571"}),
        ("faults", {"twin": "printer-1", "fault": "paper_end", "on": True}),
        ("drawer", {"twin": "printer-1"}),
        ("tear", {"twin": "printer-1"}),
        ("reset", {}),
    ):
        assert browser.send("POST", f"/api/counter/{path}", body).json["twins"], path
    assert box.twins is not None
    assert [done[0] for done in box.twins.done] == ["scan", "fault", "drawer", "tear", "reset"]
    assert browser.send("POST", "/api/counter/tear", {"twin": "x"}).json["code"] == "device_absent"
    picture = browser.get("/api/counter/paper/printer-1.svg?n=0&r=7")
    assert (picture.mimetype, picture.status_code) == ("image/svg+xml", 200)
    assert browser.get("/api/counter/paper/printer-1.svg?n=5").status_code == 404


def test_amounts_carry_their_sign(shop: Shop) -> None:
    from services.domain.money import Money

    texts = [views.amount(Money(*pair)).text for pair in ((-5, "CNY"), (1_299_00, "USD"), (7, "XYZ"))]
    assert texts == ["-¥0.05", "$1,299.00", "XYZ 0.07"]
