"""Rewards for points at the till: had once, shown, and taken back by a second person."""

from __future__ import annotations

import time

from playwright.sync_api import Page, Route, expect

from services.jobs.demo_shop import DEMO_PINS
from tests.browser.test_till_members import PROBE, joined, name, number
from tests.browser.test_till_members import any_till as any_till
from tests.stack import Api, Stack


def member(store: Stack, points: int = 500) -> str:
    """With a catalogue of one coupon for 300 points and one service for 900."""
    manager, now = Api(store, "hemin"), time.time_ns()
    kind = {"kind": "amount", "label_zh": "30 元券", "label_en": "30 off", "face_minor": 30_00, "days": 30}
    template = manager.send("POST", "/api/coupons/templates", kind, key=f"template-{now}")
    rewards = [
        {"reward_id": "off", "kind": "coupon", "points": 300, "item": template["template_id"]},
        {"reward_id": "hem", "kind": "service", "points": 900},
    ]
    labels = {"label_zh": "兑换品", "label_en": "Reward"}
    seen = manager.send("GET", "/api/office/points/rules")["version"]
    book = {"terms": {"points": 1, "per_minor": 100}, "rewards": [{**labels, **each} for each in rewards]}
    manager.send("PUT", "/api/office/points/rules", {"seen_version": seen, "book": book})
    member_id = joined(store, name="林晓雯", phone=number())
    given = {"points": points, "reason": "goodwill"}
    manager.send("POST", f"/api/members/{member_id}/points", given, key=f"points-{now}")
    name(store, member_id)
    return member_id


def wallet(store: Stack, member_id: str) -> list[str]:
    coupons = Api(store, "hemin").send("GET", f"/api/members/{member_id}/coupons")
    return [each["state"] for each in coupons]


def drawer(page: Page) -> None:
    expect(page.get_by_test_id("member-name")).to_have_text("林*")
    page.get_by_test_id("member").click()


def test_a_coupon_is_had_for_points_and_stands_in_the_drawer(any_till: Page, store: Stack) -> None:
    member_id = member(store)
    drawer(any_till)
    expect(any_till.get_by_test_id("have-hem")).to_be_disabled()
    any_till.get_by_test_id("have-off").click()
    assert any_till.evaluate(PROBE)
    any_till.get_by_test_id("exchange-go").click()
    expect(any_till.get_by_test_id("exchange-text")).to_contain_text("200")
    any_till.get_by_test_id("exchange-close").click()
    expect(any_till.get_by_test_id("drawer-points")).to_have_text("200")
    expect(any_till.get_by_test_id("rewards")).to_contain_text("30 元券")
    expect(any_till.get_by_test_id("have-off")).to_be_disabled()
    assert wallet(store, member_id) == ["issued"]


def test_what_points_brought_goes_into_this_bag_at_once(any_till: Page, store: Stack) -> None:
    member_id = member(store)
    drawer(any_till)
    any_till.get_by_test_id("have-off").click()
    any_till.get_by_test_id("exchange-go").click()
    assert any_till.evaluate(PROBE)
    any_till.get_by_test_id("exchange-use").click()
    expect(any_till.get_by_test_id("sheet-exchange")).to_have_count(0)
    (coupon,) = Api(store, "hemin").send("GET", f"/api/members/{member_id}/coupons")
    used = any_till.get_by_test_id(f"use-{coupon['coupon_id']}")
    expect(used).to_have_attribute("aria-pressed", "true")


def test_it_is_taken_back_with_a_managers_pin(till: Page, store: Stack) -> None:
    member_id = member(store)
    drawer(till)
    till.get_by_test_id("have-off").click()
    till.get_by_test_id("exchange-go").click()
    till.get_by_test_id("exchange-undo").click()
    for digit in DEMO_PINS["hemin"]:
        till.get_by_test_id(f"approve-key-{digit}").click()
    expect(till.get_by_test_id("drawer-points")).to_have_text("500")
    assert wallet(store, member_id) == ["cancelled"]


def test_a_lost_answer_takes_the_points_once(till: Page, store: Stack) -> None:
    member_id = member(store, points=700)
    drawer(till)
    till.get_by_test_id("have-off").click()

    def lose(route: Route) -> None:
        route.fetch()
        route.abort()

    till.route("**/rewards/off", lose, times=1)
    till.get_by_test_id("exchange-go").click()
    expect(till.get_by_test_id("exchange-why")).not_to_be_empty()
    till.get_by_test_id("exchange-go").click()
    expect(till.get_by_test_id("exchange-text")).to_contain_text("400")
    assert wallet(store, member_id) == ["issued"]
