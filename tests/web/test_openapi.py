"""The OpenAPI document is valid, complete and true."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from openapi_spec_validator import OpenAPIV31SpecValidator

from tests.shop import JEANS
from tests.web.conftest import PINS, Browser, PlayedBox, Told, payment
from tests.web.test_access import DRAFT, NEW_STYLE
from web_console.routes import declared

Document = dict[str, Any]
BLIND = {"lines": [{"sku": JEANS, "quantity": 1}], "total_minor": 329_00, "reason": "size"}
ELSEWHERE = (
    "/api/stock",
    "/api/imports",
    "/api/exports",
    "/api/members",
    "/api/points/exchanges",
    "/api/member-duplicates",
    "/api/member-merges",
    "/api/recognition",
    "/api/till/member",
    "/api/office/members/{member_id}/tier",
    "/api/till/points",
    "/api/till/coupon",
    "/api/till/best-choice",
    "/api/till/proposals",
    "/api/till/stored-value",
    "/api/till/gift-cards",
    "/api/coupons",
    "/api/office/coupon",
    "/api/office/stored-value",
    "/api/stored-value",
    "/api/sales/{sale_id}/kept-change",
    "/api/till/instalments",
    "/api/till/foreign-cash",
    "/api/office/exchange-rates",
)  # held against their description where they are tested


@pytest.fixture
def document(browser: Browser) -> Document:
    return browser.get("/api/openapi.json").json  # type: ignore[no-any-return]


def test_it_is_valid_openapi(document: Document) -> None:
    assert document["openapi"] == "3.1.0"
    assert list(OpenAPIV31SpecValidator(document).iter_errors()) == []  # type: ignore[arg-type]


def test_it_has_every_route_and_no_other(document: Document, app: Flask) -> None:
    described = {
        (method.upper(), path) for path, operations in document["paths"].items() for method in operations
    }
    routed = {
        (method, re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule.rule))
        for rule in app.url_map.iter_rules()
        for method in rule.methods - {"HEAD"}
    }
    assert described == routed


def test_every_operation_says_what_a_caller_needs(document: Document) -> None:
    names = []
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            names.append(operation["operationId"])
            assert operation["summary"], path
            assert set(re.findall(r"{(\w+)}", path)) == {
                p["name"] for p in operation["parameters"] if p["in"] == "path"
            }
            unsafe = method != "get" and path.startswith("/api") and operation["security"]
            assert not unsafe or operation["security"] == [{"session": [], "csrf": []}]
    assert len(set(names)) == len(names)
    keyed = {
        path
        for path, operations in document["paths"].items()
        for operation in operations.values()
        if any(p["name"] == "Idempotency-Key" for p in operation["parameters"])
    }
    assert keyed == {route.template for route in declared() if route.keyed}


def _hear_shifts(told: Told, manager: Browser) -> None:
    """A shift from its float to its Z."""
    counts = [{"currency": "CNY", "pieces": [{"value_minor": 100_00, "pieces": 5}]}]
    told.send(manager, "GET", "/api/till/cash-sum", query="?currency=CNY&pieces=10000x5")
    shift = told.send(manager, "POST", "/api/till/shift", {"counts": counts})["shift"]
    told.send(manager, "GET", "/api/till/shift")
    told.send(manager, "GET", "/api/till/shift/x")
    drop = {"kind": "drop", "currency": "CNY", "amount_minor": 100, "reason": "safe"}
    told.send(manager, "POST", "/api/till/cash-moves", drop)
    told.send(manager, "POST", "/api/till/drawer", {"reason": "check"})
    counted = {"shift_id": shift["shift_id"], "counts": counts}
    told.send(manager, "POST", "/api/till/shift/count", counted)
    why = {"shift_id": shift["shift_id"], "reason": "not_found"}
    told.send(manager, "POST", "/api/till/shift/close", why)
    told.send(manager, "POST", "/api/shifts/{shift_id}/copies", values=shift)
    told.send(manager, "GET", "/api/shifts")
    told.send(manager, "GET", "/api/shifts/{shift_id}", values=shift)


def _hear_points(told: Told, manager: Browser) -> None:
    """Rules, and a member's points corrected by hand."""
    book = {"terms": {"points": 1}, "check_in": {"points": 1}}
    told.send(manager, "PUT", "/api/office/points/rules", {"seen_version": 0, "book": book})
    told.send(manager, "GET", "/api/office/points/rules")
    told.send(manager, "GET", "/api/till/check-in-code")
    told.send(manager, "GET", "/api/office/points/rules/versions")


def park_and_resume(told: Told, manager: Browser, basket: Any) -> Any:
    """Every route of parked baskets, and the basket that is in the bag after it."""
    shown = {"basket_id": basket["basket_id"], "version": basket["version"], "reason": "queue"}
    row = told.send(manager, "POST", "/api/till/park", shown)["parked"]
    told.send(manager, "GET", "/api/parked")
    told.send(manager, "POST", "/api/parked/{parked_id}/ticket", values=row)
    resumed = told.send(manager, "POST", "/api/parked/{parked_id}/resume", {}, values=row)
    why = {"reason": "mistake"}
    told.send(manager, "POST", "/api/parked/{parked_id}/abandon", why, values=row)  # refused: it is taken
    return resumed["basket"]


def test_real_answers_are_as_described(
    document: Document, browsers: Callable[[], Browser], box: PlayedBox
) -> None:
    told = Told(document)
    open_browser, manager = browsers(), browsers()
    for path in ("/api/ready", "/api/staff", "/api/openapi.json"):
        told.send(open_browser, "GET", path)
    told.send(open_browser, "GET", "/api/session")  # refused: a Problem
    manager.sign_on("he")
    told.send(manager, "POST", "/api/session", {"staff_id": "he", "pin": "000000", "till": "1"})
    for path in ("/api/session", "/api/categories", "/api/catalogue", "/api/till/basket"):
        told.send(manager, "GET", path)
    told.send(manager, "GET", "/api/styles/{style}", values={"style": "T1"})
    basket = told.send(manager, "POST", "/api/till/lines", {"sku": JEANS})
    line = {"line_id": 1}
    meant = {"basket_id": basket["basket_id"]}
    told.send(manager, "PUT", "/api/till/lines/{line_id}", {**meant, "quantity": 0}, values=line)
    basket = told.send(manager, "POST", "/api/till/lines/{line_id}/restore", meant, values=line)
    told.send(manager, "GET", "/api/till/quote", query="?tendered_minor=5")
    less = {**meant, "line_id": 1, "percent_bp": 500, "reason": "worn"}
    told.send(manager, "PUT", "/api/till/discount", less)
    told.send(manager, "PUT", "/api/till/discount", {**less, "percent_bp": 0})
    price = {**meant, "price_minor": 329_00}
    basket = told.send(manager, "PUT", "/api/till/lines/{line_id}/price", price, values=line)
    asked = {"basket_id": basket["basket_id"], "version": basket["version"], "tender": "card"}
    basket = told.send(manager, "POST", "/api/till/payments", {**asked, "amount_minor": 1_00})
    path = "/api/till/payments/{payment_id}/answer"
    basket = told.send(manager, "POST", path, {"state": "declined"}, values=basket["payments"][0])
    basket = park_and_resume(told, manager, basket)
    sale = told.send(manager, "POST", "/api/sales", payment(basket, 400_00))
    told.send(manager, "POST", "/api/sales", payment(basket, 400_00))  # refused: the basket is another
    told.send(manager, "GET", "/api/sales/{sale_id}", values=sale)
    told.send(manager, "GET", "/api/receipts", query=f"?number={sale['number']}")
    told.send(manager, "GET", "/api/till/sales")
    told.send(manager, "GET", "/api/sales/{sale_id}/returnable", values=sale)
    bag = told.send(manager, "GET", "/api/till/basket")
    pieces = {"lines": [{"line_number": 1, "quantity": 1}], "reason": "size"}
    wanted = {"basket_id": bag["basket_id"], "sale_id": sale["sale_id"], **pieces}
    told.send(manager, "GET", "/api/sales/{sale_id}/worth", query="?pieces=1*1", values=sale)
    bag = told.send(manager, "POST", "/api/till/returns", wanted)
    other = {"basket_id": bag["basket_id"], "tender_number": 1, "key": "cash"}
    told.send(manager, "PUT", "/api/till/returns/tender", other)
    told.send(manager, "GET", "/api/till/blind-returns/offer", query=f"?code={JEANS}")
    told.send(manager, "GET", "/api/till/blind-returns/worth", query=f"?pieces={JEANS}*2")
    told.send(manager, "POST", "/api/till/blind-returns", BLIND)  # refused: four eyes
    told.send(manager, "POST", "/api/sales/{sale_id}/void", {"reason": "wrong"}, values=sale)
    told.send(manager, "POST", "/api/sales/{sale_id}/undo", {"reason": "wrong"}, values=sale)
    told.send(manager, "POST", "/api/till/undo/leave", meant)
    told.send(manager, "GET", "/api/sales/by-key/{key}", values={"key": "none"})
    told.send(manager, "POST", "/api/sales/{sale_id}/copies", {}, values=sale)
    told.send(manager, "POST", "/api/sales/{sale_id}/gift-receipts", {"language": "en"}, values=sale)
    told.send(manager, "GET", "/api/labels/stocks")
    told.send(manager, "GET", "/api/labels/preview", query=f"?sku={JEANS}")
    (job,) = told.send(manager, "POST", "/api/labels", {"items": [{"sku": JEANS, "copies": 2}]})
    told.send(manager, "GET", "/api/labels/{group}", values={"group": job["job_id"].partition(".")[0]})
    told.send(manager, "POST", "/api/jobs/{job_id}/answer", {"came_out": True}, values={"job_id": "x"})
    told.send(manager, "GET", "/api/office/reports")
    for part in ("", "/chart", "/csv", "/xlsx"):
        told.send(manager, "GET", "/api/office/reports/{key}" + part, values={"key": "days"})
    told.send(manager, "GET", "/api/office/promotion-form")
    tried = {"draft": DRAFT, "sample": [{"sku": JEANS, "quantity": 2}]}
    told.send(manager, "POST", "/api/office/promotion-trial", tried)
    told.send(manager, "POST", "/api/office/promotion-history", DRAFT)
    row = told.send(manager, "POST", "/api/office/promotions", DRAFT)["row"]
    told.send(manager, "GET", "/api/office/promotions")
    told.send(manager, "GET", "/api/office/promotions/{promotion_id}", values=row)
    told.send(manager, "POST", "/api/office/promotions/{promotion_id}/withdraw", values=row)
    told.send(manager, "GET", "/api/office/article-form")
    style = told.send(manager, "POST", "/api/office/articles", NEW_STYLE)
    renamed = {"name": "短开衫", "category": "tops", "prices": [{"sku": "T-W-S", "price_minor": 1}]}
    told.send(manager, "POST", "/api/office/articles/{style}", renamed, values={"style": "T1"})
    told.send(manager, "GET", "/api/office/articles/{style}", values=style)
    told.send(manager, "GET", "/api/office/journal/choices")
    told.send(manager, "GET", "/api/office/journal")
    told.send(manager, "GET", "/api/office/journal.csv")
    told.send(manager, "GET", "/api/office/poslog", query="?day=2026-11-22")
    told.send(manager, "GET", "/api/office/journal/{seq}", values={"seq": 1})
    told.send(manager, "GET", "/api/technician")
    told.send(manager, "POST", "/api/technician/tests", {"till": "1", "test": "ticket"})
    told.send(manager, "POST", "/api/technician/journal-check")
    told.send(manager, "POST", "/api/staff/{staff_id}/unlock", values={"staff_id": "zhou"})
    bag = told.send(manager, "GET", "/api/till/basket")
    told.send(manager, "GET", "/api/till/sellers")
    sells = {"basket_id": bag["basket_id"], "seller_id": "zhou"}
    told.send(manager, "PUT", "/api/till/seller", sells)
    told.send(manager, "PUT", "/api/till/lines/{line_id}/seller", sells, values=line)
    share = {"kind": "share", "steps": [{"from_minor": 0, "rate": 200}]}
    plan = {"seen_version": 0, "from_month": "2026-12", "rules": [share]}
    told.send(manager, "PUT", "/api/office/commission", plan)
    told.send(manager, "GET", "/api/office/commission")
    presets = told.send(manager, "GET", "/api/office/tiers")["presets"]
    told.send(manager, "PUT", "/api/office/tiers", {"seen_version": 0, "tiers": presets})
    told.send(manager, "GET", "/api/office/loyalty-form")
    tried = {"book": {"terms": {"points": 1}}, "amount_minor": 299_00, "day": "2026-11-11"}
    told.send(manager, "POST", "/api/office/points-trial", tried)
    told.send(manager, "POST", "/api/office/tier-trial", {"rule": presets[0]["rule"]})
    presets = told.send(manager, "GET", "/api/office/tags")["presets"]
    told.send(manager, "POST", "/api/office/tag-trial", {"rule": presets[0]["rule"]})
    told.send(manager, "GET", "/api/office/tagged", query="?stage=new")
    told.send(manager, "PUT", "/api/office/tags", {"seen_version": 0, "tags": presets})
    _hear_points(told, manager)
    told.send(manager, "GET", "/api/roster")
    added = told.send(manager, "POST", "/api/roster", {"name": "李维", "role": "seller"})["person"]
    same = {key: added[key] for key in ("name", "role", "active", "rank")}
    told.send(manager, "PUT", "/api/roster/{staff_id}", same, values=added)
    told.send(manager, "POST", "/api/roster/{staff_id}/pin", {}, values=added)
    told.send(manager, "GET", "/api/rights")
    rule = {"four_eyes": True, "limits": {"manager": None, "cashier": 500}}
    told.send(manager, "PUT", "/api/rights/{right}", rule, values={"right": "discount"})
    hours = {"staff_id": "zhou", "began": "2026-11-21T09:00", "ended": "2026-11-21T18:30", "reason": "x"}
    span = told.send(manager, "POST", "/api/attendance/corrections", hours)
    clocked = {"staff_id": "zhou", "pin": PINS["zhou"], "till": "1", "direction": "in"}
    told.send(manager, "POST", "/api/attendance", clocked)
    told.send(manager, "GET", "/api/attendance", query="?month=2026-11")
    told.send(manager, "GET", "/api/attendance/spans/{span_id}", values=span)
    told.send(manager, "GET", "/api/attendance/now")
    told.send(manager, "GET", "/api/attendance/mine", query="?month=2026-11")
    told.send(manager, "GET", "/api/counter")
    twin = {"twin": "printer-1"}
    told.send(manager, "GET", "/api/counter/paper/{twin}.svg", values=twin)
    told.send(manager, "POST", "/api/counter/scan", {**twin, "code": "1"})
    told.send(manager, "POST", "/api/counter/faults", {**twin, "fault": "x", "on": True})
    for action in ("drawer", "tear"):
        told.send(manager, "POST", f"/api/counter/{action}", twin)
    told.send(manager, "POST", "/api/counter/reset", {})
    _hear_shifts(told, manager)
    told.send(manager, "DELETE", "/api/session")
    expected = {
        (method.upper(), path)
        for path, operations in document["paths"].items()
        for method in operations
        if path.startswith("/api") and not path.startswith(ELSEWHERE)
    }
    assert told.heard == expected - {("GET", "/api/live")}
