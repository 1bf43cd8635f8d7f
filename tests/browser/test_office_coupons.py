"""Coupons in the office: a kind is made, seen on paper and on a bag, given, used, taken away."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from services.jobs.demo_shop import DEMO_PINS
from tests.browser.cashier import fill, pay_exactly
from tests.browser.people import enter
from tests.browser.tablet import TABLET, opened
from tests.browser.test_approvals import KEY_MS, PHONE
from tests.browser.test_till_members import PROBE, joined, minor, name, number
from tests.stack import Api, Stack

HOSTILE = "<img src=x onerror=ran=1>{n}"


@pytest.fixture(params=[TABLET, PHONE], ids=["tablet", "phone"])
def office(request: pytest.FixtureRequest, browser: Browser, store: Stack) -> Iterator[Page]:
    with opened(browser, request.param) as page:
        enter(page, store, "hemin", "/office#/coupons")
        yield page


def new(page: Page, label: str, *, kind: str = "amount", **inputs: str) -> None:
    """Ends on the form, filled in."""
    page.get_by_test_id("new-coupon").click()
    page.get_by_test_id(f"kind-{kind}").click()
    for key, text in inputs.items():
        page.get_by_test_id(f"input-{key}").fill(text)
    page.get_by_test_id("coupon-label_zh").fill(label)


def publish(page: Page) -> None:
    page.get_by_test_id("publish").click()
    page.get_by_test_id("publish-sure").click()
    expect(page.get_by_test_id("counts")).to_be_visible()


def test_a_kind_is_seen_on_paper_and_on_a_bag_before_it_is_published(office: Page) -> None:
    expect(office.get_by_test_id("title")).to_have_text("优惠券")
    new(office, "满 300 减 50", face_minor="50", min_spend_minor="300")
    expect(office.get_by_test_id("receipt")).to_contain_text("满 300 减 50")
    expect(office.get_by_test_id("coupon-said")).to_have_text("满 ¥300 减 ¥50 · 发放后 30 天有效")
    expect(office.get_by_test_id("trial")).to_contain_text("-¥50.00")
    office.get_by_test_id("input-face_minor").fill("5O")
    expect(office.get_by_test_id("coupon-preview")).to_contain_text("填好")
    office.get_by_test_id("input-face_minor").fill("50")
    office.get_by_test_id("occasion-receipt").click()
    office.get_by_test_id("input-occasion_min_minor").fill("200")
    expect(office.get_by_test_id("coupon-said")).to_contain_text("满 ¥200 随小票发")
    assert office.evaluate(PROBE)
    office.get_by_test_id("occasion-").click()
    publish(office)
    office.get_by_test_id("input-face_minor").fill("40")
    publish(office)
    expect(office.locator("#page .head")).to_contain_text("第 2 版")
    office.get_by_test_id("withdraw").click()
    office.get_by_test_id("withdraw-sure").click()
    expect(office.get_by_test_id("title")).to_have_text("优惠券")
    office.get_by_test_id("state-over").click()
    expect(office.get_by_test_id("coupons")).to_contain_text("满 ¥300 减 ¥40")
    assert office.evaluate(PROBE)
    office.get_by_test_id("coupons").get_by_text("满 300 减 50").first.click()
    expect(office.get_by_test_id("publish")).to_have_text("重新启用")
    office.get_by_test_id("copy").click()
    expect(office.get_by_test_id("title")).to_have_text("新建券种")
    expect(office.get_by_test_id("input-face_minor")).to_have_value("40.00")
    office.locator("details.more-terms summary").click()
    office.get_by_test_id("input-stores").fill("S0001")
    office.get_by_test_id("input-funding").fill("brand")
    office.get_by_test_id("coupon-label_zh").fill("只在本店")
    expect(office.get_by_test_id("receipt")).to_contain_text("限门店 S0001")
    publish(office)
    expect(office.get_by_test_id("coupon-said")).to_contain_text("限门店 S0001")


def test_what_cannot_be_is_said_beside_the_form(office: Page) -> None:
    new(office, "<b>兑换</b>", kind="exchange", face_minor="99")
    expect(office.get_by_test_id("coupon-preview")).to_contain_text("写明哪些商品")
    office.get_by_test_id("input-skus").fill("T-W-S")
    expect(office.get_by_test_id("receipt")).to_contain_text("<b>兑换</b>")
    office.get_by_test_id("lasts-dates").click()
    expect(office.get_by_test_id("coupon-preview")).to_contain_text("二选一")
    office.get_by_test_id("input-from_day").fill("2031-02-02")
    office.get_by_test_id("input-to_day").fill("2031-01-01")
    expect(office.get_by_test_id("coupon-preview")).to_contain_text("结束早于开始")


def test_a_coupon_made_in_the_office_is_given_and_used_at_the_till(
    browser: Browser, store: Stack, office: Page
) -> None:
    phone = number()
    member = joined(store, phone=phone, name="李雷")
    new(office, "见面礼", face_minor="30")
    publish(office)

    def lose(route: Route) -> None:
        route.fetch()
        route.abort()

    office.get_by_test_id("give").click()
    office.get_by_test_id("give-text").fill("13700000000")
    office.get_by_test_id("give-find").click()
    expect(office.get_by_test_id("give-none")).to_be_visible()
    office.get_by_test_id("give-text").fill(phone)
    office.get_by_test_id("give-find").click()
    expect(office.get_by_test_id("give-hit")).not_to_contain_text(phone)
    office.get_by_test_id("give-hit").click()
    office.route(f"**/members/{member}/coupons", lose, times=1)
    office.get_by_test_id("give-go").click()
    expect(office.get_by_test_id("give-why")).to_contain_text("连不上")
    office.get_by_test_id("give-go").click()
    code = office.get_by_test_id("given-code").inner_text()
    assert len(code.replace("-", "")) == 13
    assert len(Api(store, "hemin").send("GET", f"/api/members/{member}/coupons")) == 1, "once"
    name(store, member)
    with opened(browser) as till:
        enter(till, store, "zhouting")
        fill(till, store)
        before = minor(store)
        till.get_by_test_id("member").click()
        till.locator("[data-test^=use-]").first.click()
        expect(till.locator("[data-test^=use-]").first).to_have_attribute("aria-pressed", "true")
        assert minor(store) == before - 30_00
        till.keyboard.press("Escape")
        pay_exactly(till)
        expect(till.get_by_test_id("next-sale")).to_be_visible()
    office.reload()
    expect(office.get_by_test_id("counts")).to_contain_text("已用1")


def test_a_coupon_is_found_by_its_code_and_taken_away(office: Page, store: Stack) -> None:
    api = Api(store, "hemin")
    kind = {"kind": "percent", "label_zh": "九折", "label_en": "10% off", "face_bp": 1_000, "days": 9}
    made = api.send("POST", "/api/coupons/templates", kind, key=number())
    member = joined(store, phone=number())
    given = api.send(
        "POST", f"/api/members/{member}/coupons", {"template_id": made["template_id"]}, key=number()
    )
    for text, words in (("7K2M", "不是"), (given["code"].lower(), "九折")):
        office.get_by_test_id("coupon-by-code").click()
        office.get_by_test_id("code-text").fill(text)
        office.get_by_test_id("code-find").click()
        if text == "7K2M":
            expect(office.get_by_test_id("code-why")).to_be_visible()
            office.keyboard.press("Escape")
            continue
        expect(office.get_by_test_id("code-seen")).to_contain_text(words)
        office.get_by_test_id("code-cancel").click()
        office.get_by_test_id("cancel-go").click()
        expect(office.get_by_test_id("cancel-why")).to_contain_text("原因")
        office.get_by_test_id("cancel-reason").fill("发错了")
        office.get_by_test_id("cancel-go").click()
    expect(office.get_by_test_id("cancel-go")).to_have_count(0)
    wallet = api.send("GET", f"/api/members/{member}/coupons")
    assert [each["state"] for each in wallet] == ["cancelled"]


def tagged(store: Stack, many: int) -> tuple[str, list[str]]:
    """A new tag, and members who wear it."""
    api, key = Api(store, "hemin"), f"t{time.time_ns() % 1_000_000_000}"
    book = api.send("GET", "/api/office/tags")["book"]
    tag = {"key": key, "label_zh": f"老街坊{key}", "label_en": "Neighbours"}
    body = {"seen_version": book["version"], "tags": [*book["tags"], tag], "limits": book["limits"]}
    api.send("PUT", "/api/office/tags", body)
    members = [joined(store, phone=number()) for _ in range(many)]
    for member in members:
        api.send("PUT", f"/api/members/{member}/tags/{key}", {"on": True, "reason": "told"})
    return key, members


def test_many_get_one_each_after_a_lost_answer_too_and_it_is_taken_back(office: Page, store: Stack) -> None:
    key, both = tagged(store, 2)
    new(office, "街坊券", face_minor="8")
    publish(office)

    def lose(route: Route) -> None:
        route.fetch()
        route.abort()

    office.get_by_test_id("round-new").click()
    office.get_by_test_id("round-tag").click()
    office.get_by_test_id("round-key").select_option(key)
    expect(office.get_by_test_id("round-will")).to_have_text("会发给 2 人，每人一张")
    expect(office.get_by_test_id("round-reach")).to_contain_text("¥16.00")
    office.route("**/rounds", lose, times=1)
    office.get_by_test_id("round-go").click()
    expect(office.get_by_test_id("round-why")).not_to_be_empty()
    assert office.evaluate(PROBE)
    office.get_by_test_id("round-go").click()
    expect(office.get_by_test_id("round-done")).to_contain_text("已发 2", timeout=15_000)
    expect(office.get_by_test_id("counts")).to_contain_text("已发2")
    expect(office.get_by_test_id("rounds").get_by_test_id("round-state")).to_have_count(1)
    office.evaluate(f"location.hash = '#/loyalty/tags/members?tag={key}'")
    office.get_by_test_id("give-them").click()
    office.get_by_test_id("coupons").get_by_text("街坊券").first.click()
    expect(office.get_by_test_id("round-key")).to_have_value(key)
    expect(office.get_by_test_id("round-reach")).to_contain_text("另有 2 人已有这一版")
    expect(office.get_by_test_id("round-go")).to_be_disabled()
    office.keyboard.press("Escape")
    api = Api(store, "hemin")
    for member in both:
        assert [each["state"] for each in api.send("GET", f"/api/members/{member}/coupons")] == ["issued"]
    office.get_by_test_id("round-back").click()
    office.get_by_test_id("round-back-sure").click()
    expect(office.get_by_test_id("round-withdrawn")).to_contain_text("何敏 已撤回", timeout=15_000)
    expect(office.get_by_test_id("round-counts")).to_contain_text("失效 2")
    assert office.evaluate(PROBE)
    for member in both:
        states = [each["state"] for each in api.send("GET", f"/api/members/{member}/coupons")]
        assert states == ["cancelled"]


def test_where_the_right_needs_two_the_second_managers_pin_is_asked_for(office: Page, store: Stack) -> None:
    (key, _), api = tagged(store, 1), Api(store, "hemin")
    second = "SELECT 'lixue', '李雪', role, pin_hash, 1, 9 FROM staff WHERE staff_id = 'hemin'"
    write(store, f"INSERT OR REPLACE INTO staff {second}")
    api.send("PUT", "/api/rights/coupon_give", {"four_eyes": True, "limits": {"manager": None}})
    try:
        new(office, "双人券", face_minor="8")
        publish(office)
        office.get_by_test_id("round-new").click()
        office.get_by_test_id("round-tag").click()
        office.get_by_test_id("round-key").select_option(key)
        office.get_by_test_id("round-go").click()
        office.get_by_test_id("approve-reason-agreed").click()
        office.keyboard.type(DEMO_PINS["hemin"], delay=KEY_MS)
        expect(office.get_by_test_id("round-done")).to_contain_text("已发 1", timeout=15_000)
    finally:
        given = {"four_eyes": False, "limits": {"manager": None, "cashier": 10_00}}
        api.send("PUT", "/api/rights/coupon_give", given)
        write(store, "DELETE FROM staff WHERE staff_id = 'lixue'")


def write(store: Stack, sql: str) -> None:
    with closing(sqlite3.connect(store.database, timeout=10)) as database, database:
        database.execute(sql)
