"""A web console on a real shop, a browser that behaves, and a box that only remembers what it was told."""

from __future__ import annotations

import hashlib
import itertools
import re
import threading
from collections.abc import Callable, Iterator
from typing import Any

import jsonschema
import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from drivers.contracts import DriverError
from drivers.printer_escpos import DRIVER, Settings
from services.domain.errors import DeviceAbsent, LabelTooSmall, NotFound
from services.domain.receipt import Paper
from services.flows.shop import Shop
from services.store.db import LEDGER
from tests.shop import Clock
from web_console.api import (
    HealthView,
    HqView,
)
from web_console.api_box import BoxView
from web_console.api_counter import CounterView, TwinView
from web_console.app import WebSettings, create_app
from web_console.live import Live
from web_console.server import Server

ORIGIN = "http://localhost"
PINS = {"zhou": "204816", "he": "735290", "tech": "918273"}
WHO_IS = {"cashier": "zhou", "manager": "he", "technician": "tech"}
SETTINGS = WebSettings(trusted_hosts=("localhost", "127.0.0.1"), streams_max=6)

_KEYS = itertools.count(1)


def new_key() -> str:
    return f"key-{next(_KEYS):08d}"


class PlayedTwins:
    """Twins that remember what was done to them."""

    def __init__(self, box: PlayedBox) -> None:
        self._box = box
        self.done: list[tuple[object, ...]] = []

    def view(self) -> CounterView:
        twin = TwinView(name="printer-1", kind="printer", faults={"paper_end": False})
        return CounterView(twins=(twin,), health=self._box.health("1"), articles=())

    def scan(self, twin: str, code: str) -> None:
        self._known(twin)
        self.done.append(("scan", twin, code))

    def set_fault(self, twin: str, fault: str, on: bool) -> None:
        self._known(twin)
        self.done.append(("fault", twin, fault, on))

    def push_drawer(self, twin: str) -> None:
        self._known(twin)
        self.done.append(("drawer", twin))

    def tear(self, twin: str) -> None:
        self._known(twin)
        self.done.append(("tear", twin))

    def reset(self) -> None:
        self.done.append(("reset",))

    def picture(self, twin: str, n: int) -> str:
        if (twin, n) != ("printer-1", 0):
            raise NotFound("no such paper")
        return '<svg xmlns="http://www.w3.org/2000/svg"/>'

    def _known(self, twin: str) -> None:
        if twin != "printer-1":
            raise DeviceAbsent("no such twin", name=twin)


class PlayedBox:
    def __init__(self) -> None:
        self.twins: PlayedTwins | None = PlayedTwins(self)
        self.woken: list[str] = []
        self.checked = 0
        self.jobs_waiting = 0
        self.broken = False
        self.meanwhile: Callable[[], None] | None = None  # happens once, after health was looked at

    def health(self, till: str) -> HealthView:
        waiting = self.jobs_waiting
        happens, self.meanwhile = self.meanwhile, None
        if happens is not None:
            happens()
        hq = HqView(
            code="online", level="ok", since_ms=0, waiting=0, acknowledged_seq=0, acknowledged_at_ms=0
        )
        return HealthView(devices=(), hq=hq, jobs_waiting=waiting, jobs_unknown=(), storage="ok", now_ms=1)

    def view(self) -> BoxView:
        if self.broken:
            raise RuntimeError("the disk has caught fire")
        return BoxView(
            store_id="S0001",
            store_name="南京西路店",
            gateway="g",
            version="0",
            epoch=1,
            up_s=1,
            boot=1,
            health=self.health("1"),
            tills=("1", "2"),
            disk_free_mb=1,
            disk_total_mb=2,
            database_mb=1,
            copy="off",
            copied_ms=0,
            clock_quality="ntp",
            clock_utc_ms=1,
            journal_seq=0,
            journal_hash="",
            journal_check="unchecked",
            journal_checked_seq=0,
            sqlite_version="3",
            memory_mb=1,
            load_percent=1,
            notes=(),
        )

    def draw_label(self, till: str, label: Paper) -> str:
        assert DRIVER.draw is not None
        try:
            return DRIVER.draw(Settings(), label)
        except DriverError as error:
            raise LabelTooSmall(str(error)) from error

    def check_journal(self) -> None:
        self.checked += 1

    def wake_jobs(self, till: str) -> None:
        self.woken.append(f"jobs {till}")

    def wake_uplink(self) -> None:
        self.woken.append("uplink")


class Browser:
    """Sends what our own pages send, and keeps cookies."""

    def __init__(self, client: FlaskClient) -> None:
        self.client = client
        self.csrf = ""

    def sign_on(self, staff_id: str = "zhou", till: str = "1", pin: str = "") -> TestResponse:
        body = {"staff_id": staff_id, "pin": pin or PINS[staff_id], "till": till}
        response = self.send("POST", "/api/session", body)
        if response.status_code == 200:
            self.csrf = response.json["csrf"]
        return response

    def send(
        self,
        method: str,
        path: str,
        body: object = None,
        *,
        key: str = "",
        headers: dict[str, str] | None = None,
        **more: Any,
    ) -> TestResponse:
        """`headers` add to those of our pages; a value "" takes one away."""
        sent = {"Origin": ORIGIN, "Sec-Fetch-Site": "same-origin", "X-CSRF-Token": self.csrf}
        if method == "GET":
            sent = {}
        if key:
            sent["Idempotency-Key"] = key
        sent.update(headers or {})
        sent = {name: value for name, value in sent.items() if value}
        if body is not None:
            more["json"] = body
        return self.client.open(path, method=method, headers=sent, **more)

    def get(self, path: str, **more: Any) -> TestResponse:
        return self.send("GET", path, **more)

    def add(self, sku: str, quantity: int = 1) -> dict[str, Any]:
        response = self.send("POST", "/api/till/lines", {"sku": sku, "quantity": quantity}, key=new_key())
        assert response.status_code == 200, response.json
        return response.json  # type: ignore[no-any-return]

    def pay(self, basket: dict[str, Any], minor: int, key: str = "") -> TestResponse:
        return self.send("POST", "/api/sales", payment(basket, minor), key=key or new_key())


def payment(basket: dict[str, Any], minor: int) -> dict[str, Any]:
    return {
        "basket_id": basket["basket_id"],
        "version": basket["version"],
        "tenders": [{"key": "cash", "amount_minor": minor}],
    }


class Told:
    """Sends requests and holds every answer against its description."""

    def __init__(self, document: dict[str, Any]) -> None:
        self.document = document
        self.heard: set[tuple[str, str]] = set()

    def send(self, browser: Browser, method: str, template: str, body: object = None, **more: Any) -> Any:
        values = more.pop("values", {})
        query = more.pop("query", "")
        path = re.sub(r"{(\w+)}", lambda m: str(values[m.group(1)]), template) + query
        response = browser.send(method, path, body, key=new_key(), **more)
        described = self.document["paths"][template][method.lower()]["responses"]
        answer = described.get(str(response.status_code), described["default"])
        self.heard.add((method, template))
        if response.mimetype == "application/json":
            schema = answer["content"]["application/json"]["schema"]
            whole = {**schema, "components": self.document["components"]}
            jsonschema.Draft202012Validator(whole).validate(response.json)
            return response.json
        assert response.status_code == 204 or response.mimetype in answer.get("content", {"text/html": 1})
        return None


def contents() -> str:
    """A digest of every row of every table."""
    digest = hashlib.sha256()
    tables = LEDGER.execute_sql("SELECT name, sql FROM sqlite_master ORDER BY name").fetchall()
    for name, sql in tables:
        digest.update(f"{name} {sql}".encode())
        if sql and sql.startswith("CREATE TABLE"):
            digest.update(repr(LEDGER.execute_sql(f"SELECT * FROM {name}").fetchall()).encode())
    return digest.hexdigest()


@pytest.fixture
def box() -> PlayedBox:
    return PlayedBox()


@pytest.fixture
def settings() -> WebSettings:
    return SETTINGS


@pytest.fixture
def live(shop: Shop, box: PlayedBox, settings: WebSettings) -> Iterator[Live]:
    hub, stop = Live(shop, box, streams_max=settings.streams_max), threading.Event()
    watch = threading.Thread(target=hub.run, args=(stop,))
    watch.start()
    yield hub
    hub.close()
    stop.set()
    watch.join()


@pytest.fixture
def app(shop: Shop, box: PlayedBox, live: Live, settings: WebSettings) -> Flask:
    return create_app(shop, box, live, settings)


@pytest.fixture
def browsers(app: Flask) -> Callable[[], Browser]:
    """A new browser, with cookies of its own."""
    return lambda: Browser(app.test_client())


@pytest.fixture
def browser(browsers: Callable[[], Browser]) -> Browser:
    return browsers()


@pytest.fixture
def told(browsers: Callable[[], Browser]) -> Told:
    return Told(browsers().get("/api/openapi.json").json)


@pytest.fixture
def cashier(browser: Browser) -> Browser:
    assert browser.sign_on().status_code == 200
    return browser


@pytest.fixture
def manager(browsers: Callable[[], Browser]) -> Browser:
    browser = browsers()
    assert browser.sign_on("he").status_code == 200
    return browser


@pytest.fixture
def server(app: Flask, live: Live, settings: WebSettings) -> Iterator[Server]:
    running = Server(app, live, streams_max=settings.streams_max, host="127.0.0.1")
    running.start()
    yield running
    running.stop()


@pytest.fixture
def later(clock: Clock) -> Callable[[float], None]:
    """Let this many seconds pass on the shop's clock."""

    def pass_by(seconds: float) -> None:
        clock.at_ms += round(seconds * 1000)

    return pass_by
