"""A manager looks all around one member: stage, tags, tier, points, purchases, notes; tablet and phone."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.people import enter
from tests.browser.tablet import TABLET, opened
from tests.browser.test_approvals import PHONE, picture
from tests.stack import Api, Stack

NUMBERS = count(3333)
HOSTILE = "<img src=x onerror=alert(1)> 袖子短"


def sold(api: Api, member: str, n: int) -> None:
    style = api.send("GET", "/api/catalogue")["tiles"][n]["style"]
    sku = api.send("GET", f"/api/styles/{style}")["variants"][0]["sku"]
    bag = api.send("POST", "/api/till/lines", {"sku": sku}, key=f"line-{member}-{n}")
    who = {"basket_id": bag["basket_id"], "member_id": member}
    bag = api.send("PUT", "/api/till/member", who)
    paid = {"basket_id": bag["basket_id"], "version": bag["version"]}
    tenders = [{"key": "cash", "amount_minor": bag["total"]["minor"]}]
    api.send("POST", "/api/sales", {**paid, "tenders": tenders}, key=f"sale-{member}-{n}")


@pytest.fixture(scope="module")
def api(store: Stack) -> Api:
    """With tiers, tags and points to show."""
    api = Api(store, "hemin")
    need = {"type": "need", "metric": "visits", "least": 1}
    tier = {"key": "regular", "rank": 1, "label_zh": "常客", "label_en": "Regular", "rule": need}
    api.send("PUT", "/api/office/tiers", {"seen_version": 0, "tiers": [tier]})
    came = {"type": "reaches", "fact": "visits", "least": 1}
    tags: list[dict[str, Any]] = [
        {"key": "came", "label_zh": "来过", "label_en": "Came", "rule": came},
        {"key": "linen", "label_zh": "喜欢亚麻", "label_en": "Likes linen", "rule": None},
    ]
    api.send("PUT", "/api/office/tags", {"seen_version": 0, "tags": tags})
    book = {"terms": {"points": 1, "per_minor": 100}}
    api.send("PUT", "/api/office/points/rules", {"seen_version": 0, "book": book})
    return api


@pytest.fixture(params=[TABLET, PHONE], ids=["tablet", "phone"])
def office(request: pytest.FixtureRequest, browser: Browser, store: Stack, api: Api) -> Iterator[Page]:
    """On the page of somebody who has bought twice."""
    phone = f"1372222{next(NUMBERS)}"  # somebody new for each test: one store serves all
    body = {"fields": {"phone": phone, "name": "李娜"}}
    member = api.send("POST", "/api/members", body, key=f"around-{phone}")["member_id"]
    for n in range(2):
        sold(api, member, n)
    with opened(browser, request.param) as page:
        enter(page, store, "hemin", f"/office#/members/{member}")
        expect(page.get_by_test_id("field-phone")).to_have_text(f"{phone[:3]}****{phone[-4:]}")
        yield page


def test_a_tier_is_given_by_hand_and_a_lower_one_is_not(office: Page, api: Api) -> None:
    program = api.send("GET", "/api/office/tiers")["program"]
    if not [each for each in program["tiers"] if each["key"] == "friend"]:
        need = {"type": "need", "metric": "visits", "least": 99}
        friend = {"key": "friend", "rank": 5, "label_zh": "挚友", "label_en": "Friend", "rule": need}
        wanted = {"seen_version": program["version"], "tiers": [*program["tiers"], friend]}
        api.send("PUT", "/api/office/tiers", wanted)
        office.reload()
    office.get_by_test_id("grant").click()
    office.get_by_test_id("grant-friend").click()
    office.get_by_test_id("grant-for-goodwill").click()
    expect(office.get_by_test_id("around-tier")).to_have_text("挚友")
    expect(office.get_by_test_id("step").first).to_contain_text("手工授予")
    office.get_by_test_id("grant").click()
    office.get_by_test_id("grant-regular").click()
    office.get_by_test_id("grant-for-goodwill").click()
    expect(office.get_by_test_id("toast")).to_have_text("不比现在的等级高")


def test_a_member_is_seen_from_all_sides(office: Page) -> None:
    expect(office.get_by_test_id("around-stage")).to_have_text("活跃")
    expect(office.get_by_test_id("around-tier")).to_have_text("常客")
    expect(office.get_by_test_id("step")).to_contain_text("没有等级 → 常客")
    expect(office.get_by_test_id("why-came")).to_have_text("到店 1 次")
    expect(office.get_by_test_id("why").first).to_contain_text("每 ¥1.00 得 1 分")
    expect(office.get_by_test_id("purchases").locator(".swrow")).to_have_count(2)
    expect(office.get_by_test_id("likes")).to_contain_text("品类")
    expect(office.get_by_test_id("visits")).to_contain_text("2")
    expect(office.get_by_test_id("referrals")).to_contain_text("带来 0 位新客")
    picture(office, "around")
    office.get_by_test_id("note-add").click()
    office.get_by_test_id("note-text").fill(HOSTILE)
    picture(office, "note")
    office.get_by_test_id("note-save").click()
    expect(office.get_by_test_id("note")).to_contain_text(HOSTILE)
    office.get_by_test_id("note-add").click()
    office.get_by_test_id("note-event").click()
    office.get_by_test_id("note-text").fill("秋装试穿会")
    office.get_by_test_id("note-day").fill("2026-01-05")
    office.get_by_test_id("note-save").click()
    expect(office.get_by_test_id("note").nth(1)).to_contain_text("2026-01-05 · 何敏")
    office.get_by_test_id("notes").scroll_into_view_if_needed()
    picture(office, "around-notes")
    office.get_by_test_id("note").nth(1).click()
    expect(office.get_by_test_id("note-text")).to_have_value("秋装试穿会")
    office.get_by_test_id("note-text").fill("冬装试穿会")
    picture(office, "note-correct")
    office.get_by_test_id("note-save").click()
    expect(office.get_by_test_id("note").nth(1)).to_contain_text("冬装试穿会")
    expect(office.get_by_test_id("note").nth(1)).to_contain_text("何敏 于")
    office.get_by_test_id("note").nth(1).click()
    office.get_by_test_id("note-remove").click()
    expect(office.get_by_test_id("note-remove")).to_have_text("确定删除？不能恢复")
    office.get_by_test_id("note-remove").click()
    expect(office.get_by_test_id("note")).to_have_count(1)


def test_points_are_given_and_taken_by_hand_with_a_reason(office: Page) -> None:
    had = int(office.get_by_test_id("around-points").inner_text().replace(",", ""))
    office.get_by_test_id("points-adjust").click()
    office.get_by_test_id("adjust-points").fill("0")
    office.get_by_test_id("adjust-for-goodwill").click()
    expect(office.get_by_test_id("sheet-adjust")).to_contain_text("不对")
    office.get_by_test_id("adjust-points").fill("50")
    picture(office, "points-adjust")
    office.get_by_test_id("adjust-for-goodwill").click()
    expect(office.get_by_test_id("around-points")).to_have_text(f"{had + 50:,}")
    expect(office.get_by_test_id("why").first).to_have_text("补偿")
    expect(office.get_by_test_id("points-adjust")).to_be_focused()
    office.keyboard.press("Enter")
    office.get_by_test_id("adjust-take").click()
    office.get_by_test_id("adjust-points").fill("20")
    office.get_by_test_id("adjust-for-correction").click()
    expect(office.get_by_test_id("around-points")).to_have_text(f"{had + 30:,}")


def test_a_tag_is_put_on_and_taken_off_by_hand_with_a_reason(office: Page) -> None:
    office.get_by_test_id("tag-add").click()
    office.get_by_test_id("put-linen").click()
    office.get_by_test_id("reason-told").click()
    expect(office.get_by_test_id("why-linen")).to_have_text("何敏 手工：会员自己说的")
    office.get_by_test_id("worn-came").click()
    office.get_by_test_id("reason-wrong").click()
    expect(office.get_by_test_id("worn-came")).to_have_count(0)
    office.get_by_test_id("tag-add").click()
    office.get_by_test_id("put-came").click()
    office.get_by_test_id("tag-lift").click()
    expect(office.get_by_test_id("why-came")).to_have_text("到店 1 次")


def test_a_coupon_is_given_on_the_members_own_page(office: Page, api: Api) -> None:
    kinds = [each for each in api.send("GET", "/api/coupons/templates") if each["label_zh"] == "道歉券"]
    if not kinds:
        sorry = {
            "kind": "amount",
            "label_zh": "道歉券",
            "label_en": "Sorry",
            "face_minor": 1_000,
            "days": 30,
        }
        kinds = [api.send("POST", "/api/coupons/templates", sorry, key="coupon-of-sorry")]
    office.get_by_test_id("coupon-give").click()
    office.get_by_test_id(f"kind-{kinds[0]['template_id']}").click()
    office.get_by_test_id("give-go").click()
    expect(office.get_by_test_id("given-code")).not_to_be_empty()
    office.get_by_test_id("sheet-close").click()
    expect(office.get_by_test_id("wallet")).to_contain_text("道歉券")


def test_a_promotion_names_tiers_and_tags_by_a_press(office: Page) -> None:
    office.goto(office.url.split("#")[0] + "#/promotions/new")
    office.locator("summary").click()
    for each in ("input-tiers-regular", "input-segments-linen"):
        office.get_by_test_id(each).click()
        expect(office.get_by_test_id(each)).to_have_attribute("aria-pressed", "true")
