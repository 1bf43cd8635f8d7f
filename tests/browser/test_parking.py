"""A bag parked on one tablet goes on at another: by the list, by its ticket, and back by undo."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.cashier import fill
from tests.browser.counter import codes, reset, scan, twin
from tests.browser.people import enter
from tests.browser.tablet import opened
from tests.stack import Stack
from tests.waits import until


@pytest.fixture(autouse=True)
def calm(store: Stack) -> Iterator[None]:
    reset(store)
    yield
    reset(store)


@pytest.fixture
def other(browser: Browser, store: Stack) -> Iterator[Page]:
    """何敏 at the second till."""
    with opened(browser) as page:
        enter(page, store, "hemin", "/till/2")
        yield page


def park(page: Page, reason: str = "phone_call", note: str = "") -> str:
    """The ticket's number."""
    page.get_by_test_id("park").click()
    if note:
        page.get_by_test_id("park-note").fill(note)
    page.get_by_test_id(f"park-{reason}").click()
    toast = page.get_by_test_id("toast")
    expect(toast).to_contain_text("已挂单")
    number = re.search(r"\d{4}", toast.inner_text())
    assert number
    return number[0]


def code_of(store: Stack, ticket: str) -> str:
    """What stands in the barcode of the newest ticket that came out of the printer."""
    lines = until(lambda: ticket_lines(store, ticket), "the ticket hangs out of the printer")
    return next(code for line in lines if (code := re.sub(r"\D", "", line)) and len(code) == 13)


def ticket_lines(store: Stack, ticket: str) -> list[str] | None:
    lines: list[str] = twin(store, "printer-1")["lines"]
    return lines if any(ticket in line for line in lines) else None


def test_parked_here_resumed_there_by_the_list_and_by_the_ticket(
    till: Page, other: Page, store: Stack
) -> None:
    fill(till, store, 2)
    shown = till.get_by_test_id("total").inner_text()
    ticket = park(till, "waiting_companion", "<b>灰大衣</b>")
    expect(till.get_by_test_id("bag-empty")).to_be_visible()
    for page in (till, other):
        expect(page.get_by_test_id("parked-count")).to_have_text("1")

    other.get_by_test_id("parked").click()
    row = other.get_by_test_id(f"parked-{ticket}")
    expect(row).to_contain_text("<b>灰大衣</b>")
    expect(row).to_contain_text("等同伴")
    other.get_by_test_id("parked-search").fill("9999")
    expect(other.get_by_test_id("parked-none")).to_contain_text("没找到")
    other.get_by_test_id("parked-search").fill(ticket)
    row.get_by_test_id("parked-resume").click()
    expect(other.get_by_test_id("total")).to_have_text(shown)
    expect(other.get_by_test_id("sheet-parked")).to_have_count(0)
    for page in (till, other):
        expect(page.get_by_test_id("parked-count")).to_be_hidden()

    again = park(other, "choosing_more")
    scan(store, code_of(store, again))
    expect(till.get_by_test_id("total")).to_have_text(shown)
    expect(till.get_by_test_id("scan-strip")).to_contain_text(again)
    scan(store, code_of(store, again), "scanner-2")  # too late, and it says who has it
    expect(other.get_by_test_id("toast")).to_contain_text("收银台 1")
    expect(other.get_by_test_id("bag-empty")).to_be_visible()
    empty(till)


def test_undo_keys_and_a_bag_in_the_way(till: Page, store: Stack) -> None:
    fill(till, store, 1)
    till.keyboard.press("F4")
    expect(till.get_by_test_id("sheet-park")).to_be_visible()
    till.keyboard.press("2")
    expect(till.get_by_test_id("toast")).to_contain_text("已挂单")
    expect(till.get_by_test_id("bag-empty")).to_be_visible()
    till.get_by_test_id("undo").click()
    expect(till.get_by_test_id("pieces")).to_have_text("1 件")

    first = park(till)
    (code,) = codes(store, 1)
    scan(store, code)
    expect(till.get_by_test_id("pieces")).to_have_text("1 件")
    till.keyboard.press("F6")
    expect(till.get_by_test_id("parked-search")).to_be_focused()
    expect(till.get_by_test_id(f"parked-{first}")).to_be_visible()
    till.keyboard.press("Enter")
    expect(till.get_by_test_id("sheet-room")).to_be_visible()
    till.keyboard.press("Enter")
    expect(till.get_by_test_id("sheet-parked")).to_have_count(0)
    expect(till.get_by_test_id("parked-count")).to_have_text("1")
    expect(till.get_by_test_id("pieces")).to_have_text("1 件")

    till.get_by_test_id("parked").click()
    till.get_by_test_id("parked-give-up").click()
    till.get_by_test_id("give-up-customer_left").click()
    expect(till.get_by_test_id("parked-none")).to_contain_text("没有挂单")
    till.keyboard.press("Escape")
    expect(till.get_by_test_id("sheet-parked")).to_have_count(0)
    empty(till)


def empty(page: Page) -> None:
    while page.get_by_test_id("line-remove").count():
        page.get_by_test_id("line-remove").first.click()
        page.wait_for_timeout(150)
    expect(page.get_by_test_id("bag-empty")).to_be_visible()
