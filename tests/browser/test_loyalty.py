"""A manager makes the rules of members: each tried before it is published; tablet and phone."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.people import enter
from tests.browser.tablet import TABLET, opened
from tests.browser.test_approvals import PHONE, picture
from tests.stack import Api, Stack


@pytest.fixture(params=[TABLET, PHONE], ids=["tablet", "phone"])
def office(request: pytest.FixtureRequest, browser: Browser, store: Stack) -> Iterator[Page]:
    with opened(browser, request.param) as page:
        enter(page, store, "hemin", "/office#/loyalty")
        expect(page.get_by_test_id("loyalty-tiers")).to_be_visible()
        yield page


def test_a_tier_is_made_from_a_preset_changed_and_removed(office: Page) -> None:
    picture(office, "tiers")
    office.get_by_test_id("preset-regular").click()
    expect(office.get_by_test_id("tier-would")).to_have_text("0 位会员今天够得上")
    expect(office.get_by_test_id("tier-words")).to_have_text("本月到店 3 次")
    office.get_by_test_id("input-least").fill("4")
    expect(office.get_by_test_id("tier-words")).to_have_text("本月到店 4 次")
    office.get_by_test_id("add-condition").click()
    office.get_by_test_id("input-metric").last.select_option("spend_minor")
    expect(office.get_by_test_id("tier-trial")).to_have_text("填好条件，这里随即计算")
    office.get_by_test_id("input-least").last.fill("2000")
    office.get_by_test_id("how-top-any").click()
    expect(office.get_by_test_id("tier-words")).to_have_text("本月到店 4 次，或者近 12 个月消费满 ¥2,000")
    picture(office, "tier")
    office.get_by_test_id("tier-save").click()
    expect(office.get_by_test_id("tier-regular")).to_contain_text("或者近 12 个月消费满 ¥2,000")
    picture(office, "tiers-one")
    office.get_by_test_id("down-edit").click()
    office.get_by_test_id("down-to_earned").click()
    office.get_by_test_id("down-warn").fill("45")
    office.get_by_test_id("counts-same").click()
    office.get_by_test_id("down-save").click()
    expect(office.get_by_test_id("down")).to_contain_text("降级前 45 天起")
    expect(office.get_by_test_id("down")).to_contain_text("达到等级的那一单就按新等级算价")
    office.get_by_test_id("tier-regular").click()
    office.get_by_test_id("tier-remove").click()
    office.get_by_test_id("remove-sure").click()
    expect(office.get_by_test_id("preset-regular")).to_be_visible()


def test_a_tag_is_made_from_a_preset_and_by_hand_and_lists_who_wears_it(office: Page, store: Stack) -> None:
    phone = f"13{7 if office.viewport_size == TABLET else 6}12345620"
    api = Api(store, "hemin")
    body = {"fields": {"phone": phone, "name": "李娜"}}
    member = api.send("POST", "/api/members", body, key=f"tags-{phone}")["member_id"]
    office.get_by_test_id("loyalty-tags").click()
    picture(office, "tags")
    office.get_by_test_id("limits-edit").click()
    days = "45" if office.viewport_size == TABLET else "50"
    office.get_by_test_id("input-new_days").fill(days)
    picture(office, "limits")
    office.get_by_test_id("limits-save").click()
    expect(office.get_by_test_id("stage-new")).to_contain_text(f"首单不到 {days} 天")
    office.get_by_test_id("preset-family").click()
    expect(office.get_by_test_id("strange-0")).to_contain_text("“玩具、童装”本店没有")
    office.get_by_test_id("input-categories-tops").click()
    expect(office.get_by_test_id("tag-would")).to_have_text("0 位会员今天会有")
    expect(office.get_by_test_id("tag-of")).to_contain_text("全看过了")
    expect(office.get_by_test_id("tag-words")).to_contain_text("连续 3 单有")
    office.get_by_test_id("input-count").fill("4")
    expect(office.get_by_test_id("tag-words")).to_contain_text("连续 4 单有")
    picture(office, "tag")
    office.get_by_test_id("tag-save").click()
    expect(office.get_by_test_id("tag-family")).to_contain_text("连续 4 单有")
    office.get_by_test_id("new-tag").click()
    office.get_by_test_id("kind-hand").click()
    office.get_by_test_id("tag-label_zh").fill("喜欢亚麻")
    office.get_by_test_id("tag-save").click()
    expect(office.get_by_test_id("tags")).to_contain_text("由店员贴上")
    key = api.send("GET", "/api/office/tags")["book"]["tags"][-1]["key"]
    api.send("PUT", f"/api/members/{member}/tags/{key}", {"on": True, "reason": "told"})
    office.reload()
    picture(office, "tags-two")
    office.get_by_test_id(f"wear-{key}").click()
    expect(office.get_by_test_id("wearer")).to_contain_text(f"{phone[:3]}****5620")
    expect(office.get_by_test_id("ground")).to_have_text("何敏 手工：会员自己说的")
    picture(office, "wearers")
    office.get_by_test_id("back").click()
    for gone in (key, "family"):
        office.get_by_test_id(f"tag-{gone}").click()
        office.get_by_test_id("tag-remove").click()
        office.get_by_test_id("remove-sure").click()
        expect(office.get_by_test_id(f"tag-{gone}")).to_have_count(0)


def test_double_points_are_seen_on_a_sale_before_they_are_published(office: Page) -> None:
    office.get_by_test_id("loyalty-points").click()
    terms = office.get_by_test_id("part-terms")
    terms.get_by_test_id("input-points").fill("1")
    terms.get_by_test_id("input-per_minor").fill("1")
    expect(office.get_by_test_id("points-would")).to_have_text("得 299 分")
    office.get_by_test_id("double").click()
    picture(office, "points-rule")
    office.get_by_test_id("input-from_day").fill("2026-11-11")
    office.get_by_test_id("input-to_day").fill("2026-11-11")
    office.get_by_test_id("rule-save").click()
    expect(office.get_by_test_id("earning-0")).to_contain_text("2 倍积分 · 2026-11-11")
    expect(office.get_by_test_id("points-would")).to_have_text("得 299 分")
    office.get_by_test_id("sample-day").fill("2026-11-11")
    expect(office.get_by_test_id("points-would")).to_have_text("得 598 分")
    expect(office.get_by_test_id("reason-row").last).to_contain_text("双倍积分：¥299.00 的积分 2 倍")
    office.get_by_test_id("rewards-add").click()
    office.get_by_test_id("kind-service").click()
    office.get_by_test_id("input-label_zh").fill("免费改裤脚")
    office.get_by_test_id("rule-save").click()
    office.get_by_test_id("ladder-add").click()
    office.get_by_test_id("part-referral").get_by_test_id("input-referrer_points").fill("100")
    office.evaluate("scrollTo(0, 0)")
    picture(office, "points")
    office.get_by_test_id("points-save").click()
    expect(office.get_by_test_id("points-versions")).to_contain_text("何敏")
    expect(office.get_by_test_id("rewards-0")).to_contain_text("100 分 · 服务")
    office.get_by_test_id("rewards-0").click()
    office.get_by_test_id("rule-remove").click()
    office.get_by_test_id("earning-0").click()
    office.get_by_test_id("rule-remove").click()
    office.get_by_test_id("points-save").click()
    expect(office.get_by_test_id("earning-0")).to_have_count(0)
