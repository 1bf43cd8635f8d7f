"""Coupons in the office: a kind is made, seen on paper and on a bag, given, used, taken away."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from tests.browser.cashier import fill, pay_exactly
from tests.browser.conftest import sign_in
from tests.browser.tablet import TABLET, opened
from tests.browser.test_approvals import PHONE
from tests.browser.test_office import sign_on
from tests.browser.test_till_members import PROBE, joined, minor, name, number
from tests.stack import Api, Stack

HOSTILE = "<img src=x onerror=ran=1>{n}"


@pytest.fixture(params=[TABLET, PHONE], ids=["tablet", "phone"])
def office(request: pytest.FixtureRequest, browser: Browser, store: Stack) -> Iterator[Page]:
    with opened(browser, request.param) as page:
        sign_on(page, store, "#/coupons")
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
        sign_in(till, store, "zhouting")
        fill(till, store)
        before = minor(store)
        till.get_by_test_id("member").click()
        till.locator("[data-test^=use-]").first.click()
        expect(till.locator("[data-test^=use-]").first).to_have_attribute("aria-pressed", "true")
        assert minor(store) == before - 30_00
        till.keyboard.press("Escape")
        pay_exactly(till)
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


def test_everybody_who_wears_a_tag_gets_one_and_nobody_two(office: Page, store: Stack) -> None:
    api, key = Api(store, "hemin"), f"t{time.time_ns() % 1_000_000_000}"
    book = api.send("GET", "/api/office/tags")["book"]
    tag = {"key": key, "label_zh": "老街坊", "label_en": "Neighbours"}
    body = {"seen_version": book["version"], "tags": [*book["tags"], tag], "limits": book["limits"]}
    api.send("PUT", "/api/office/tags", body)
    both = [joined(store, phone=number()) for _ in range(2)]
    for member in both:
        api.send("PUT", f"/api/members/{member}/tags/{key}", {"on": True, "reason": "told"})
    new(office, "街坊券", face_minor="8")
    publish(office)

    def lose(route: Route) -> None:
        route.fetch()
        route.abort()

    office.route("**/rounds", lose, times=1)
    office.get_by_test_id("give").click()
    office.get_by_test_id("give-round").click()
    office.get_by_test_id("round-tag").select_option(key)
    office.get_by_test_id("round-go").click()
    expect(office.get_by_test_id("round-why")).to_contain_text("不会重复发")
    office.get_by_test_id("round-go").click()
    expect(office.get_by_test_id("round-told")).to_have_text("已发 2 人，0 人之前发过")
    office.keyboard.press("Escape")
    expect(office.get_by_test_id("counts")).to_contain_text("已发2")
    office.get_by_test_id("give").click()
    office.get_by_test_id("give-round").click()
    office.get_by_test_id("round-tag").select_option(key)
    office.get_by_test_id("round-go").click()
    expect(office.get_by_test_id("round-told")).to_have_text("已发 0 人，2 人之前发过")
    for member in both:
        assert len(api.send("GET", f"/api/members/{member}/coupons")) == 1
