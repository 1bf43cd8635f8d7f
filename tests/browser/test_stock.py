"""The back office's stock and import pages in a real browser: a delivery, a blind count, a file."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.people import enter
from tests.browser.tablet import opened
from tests.stack import Stack

SKU = "C1001-MB-S"
BAD = "货号,价格\nC1001-MB-S,-5\nNO-SUCH,9\n".encode("gb18030")
GOOD = "货号,价格\nC1001-MB-S,429\n".encode()


@pytest.fixture
def office(browser: Browser, store: Stack) -> Iterator[Page]:
    with opened(browser) as page:
        enter(page, store, "hemin", "/office#/stock")
        yield page


def scan(page: Page, *codes: str) -> None:
    for code in codes:
        page.get_by_test_id("code").fill(code)
        page.get_by_test_id("code").press("Enter")


def on_hand(page: Page) -> str:
    page.evaluate(f"location.hash = '#/stock/article/{SKU}'")
    return page.get_by_test_id("on-hand").inner_text()


def test_a_delivery_is_scanned_posted_counted_blind_and_its_difference_posted(office: Page) -> None:
    office.get_by_test_id("go-new-delivery").click()
    scan(office, SKU)
    expect(office.get_by_test_id(f"pieces-{SKU}")).to_have_value("1")
    scan(office, SKU, "no-such-code")
    expect(office.get_by_test_id(f"pieces-{SKU}")).to_have_value("2")
    expect(office.get_by_text("no-such-code")).to_be_visible()
    office.get_by_test_id(f"pieces-{SKU}").fill("12")
    office.get_by_test_id(f"pieces-{SKU}").press("Tab")
    office.get_by_test_id("save").click()
    expect(office.get_by_test_id("state")).to_have_text("已入账")
    assert on_hand(office) == "12"
    office.evaluate("location.hash = '#/stock/counts'")
    office.get_by_test_id("begin-count").click()
    scan(office, SKU)
    expect(office.get_by_test_id(f"found-{SKU}")).to_have_value("1")
    expect(office.get_by_test_id("counted")).not_to_contain_text("12")  # blind
    office.get_by_test_id(f"found-{SKU}").fill("11")
    office.get_by_test_id(f"found-{SKU}").press("Tab")
    expect(office.get_by_test_id(f"found-{SKU}")).to_have_value("11")
    office.get_by_test_id("review").click()
    expect(office.get_by_test_id("differences")).to_contain_text("-1")
    office.get_by_test_id("post-count").click()
    expect(office.get_by_test_id("state")).to_have_text("已入账")
    assert on_hand(office) == "11"


def test_a_file_is_looked_at_its_bad_rows_named_and_a_good_one_taken_over(office: Page) -> None:
    office.evaluate("location.hash = '#/import?kind=prices'")
    office.get_by_test_id("file").set_input_files(
        {"name": "价格.csv", "mimeType": "text/csv", "buffer": BAD}
    )
    expect(office.get_by_test_id("sum-bad")).to_have_text("2")
    expect(office.get_by_test_id("bad-rows")).to_contain_text("价格不能为负")
    expect(office.get_by_test_id("bad-rows")).to_contain_text("没有这个商品")
    expect(office.get_by_test_id("take-over")).to_be_disabled()
    office.get_by_test_id("another").click()
    office.get_by_test_id("file").set_input_files(
        {"name": "价格.csv", "mimeType": "text/csv", "buffer": GOOD}
    )
    expect(office.get_by_test_id("changes")).to_contain_text("459.00 → 429.00")
    office.get_by_test_id("take-over").click()
    expect(office.get_by_test_id("done")).to_contain_text("改动 1")
    office.evaluate(f"location.hash = '#/stock/article/{SKU}'")
    expect(office.get_by_text("¥429.00")).to_be_visible()


def test_a_file_of_members_is_looked_at_masked_and_whoever_is_new_joins(office: Page) -> None:
    office.evaluate("location.hash = '#/import?kind=members'")
    data = "手机号,姓名,生日,积分,星座\n13812340001,王芳芳,1990/5/21,7,双子\n"
    data += "13812340002,李雷,,,\n12,错号,,,\n"
    office.get_by_test_id("file").set_input_files(
        {"name": "会员.csv", "mimeType": "text/csv", "buffer": data.encode("gb18030")}
    )
    expect(office.get_by_test_id("sum-joining")).to_have_text("2")
    expect(office.get_by_test_id("sum-bad")).to_have_text("1")
    expect(office.get_by_test_id("ignored")).to_contain_text("星座")
    expect(office.get_by_test_id("people")).to_contain_text("积分 7")
    expect(office.get_by_test_id("people")).to_contain_text("138****0001")
    expect(office.get_by_test_id("people")).not_to_contain_text("王芳")
    expect(office.get_by_test_id("bad-rows")).to_contain_text("格式不对")
    office.get_by_test_id("take-over").click()
    expect(office.get_by_test_id("done")).to_contain_text("新增 2 位")
    office.get_by_test_id("members-csv").click()
    office.get_by_test_id("reason").fill("年度核对")
    with office.expect_download() as file:
        office.get_by_test_id("because-ok").click()
    text = file.value.path().read_text("utf-8-sig")
    assert "138****0001" in text and "13812340001" not in text
