"""A manager brings members in from another till: names the columns, sees what comes, takes it over."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.people import enter
from tests.browser.tablet import opened
from tests.domain.test_workbook import book
from tests.stack import Stack


@pytest.fixture
def office(browser: Browser, store: Stack) -> Iterator[Page]:
    with opened(browser) as page:
        enter(page, store, "hemin", "/office#/import?kind=members")
        yield page


def test_a_workbook_with_its_own_heads_is_mapped_shown_and_taken_over(office: Page, tmp_path: Path) -> None:
    file = tmp_path / "members.xlsx"
    file.write_bytes(
        book(
            ["联系", "称呼", "旧积分", "卡里", "送的", "门店"],
            [13_612_340_001, "王芳", 1_200, 500.5, 60, "一店"],
            [13_612_340_002, "李雷", "", "", "", "一店"],
            [13_612_340_002, "李雷", "", "", "", "一店"],
            ["1.36E+10", "赵敏", 5, "", "", "二店"],
        )
    )
    office.get_by_test_id("file").set_input_files(file)
    expect(office.get_by_test_id("verdict")).to_contain_text("没有一列能认出人")
    for n, field in enumerate(["phone", "name", "points", "principal", "bonus"]):
        office.get_by_test_id(f"column-{n}").select_option(field)
    office.get_by_test_id("read-again").click()
    expect(office.get_by_test_id("sum-joining")).to_have_text("2")
    expect(office.get_by_test_id("brought")).to_contain_text("积分 1,200，储值 500.50，赠送 60.00")
    expect(office.get_by_test_id("bad-rows")).to_contain_text("和第 3 行重复")
    expect(office.get_by_test_id("people")).to_contain_text("储值余额 500.50")
    expect(office.get_by_test_id("people")).not_to_contain_text("13612340001")
    expect(office.get_by_test_id("ignored")).to_contain_text("门店")
    office.get_by_test_id("take-over").click()
    expect(office.get_by_test_id("done")).to_contain_text("2")
    office.get_by_test_id("another").click()
    office.get_by_test_id("file").set_input_files(file)
    office.get_by_test_id("column-0").select_option("phone")
    office.get_by_test_id("read-again").click()
    expect(office.get_by_test_id("sum-known")).to_have_text("2")
    expect(office.get_by_test_id("brought")).to_have_count(0)
    expect(office.get_by_test_id("take-over")).to_be_disabled()


def test_who_is_a_member_already_gets_what_they_did_not_bring_before(office: Page, tmp_path: Path) -> None:
    file = tmp_path / "members.csv"
    rows = (
        ["手机,积分,储值余额", "13712340001,1200,", "13712340002,,"],
        ["手机,积分,储值余额", "13712340001,1200,20", "13712340002,300,"],
    )
    for n, each in enumerate(rows):
        file.write_text("\n".join(each), encoding="utf-8")
        office.get_by_test_id("file").set_input_files(file)
        if n:
            expect(office.get_by_test_id("brought")).to_contain_text("积分 300，储值 20.00")
            expect(office.get_by_test_id("people")).to_contain_text("积分：以前已记入")
            expect(office.get_by_text("改动", exact=True)).to_have_count(0)
        office.get_by_test_id("take-over").click()
        expect(office.get_by_test_id("done")).to_contain_text("记入期初")
        if not n:
            office.get_by_test_id("another").click()
    expect(office.get_by_test_id("done")).to_contain_text("已有 2 位（其中 2 位记入期初）")
