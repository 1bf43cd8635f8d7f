"""Each page against the budget of the visual standard: requests cold and warm, bytes as they are sent."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.people import enter
from tests.browser.tablet import opened
from tests.stack import Api, Stack

KB = 1024
SETTLED_MS = 500  # longer than any page takes to ask for what it forgot


@dataclass
class Traffic:
    """What went over the network: path -> bytes as compressed, without heads; nothing of the cache."""

    files: dict[str, int] = field(default_factory=dict)
    data: list[str] = field(default_factory=list)  # /api/..., what changes by the moment

    def bytes_of(self, ending: str) -> int:
        return sum(size for path, size in self.files.items() if path.endswith(ending))


@contextmanager
def heard(page: Page) -> Iterator[Traffic]:
    traffic = Traffic()
    paths: dict[str, str] = {}
    cached: set[str] = set()
    sizes: dict[str, int] = {}
    session = page.context.new_cdp_session(page)

    def sent(event: Any) -> None:
        url = urlsplit(event["request"]["url"])
        if url.scheme == "http":
            paths[event["requestId"]] = url.path
            if url.path.startswith("/api/"):
                traffic.data.append(url.path)

    def answered(event: Any) -> None:
        if event["response"].get("fromDiskCache"):
            cached.add(event["requestId"])
        heads = {name.lower(): value for name, value in event["response"]["headers"].items()}
        sizes[event["requestId"]] = int(heads.get("content-length", 0))

    def ended(event: Any) -> None:
        path = paths.get(event["requestId"], "/api/")
        if event["requestId"] not in cached and not path.startswith("/api/"):
            traffic.files[path] = traffic.files.get(path, 0) + sizes[event["requestId"]]

    session.on("Network.requestWillBeSent", sent)
    session.on("Network.requestServedFromCache", lambda event: cached.add(event["requestId"]))
    session.on("Network.responseReceived", answered)
    session.on("Network.loadingFinished", ended)
    session.send("Network.enable")
    yield traffic
    page.wait_for_timeout(SETTLED_MS)
    session.detach()


@pytest.mark.parametrize(
    ("path", "staff_id", "requests", "html", "scripts"),
    [
        ("/till/1", "zhouting", 6, 15, 30),
        ("/counter", "", 5, 20, 15),
        ("/technician", "tech", 5, 20, 15),
        ("/office", "hemin", 5, 20, 15),
    ],
)
def test_a_page_keeps_to_its_requests_and_bytes(
    browser: Browser, store: Stack, path: str, staff_id: str, requests: int, html: int, scripts: int
) -> None:
    with opened(browser) as page:
        with heard(page) as cold:
            page.goto(store.url + path)
        assert len(cold.files) <= requests, sorted(cold.files)
        assert all(cold.files.values()), cold.files
        assert cold.bytes_of(path) <= html * KB
        assert cold.bytes_of(".css") <= 10 * KB
        assert cold.bytes_of(".js") <= scripts * KB, cold.files
        with heard(page) as warm:
            page.reload()
        assert list(warm.files) == [path]


def test_a_signed_on_till_that_starts_again_asks_for_the_page_and_what_the_moment_is(
    browser: Browser, store: Stack
) -> None:
    with opened(browser) as page:
        enter(page, store, "zhouting")
        with heard(page) as warm:
            page.reload()
            page.get_by_test_id("stat-printer").wait_for()
        assert list(warm.files) == ["/till/1"]
        moment = ["/api/catalogue", "/api/categories", "/api/live", "/api/session", "/api/till/basket"]
        assert sorted(warm.data) == moment, "each once, and one event stream"


def test_a_bag_of_sixty_lines_keeps_to_its_budget_of_nodes(browser: Browser, store: Stack) -> None:
    api = Api(store, "zhouting")
    rows = store.rows(
        store.database, "SELECT sku FROM article WHERE style LIKE 'T1%' OR style LIKE 'J2%' LIMIT 60"
    )
    assert len(rows) == 60
    for (sku,) in rows:
        basket = api.send("POST", "/api/till/lines", {"sku": sku}, key=f"sixty-{sku}")
    for line in basket["lines"]:  # each with a reason why it costs less
        off = {"basket_id": basket["basket_id"], "line_id": line["line_id"]}
        basket = api.send("PUT", "/api/till/discount", {**off, "percent_bp": 500, "reason": "damaged"})
    with opened(browser) as page:
        enter(page, store, "zhouting")
        lines = page.locator("[data-test=lines] > li")
        expect(lines).to_have_count(60)
        nodes = page.evaluate("document.querySelectorAll('*').length")
        inside = page.evaluate("document.querySelectorAll('#lines *').length")
        assert page.get_by_test_id("line-why").count() >= 60
        assert nodes <= 1_500, (nodes, inside)
        body = {"fields": {"phone": "13812345620"}}
        member_id = api.send("POST", "/api/members", body, key="budget-member")["member_id"]
        api.send("PUT", "/api/till/member", {"basket_id": basket["basket_id"], "member_id": member_id})
        expect(page.get_by_test_id("member-name")).to_have_text("138****5620")
        page.keyboard.press("F3")
        expect(page.get_by_test_id("bought-none")).to_be_visible()
        nodes = page.evaluate("document.querySelectorAll('*').length")
        assert nodes <= 1_500, nodes
