"""Stored value at the till: recharged by a plan or an amount, and change that stays on the account."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import Browser, Page, Route, expect

from tests.browser.cashier import fill
from tests.browser.people import enter
from tests.browser.tablet import opened
from tests.browser.test_till_members import PROBE, customer, joined, name, number
from tests.browser.test_till_members import any_till as any_till
from tests.stack import Api, Stack

# Every button of the sheet lies on the page: what a sheet cuts off makes the page no wider.
INSIDE = """[...document.querySelectorAll('.sheet button')]
  .every((button) => button.getBoundingClientRect().right <= innerWidth)"""
PLAN = {"label_zh": "充 300 送 30", "label_en": "300 gets 30", "pays_minor": 300_00, "bonus_minor": 30_00}


def plans(store: Stack) -> list[dict[str, Any]]:
    api = Api(store, "hemin")
    if not [each for each in api.send("GET", "/api/stored-value/plans") if each["pays"]["minor"] == 300_00]:
        api.send("POST", "/api/stored-value/plans", PLAN, key="plan-300")
    return list(api.send("GET", "/api/stored-value/plans"))


def somebody(store: Stack) -> str:
    plans(store)
    member = joined(store, phone=number(), name="李雷")
    name(store, member)
    return member


def recharging(page: Page) -> None:
    expect(page.get_by_test_id("member-name")).to_have_text("李*")
    page.get_by_test_id("member").click()
    page.get_by_test_id("drawer-recharge").click()


def test_a_plan_is_paid_in_cash_and_stands_in_the_drawer(any_till: Page, store: Stack) -> None:
    somebody(store)
    recharging(any_till)
    any_till.get_by_test_id("recharge-plan-30000").click()
    expect(any_till.get_by_test_id("recharge-plan-30000")).to_have_attribute("aria-pressed", "true")
    expect(any_till.get_by_test_id("recharge-plan-30000")).to_have_text("¥300.00送 ¥30.00")
    assert any_till.evaluate(PROBE) and any_till.evaluate(INSIDE)
    any_till.get_by_test_id("recharge-go").click()
    expect(any_till.get_by_test_id("drawer-stored")).to_have_text("¥330.00")
    assert customer(store)["balance"]["minor"] == 330_00


def test_with_nothing_in_the_bag_it_is_one_tap_away(any_till: Page, store: Stack) -> None:
    till = any_till
    fill(till, store, 0)
    expect(till.get_by_test_id("bag-recharge")).to_be_hidden()
    somebody(store)
    till.get_by_test_id("bag-recharge").click()
    till.get_by_test_id("recharge-plan-30000").click()
    till.get_by_test_id("recharge-go").click()
    expect(till.get_by_test_id("toast")).to_contain_text("余额 ¥330.00")
    expect(till.get_by_test_id("member-more")).to_have_text("储值 ¥330.00")
    fill(till, store, 1)
    expect(till.get_by_test_id("bag-recharge")).to_be_hidden()


def test_two_taps_open_one_sheet(till: Page, store: Stack) -> None:
    somebody(store)
    fill(till, store, 0)
    expect(till.get_by_test_id("bag-recharge")).to_be_visible()
    for button, sheet in (("bag-recharge", "sheet-recharge"), ("member", "sheet-member")):
        till.evaluate(f"for (let n = 0; n < 2; n++) document.querySelector('[data-test={button}]').click()")
        expect(till.get_by_test_id(sheet)).to_be_visible()
        till.wait_for_timeout(300)  # the second would be there
        expect(till.get_by_test_id(sheet)).to_have_count(1)
        till.keyboard.press("Escape")
        expect(till.get_by_test_id(sheet)).to_have_count(0)


def test_an_amount_by_card_needs_the_number_of_the_terminal(till: Page, store: Stack) -> None:
    somebody(store)
    recharging(till)
    till.get_by_test_id("recharge-other").click()
    till.get_by_test_id("recharge-amount").fill("88.5")
    till.get_by_test_id("recharge-by-card").click()
    expect(till.get_by_test_id("recharge-go")).to_be_disabled()
    till.get_by_test_id("recharge-reference").fill("T-1")
    till.get_by_test_id("recharge-go").click()
    expect(till.get_by_test_id("drawer-stored")).to_have_text("¥88.50")


def test_more_than_the_law_allows_is_said_with_what_is_left(till: Page, store: Stack) -> None:
    somebody(store)
    recharging(till)
    till.get_by_test_id("recharge-other").click()
    till.get_by_test_id("recharge-amount").fill("6000")
    till.get_by_test_id("recharge-go").click()
    expect(till.get_by_test_id("recharge-why")).to_contain_text("5000.00")
    assert customer(store)["balance"]["minor"] == 0


def test_a_lost_answer_is_asked_for_again_and_recharges_once(till: Page, store: Stack) -> None:
    somebody(store)
    recharging(till)
    till.get_by_test_id("recharge-other").click()
    till.get_by_test_id("recharge-amount").fill("100")

    def lose(route: Route) -> None:
        route.fetch()
        route.abort()

    till.route("**/stored-value/recharges", lose, times=1)
    till.get_by_test_id("recharge-go").click()
    expect(till.get_by_test_id("recharge-why")).not_to_be_empty()
    till.get_by_test_id("recharge-go").click()
    expect(till.get_by_test_id("drawer-stored")).to_have_text("¥100.00")
    assert customer(store)["balance"]["minor"] == 100_00


def test_change_stays_on_the_account_with_one_tap(any_till: Page, store: Stack) -> None:
    member = somebody(store)
    fill(any_till, store)
    total = Api(store, "hemin").send("GET", "/api/till/basket")["total"]["minor"]
    any_till.get_by_test_id("pay").click()
    tendered = (total // 100_00 + 1) * 100
    for digit in str(tendered):
        any_till.get_by_test_id(f"key-{digit}").click()
    any_till.get_by_test_id("confirm").click()
    any_till.get_by_test_id("keep-change").click()
    expect(any_till.get_by_test_id("keep-change")).to_be_hidden()
    expect(any_till.get_by_test_id("done-change")).to_have_text("不用找零")
    assert any_till.evaluate(PROBE)
    any_till.reload()
    expect(any_till.get_by_test_id("done-change")).to_have_text("不用找零")
    expect(any_till.get_by_test_id("keep-change")).to_be_hidden()
    account = Api(store, "hemin").send("GET", f"/api/members/{member}/stored-value")
    assert account["principal"]["minor"] == tendered * 100 - total


def test_nobody_known_is_offered_nothing(browser: Browser, store: Stack) -> None:
    name(store, "")
    with opened(browser) as page:
        enter(page, store, "zhouting")
        fill(page, store)
        page.get_by_test_id("pay").click()
        for digit in "9000":
            page.get_by_test_id(f"key-{digit}").click()
        page.get_by_test_id("confirm").click()
        page.get_by_test_id("next-sale").wait_for()
        expect(page.get_by_test_id("keep-change")).to_be_hidden()
