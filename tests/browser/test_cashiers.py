"""More than one tablet, and no pointer at all."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.cashier import fill, pay_exactly, sold
from tests.browser.counter import codes, reset, scan
from tests.browser.people import sign_in
from tests.browser.tablet import opened
from tests.stack import Stack


@pytest.fixture(autouse=True)
def calm(store: Stack) -> Iterator[None]:
    reset(store)
    yield
    reset(store)


def shown(page: Page) -> tuple[str, str, list[str]]:
    lines = page.get_by_test_id("lines").locator("li").all_inner_texts()
    return (
        page.get_by_test_id("pieces").inner_text(),
        page.get_by_test_id("total").inner_text(),
        [line.split("\n")[0] for line in lines],
    )


def test_two_tablets_on_one_till_show_the_same_bag_and_sell_it_once(
    browser: Browser, till: Page, store: Stack
) -> None:
    before = sold(store)
    with opened(browser) as other:
        sign_in(other, store, "hemin")
        fill(till, store, 2)
        expect(other.get_by_test_id("pieces")).to_have_text("2 件")
        till.get_by_test_id("line-plus").click()
        expect(other.get_by_test_id("pieces")).to_have_text("3 件")
        assert shown(other) == shown(till)
        other.get_by_test_id("line-remove").click()
        expect(till.get_by_test_id("pieces")).to_have_text("1 件")
        other.get_by_test_id("undo").click()
        expect(till.get_by_test_id("pieces")).to_have_text("3 件")
        assert shown(other) == shown(till)

        other.get_by_test_id("pay").click()
        pay_exactly(till)
        expect(till.get_by_test_id("done-total")).to_be_visible()
        expect(other.get_by_test_id("sheet-pay")).to_have_count(0)
        expect(other.get_by_test_id("bag-empty")).to_be_visible()
        assert sold(store) == before + 1
        (code,) = codes(store, 1)
        scan(store, code)
        for page in (till, other):
            expect(page.get_by_test_id("pieces")).to_have_text("1 件")
        assert shown(other) == shown(till)


def test_a_whole_cash_sale_needs_no_pointer_and_the_focus_is_always_seen(till: Page, store: Stack) -> None:
    before = sold(store)
    fill(till, store, 2)
    keys = till.keyboard
    keys.press("ArrowUp")
    for key, pieces in (("+", "3 件"), ("-", "2 件"), ("Delete", "1 件"), ("Control+z", "2 件")):
        keys.press(key)
        expect(till.get_by_test_id("pieces")).to_have_text(pieces)
    keys.press("F2")
    expect(till.get_by_test_id("search")).to_be_focused()
    keys.press("Escape")
    keys.press("F9")
    expect(till.get_by_test_id("sheet-pay")).to_be_visible()
    keys.press("Escape")
    expect(till.get_by_test_id("sheet-pay")).to_have_count(0)
    keys.press("F9")
    keys.press("Delete")
    for digit in "9999":
        keys.press(digit)
        till.wait_for_timeout(60)  # a person, not a scanner
    expect(till.get_by_test_id("tendered")).to_have_text("¥9,999.00")
    for _ in range(6):
        keys.press("Tab")
        assert till.evaluate(FOCUS_SEEN), "the focus has left the sheet or cannot be seen"
    till.get_by_test_id("confirm").focus()
    keys.press("Enter")
    expect(till.get_by_test_id("done-total")).to_be_visible()
    assert sold(store) == before + 1
    keys.press("Enter")
    expect(till.get_by_test_id("bag-empty")).to_be_visible()


FOCUS_SEEN = """() => {
  const at = document.activeElement;
  const { outlineStyle, outlineWidth, boxShadow } = getComputedStyle(at);
  const marked = (outlineStyle !== "none" && outlineWidth !== "0px") || boxShadow !== "none";
  return Boolean(at.closest("[data-test=sheet-pay]")) && at.getClientRects().length > 0 && marked;
}"""


def test_keys_choose_who_sells_and_how_to_pay_and_the_list_of_keys_says_so(
    till: Page, store: Stack
) -> None:
    fill(till, store)
    till.keyboard.press("F1")
    expect(till.get_by_test_id("sheet-seller")).to_be_visible()
    till.keyboard.press("Escape")
    till.keyboard.press("F3")
    expect(till.get_by_test_id("member-text")).to_be_focused()
    till.keyboard.press("Escape")
    till.keyboard.press("F9")
    till.keyboard.press("Alt+2")
    ways = till.locator("[data-test^=tender-]")
    expect(ways.nth(1)).to_have_attribute("aria-checked", "true")
    till.keyboard.press("Alt+1")
    expect(ways.nth(0)).to_have_attribute("aria-checked", "true")
    expect(till.get_by_test_id("tendered")).not_to_have_text("—")  # and no digit was typed
    till.keyboard.press("Escape")
    till.keyboard.press("?")
    for key in ("F1", "F3", "Alt+1–5"):
        expect(till.get_by_test_id("sheet-keys")).to_contain_text(key)
