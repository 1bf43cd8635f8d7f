"""What a cashier does again and again in a test: fill the bag, pay."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from tests.browser.counter import codes, scan
from tests.stack import Api, Stack


def fill(till: Page, store: Stack, count: int = 1) -> None:
    """Exactly `count` articles in the bag, whatever an earlier test left there."""
    api = Api(store, "hemin")
    basket = api.send("GET", "/api/till/basket")
    for line in basket["lines"]:
        empty = {"basket_id": basket["basket_id"], "quantity": 0}
        api.send("PUT", f"/api/till/lines/{line['line_id']}", empty)
    expect(till.get_by_test_id("bag-empty")).to_be_visible()
    for code in codes(store, count):
        scan(store, code)
    if count:
        expect(till.get_by_test_id("lines").locator("> li")).to_have_count(count)
        expect(till.get_by_test_id("pay")).to_be_enabled()


def pay_exactly(till: Page) -> None:
    till.get_by_test_id("pay").click()
    till.get_by_test_id("quick-0").click()
    till.get_by_test_id("confirm").click()


def sold(store: Stack) -> int:
    return len(store.rows(store.database, "SELECT 1 FROM sale"))
