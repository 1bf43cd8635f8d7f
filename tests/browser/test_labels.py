"""Labels in the back office in a real browser: chosen, looked at, printed, and what became of them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.counter import fault
from tests.browser.people import enter
from tests.browser.tablet import opened
from tests.browser.test_stock import scan
from tests.stack import Stack

SKU = "W4005-MW-S"


@pytest.fixture
def office(browser: Browser, store: Stack) -> Iterator[Page]:
    with opened(browser) as page:
        enter(page, store, "hemin", "/office#/articles/W4005/labels")
        yield page


def test_a_manager_without_a_pointer_chooses_copies_and_sees_every_label_come_out(office: Page) -> None:
    expect(office.get_by_test_id("print-labels")).to_have_text("打 6 张标签")  # one of each
    expect(office.locator("[data-test=label-preview] img")).to_have_attribute(
        "alt", "价签 小香风粗花呢外套 米白 / S"
    )
    office.get_by_test_id(f"copies-{SKU}").focus()
    office.keyboard.type("18")
    office.keyboard.press("Enter")
    expect(office.get_by_test_id("copies-W4005-MW-M")).to_be_focused()
    expect(office.get_by_test_id("print-labels")).to_have_text("打 23 张标签")
    office.get_by_test_id("print-labels").press("Enter")
    expect(office.get_by_test_id("labels-sum")).to_have_text("已打 23 / 23 张")


def test_a_size_that_is_too_small_is_said_before_anything_is_printed(office: Page) -> None:
    office.get_by_test_id("layout-hang").click()
    expect(office.get_by_test_id("label-preview")).to_contain_text("换大一号")
    expect(office.get_by_test_id("print-labels")).to_be_disabled()
    office.get_by_test_id("label-stock").select_option("40x60")
    expect(office.locator("[data-test=label-preview] img")).to_be_visible()
    expect(office.get_by_test_id("print-labels")).to_be_enabled()
    office.get_by_test_id("copies-none").click()
    expect(office.get_by_test_id("print-labels")).to_be_disabled()
    expect(office.get_by_test_id("labels-why")).to_have_text("填上张数再打")


def test_a_delivery_gets_as_many_labels_as_pieces_came_in(office: Page) -> None:
    office.evaluate("location.hash = '#/stock/new/delivery'")
    scan(office, SKU, SKU, SKU)
    office.get_by_test_id("save").click()
    office.get_by_test_id("labels").click()
    expect(office.get_by_test_id("print-labels")).to_have_text("打 3 张标签")
    office.get_by_test_id("copies-one").click()
    expect(office.get_by_test_id("print-labels")).to_have_text("打 1 张标签")
    office.get_by_test_id("copies-received").click()
    expect(office.get_by_test_id("print-labels")).to_have_text("打 3 张标签")


def test_labels_wait_for_the_printer_in_sight_of_who_asked_for_them(office: Page, store: Stack) -> None:
    fault(store, "printer-1", "cover_open")
    office.get_by_test_id("print-labels").click()
    expect(office.get_by_test_id("labels-sum")).to_have_text("已打 0 / 6 张")
    expect(office.get_by_test_id("labels-result")).to_contain_text("标签排队中")
    fault(store, "printer-1", "cover_open", False)
    expect(office.get_by_test_id("labels-sum")).to_have_text("已打 6 / 6 张")
