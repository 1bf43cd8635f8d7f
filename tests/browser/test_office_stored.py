"""Stored value in the office: a plan is made and recharged, an account stopped, a recharge paid out."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from tests.browser.cashier import fill
from tests.browser.people import enter
from tests.browser.tablet import TABLET, opened
from tests.browser.test_approvals import PHONE
from tests.browser.test_till_members import PROBE, joined, name, number
from tests.stack import Api, Stack

SECOND_PIN = "358417"


@pytest.fixture(params=[TABLET, PHONE], ids=["tablet", "phone"])
def office(request: pytest.FixtureRequest, browser: Browser, store: Stack) -> Iterator[Page]:
    with opened(browser, request.param) as page:
        enter(page, store, "hemin", "/office#/plans")
        yield page


def recharged(store: Stack, member: str, minor: int = 200_00) -> Any:
    body = {"paid_minor": minor, "tender": "cash"}
    path = f"/api/members/{member}/stored-value/recharges"
    return Api(store, "hemin").send("POST", path, body, key=f"recharge-{time.time_ns()}")


def account(store: Stack, member: str) -> Any:
    return Api(store, "hemin").send("GET", f"/api/members/{member}/stored-value")


def open_account(page: Page, member: str) -> None:
    page.evaluate(f"location.hash = '#/members/{member}'")
    page.get_by_test_id("account-open").click()
    page.get_by_test_id("account-principal").wait_for()


def second(store: Stack) -> None:
    """Another manager, whom a payment out needs; the same for each size."""
    body = {"name": "李雪", "role": "manager", "pin": SECOND_PIN}
    Api(store, "hemin").send("POST", "/api/roster", body, key="second-manager")


def test_a_plan_made_in_the_office_is_recharged_at_the_till(
    browser: Browser, store: Stack, office: Page
) -> None:
    pays = 400 + (office.viewport_size or TABLET)["width"] % 7  # another one for each size
    expect(office.get_by_test_id("limits")).to_contain_text("实名会员余额最多 ¥5,000.00")
    assert office.evaluate(PROBE)
    office.get_by_test_id("new-plan").click()
    expect(office.get_by_test_id("plan-preview")).to_contain_text("填好")
    office.get_by_test_id("input-pays_minor").fill("4990")
    office.get_by_test_id("input-bonus_minor").fill("20")
    expect(office.get_by_test_id("plan-over")).to_contain_text("5,000.00")
    office.get_by_test_id("input-pays_minor").fill(str(pays))
    office.get_by_test_id("input-bonus_days").fill("90")
    expect(office.get_by_test_id("plan-said")).to_contain_text(f"¥{pays + 20}.00")
    office.get_by_test_id("plan-label_zh").fill("<b>周年</b>")
    office.get_by_test_id("publish").click()
    expect(office.get_by_test_id(f"plan-{pays}00")).to_contain_text("<b>周年</b>")
    member = joined(store, phone=number(), name="李雷")
    name(store, member)
    with opened(browser) as till:
        enter(till, store, "zhouting")
        till.get_by_test_id("member").click()
        till.get_by_test_id("drawer-recharge").click()
        till.get_by_test_id(f"recharge-plan-{pays}00").click()
        expect(till.get_by_test_id("recharge-brief")).to_contain_text("90")
        till.get_by_test_id("recharge-go").click()
        expect(till.get_by_test_id("drawer-stored")).to_have_text(f"¥{pays + 20}.00")
    open_account(office, member)
    expect(office.get_by_test_id("account-bonus")).to_have_text("¥20.00")
    expect(office.get_by_test_id("lots")).to_contain_text(f"¥{pays}.00")
    expect(office.get_by_test_id("statement")).to_contain_text("充值")
    assert office.evaluate(PROBE)
    with office.expect_download() as file:
        office.get_by_test_id("statement-csv").click()
    assert f"{pays}.00" in file.value.path().read_text("utf-8-sig")
    office.evaluate("location.hash = '#/plans'")
    office.get_by_test_id(f"plan-{pays}00").click()
    office.get_by_test_id("withdraw").click()
    office.get_by_test_id("withdraw-sure").click()
    expect(office.get_by_test_id(f"plan-{pays}00")).to_have_count(0)
    office.get_by_test_id("state-over").click()
    office.get_by_test_id(f"plan-{pays}00").click()
    expect(office.get_by_test_id("withdraw")).to_have_count(0)
    office.get_by_test_id("copy").click()
    expect(office.get_by_test_id("title")).to_have_text("新建方案")
    expect(office.get_by_test_id("input-pays_minor")).to_have_value(f"{pays}.00")


def test_a_stopped_account_pays_nothing_until_it_is_let_go(
    browser: Browser, store: Stack, office: Page
) -> None:
    member = joined(store, phone=number(), name="李雷")
    recharged(store, member)
    open_account(office, member)
    office.get_by_test_id("account-freeze").click()
    office.get_by_test_id("because-ok").click()
    expect(office.get_by_test_id("because-wrong")).not_to_be_empty()
    office.get_by_test_id("reason").fill("卡丢了")
    office.get_by_test_id("because-ok").click()
    expect(office.get_by_test_id("account-frozen")).to_contain_text("不能付款")
    assert account(store, member)["state"] == "frozen"
    name(store, member)
    with opened(browser) as till:
        enter(till, store, "zhouting")
        fill(till, store)
        till.get_by_test_id("pay").click()
        expect(till.get_by_test_id("tender-cash")).to_be_visible()
        expect(till.get_by_test_id("tender-stored_value")).to_have_count(0)
    name(store, "")
    office.get_by_test_id("account-card").click()
    office.get_by_test_id("reason").fill("补卡，已核对")
    office.get_by_test_id("because-ok").click()
    expect(office.get_by_test_id("account-cards-more")).to_have_text("补过 1 张卡")
    expect(office.get_by_test_id("account-frozen")).to_have_count(0)
    office.get_by_test_id("account-pin").click()
    office.get_by_test_id("pin-one").fill("482913")
    office.get_by_test_id("pin-other").fill("482914")
    office.get_by_test_id("pin-save").click()
    expect(office.get_by_test_id("pin-wrong")).to_contain_text("不一样")
    office.get_by_test_id("pin-other").fill("482913")
    office.get_by_test_id("pin-save").click()
    expect(office.get_by_test_id("account-cards")).to_have_text("已设")
    assert account(store, member)["has_pin"] and account(store, member)["state"] == "active"


def test_a_recharge_is_paid_out_with_a_second_person_s_pin_once(store: Stack, office: Page) -> None:
    second(store)
    member = joined(store, phone=number(), name="李雷")
    recharged(store, member)
    open_account(office, member)
    office.get_by_test_id("pay-out").click()
    expect(office.get_by_test_id("worth-pays")).to_have_text("¥200.00")
    assert office.evaluate(PROBE)
    office.get_by_test_id("out-go").click()
    expect(office.get_by_test_id("approve-who")).to_contain_text("李雪")
    for digit in "000000":
        office.get_by_test_id(f"approve-key-{digit}").click()
    expect(office.get_by_test_id("approve-hint")).to_contain_text("不对")
    assert account(store, member)["principal"]["minor"] == 200_00

    def lose(route: Route) -> None:
        route.fetch()
        route.abort()

    office.route("**/pay-out", lose, times=1)
    for digit in SECOND_PIN:
        office.get_by_test_id(f"approve-key-{digit}").click()
    for digit in SECOND_PIN:  # the answer was lost: the same again
        office.get_by_test_id(f"approve-key-{digit}").click()
    expect(office.get_by_test_id("lots")).to_have_count(0)
    held = account(store, member)
    assert held["principal"]["minor"] == 0
    assert [each["kind"] for each in held["moves"]] == ["cashed_out", "recharged"]
