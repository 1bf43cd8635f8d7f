"""A manager's staff pages, and sellers named at the till: on a tablet and a phone."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.cashier import fill
from tests.browser.people import enter
from tests.browser.tablet import TABLET, opened
from tests.browser.test_approvals import PHONE, picture
from tests.stack import Stack
from tests.waits import until

HOSTILE = "<img src=x onerror=alert(1)> 李维"


@pytest.fixture(params=[TABLET, PHONE], ids=["tablet", "phone"])
def office(request: pytest.FixtureRequest, browser: Browser, store: Stack) -> Iterator[Page]:
    with opened(browser, request.param) as page:
        enter(page, store, "hemin", "/office#/staff")
        expect(page.get_by_test_id("roster")).to_be_visible()
        yield page


def test_somebody_is_added_with_a_pin_that_is_shown_once_and_let_go_again(
    office: Page, store: Stack
) -> None:
    picture(office, "staff-people")
    office.get_by_test_id("add-person").click()
    office.get_by_test_id("staff-name").fill(HOSTILE)
    office.get_by_test_id("staff-role").select_option("seller")
    picture(office, "staff-add")
    office.get_by_test_id("staff-save").click()
    expect(office.get_by_test_id("new-pin")).to_have_text(re.compile(r"^\d{6}$"))
    picture(office, "staff-pin")
    office.get_by_test_id("pin-noted").click()
    expect(office.get_by_test_id("roster")).to_contain_text(HOSTILE)
    newest = store.rows(
        store.database, "SELECT staff_id FROM staff WHERE staff_id LIKE 'p%' ORDER BY rank"
    )[-1][0]
    office.get_by_test_id(f"edit-{newest}").click()
    office.get_by_test_id("staff-leave").click()
    picture(office, "staff-leave")
    office.get_by_test_id("leave-sure").click()
    expect(office.get_by_test_id("sheet-person")).to_have_count(0)
    assert store.rows(store.database, f"SELECT active FROM staff WHERE staff_id = '{newest}'") == [(0,)]


def test_the_last_manager_is_told_why_they_stay(office: Page) -> None:
    office.get_by_test_id("edit-hemin").click()
    office.get_by_test_id("staff-role").select_option("cashier")
    office.get_by_test_id("staff-save").click()
    expect(office.get_by_test_id("staff-wrong")).to_contain_text("最后一位店长")


def test_a_manager_corrects_hours_without_anybody_s_leave(office: Page) -> None:
    office.get_by_test_id("staff-hours").click()
    office.get_by_test_id("hours-add").click()
    office.get_by_test_id("hours-who").select_option("tech")
    office.get_by_test_id("whose-go").click()
    office.get_by_test_id("hours-day").fill(
        office.evaluate("new Date(Date.now() - 864e5).toISOString().slice(0, 10)")
    )
    office.get_by_test_id("hours-from").fill(
        "09:00" if (office.viewport_size or TABLET)["width"] > 400 else "13:00"
    )
    office.get_by_test_id("hours-until").fill(
        "12:15" if (office.viewport_size or TABLET)["width"] > 400 else "14:00"
    )
    office.get_by_test_id("hours-reason").fill("补记")
    office.get_by_test_id("hours-save").click()
    expect(office.get_by_test_id("sheet-correction")).to_have_count(0)
    picture(office, "staff-hours")


def test_a_limit_is_changed_and_holds(office: Page, store: Stack) -> None:
    office.get_by_test_id("staff-rights").click()
    expect(office.get_by_test_id("rights")).to_be_visible()
    picture(office, "staff-rights")
    office.get_by_test_id("right-discount").click()
    office.get_by_test_id("way-cashier").select_option("limit")
    office.get_by_test_id("limit-cashier").fill("7.5")
    picture(office, "staff-right")
    office.get_by_test_id("right-save").click()
    expect(office.get_by_test_id("rights")).to_contain_text("至 7.5%")
    rows = store.rows(store.database, "SELECT limits FROM role_right WHERE key = 'discount'")
    assert rows == [('{"cashier":750,"manager":null}',)]


def test_a_commission_plan_is_written_down(office: Page, store: Stack) -> None:
    office.get_by_test_id("staff-commission").click()
    office.get_by_test_id("rule-add").click()
    office.get_by_test_id("rule-who").select_option(
        "role:manager" if (office.viewport_size or TABLET)["width"] > 400 else "role:seller"
    )
    office.get_by_test_id("step-rate-0").fill("2.5")
    office.get_by_test_id("step-add").click()
    office.get_by_test_id("step-from-1").fill("50000")
    office.get_by_test_id("step-rate-1").fill("3")
    picture(office, "staff-rule")
    office.get_by_test_id("rule-keep").click()
    office.get_by_test_id("commission-save").click()
    expect(office.get_by_test_id("rules")).to_contain_text("满 50,000 元 3%")
    picture(office, "staff-commission")
    plans = until(lambda: store.rows(store.database, "SELECT rules FROM commission_plan"), "it is stored")
    assert '"rate":250' in plans[-1][0]


def test_a_seller_is_named_on_the_bag_and_on_one_line(browser: Browser, store: Stack) -> None:
    for size in (TABLET, PHONE):
        with opened(browser, size) as till:
            enter(till, store, "zhouting")
            fill(till, store, 2)
            till.get_by_test_id("seller").click()
            picture(till, "seller")
            till.get_by_test_id("sheet-seller").get_by_test_id("person-hemin").click()
            expect(till.get_by_test_id("seller")).to_contain_text("何敏")
            expect(till.get_by_test_id("lines")).to_contain_text("· 何敏")
            till.get_by_test_id("line-seller").click()
            till.get_by_test_id("seller-none").click()
            expect(till.locator("#lines .line.on")).not_to_contain_text("何敏")
            picture(till, "seller-bag")
