"""A manager's members: added, found, changed, compared, merged, parted, shown, erased; tablet and phone."""

from __future__ import annotations

import re
import signal
import subprocess
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.people import enter
from tests.browser.tablet import TABLET, opened
from tests.browser.test_approvals import PHONE, picture
from tests.stack import ROOT, Stack

HOSTILE = "<img src=x onerror=alert(1)> 王芳"


@pytest.fixture(params=[TABLET, PHONE], ids=["tablet", "phone"])
def office(request: pytest.FixtureRequest, browser: Browser, store: Stack) -> Iterator[Page]:
    with opened(browser, request.param) as page:
        enter(page, store, "hemin", "/office#/members")
        expect(page.get_by_test_id("member-search")).to_be_visible()
        yield page


def add(page: Page, **fields: str) -> None:
    """Ends on the new member's page."""
    page.goto(page.url.split("#")[0] + "#/members")
    page.get_by_test_id("member-add").click()
    for name, text in fields.items():
        page.get_by_test_id(f"member-{name}").fill(text)
    page.get_by_test_id("member-save").click()
    expect(page.get_by_test_id("field-phone")).to_be_visible()


def number(page: Page, n: int) -> str:
    """Other people for each size: one store serves both."""
    return f"13{'8' if (page.viewport_size or TABLET)['width'] > 400 else '9'}1234{n:04d}"


def again(page: Page) -> None:
    """The first page of members, as it is now."""
    page.goto(page.url.split("#")[0] + "#/members")
    page.reload()


def because(page: Page, why: str) -> None:
    page.get_by_test_id("reason").fill(why)
    page.get_by_test_id("because-ok").click()
    expect(page.get_by_test_id("sheet-because")).to_have_count(0)


def test_somebody_joins_with_a_phone_and_is_found_changed_shown_and_erased(office: Page) -> None:
    phone = number(office, 5620)
    picture(office, "members-empty")
    office.get_by_test_id("member-add").click()
    office.get_by_test_id("member-phone").fill("123")
    office.get_by_test_id("member-save").click()
    expect(office.get_by_text("格式不对")).to_be_visible()
    picture(office, "members-add")
    office.get_by_test_id("member-phone").fill(f"+86 {phone}")
    office.get_by_test_id("member-save").click()
    expect(office.get_by_test_id("field-phone")).to_have_text(f"{phone[:3]}****5620")
    office.get_by_test_id("member-edit").click()
    office.get_by_test_id("member-name").fill(HOSTILE)
    office.get_by_test_id("member-birthday").fill("1990-05-21")
    office.get_by_test_id("member-gender").select_option("f")
    office.get_by_test_id("member-notes").fill("喜欢亚麻，常带女儿来")
    picture(office, "members-edit")
    office.get_by_test_id("member-save").click()
    expect(office.get_by_test_id("field-name")).to_have_text("<*")
    picture(office, "members-profile")
    office.get_by_test_id("member-unmask").click()
    picture(office, "members-unmask")
    because(office, "顾客要求核对")
    expect(office.get_by_test_id("field-name")).to_have_text(HOSTILE)
    expect(office.get_by_test_id("field-phone")).to_have_text(phone)
    office.goto(office.url.split("#")[0] + "#/members")
    office.get_by_test_id("member-search").fill("5620")
    office.get_by_test_id("member-find").click()
    expect(office.get_by_test_id("member-hits")).to_contain_text(f"{phone[:3]}****5620")
    assert "5620" not in office.url, "addresses are kept by browsers and logs"
    picture(office, "members-found")
    office.get_by_test_id("member-hit").filter(has_text=phone[:3]).click()
    with office.expect_download() as file:
        office.get_by_test_id("member-copy").click()
        because(office, "本人要求")
    assert phone in file.value.path().read_text("utf-8")
    office.get_by_test_id("member-erase").click()
    picture(office, "members-erase")
    office.get_by_test_id("erase-sure").click()
    expect(office.get_by_test_id("member-search")).to_be_visible()
    office.get_by_test_id("member-search").fill(phone)
    office.get_by_test_id("member-find").click()
    expect(office.get_by_text("没有找到")).to_be_visible()


def test_two_are_compared_made_one_and_parted(office: Page) -> None:
    one, other = number(office, 1), number(office, 2)
    same = {"name": f"李娜{one[2]}", "birthday": "1988-08-08"}
    add(office, phone=one, **same)
    add(office, phone=other, email=f"li{one[2]}@example.com", **same)
    office.get_by_test_id("member-suspect").first.click()
    expect(office.get_by_test_id("member-review")).to_contain_text(f"{one[:3]}****0001")
    picture(office, "members-review")
    office.get_by_test_id("review-merge").click()
    because(office, "本人确认是同一个人")
    expect(office.get_by_test_id("member-merge")).to_be_visible()
    expect(office.get_by_test_id("field-email")).to_have_text("l***@example.com")
    picture(office, "members-merged")
    office.get_by_test_id("member-part").click()
    because(office, "弄错了")
    expect(office.get_by_test_id("member-merge")).to_have_count(0)
    expect(office.get_by_test_id("field-phone")).to_have_text(re.compile(r"\*{4}0001$"))


def test_look_alikes_are_suggested_one_is_accepted_and_one_declined(office: Page, store: Stack) -> None:
    """What the night's job found. The gateway stops for it, as on the box."""
    first, slip, far = number(office, 5678), number(office, 5687), number(office, 9012)
    family, born = ("欧阳", "1976-03-14") if first[2] == "8" else ("司马", "1983-10-27")
    for phone, name in ((first, "芳"), (slip, "方"), (far, "静")):
        add(office, phone=phone, name=family + name, birthday=born)
    store.kill("run", signal.SIGTERM)
    said = subprocess.run(
        store.command("job", "find_duplicates"), cwd=ROOT, check=True, capture_output=True
    )
    assert "look alike" in said.stdout.decode() and "members read" in said.stderr.decode()
    store.start("run")
    pairs = office.get_by_test_id("member-pair").filter(has_text=family[0])
    again(office)
    expect(pairs.first).to_contain_text("姓名同音 · 生日相同 · 手机号有两位对调")
    picture(office, "members-alike")
    pairs.first.click()
    expect(office.get_by_test_id("review-reasons")).to_contain_text("手机号有两位对调")
    picture(office, "members-alike-review")
    office.get_by_test_id("review-merge").click()
    because(office, "本人确认是同一个人")
    expect(office.get_by_test_id("member-part")).to_be_visible()
    again(office)
    expect(pairs).to_contain_text("姓名差一个字 · 生日相同")
    pairs.click()
    office.get_by_test_id("review-apart").click()
    picture(office, "members-apart")
    because(office, "是姐妹，不是同一位")
    again(office)
    expect(office.get_by_test_id("members-pairs")).to_be_visible()
    expect(pairs).to_have_count(0)


def test_a_number_that_is_known_asks_who_it_is(office: Page) -> None:
    phone = number(office, 77)
    add(office, phone=phone)
    office.goto(office.url.split("#")[0] + "#/members")
    office.get_by_test_id("member-add").click()
    office.get_by_test_id("member-phone").fill(phone)
    office.get_by_test_id("member-name").fill("赵六")
    office.get_by_test_id("member-save").click()
    expect(office.get_by_test_id("member-known")).to_be_visible()
    picture(office, "members-known")
    office.get_by_test_id("member-another").click()
    expect(office.get_by_test_id("field-name")).to_have_text("赵*")
