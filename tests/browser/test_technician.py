"""The technician's page: what the box says of itself, and what can be tried on it."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.counter import fault, reset, twin
from tests.browser.people import sign_in
from tests.browser.tablet import opened
from tests.stack import Stack
from tests.waits import until


@pytest.fixture
def page(browser: Browser, store: Stack) -> Iterator[Page]:
    """A laptop on which the technician has signed in."""
    reset(store)
    with opened(browser) as page:
        sign_in(page, store, "tech", "/technician")
        yield page
    reset(store)


def test_the_walk_of_a_technician(page: Page, store: Stack) -> None:
    expect(page.get_by_test_id("kpi-journal")).to_contain_text(re.compile("一致|未校验|正在校验"))
    expect(page.get_by_test_id("copy")).to_have_text("未设置备份盘")
    page.get_by_test_id("self-test").click()
    expect(page.get_by_test_id("toast")).to_contain_text("测试页")
    ticket = until(lambda: "自检" in "".join(twin(store, "printer-1")["lines"]), "the ticket is there")
    assert ticket and twin(store, "printer-1")["papers"] == 1
    page.get_by_test_id("drawer-test").click()
    until(lambda: twin(store, "drawer-1")["drawer_open"], "the drawer is open")

    page.get_by_test_id("journal-check").click()
    expect(page.get_by_test_id("toast")).to_contain_text("账本一致")
    expect(page.get_by_test_id("kpi-journal")).to_contain_text("一致")

    fault(store, "printer-1", "paper_out")
    printer = page.get_by_test_id("device-printer").first
    expect(printer).to_have_attribute("data-code", "paper_end")
    expect(page.get_by_test_id("open-items")).to_contain_text("待处理")
    fault(store, "printer-1", "paper_out", False)
    expect(printer).to_have_attribute("data-code", "ready")


def test_a_test_pressed_again_after_a_lost_answer_prints_one_ticket(page: Page, store: Stack) -> None:
    jobs = "SELECT 1 FROM job WHERE kind = 'self_test'"
    before = len(store.rows(store.database, jobs))
    tries: list[str] = []

    def lose_the_first(route: object) -> None:
        tries.append("")
        if len(tries) == 1:
            route.fetch()  # type: ignore[attr-defined]
            route.abort()  # type: ignore[attr-defined]
        else:
            route.continue_()  # type: ignore[attr-defined]

    page.route("**/api/technician/tests", lose_the_first)
    for n in (1, 2):
        page.get_by_test_id("self-test").click()
        until(lambda n=n: page.wait_for_timeout(50) or len(tries) == n, "the test was asked for")
        expect(page.get_by_test_id("self-test")).to_be_enabled()
    expect(page.get_by_test_id("toast")).to_contain_text("测试页")
    assert len(store.rows(store.database, jobs)) == before + 1
