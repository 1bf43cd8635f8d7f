"""Notes of other currencies: a manager enters a rate, the till takes dollars and gives yuan, the drawer is
counted in both."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, ViewportSize, expect

from services.jobs.demo_shop import DEMO_PINS
from tests.browser.cashier import fill
from tests.browser.conftest import picture
from tests.browser.counter import scan
from tests.browser.people import enter
from tests.browser.tablet import TABLET, opened
from tests.browser.test_shift import menu
from tests.stack import Stack, running

TAKEN = '[store]\nforeign_cash = ["USD", "JPY"]\ncash_rounding_minor = 10\n'
PHONE = ViewportSize(width=390, height=844)


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    with running(tmp_path_factory.mktemp("notes"), tail=TAKEN) as stack:
        yield stack


@pytest.fixture(params=[TABLET, PHONE], ids=["tablet", "phone"])
def any_till(request: pytest.FixtureRequest, browser: Browser, store: Stack) -> Iterator[Page]:
    with opened(browser, request.param) as page:
        enter(page, store, "zhouting")
        yield page


def seen(page: Page, name: str) -> None:
    folder = os.environ.get("PICTURES", "")
    if folder:
        width = (page.viewport_size or TABLET)["width"]
        picture(page, Path(folder), f"{name}-{width}")


def test_a_manager_enters_a_rate_and_a_slip_is_asked_about(browser: Browser, store: Stack) -> None:
    with opened(browser) as office:
        enter(office, store, "hemin", "/office#/rates")
        test = office.get_by_test_id
        expect(test("rate-USD")).to_contain_text("还没有汇率")
        seen(office, "rates-none")
        test("enter-USD").click()
        test("rate-text").fill("7.0812")
        test("rate-source").fill("中国银行 10:00")
        seen(office, "rates-enter")
        test("rate-keep").click()
        expect(test("rate-USD")).to_contain_text("1 USD = 7.0812 CNY")
        test("enter-USD").click()
        test("rate-text").fill("70.812")
        test("rate-keep").click()
        expect(test("sheet-rate")).to_contain_text("超过 10%")
        seen(office, "rates-far")
        test("rate-text").fill("7.0915")
        test("rate-keep").click()
        expect(test("rate-USD")).to_contain_text("7.0915")
        expect(test("rates-history").locator("tbody tr")).to_have_count(2)
        seen(office, "rates")
        office.set_viewport_size(PHONE)
        seen(office, "rates")


def test_dollars_pay_and_the_change_is_said_in_yuan(any_till: Page, store: Stack) -> None:
    till = any_till
    test = till.get_by_test_id
    fill(till, store, 2)
    test("pay").click()
    seen(till, "pay")
    test("tender-foreign_cash").click()
    expect(test("foreign-rate")).to_have_text("1 USD = 7.0915 CNY")
    test("foreign-key-1").click()
    expect(test("foreign-worth")).to_have_text("¥7.09")
    expect(test("foreign-go")).to_contain_text("先收")
    test("foreign-key-clear").click()
    for key in "999":
        test(f"foreign-key-{key}").click()
    expect(test("foreign-why")).to_contain_text("不兑换外币")
    expect(test("foreign-go")).to_be_disabled()
    seen(till, "foreign-refused")
    test("foreign-quick-0").click()
    expect(test("foreign-go")).to_be_enabled()
    expect(test("foreign-go")).to_be_in_viewport()
    seen(till, "foreign")
    test("foreign-JPY").click()
    expect(test("foreign-why")).to_contain_text("没有汇率")
    seen(till, "foreign-no-rate")
    test("foreign-USD").click()
    test("foreign-quick-2").click()
    expect(test("foreign-go")).to_be_enabled()
    change = test("foreign-change").inner_text()
    test("foreign-go").click()
    expect(test("split-foreign_cash")).to_contain_text("$")
    expect(test("change")).to_have_text(change)
    seen(till, "paid")
    test("confirm").click()
    expect(test("done-change")).to_have_text(change)
    seen(till, "done")
    rows = store.rows(store.database, "SELECT currency, foreign_minor > 0, rate_e8 FROM tender")
    assert set(rows) == {("USD", 1, 709_150_000)}
    test("next-sale").click()


def test_goods_come_back_for_yuan_at_the_rate_of_then(any_till: Page, store: Stack) -> None:
    till = any_till
    test = till.get_by_test_id
    fill(till, store)
    test("pay").click()
    test("tender-foreign_cash").click()
    test("foreign-quick-0").click()
    expect(test("foreign-go")).to_be_enabled()
    given = test("foreign-amount").inner_text()
    test("foreign-go").click()
    test("confirm").click()
    expect(test("done-total")).to_be_visible()
    number = test("sale-number").inner_text().split()[-1]
    test("next-sale").click()
    scan(store, number)
    test("return-plus").first.click()
    test("return-take").click()
    expect(test("lines")).to_contain_text(number)
    test("pay").click()
    expect(test("split-cash")).to_contain_text(f"原收 {given}")
    seen(till, "back")
    test("confirm").click()
    expect(test("done-change")).to_contain_text("¥")
    seen(till, "back-done")
    test("next-sale").click()


def test_each_currency_is_counted_and_moved(any_till: Page, store: Stack) -> None:
    till = any_till
    test = till.get_by_test_id
    menu(till)
    test("move-pay_in").click()
    test("move-USD").click()
    test("move-key-5").click()
    expect(test("move-amount")).to_have_text("$5")
    test("reason-other").click()
    seen(till, "move")
    test("move-go").click()
    test("sheet-move").wait_for(state="detached")
    menu(till)
    test("shift-count").click()
    for currency in ("CNY", "JPY", "USD"):
        expect(test(f"count-{currency}")).to_be_visible()
    test("count-USD").click()
    test("note-10000").click()
    test("count-key-2").click()
    expect(test("count-total")).to_have_text("$200.00")
    seen(till, "count")
    if till.viewport_size == TABLET:
        return
    test("count-keep").click()
    test("sheet-reveal").wait_for()
    seen(till, "reveal")
    test("shift-close").click()
    expect(test("sheet-report")).to_contain_text("钱箱 USD")
    seen(till, "z")


def test_an_old_rate_asks_for_a_manager_and_a_sale_undone_hands_the_notes_back(
    any_till: Page, store: Stack
) -> None:
    till = any_till
    test = till.get_by_test_id
    with closing(sqlite3.connect(store.database, timeout=5)) as connection, connection:
        connection.execute("UPDATE exchange_rate SET valid_from_ms = valid_from_ms - 90000000")
    fill(till, store)
    test("pay").click()
    test("tender-foreign_cash").click()
    expect(test("foreign-old")).to_be_visible()
    test("foreign-quick-0").click()
    expect(test("foreign-go")).to_be_enabled()
    seen(till, "old")
    given = test("foreign-amount").inner_text()
    test("foreign-go").click()
    expect(test("sheet-approve")).to_be_visible()
    seen(till, "old-approve")
    test("approve-reason-agreed").click()
    for digit in DEMO_PINS["hemin"]:
        test(f"approve-key-{digit}").click()
    expect(test("split-foreign_cash")).to_contain_text(given)
    test("confirm").click()
    expect(till.locator("#done-how")).to_contain_text(given)
    change = test("done-change").inner_text()
    number = test("sale-number").inner_text().split()[-1]
    test("next-sale").click()
    scan(store, number)
    test("return-void").click()
    test("confirm-void").click()
    for digit in DEMO_PINS["hemin"]:
        test(f"approve-key-{digit}").click()
    expect(test("done-change")).to_have_text(given)
    expect(till.locator("#done-how")).to_have_text(f"外币现金 {given} + 收回找零 {change}")
    seen(till, "void")
    test("next-sale").click()


def test_it_is_said_in_english_too(browser: Browser, store: Stack) -> None:
    for size in (TABLET, PHONE):
        with opened(browser, size, "en-GB") as till:
            enter(till, store, "zhouting")
            test = till.get_by_test_id
            fill(till, store, 2)
            test("pay").click()
            test("tender-foreign_cash").click()
            test("foreign-quick-1").click()
            expect(test("foreign-go")).to_be_enabled()
            expect(test("foreign-go")).to_contain_text("Take $")
            seen(till, "en-foreign")
            sideways = "document.documentElement.scrollWidth > document.documentElement.clientWidth"
            assert not till.evaluate(sideways)
        with opened(browser, size, "en-GB") as office:
            enter(office, store, "hemin", "/office#/rates")
            expect(office.get_by_test_id("rate-USD")).to_contain_text("1 USD = 7.0915 CNY")
            seen(office, "en-rates")


def test_a_shop_that_takes_none_says_why(browser: Browser, tmp_path: Path) -> None:
    with running(tmp_path) as off, opened(browser) as office:
        enter(office, off, "hemin", "/office#/rates")
        expect(office.get_by_test_id("empty")).to_contain_text("中国内地依法")
        seen(office, "off")
