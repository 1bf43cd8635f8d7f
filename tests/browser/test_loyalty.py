"""A manager's rules for members: a tier from a preset with how many it would take; on tablet and phone."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from services.jobs.demo_shop import DEMO_PINS
from tests.browser.tablet import TABLET, opened
from tests.browser.test_approvals import PHONE, picture
from tests.stack import Stack


@pytest.fixture(params=[TABLET, PHONE], ids=["tablet", "phone"])
def office(request: pytest.FixtureRequest, browser: Browser, store: Stack) -> Iterator[Page]:
    with opened(browser, request.param) as page:
        page.set_default_timeout(8_000)
        page.goto(f"{store.url}/office#/loyalty")
        page.get_by_test_id("person-hemin").click()
        for digit in DEMO_PINS["hemin"]:
            page.get_by_test_id(f"pin-key-{digit}").click()
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
    office.get_by_test_id("down-save").click()
    expect(office.get_by_test_id("down")).to_contain_text("降级前 45 天起")
    office.get_by_test_id("tier-regular").click()
    office.get_by_test_id("tier-remove").click()
    office.get_by_test_id("remove-sure").click()
    expect(office.get_by_test_id("preset-regular")).to_be_visible()
