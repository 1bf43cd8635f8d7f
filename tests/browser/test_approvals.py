"""Somebody approves in place, and anybody clocks in: on a tablet and a phone, by touch and by keys."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, ViewportSize, expect

from services.jobs.demo_shop import DEMO_PINS
from tests.browser.people import enter
from tests.browser.tablet import TABLET, opened
from tests.stack import Stack

PHONE = ViewportSize(width=390, height=844)
KEY_MS = 60  # a person's fingers, not a scanner's
PICTURES = os.environ.get("PICTURES", "")  # a folder: what the pages looked like


def picture(page: Page, name: str) -> None:
    if PICTURES:
        size = page.viewport_size or TABLET
        page.wait_for_timeout(300)
        page.screenshot(path=Path(PICTURES) / f"{name}-{size['width']}.png")


@pytest.fixture(params=[TABLET, PHONE], ids=["tablet", "phone"])
def till(request: pytest.FixtureRequest, browser: Browser, store: Stack) -> Iterator[Page]:
    with opened(browser, request.param) as page:
        enter(page, store, "zhouting")
        yield page


def hours_form(till: Page, day: str) -> None:
    """One's own hours of a day, filled in and sent."""
    till.get_by_test_id("menu").click()
    till.get_by_test_id("menu-clock").click()
    till.get_by_test_id("clock-mine").click()
    till.get_by_test_id("hours-add").click()
    till.get_by_test_id("hours-day").fill(day)
    till.get_by_test_id("hours-from").fill("09:00")
    till.get_by_test_id("hours-until").fill("18:30")
    till.get_by_test_id("hours-reason").fill("忘记打卡 <b>")
    picture(till, "hours-form")
    till.get_by_test_id("hours-save").click()
    expect(till.get_by_test_id("sheet-approve")).to_be_visible()


def a_day(store: Stack) -> str:
    """A day of this month on which nothing stands yet, in the shop's own calendar."""
    taken = {row[0] for row in store.rows(store.database, "SELECT business_day FROM attendance")}
    today = datetime.now(UTC) + timedelta(hours=8)
    days = [(today - timedelta(days=n)).strftime("%Y-%m-%d") for n in range(1, 60)]
    return next(day for day in days if day not in taken)


def test_a_manager_approves_in_place_and_the_cashier_stays_signed_on(till: Page, store: Stack) -> None:
    hours_form(till, a_day(store))
    expect(till.get_by_test_id("approve-who")).to_contain_text("何敏")
    picture(till, "approve")
    for digit in "000001":
        till.get_by_test_id(f"approve-key-{digit}").click()
    expect(till.get_by_test_id("approve-hint")).to_contain_text("还可试 9 次")
    picture(till, "approve-wrong")
    for digit in DEMO_PINS["hemin"]:
        till.get_by_test_id(f"approve-key-{digit}").click()
    expect(till.get_by_test_id("sheet-approve")).to_have_count(0)
    expect(till.get_by_test_id("sheet-correction")).to_have_count(0)
    expect(till.get_by_test_id("sheet-hours")).to_be_visible()
    reasons = "SELECT reason, operator_id, approver_id FROM attendance_correction"
    assert store.rows(store.database, reasons)[-1] == ("忘记打卡 <b>", "zhouting", "hemin")
    picture(till, "hours-mine")
    till.keyboard.press("Escape")
    expect(till.locator("#who")).to_contain_text("周婷")
    assert till.request.get(f"{store.url}/api/session").json()["staff"]["staff_id"] == "zhouting"


def test_keys_approve_and_a_scanner_is_no_pin(till: Page, store: Stack) -> None:
    hours_form(till, a_day(store))
    till.evaluate(
        "for (const key of '6901234567892') document.activeElement.dispatchEvent("
        "new KeyboardEvent('keydown', {key, bubbles: true, cancelable: true}))"
    )  # as fast as a scanner
    expect(till.locator("[data-test=sheet-approve] .dots i.f")).to_have_count(0)
    expect(till.get_by_test_id("approve-hint")).to_have_text("6 位数字")
    till.keyboard.type("99", delay=KEY_MS)
    till.keyboard.press("Backspace")
    till.keyboard.press("Backspace")
    till.keyboard.type(DEMO_PINS["hemin"], delay=KEY_MS)
    expect(till.get_by_test_id("sheet-approve")).to_have_count(0)
    expect(till.get_by_test_id("sheet-hours")).to_be_visible()


def test_an_approval_that_is_left_does_nothing(till: Page, store: Stack) -> None:
    day = a_day(store)
    hours_form(till, day)
    till.keyboard.press("Escape")
    expect(till.get_by_test_id("sheet-approve")).to_have_count(0)
    expect(till.get_by_test_id("hours-save")).to_be_enabled()
    assert store.rows(store.database, f"SELECT 1 FROM attendance WHERE business_day = '{day}'") == []


def test_a_lost_answer_is_asked_for_again_and_counts_once(till: Page, store: Stack) -> None:
    day = a_day(store)
    hours_form(till, day)

    def lose(route):  # type: ignore[no-untyped-def]
        route.fetch()
        route.abort()

    till.route("**/api/attendance/corrections", lose)
    for digit in DEMO_PINS["hemin"]:
        till.get_by_test_id(f"approve-key-{digit}").click()
    expect(till.get_by_test_id("approve-hint")).to_contain_text("没收到")
    till.unroute("**/api/attendance/corrections", lose)
    for digit in DEMO_PINS["hemin"]:
        till.get_by_test_id(f"approve-key-{digit}").click()
    expect(till.get_by_test_id("sheet-approve")).to_have_count(0)
    assert len(store.rows(store.database, f"SELECT 1 FROM attendance WHERE business_day = '{day}'")) == 1


def test_somebody_else_clocks_in_and_out_while_the_cashier_stays(till: Page, store: Stack) -> None:
    for way, words in (("in", "已记上班"), ("out", "已记下班")):
        till.get_by_test_id("menu").click()
        till.get_by_test_id("menu-clock").click()
        till.get_by_test_id("sheet-clock").get_by_test_id("person-hemin").click()
        expect(till.get_by_test_id(f"clock-{way}")).to_have_attribute("aria-pressed", "true")
        picture(till, f"clock-{way}")
        for digit in DEMO_PINS["hemin"]:
            till.get_by_test_id(f"clock-key-{digit}").click()
        expect(till.get_by_test_id("clocked-what")).to_contain_text(words)
        picture(till, f"clocked-{way}")
        till.keyboard.press("Enter")
        expect(till.get_by_test_id("sheet-clocked")).to_have_count(0)
    expect(till.locator("#who")).to_contain_text("周婷")


def test_the_lock_screen_clocks_in_without_anybody_signed_on(browser: Browser, store: Stack) -> None:
    with opened(browser) as page:
        page.goto(f"{store.url}/till/2")
        picture(page, "lock")
        page.get_by_test_id("pin-clock").click()
        expect(page.get_by_test_id("clock-mine")).to_have_count(0)
        page.get_by_test_id("sheet-clock").get_by_test_id("person-tech").click()
        page.keyboard.type(DEMO_PINS["tech"], delay=KEY_MS)
        expect(page.get_by_test_id("clocked-who")).to_have_text("技术员")
        page.get_by_test_id("clocked-ok").click()
        expect(page.locator("#pin")).to_be_visible()


ASK = """async () => {
  const folder = document.querySelector("script[type=module]").src.replace(/bundle.*|js\\/.*/, "js/");
  const { approved } = await import(folder + "approve.js");
  const { Problem } = await import(folder + "api.js");
  const person = (staff_id, name) => ({ staff_id, name, role: "manager" });
  const approvers = [person("he", "何敏"), person("lin", "林岚")];
  const needed = { code: "approval_needed", details: { approvers } };
  window.asked = approved("discount", async (approval) => {
    if (!approval) throw new Problem(403, needed);
    return approval;
  });
}"""


def test_who_and_why_come_before_the_pin_counts(till: Page) -> None:
    """The sheet as every page gets it, with two managers and reasons to choose from."""
    till.evaluate(ASK)
    expect(till.get_by_test_id("sheet-approve")).to_contain_text("折扣超出权限")
    till.keyboard.type("618034", delay=KEY_MS)
    expect(till.get_by_test_id("approve-hint")).to_have_text("先选人")
    till.get_by_test_id("sheet-approve").get_by_test_id("person-lin").click()
    till.keyboard.type("618034", delay=KEY_MS)
    expect(till.get_by_test_id("approve-hint")).to_have_text("先选原因")
    picture(till, "approve-reasons")
    till.get_by_test_id("approve-reason-goodwill").click()
    expect(till.get_by_test_id("sheet-approve")).to_have_count(0)
    given = {"approver_id": "lin", "pin": "618034", "reason": "goodwill"}
    assert till.evaluate("window.asked") == given
    till.evaluate(ASK)
    till.get_by_test_id("sheet-approve").get_by_test_id("person-he").click()
    till.get_by_test_id("approve-reason").fill("扣子掉了 2 颗")
    for digit in "735290":
        till.get_by_test_id(f"approve-key-{digit}").click()
    assert till.evaluate("window.asked")["reason"] == "扣子掉了 2 颗"
    till.evaluate(ASK)
    till.get_by_test_id("sheet-approve").get_by_test_id("sheet-close").click()
    assert till.evaluate("window.asked") is None


def test_where_nobody_else_may_approve_it_says_who_could_and_shows_no_dead_pad(
    till: Page, store: Stack
) -> None:
    def managers(active: int) -> None:
        with closing(sqlite3.connect(store.database, timeout=10)) as database, database:
            database.execute(f"UPDATE staff SET active = {active} WHERE role = 'manager'")

    managers(0)
    try:
        hours_form(till, a_day(store))
        expect(till.get_by_test_id("approve-nobody")).to_contain_text("能授权的是店长")
        expect(till.locator("[data-test=sheet-approve] .pad9")).to_have_count(0)
        picture(till, "approve-nobody")
        till.get_by_test_id("approve-close").press("Enter")
        expect(till.get_by_test_id("sheet-approve")).to_have_count(0)
        expect(till.get_by_test_id("hours-save")).to_be_enabled()
    finally:
        managers(1)
