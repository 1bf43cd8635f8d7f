"""The back office: a manager signs on, moves between sections, and is told what went wrong."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from tests.browser.people import enter, touch_pin
from tests.browser.tablet import opened
from tests.stack import Stack


@pytest.fixture
def office(browser: Browser, store: Stack) -> Iterator[Page]:
    with opened(browser) as page:
        enter(page, store, "hemin", "/office#/articles")
        yield page


def test_an_address_opens_its_section_and_the_way_back_works(office: Page) -> None:
    expect(office.get_by_test_id("title")).to_have_text("商品")
    expect(office.get_by_test_id("nav-articles")).to_have_attribute("aria-current", "page")
    office.evaluate("location.hash = '#/articles?q=T1002'")
    expect(office.get_by_test_id("search")).to_have_value("T1002")
    expect(office.get_by_test_id("articles")).to_contain_text("纯棉基础 T 恤")
    office.go_back()
    expect(office.get_by_test_id("search")).to_have_value("")


def test_an_address_that_names_nothing_leads_to_the_first_section(office: Page) -> None:
    office.evaluate("location.hash = '#/nothing'")
    expect(office.locator("#nav a[data-section]").first).to_have_attribute("aria-current", "page")


def test_a_list_that_cannot_be_had_says_so_and_is_asked_for_again(office: Page) -> None:
    def refuse(route: Route) -> None:
        route.abort()

    office.route("**/api/**", refuse)
    office.get_by_test_id("search").fill("T1")
    expect(office.get_by_test_id("failed")).to_contain_text("连不上")
    office.unroute("**/api/**", refuse)
    office.get_by_test_id("retry").click()
    expect(office.get_by_test_id("articles")).to_be_visible()


def test_who_signs_off_leaves_nothing_on_the_page(office: Page) -> None:
    office.get_by_test_id("menu").click()
    office.get_by_test_id("sign-off").click()
    expect(office.get_by_test_id("person-hemin")).to_be_visible()
    expect(office.get_by_test_id("person-zhouting")).to_have_count(0)  # only managers
    expect(office.get_by_test_id("articles")).to_have_count(0)
    office.evaluate("location.hash = '#/articles?q=T'")
    expect(office.get_by_test_id("articles")).to_have_count(0)
    touch_pin(office, "hemin")
    expect(office.get_by_test_id("articles")).to_be_visible()


def test_a_promotion_is_tried_as_it_is_typed_and_published(office: Page) -> None:
    office.evaluate("location.hash = '#/promotions/new'")
    office.get_by_test_id("kind-spend_and_save").click()
    office.get_by_test_id("input-threshold_minor").fill("800")
    office.get_by_test_id("input-amount_minor").fill("87")
    expect(office.get_by_test_id("trial-total")).to_have_text("¥800.00")
    office.get_by_test_id("input-threshold_minor").fill("9,00O")
    expect(office.get_by_test_id("trial")).to_contain_text("填好")
    office.get_by_test_id("input-threshold_minor").fill("900")
    expect(office.get_by_test_id("trial-miss")).to_contain_text("¥900.00")
    office.get_by_test_id("promo-label_zh").fill('<b onmouseover="alert(1)">满减')
    office.get_by_test_id("publish").click()
    office.get_by_test_id("publish-sure").click()
    expect(office.get_by_test_id("title")).to_have_text('<b onmouseover="alert(1)">满减')
    office.get_by_test_id("withdraw").click()
    office.get_by_test_id("withdraw-sure").click()
    office.get_by_test_id("state-over").click()
    expect(office.get_by_test_id("promotions")).to_contain_text("已撤下")


def test_a_report_s_period_stays_in_the_address(office: Page) -> None:
    office.evaluate("location.hash = '#/reports/styles?period=month'")
    expect(office.get_by_test_id("period-month")).to_have_attribute("aria-pressed", "true")
    expect(office.get_by_test_id("empty")).to_be_visible()
    office.get_by_test_id("period-today").click()
    office.wait_for_url("**/office#/reports/styles?period=today")
    office.reload()
    expect(office.get_by_test_id("period-today")).to_have_attribute("aria-pressed", "true")


def test_the_shell_asks_for_five_files_and_nothing_from_elsewhere(office: Page, store: Stack) -> None:
    asked: list[str] = []
    told: list[str] = []
    office.on("request", lambda request: asked.append(request.url))
    office.on("console", lambda message: told.append(message.text) if message.type == "error" else None)
    office.reload()
    expect(office.get_by_test_id("articles")).to_be_visible()
    inside = [url for url in asked if url.startswith(store.url)]
    shell = [url for url in inside if "/api/" not in url and "/bundle/office/" not in url]
    assert len(inside) == len([url for url in asked if not url.startswith("data:")])
    assert len(shell) <= 5, shell
    assert told == []


def test_a_new_style_is_checked_as_it_is_typed_and_then_sold(office: Page) -> None:
    office.evaluate("location.hash = '#/articles/new'")
    office.get_by_test_id("style-no").fill("N900")
    office.get_by_test_id("name").fill("灯芯绒衬衫")
    office.get_by_test_id("price").fill("329")
    office.get_by_test_id("colours").fill("黑, 米白")
    office.get_by_test_id("sizes").fill("S, M")
    office.get_by_test_id("gtin-黑-S").fill("6901234567890")
    office.get_by_test_id("save").click()
    expect(office.get_by_test_id("gtin-黑-S")).to_have_attribute("aria-invalid", "true")
    expect(office.get_by_test_id("title")).to_have_text("新建款")
    office.get_by_test_id("gtin-黑-S").fill("6901234567892")
    office.get_by_test_id("save").click()
    expect(office.get_by_test_id("title")).to_have_text("灯芯绒衬衫")
    expect(office.get_by_test_id("variants")).to_contain_text("6901234567892")
    office.get_by_test_id("price-all").fill("299.5")
    office.get_by_test_id("save").click()
    expect(office.get_by_test_id("toast")).to_contain_text("4")
    expect(office.locator("[data-test^=price-N900]").first).to_have_value("299.50")
