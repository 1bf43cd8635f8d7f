"""What the drawer does about a member's visit: checked in once a day, and who sent somebody new."""

from __future__ import annotations

from playwright.sync_api import Page, Route, expect

from tests.browser.test_till_members import PROBE, joined, name, nobody, number
from tests.browser.test_till_members import any_till as any_till
from tests.stack import Api, Stack

BOOK = {
    "terms": {"points": 1, "per_minor": 100},
    "check_in": {"points": 5},
    "referral": {"referrer_points": 100, "newcomer_points": 50},
}


def rewarded(store: Stack, book: dict[str, object]) -> None:
    manager = Api(store, "hemin")
    seen = manager.send("GET", "/api/office/points/rules")["version"]
    manager.send("PUT", "/api/office/points/rules", {"seen_version": seen, "book": book})


def opened_drawer(till: Page) -> None:
    expect(till.get_by_test_id("member-name")).to_have_text("王*")
    till.get_by_test_id("member").click()
    expect(till.get_by_test_id("bought-none")).to_be_visible()


def test_a_visit_is_counted_once_a_day_whatever_answer_is_lost(any_till: Page, store: Stack) -> None:
    till = any_till
    rewarded(store, BOOK)
    name(store, joined(store, name="王芳", phone=number()))
    opened_drawer(till)

    def lose(route: Route) -> None:
        route.fetch()  # carried out, and nobody hears of it
        route.abort()

    till.route("**/check-in", lose, times=1)
    till.get_by_test_id("check-in").click()
    expect(till.get_by_test_id("toast")).to_contain_text("没有回答")
    till.get_by_test_id("check-in").click()
    expect(till.get_by_test_id("toast")).to_contain_text("已签到，连续 1 天，共 5 积分")
    expect(till.get_by_test_id("check-in")).to_be_disabled()
    expect(till.get_by_test_id("drawer-points")).to_have_text("5")
    assert till.evaluate(PROBE)
    till.get_by_test_id("member-back").click()
    opened_drawer(till)
    expect(till.get_by_test_id("check-in")).to_have_text("今天已签到")
    expect(till.get_by_test_id("check-in")).to_be_disabled()


def test_who_sent_somebody_new_is_found_and_noted_once(any_till: Page, store: Stack) -> None:
    till, phone = any_till, number()
    rewarded(store, BOOK)
    friend = joined(store, name="林晓雯", phone=phone)
    new = joined(store, name="王芳", phone=f"139{phone[3:]}")
    name(store, new)
    opened_drawer(till)
    till.get_by_test_id("sent-by").click()
    till.get_by_test_id("member-text").fill(number())
    expect(till.get_by_test_id("member-nobody")).to_be_visible()  # nobody joins from here
    till.get_by_test_id("member-text").fill(phone)
    till.get_by_test_id(f"member-{friend}").click()
    expect(till.get_by_test_id("toast")).to_contain_text("已记下推荐人")
    expect(till.get_by_test_id("sent-by")).to_have_count(0)
    expect(till.get_by_test_id("drawer-name")).to_have_text("王*")
    rows = store.rows(store.database, f"SELECT referrer_id FROM referral WHERE newcomer_id = '{new}'")
    assert rows == [(friend,)]


def test_a_shop_that_rewards_neither_shows_neither(till: Page, store: Stack) -> None:
    nobody(store)
    rewarded(store, {"terms": {"points": 1, "per_minor": 100}})
    name(store, joined(store, name="王芳", phone=number()))
    opened_drawer(till)
    expect(till.get_by_test_id("check-in")).to_have_count(0)
    expect(till.get_by_test_id("sent-by")).to_have_count(0)


def test_a_member_who_was_not_named_can_be_tapped_once_more(till: Page, store: Stack) -> None:
    """The sheet stays until the bag has them: nobody pays as a stranger without being told."""
    nobody(store)
    phone = number()
    member_id = joined(store, name="王芳", phone=phone)
    till.route("**/api/till/member", lambda route: route.abort(), times=1)
    till.keyboard.press("F3")
    till.get_by_test_id("member-text").fill(phone)
    till.get_by_test_id(f"member-{member_id}").click()
    expect(till.get_by_test_id("member-why")).to_contain_text("再点一次")
    till.get_by_test_id(f"member-{member_id}").click()
    expect(till.get_by_test_id("sheet-find-member")).to_have_count(0)
    expect(till.get_by_test_id("member-name")).to_have_text("王*")
