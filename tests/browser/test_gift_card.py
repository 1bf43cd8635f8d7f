"""A gift card sold at the till, and spent at it: typed, scanned, taken back, and cash for the rest."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, ViewportSize, expect

from services.domain.gift_cards import grouped
from tests.browser.cashier import fill, pay_exactly
from tests.browser.counter import scan
from tests.browser.people import enter
from tests.browser.tablet import opened
from tests.stack import Api, Stack

PHONE = ViewportSize(width=390, height=844)
PROBE = "document.documentElement.scrollWidth <= innerWidth"


@pytest.fixture(params=["tablet", "phone"])
def any_till(request: pytest.FixtureRequest, browser: Browser, store: Stack) -> Iterator[Page]:
    sizes = {} if request.param == "tablet" else {"size": PHONE}
    with opened(browser, **sizes) as page:
        enter(page, store, "zhouting")
        yield page


def buy_card(till: Page, store: Stack) -> str:
    """A card over 200.00 bought with cash; its code, which only the paper tells."""
    api = Api(store, "hemin")
    api.send("POST", "/api/till/lines", {"sku": "G6001-DS-F", "quantity": 1}, key=f"card-{time.time_ns()}")
    expect(till.get_by_test_id("pay")).to_be_enabled()
    pay_exactly(till)
    expect(till.get_by_test_id("done-total")).to_be_visible()
    ((code,),) = store.rows(store.database, "SELECT code FROM gift_card ORDER BY card_id DESC LIMIT 1")
    assert code not in till.content()
    till.get_by_test_id("next-sale").click()
    return str(code)


def test_a_card_is_bought_and_pays_a_part(any_till: Page, store: Stack) -> None:
    till = any_till
    code = buy_card(till, store)
    fill(till, store, 3)
    till.get_by_test_id("pay").click()
    till.get_by_test_id("tender-gift_card").click()
    till.get_by_test_id("card-code").fill("0000-0000-0000-1")
    till.get_by_test_id("card-go").click()
    expect(till.get_by_test_id("card-why")).not_to_be_empty()
    till.get_by_test_id("card-code").fill(grouped(code).lower())
    till.get_by_test_id("card-go").click()
    expect(till.get_by_test_id("card-balance")).to_have_text("¥200.00")
    assert till.evaluate(PROBE)
    till.get_by_test_id("card-go").click()
    expect(till.get_by_test_id("split-gift_card")).to_contain_text("¥200.00")
    till.get_by_test_id("payment-reverse").click()
    expect(till.get_by_test_id("split-gift_card")).to_have_count(0)
    till.get_by_test_id("tender-gift_card").click()
    expect(till.get_by_test_id("card-code")).to_be_focused()
    scan(store, code)
    expect(till.get_by_test_id("card-usable")).to_have_text("¥200.00")
    till.get_by_test_id("card-go").click()
    expect(till.get_by_test_id("split-gift_card")).to_be_visible()
    till.get_by_test_id("quick-0").click()
    till.get_by_test_id("confirm").click()
    expect(till.get_by_test_id("done-total")).to_be_visible()
    left = store.rows(store.database, f"SELECT balance_minor FROM gift_card WHERE code = '{code}'")
    assert left == [(0,)]
