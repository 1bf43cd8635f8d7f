"""Stock over HTTP: every answer as described, hostile input refused, tiles that say what is left."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask

from services.flows.shop import Shop
from services.store import books, stock
from tests.shop import GTINS, JEANS, SOCKS, TEE, make_shop
from tests.web.conftest import Browser, Told, new_key
from tests.web.test_hostile import CORPUS, _escaped

PREFIX = "/api/stock"


@pytest.fixture
def manager(browser: Browser) -> Browser:
    assert browser.sign_on("he").status_code == 200
    return browser


def send(manager: Browser, path: str, body: object, key: str = "") -> Any:
    response = manager.send("POST", f"{PREFIX}/{path}", body, key=key or new_key())
    assert response.status_code == 200, response.json
    return response.json


def receive(manager: Browser, *lines: tuple[str, int]) -> Any:
    body = {"number": "", "lines": [{"code": code, "quantity": pieces} for code, pieces in lines]}
    return send(manager, "deliveries", body)


def test_every_answer_is_as_described(manager: Browser) -> None:
    document = manager.get("/api/openapi.json").json
    told = Told(document)
    lines = [{"code": TEE, "quantity": 5}, {"code": GTINS[JEANS], "quantity": 2}]
    told.send(manager, "POST", f"{PREFIX}/deliveries", {"number": "D1", "supplier": "X", "lines": lines})
    refused = told.send(
        manager, "POST", f"{PREFIX}/deliveries", {"number": "D1", "supplier": "X", "lines": lines}
    )
    assert refused["code"] == "document_known"
    body: dict[str, object] = {"reason": "damaged", "lines": [{"code": TEE, "quantity": -1}]}
    told.send(manager, "POST", f"{PREFIX}/adjustments", body)
    body = {"direction": "out", "other_store": "S0002", "lines": lines[:1]}
    sent = told.send(manager, "POST", f"{PREFIX}/transfers", body)
    values = {"document_id": sent["card"]["document_id"]}
    arrival = f"{PREFIX}/transfers/{{document_id}}/arrival"
    told.send(manager, "POST", arrival, {"lines": lines[:1]}, values=values)
    told.send(manager, "POST", f"{PREFIX}/documents/{{document_id}}/take-back", values=values)
    count = told.send(manager, "POST", f"{PREFIX}/counts", {"note": "周一"})["card"]["document_id"]
    at = {"count_id": count}
    told.send(manager, "POST", f"{PREFIX}/counts/{{count_id}}/lines", {"code": TEE}, values=at)
    told.send(manager, "GET", f"{PREFIX}/counts/{{count_id}}/review", values=at)
    told.send(manager, "POST", f"{PREFIX}/counts/{{count_id}}/post", {"rest_is_gone": True}, values=at)
    told.send(manager, "GET", PREFIX, query="?level=out")
    told.send(manager, "GET", f"{PREFIX}/find", query=f"?code={GTINS[TEE]}")
    told.send(manager, "GET", f"{PREFIX}/articles/{{sku}}", values={"sku": TEE})
    told.send(manager, "GET", f"{PREFIX}/documents", query="?state=open")
    told.send(manager, "GET", f"{PREFIX}/documents/{{document_id}}", values=values)
    described = {
        (method.upper(), path)
        for path, operations in document["paths"].items()
        for method in operations
        if path.startswith(PREFIX)
    }
    assert told.heard == described
    keyed = [
        path
        for path, operations in document["paths"].items()
        if path.startswith(PREFIX) and "post" in operations
    ]
    for path in keyed:
        names = [each["name"] for each in document["paths"][path]["post"]["parameters"]]
        assert "Idempotency-Key" in names, path
    assert books.differences() == []


def test_an_open_count_is_blind(manager: Browser) -> None:
    receive(manager, (TEE, 10))
    count = send(manager, "counts", {})["card"]["document_id"]
    line = send(manager, f"counts/{count}/lines", {"code": TEE, "quantity": 8})
    assert line == {"sku": TEE, "name": "纯棉基础 T 恤", "variant": "白 / S", "found": 8}
    (shown,) = manager.get(f"{PREFIX}/documents/{count}").json["lines"]
    assert (shown["found"], shown["expected"], shown["quantity"]) == (8, 0, 0)
    review = manager.get(f"{PREFIX}/counts/{count}/review").json
    assert (review["missing"], review["surplus"]) == (2, 0)
    assert review["lines"][0]["expected"] == 10


def test_a_repeat_over_http_receives_once(manager: Browser) -> None:
    body = {"lines": [{"code": TEE, "quantity": 5}]}
    first = send(manager, "deliveries", body, key="delivery-1")
    assert send(manager, "deliveries", body, key="delivery-1") == first
    assert stock.on_hand([TEE]) == {TEE: 5}


def test_the_list_searches_filters_and_goes_on_where_it_ended(
    manager: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    from services.store import shelf

    receive(manager, (TEE, 10), (JEANS, 2))
    send(manager, "adjustments", {"reason": "lost", "lines": [{"code": JEANS, "quantity": -3}]})

    def skus(query: str) -> list[str]:
        return [row["sku"] for row in manager.get(f"{PREFIX}?{query}").json["rows"]]

    assert skus("q=t1") == [] and skus("q=T1") == [TEE, "T-W-M"]
    assert skus("q=cmj") == [TEE, "T-W-M"] and skus(f"q={GTINS[JEANS].lstrip('0')}") == [JEANS]
    assert skus("level=out") == [JEANS] and skus("level=low") == [JEANS]
    assert skus("level=kept") == [TEE, JEANS]
    head = manager.get(PREFIX).json
    assert (head["articles"], head["low"], head["out"]) == (4, 1, 1)
    monkeypatch.setattr(shelf, "PAGE", 3)
    first = shelf.page(query="", level="", reorder_point=3, limit=3)
    rest = shelf.page(query="", level="", reorder_point=3, after=first[-1].place, limit=3)
    assert [row.sku for row in (*first, *rest)] == [TEE, "T-W-M", JEANS, SOCKS]


@pytest.mark.parametrize(
    "after", ["x", "1", "-1.0.0.T", "9999999999.0.0.T", "１.0.0.T", "1.0.0.", ".T", "1.T"]
)
def test_a_place_that_no_page_gave_is_refused(manager: Browser, after: str) -> None:
    assert manager.get(PREFIX, query_string={"after": after}).status_code == 400


def test_tiles_and_variants_say_what_is_left(manager: Browser) -> None:
    def tile(style: str) -> tuple[str, int]:
        tiles = {tile["style"]: tile for tile in manager.get("/api/catalogue").json["tiles"]}
        return tiles[style]["stock"], tiles[style]["pieces"]

    assert tile("J1") == ("", 0)
    receive(manager, (JEANS, 1), (TEE, 9))
    assert tile("J1") == ("low", 1)
    assert tile("T1") == ("", 0)  # one of its two variants is not kept
    receive(manager, ("T-W-M", 1))
    assert tile("T1") == ("fine", 10)
    variants = manager.get("/api/styles/T1").json["variants"]
    assert [(each["sku"], each["stock"], each["pieces"]) for each in variants] == [
        (TEE, "fine", 9),
        ("T-W-M", "low", 1),
    ]
    send(manager, "adjustments", {"reason": "lost", "lines": [{"code": JEANS, "quantity": -1}]})
    assert tile("J1") == ("out", 0)


def test_a_bag_says_what_it_has_too_many_of(manager: Browser) -> None:
    receive(manager, (JEANS, 1))
    assert manager.add(JEANS)["short"] == []
    assert manager.add(JEANS)["short"] == [{"sku": JEANS, "pieces": 1, "refused": False}]


def test_the_last_piece_is_refused_with_its_number(
    manager: Browser, app: Flask, shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    from services.flows import checkout

    receive(manager, (JEANS, 1))
    basket = manager.add(JEANS, 2)
    strict = make_shop(oversell="refuse", new_id=shop.new_id)
    settle = checkout.settle
    monkeypatch.setattr(checkout, "settle", lambda _, *a, **k: settle(strict, *a, **k))
    answer = manager.pay(basket, 700_00)
    assert (answer.status_code, answer.json["code"]) == (409, "out_of_stock")
    assert answer.json["details"] == {"articles": [{"sku": JEANS, "short": 1}]}


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("deliveries", {"lines": []}),
        ("deliveries", {"lines": [{"code": TEE, "quantity": 0}]}),
        ("deliveries", {"lines": [{"code": TEE, "quantity": -1}]}),
        ("deliveries", {"lines": [{"code": TEE, "quantity": 100_000}]}),
        ("deliveries", {"lines": [{"code": TEE, "quantity": 1}] * 1001}),
        ("deliveries", {"lines": [{"code": TEE, "quantity": 1.5}]}),
        ("adjustments", {"reason": "lost", "lines": [{"code": TEE, "quantity": 0}]}),
        ("adjustments", {"reason": "because", "lines": [{"code": TEE, "quantity": 1}]}),
        ("transfers", {"direction": "up", "other_store": "S2", "lines": [{"code": TEE, "quantity": 1}]}),
        ("transfers", {"direction": "in", "other_store": "", "lines": [{"code": TEE, "quantity": 1}]}),
    ],
)
def test_what_makes_no_sense_is_refused_and_changes_nothing(
    manager: Browser, path: str, body: object
) -> None:
    answer = manager.send("POST", f"{PREFIX}/{path}", body, key=new_key())
    assert (answer.status_code, answer.json["code"]) == (400, "bad_request")
    assert stock.documents() == []


@pytest.mark.parametrize("text", CORPUS)
def test_hostile_texts_are_kept_as_text_or_refused(manager: Browser, text: str) -> None:
    for body in (
        {"number": text, "supplier": text, "lines": [{"code": TEE, "quantity": 1}]},
        {"lines": [{"code": text, "quantity": 1}]},
    ):
        answer = manager.send("POST", f"{PREFIX}/deliveries", body, key=new_key())
        assert answer.status_code in (200, 400, 404, 422), answer.json
    assert manager.get(f"{PREFIX}?q={_escaped(text[:64])}").status_code in (200, 400)
    assert manager.get(f"{PREFIX}/find?code={_escaped(text[:128])}").status_code in (200, 400, 404, 422)
    assert books.differences() == []
