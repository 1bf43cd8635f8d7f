"""Every state a cashier can meet stands on the page in words within five seconds, and leaves by itself."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.cashier import fill, pay_exactly
from tests.browser.counter import codes, fault, reset, scan
from tests.stack import Stack
from tests.waits import until

WORDS_MS = 5_000


@pytest.fixture(autouse=True)
def calm(store: Stack) -> Iterator[None]:
    reset(store)
    yield
    reset(store)


def test_paper_out_is_said_the_sale_goes_on_and_the_paper_follows(till: Page, store: Stack) -> None:
    fault(store, "printer-1", "paper_out")
    notice = till.locator("[data-test^=notice-]", has_text="缺纸")
    expect(notice).to_be_visible(timeout=WORDS_MS)
    fill(till, store)
    pay_exactly(till)
    expect(till.get_by_test_id("done-total")).to_be_visible()
    fault(store, "printer-1", "paper_out", False)
    expect(till.get_by_test_id("done-jobs")).to_contain_text("小票已打印")
    till.get_by_test_id("next-sale").click()
    expect(notice).to_be_hidden()


@pytest.mark.parametrize(
    ("twin", "name", "words"),
    [
        ("printer-1", "cover_open", "开盖"),
        ("printer-1", "cable_out", "打印机"),
        ("scanner-1", "unplugged", "扫码枪"),
        ("uplink", "broker_down", "总部"),
    ],
)
def test_a_fault_is_said_in_words_and_the_words_leave_with_it(
    till: Page, store: Stack, twin: str, name: str, words: str
) -> None:
    notice = till.locator("[data-test^=notice-]:not([hidden])", has_text=words)
    expect(notice).to_have_count(0)
    fault(store, twin, name)
    expect(notice.first).to_be_visible(timeout=WORDS_MS)
    fault(store, twin, name, False)
    expect(notice).to_have_count(0)


def test_a_gateway_that_does_not_answer_is_said_and_pay_waits(till: Page, store: Stack) -> None:
    fill(till, store)
    process = store.processes["run"]
    os.kill(process.pid, signal.SIGSTOP)
    try:
        expect(till.get_by_test_id("notice-unreachable")).to_be_visible(timeout=WORDS_MS)
        expect(till.get_by_test_id("pay")).to_be_disabled()
    finally:
        os.kill(process.pid, signal.SIGCONT)
    expect(till.get_by_test_id("notice-unreachable")).to_be_hidden()
    expect(till.get_by_test_id("pay")).to_be_enabled()


def test_an_unknown_and_a_malformed_scan_change_nothing_and_say_so(till: Page, store: Stack) -> None:
    fill(till, store)
    total = till.get_by_test_id("total").inner_text()
    for code in ("6901234567892", "6901234567890"):
        scan(store, code)
        expect(till.get_by_test_id("scan-strip")).to_contain_text(code)
        assert till.get_by_test_id("total").inner_text() == total


def test_a_scan_lands_whatever_has_the_focus_and_the_field_keeps_its_text(till: Page, store: Stack) -> None:
    fill(till, store)
    search = till.get_by_test_id("search")
    search.fill("大衣")
    (code,) = codes(store, 1)
    pieces = till.get_by_test_id("pieces").inner_text()
    scan(store, code)
    expect(till.get_by_test_id("pieces")).not_to_have_text(pieces)
    expect(search).to_have_value("大衣")
    expect(search).to_be_focused()


def test_pressing_confirm_three_times_and_losing_the_answer_sells_once(till: Page, store: Stack) -> None:
    sold = len(store.rows(store.database, "SELECT 1 FROM sale"))
    fill(till, store)
    lost = 0

    def lose_the_first(route: Route) -> None:
        nonlocal lost
        lost += 1
        if lost == 1:
            route.fetch()  # the gateway sells; the tablet never hears of it
            route.abort()
        else:
            route.continue_()

    till.route("**/api/sales", lose_the_first)
    till.get_by_test_id("pay").click()
    till.get_by_test_id("quick-0").click()
    thrice = "(button) => { for (let n = 0; n < 3; n += 1) button.dispatchEvent(new MouseEvent('click')); }"
    till.get_by_test_id("confirm").evaluate(thrice)
    expect(till.get_by_test_id("done-total")).to_be_visible()
    assert lost >= 1
    assert len(store.rows(store.database, "SELECT 1 FROM sale")) == sold + 1


def test_a_reload_in_the_middle_of_paying_finds_the_sale_again(till: Page, store: Stack) -> None:
    sold = len(store.rows(store.database, "SELECT 1 FROM sale"))
    fill(till, store)
    unanswered: list[Route] = []

    def sell_and_say_nothing(route: Route) -> None:
        if unanswered:
            route.continue_()
        else:
            unanswered.append(route)
            route.fetch()

    till.route("**/api/sales", sell_and_say_nothing)
    pay_exactly(till)
    until(lambda: till.wait_for_timeout(50) or unanswered, "the tablet has asked")
    until(lambda: len(store.rows(store.database, "SELECT 1 FROM sale")) > sold, "the gateway has sold")
    till.reload()
    expect(till.get_by_test_id("done-total")).to_be_visible()
    unanswered[0].abort()  # its page is gone, but Playwright waits for an answer
    assert len(store.rows(store.database, "SELECT 1 FROM sale")) == sold + 1
