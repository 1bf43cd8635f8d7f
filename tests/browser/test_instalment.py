"""Instalments at the till: a plan is chosen, shown month by month, and pays what is left."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, ViewportSize, expect

from tests.browser.cashier import fill
from tests.browser.people import enter
from tests.browser.tablet import TABLET, opened
from tests.stack import Stack, running

OFFERED = """
[instalments]
months = [3, 6, 12]
provider = "分期服务"
fee_bp = { 3 = 230, 6 = 450, 12 = 750 }
"""


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    with running(tmp_path_factory.mktemp("plans"), tail=OFFERED) as stack:
        yield stack


@pytest.fixture(params=[TABLET, ViewportSize(width=390, height=844)], ids=["tablet", "phone"])
def any_till(request: pytest.FixtureRequest, browser: Browser, store: Stack) -> Iterator[Page]:
    with opened(browser, request.param) as page:
        enter(page, store, "zhouting")
        yield page


def test_a_plan_is_chosen_and_pays(any_till: Page, store: Stack) -> None:
    till = any_till
    fill(till, store, 3)
    till.get_by_test_id("pay").click()
    till.get_by_test_id("tender-instalment").click()
    expect(till.get_by_test_id("plan-3")).to_have_attribute("aria-pressed", "true")
    till.get_by_test_id("plan-12").click()
    expect(till.get_by_test_id("plan-rows").locator(".row")).to_have_count(12)
    expect(till.get_by_test_id("plan-go")).to_be_in_viewport()
    till.get_by_test_id("plan-6").click()
    expect(till.get_by_test_id("plan-rows").locator(".row")).to_have_count(6)
    till.get_by_test_id("plan-go").click()
    expect(till.get_by_test_id("split-instalment")).to_be_visible()
    till.get_by_test_id("confirm").click()
    expect(till.get_by_test_id("done-total")).to_be_visible()
    rows = store.rows(store.database, "SELECT COUNT(*) FROM instalment_due GROUP BY plan_id")
    assert set(rows) == {(6,)}
