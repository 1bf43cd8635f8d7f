"""Who buys: joined and recognised at the till, priced by their tier, shown in the drawer, taken off."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Browser, Page, Route, ViewportSize, expect

from tests.browser.cashier import fill, pay_exactly
from tests.browser.counter import codes, scan
from tests.browser.people import enter
from tests.browser.tablet import opened
from tests.stack import Api, Stack

PHONE = ViewportSize(width=390, height=844)
PROBE = "document.documentElement.scrollWidth <= innerWidth"
CARD = "2700000000014"
HOSTILE = "<img src=x onerror=ran=1>{name}"
GOLD = {
    "key": "gold",
    "rank": 10,
    "label_zh": "金卡",
    "label_en": "Gold",
    "benefits": {"discount_bp": 500},
    "stay_days": 30,
}


def number() -> str:
    """A phone that nobody else has in these tests."""
    return f"138{time.time_ns() // 1_000_000 % 100_000_000:08}"


def joined(store: Stack, **fields: str) -> str:
    """Somebody who is known already; their id."""
    body = {"fields": fields, "scanned": ["card"]}
    member = Api(store, "hemin").send("POST", "/api/members", body, key=f"join-{time.time_ns()}")
    return str(member["member_id"])


def tiers(store: Stack, least_minor: int = 300_00, warn_days: int = 30) -> None:
    manager = Api(store, "hemin")
    seen = manager.send("GET", "/api/office/tiers")["program"]["version"]
    gold = {**GOLD, "rule": {"type": "need", "metric": "spend_minor", "least": least_minor}}
    wanted = {"seen_version": seen, "tiers": [gold], "warn_days": warn_days}
    manager.send("PUT", "/api/office/tiers", wanted)


def name(store: Stack, member_id: str) -> None:
    """As another tablet of the till would."""
    api = Api(store, "hemin")
    basket = api.send("GET", "/api/till/basket")
    named = {"basket_id": basket["basket_id"], "member_id": member_id}
    api.send("PUT", "/api/till/member", named)


def nobody(store: Stack) -> None:
    """No member in the bag, whatever an earlier test left there."""
    name(store, "")


def minor(store: Stack) -> int:
    return int(Api(store, "hemin").send("GET", "/api/till/basket")["total"]["minor"])


def customer(store: Stack) -> Any:
    return Api(store, "hemin").send("GET", "/api/till/basket")["customer"]


@pytest.fixture(params=["tablet", "phone"])
def any_till(request: pytest.FixtureRequest, browser: Browser, store: Stack) -> Iterator[Page]:
    nobody(store)
    sizes = {} if request.param == "tablet" else {"size": PHONE}
    with opened(browser, **sizes) as page:
        enter(page, store, "zhouting")
        yield page


def test_somebody_joins_with_a_phone_in_one_tap_and_is_taken_off_with_undo(
    any_till: Page, store: Stack
) -> None:
    till, phone = any_till, number()
    masked = f"138****{phone[-4:]}"
    till.get_by_test_id("member").click()
    till.get_by_test_id("member-text").fill(phone)
    till.get_by_test_id("join-go").click()
    expect(till.get_by_test_id("sheet-find-member")).to_have_count(0)
    expect(till.get_by_test_id("member-name")).to_have_text(masked)
    assert phone not in till.content()
    till.get_by_test_id("undo").click()
    expect(till.get_by_test_id("member-name")).to_have_text("会员")
    till.get_by_test_id("member").click()
    till.get_by_test_id("member-text").fill(phone[-4:])
    till.keyboard.press("Enter")
    till.locator("[data-test=member-found] .person", has_text=masked).click()
    expect(till.get_by_test_id("member-name")).to_have_text(masked)
    till.get_by_test_id("member").click()
    expect(till.get_by_test_id("drawer-points")).to_have_text("0")
    expect(till.get_by_test_id("drawer-coupons")).to_have_text("0 张")
    expect(till.get_by_test_id("bought-none")).to_be_visible()
    assert till.evaluate(PROBE)
    till.get_by_test_id("member-off").click()
    expect(till.get_by_test_id("member-name")).to_have_text("会员")
    till.get_by_test_id("undo").click()
    expect(till.get_by_test_id("member-name")).to_have_text(masked)


def test_what_was_ticked_is_agreed_to_and_nothing_else(till: Page, store: Stack) -> None:
    nobody(store)
    phone = number()
    till.keyboard.press("F3")
    till.get_by_test_id("member-text").fill(phone)
    ticks = till.locator("[data-test=join] [type=checkbox]")
    expect(ticks).to_have_count(3)
    assert not any(tick.is_checked() for tick in ticks.all())
    till.get_by_test_id("consent-marketing_sms").check()
    till.get_by_test_id("join-name").fill("王芳")
    till.get_by_test_id("join-go").click()
    expect(till.get_by_test_id("member-name")).to_have_text("王*")
    till.keyboard.press("F3")
    expect(till.get_by_test_id("agreed-marketing_sms")).to_have_attribute("aria-checked", "true")
    expect(till.get_by_test_id("agreed-profiling")).to_have_attribute("aria-checked", "false")
    till.get_by_test_id("agreed-profiling").click()
    expect(till.get_by_test_id("agreed-profiling")).to_have_attribute("aria-checked", "true")
    till.get_by_test_id("agreed-marketing_sms").click()
    expect(till.get_by_test_id("agreed-marketing_sms")).to_have_attribute("aria-checked", "false")
    held = Api(store, "hemin").send("GET", f"/api/members/{customer(store)['member_id']}/consents")
    assert held["standing"] == {"marketing_sms": False, "profiling": True}


def test_a_scanned_card_names_its_member_also_over_the_sheet_that_finds_them(
    till: Page, store: Stack
) -> None:
    nobody(store)
    joined(store, name=HOSTILE, phone=number(), card=CARD)
    scan(store, CARD)
    expect(till.get_by_test_id("member-name")).to_have_text("<*")
    nobody(store)
    expect(till.get_by_test_id("member-name")).to_have_text("会员")
    till.keyboard.press("F3")
    expect(till.get_by_test_id("member-text")).to_be_focused()
    scan(store, CARD)
    expect(till.get_by_test_id("sheet-find-member")).to_have_count(0)
    expect(till.get_by_test_id("member-name")).to_have_text("<*")


def test_a_member_who_rises_hears_it_and_pays_the_price_of_the_tier(any_till: Page, store: Stack) -> None:
    till, phone = any_till, number()
    tiers(store)
    member_id = joined(store, name="林晓雯", phone=phone)
    fill(till, store, 3)
    till.get_by_test_id("member").click()
    till.get_by_test_id("member-text").fill(phone)
    till.get_by_test_id(f"member-{member_id}").click()
    till.get_by_test_id("member").click()
    expect(till.get_by_test_id("drawer-next")).to_contain_text("距金卡还差 ¥300.00")
    expect(till.get_by_test_id("drawer-next")).to_contain_text("¥0.00 / ¥300.00")
    till.get_by_test_id("member-back").click()
    pay_exactly(till)
    expect(till.get_by_test_id("done-tier")).to_have_text("已升级为金卡")
    assert till.evaluate(PROBE)
    till.reload()
    expect(till.get_by_test_id("done-tier")).to_have_text("已升级为金卡")
    till.get_by_test_id("next-sale").click()
    fill(till, store, 1)
    full = till.get_by_test_id("total").inner_text()
    till.get_by_test_id("member").click()
    till.get_by_test_id("member-text").fill(phone)
    till.get_by_test_id(f"member-{member_id}").click()
    expect(till.get_by_test_id("member-tier")).to_have_text("金卡")
    expect(till.get_by_test_id("line-why").first).to_contain_text("金卡会员价")
    expect(till.get_by_test_id("total")).not_to_have_text(full)
    till.get_by_test_id("member").click()
    expect(till.get_by_test_id("bought")).to_have_count(3)
    expect(till.get_by_test_id("bought-more")).to_have_count(0)
    expect(till.get_by_test_id("drawer-top")).to_be_visible()
    expect(till.get_by_test_id("drawer-stay")).to_have_count(0)
    till.get_by_test_id("member-back").click()
    tiers(store, 2_000_00, warn_days=366)
    till.get_by_test_id("member").click()
    expect(till.get_by_test_id("drawer-stay")).to_contain_text("保住金卡")
    assert till.evaluate(PROBE)
    till.get_by_test_id("member-off").click()
    expect(till.get_by_test_id("total")).to_have_text(full)


def test_of_what_somebody_bought_three_are_shown_and_the_rest_when_asked(till: Page, store: Stack) -> None:
    api = Api(store, "hemin")
    member_id = joined(store, name="王芳", phone=number())
    fill(till, store, 5)
    name(store, member_id)
    api.pay(api.send("GET", "/api/till/basket"), f"five-{time.time_ns()}")
    expect(till.get_by_test_id("bag-empty")).to_be_visible()
    name(store, member_id)
    expect(till.get_by_test_id("member-name")).to_have_text("王*")
    till.keyboard.press("F3")
    expect(till.get_by_test_id("bought")).to_have_count(3)
    till.get_by_test_id("bought-more").click()
    expect(till.get_by_test_id("bought")).to_have_count(5)
    expect(till.get_by_test_id("bought-more")).to_have_count(0)


def test_the_same_phone_of_another_person_joins_when_somebody_has_asked(till: Page, store: Stack) -> None:
    nobody(store)
    phone = number()
    first = joined(store, name="王芳", phone=phone)
    till.keyboard.press("F3")
    till.get_by_test_id("member-text").fill(phone)
    expect(till.get_by_test_id(f"member-{first}")).to_be_visible()
    till.get_by_test_id("member-another").click()
    till.get_by_test_id("join-name").fill("李雷")
    till.get_by_test_id("join-go").click()
    expect(till.get_by_test_id("member-name")).to_have_text("李*")
    assert customer(store)["member_id"] != first


def test_a_bag_is_nobody_s_once_its_member_is_blocked_or_erased(till: Page, store: Stack) -> None:
    nobody(store)
    phone, manager = number(), Api(store, "hemin")
    member_id = joined(store, name="王芳", phone=phone)
    name(store, member_id)
    expect(till.get_by_test_id("member-name")).to_have_text("王*")
    till.keyboard.press("F3")
    expect(till.get_by_test_id("drawer-name")).to_have_text("王*")
    stands = {"revision": 1, "blocked": True}
    manager.send("PUT", f"/api/members/{member_id}/standing", stands, key=f"block-{time.time_ns()}")
    expect(till.get_by_test_id("sheet-member")).to_have_count(0)
    expect(till.get_by_test_id("member-name")).to_have_text("会员")
    till.keyboard.press("F3")
    till.get_by_test_id("member-text").fill(phone)
    expect(till.get_by_test_id(f"member-{member_id}")).to_be_disabled()
    expect(till.get_by_test_id("member-blocked")).to_have_text("已停用")
    till.keyboard.press("Escape")
    phone = number()
    gone = joined(store, name="李雷", phone=phone)
    name(store, gone)
    expect(till.get_by_test_id("member-name")).to_have_text("李*")
    manager.send("POST", f"/api/members/{gone}/erasure", {}, key=f"erase-{time.time_ns()}")
    expect(till.get_by_test_id("member-name")).to_have_text("会员")
    assert phone[-4:] not in till.content()


def test_the_only_one_who_is_found_is_taken_with_enter(till: Page, store: Stack) -> None:
    nobody(store)
    phone = number()
    member_id = joined(store, name="韩梅梅", phone=phone)
    till.keyboard.press("F3")
    till.get_by_test_id("member-text").fill(phone)
    expect(till.get_by_test_id(f"member-{member_id}")).to_be_visible()
    till.keyboard.press("Enter")
    expect(till.get_by_test_id("member-name")).to_have_text("韩*")


def test_a_full_number_is_shown_for_a_reason_and_by_whoever_may(
    till: Page, store: Stack, browser: Browser
) -> None:
    nobody(store)
    phone = number()
    member_id = joined(store, name=HOSTILE, phone=phone)
    till.keyboard.press("F3")
    till.get_by_test_id("member-text").fill(phone)
    till.get_by_test_id(f"member-{member_id}").click()
    expect(till.get_by_test_id("member-name")).to_have_text("<*")
    with opened(browser, locale="en-GB") as page:
        enter(page, store, "hemin")
        page.get_by_test_id("member").click()
        page.get_by_test_id("unmask").click()
        page.get_by_test_id("unmask-verify").click()
        expect(page.get_by_test_id("drawer-name")).to_have_text(HOSTILE)
        expect(page.get_by_test_id("drawer-more")).to_have_text(phone)
        expect(page.get_by_test_id("unmask")).to_be_hidden()
        assert page.evaluate("window.ran === undefined && !document.querySelector('#layers img')")
        page.get_by_test_id("member-back").click()
        assert phone not in page.content()


def test_points_and_a_coupon_are_used_from_the_drawer_and_undone(till: Page, store: Stack) -> None:
    manager, phone = Api(store, "hemin"), number()
    seen = manager.send("GET", "/api/office/points/rules")["version"]
    book = {"terms": {"points": 1, "per_minor": 100}, "discount": {"points": 100, "minor": 100}}
    manager.send("PUT", "/api/office/points/rules", {"seen_version": seen, "book": book})
    member_id = joined(store, name="林晓雯", phone=phone)
    me, now = f"/api/members/{member_id}", time.time_ns()
    kind = {"kind": "amount", "label_zh": "5 元券", "label_en": "5 off", "face_minor": 5_00, "days": 30}
    template_id = manager.send("POST", "/api/coupons/templates", kind, key=f"t-{now}")["template_id"]
    manager.send("POST", f"{me}/points", {"points": 1_000, "reason": "goodwill"}, key=f"p-{now}")
    gift = {"template_id": template_id, "reason": "gift"}
    coupon_id = manager.send("POST", f"{me}/coupons", gift, key=f"c-{now}")["coupon_id"]
    fill(till, store, 1)
    name(store, member_id)
    expect(till.get_by_test_id("member-name")).to_have_text("林*")
    full = minor(store)
    till.keyboard.press("F3")
    expect(till.get_by_test_id("drawer-points")).to_have_text("1,000")
    expect(till.get_by_test_id("drawer-coupons")).to_have_text("1 张")
    till.get_by_test_id("use-points").click()
    expect(till.get_by_test_id("use-points")).to_have_text("取消")
    till.get_by_test_id(f"use-{coupon_id}").click()
    expect(till.get_by_test_id(f"use-{coupon_id}")).to_have_text("取消")
    assert minor(store) == full - 10_00 - 5_00
    till.get_by_test_id("use-points").click()
    expect(till.get_by_test_id("use-points")).to_have_text("使用")
    assert minor(store) == full - 5_00
    till.get_by_test_id("undo").click()
    expect(till.get_by_test_id("use-points")).to_have_text("取消")
    assert minor(store) == full - 10_00 - 5_00


def recharged(store: Stack, member_id: str, amount_minor: int) -> None:
    paid = {"paid_minor": amount_minor, "tender": "cash"}
    path = f"/api/members/{member_id}/stored-value/recharges"
    Api(store, "hemin").send("POST", path, paid, key=f"recharge-{time.time_ns()}")


def test_a_stored_balance_pays_and_a_larger_amount_asks_who_stands_there(
    any_till: Page, store: Stack
) -> None:
    till = any_till
    member_id = joined(store, name="林晓雯", phone=number())
    recharged(store, member_id, 1_000_00)
    fill(till, store, 1)
    name(store, member_id)
    expect(till.get_by_test_id("member-more")).to_have_text("储值 ¥1,000.00")
    for code in codes(store, 3)[1:]:
        scan(store, code)
    expect(till.locator("[data-test=lines] > li")).to_have_count(3)
    due = minor(store)
    assert 500_00 < due < 1_000_00, "more than may be paid without a proof"
    till.get_by_test_id("pay").click()
    till.get_by_test_id("tender-stored_value").click()
    expect(till.get_by_test_id("stored-proof")).to_be_hidden()
    till.get_by_test_id("stored-go").click()
    expect(till.get_by_test_id("stored-proof")).to_be_visible()
    expect(till.get_by_test_id("stored-pin")).to_be_focused()
    assert till.evaluate(PROBE)
    till.get_by_test_id("stored-pin").fill("123456")
    till.get_by_test_id("stored-go").click()
    expect(till.get_by_test_id("stored-why")).not_to_be_empty()
    till.get_by_test_id("stored-pin").fill("")
    till.get_by_test_id("stored-present").check()
    till.get_by_test_id("stored-go").click()
    expect(till.get_by_test_id("sheet-stored")).to_have_count(0)
    till.get_by_test_id("confirm").click()
    expect(till.get_by_test_id("done-total")).to_be_visible()
    api = Api(store, "hemin")
    left = api.send("GET", f"/api/members/{member_id}/stored-value")["principal"]["minor"]
    assert left == 1_000_00 - due


def test_a_frozen_account_is_said_and_pays_nothing(any_till: Page, store: Stack) -> None:
    till, manager = any_till, Api(store, "hemin")
    member_id = joined(store, name="林晓雯", phone=number())
    recharged(store, member_id, 1_000_00)
    stopped = {"change": "frozen", "reason": "card lost"}
    path = f"/api/members/{member_id}/stored-value/state"
    manager.send("POST", path, stopped, key=f"freeze-{time.time_ns()}")
    fill(till, store, 1)
    name(store, member_id)
    expect(till.get_by_test_id("member-name")).to_have_text("林*")
    till.get_by_test_id("member").click()
    expect(till.get_by_test_id("drawer-recharge")).to_be_disabled()
    expect(till.get_by_test_id("drawer-recharge")).to_contain_text("已冻结")
    till.get_by_test_id("member-back").click()
    till.get_by_test_id("pay").click()
    expect(till.get_by_test_id("tender-cash")).to_be_visible()
    expect(till.get_by_test_id("tender-stored_value")).to_have_count(0)


def test_whoever_is_born_this_month_is_seen_and_what_they_earned_is_said(
    any_till: Page, store: Stack
) -> None:
    till, manager = any_till, Api(store, "hemin")
    seen = manager.send("GET", "/api/office/points/rules")["version"]
    book = {"terms": {"points": 1, "per_minor": 100}, "discount": {"points": 100, "minor": 100}}
    manager.send("PUT", "/api/office/points/rules", {"seen_version": seen, "book": book})
    phone, today = number(), datetime.now(ZoneInfo("Asia/Shanghai"))
    member_id = joined(store, name="林晓雯", phone=phone, birthday=f"1990-{today:%m}-01")
    fill(till, store, 1)
    name(store, member_id)
    expect(till.get_by_test_id("member-birthday")).to_have_text("生日月")
    due = minor(store)
    pay_exactly(till)
    earned = due // 100
    expect(till.get_by_test_id("done-buyer")).to_have_text(
        f"138****{phone[-4:]} · 本单积分 +{earned:,} · 共 {earned:,}"
    )
    till.get_by_test_id("next-sale").click()
    expect(till.get_by_test_id("member-birthday")).to_be_hidden()


def test_words_of_the_member_in_english_fit_a_phone(browser: Browser, store: Stack) -> None:
    member_id = joined(store, name="Wilhelmina " + "W" * 28, phone=number())
    name(store, member_id)
    with opened(browser, PHONE, "en-GB") as page:
        enter(page, store, "zhouting")
        page.get_by_test_id("member").click()
        expect(page.get_by_test_id("drawer-more")).to_contain_text("Joined")
        expect(page.get_by_test_id("member-back")).to_be_visible()
        assert page.evaluate(PROBE)
        page.get_by_test_id("member-off").click()
        expect(page.get_by_test_id("member-name")).to_have_text("Member")
        page.get_by_test_id("member").click()
        page.get_by_test_id("member-text").fill("0000")
        page.keyboard.press("Enter")
        expect(page.get_by_test_id("member-nobody")).to_be_visible()
        assert page.evaluate(PROBE)


def test_whoever_is_scanned_over_the_drawer_takes_its_place(till: Page, store: Stack) -> None:
    name(store, joined(store, name="王芳", phone=number()))
    card = "2700000000021"
    joined(store, name="李雷", phone=number(), card=card)
    expect(till.get_by_test_id("member-name")).to_have_text("王*")
    till.keyboard.press("F3")
    expect(till.get_by_test_id("drawer-points")).to_have_text("0")
    scan(store, card)
    expect(till.get_by_test_id("sheet-member")).to_have_count(0)
    expect(till.get_by_test_id("member-name")).to_have_text("李*")
    till.keyboard.press("F3")
    expect(till.get_by_test_id("drawer-name")).to_have_text("李*")
    scan(store, codes(store, 1)[0])  # under the drawer
    expect(till.locator("[data-test=lines] > li").last).to_be_visible()


def test_a_drawer_closes_with_the_member_it_shows(till: Page, store: Stack) -> None:
    name(store, joined(store, name="王芳", phone=number()))
    expect(till.get_by_test_id("member-name")).to_have_text("王*")
    till.keyboard.press("F3")
    expect(till.get_by_test_id("drawer-points")).to_have_text("0")
    nobody(store)  # at another tablet
    expect(till.get_by_test_id("sheet-member")).to_have_count(0)


def test_a_scanner_that_types_names_a_member_in_the_sheet_and_a_receipt_is_nobody(
    till: Page, store: Stack
) -> None:
    nobody(store)
    card = "2700000000038"
    member_id = joined(store, name="韩梅梅", phone=number(), card=card)
    expect(till.get_by_test_id("member-name")).to_have_text("会员")
    till.keyboard.press("F3")
    expect(till.get_by_test_id("member-text")).to_be_focused()
    till.keyboard.type("6901234567", delay=1)
    till.keyboard.press("Enter")
    expect(till.get_by_test_id("member-nobody")).to_be_visible()
    till.wait_for_timeout(100)
    till.keyboard.type(card, delay=1)
    till.keyboard.press("Enter")
    expect(till.get_by_test_id("sheet-find-member")).to_have_count(0)
    expect(till.get_by_test_id("member-name")).to_have_text("韩*")
    assert customer(store)["member_id"] == member_id


def test_an_answer_that_is_lost_joins_nobody_twice(till: Page, store: Stack) -> None:
    nobody(store)
    phone = number()
    tries: list[str] = []

    def lose_the_first(route: Route) -> None:
        tries.append(route.request.headers["idempotency-key"])
        if len(tries) > 1:
            return route.continue_()
        route.fetch()  # carried out, and nobody hears of it
        return route.abort()

    till.route("**/api/members", lose_the_first)
    members = len(store.rows(store.database, "SELECT 1 FROM member"))
    till.keyboard.press("F3")
    till.get_by_test_id("member-text").fill(phone)
    till.get_by_test_id("join-go").click()
    expect(till.get_by_test_id("member-why")).not_to_be_empty()
    till.get_by_test_id("join-go").click()
    expect(till.get_by_test_id("member-name")).to_have_text(f"138****{phone[-4:]}")
    assert len(tries) == 2 and len(set(tries)) == 1
    assert len(store.rows(store.database, "SELECT 1 FROM member")) == members + 1


def test_what_the_member_may_want_has_a_tab_while_they_are_known(any_till: Page, store: Stack) -> None:
    till, phone = any_till, number()
    member_id = joined(store, phone=phone)
    fill(till, store, 2)
    name(store, member_id)
    pay_exactly(till)
    till.get_by_test_id("next-sale").click()
    expect(till.get_by_test_id("tab-member")).to_have_count(0)
    name(store, member_id)
    tab = till.get_by_test_id("tab-member")
    expect(tab).to_have_text("为 TA 推荐")
    if till.get_by_test_id("pane-goods").is_visible():
        till.get_by_test_id("pane-goods").click()
    tab.click()
    tile = till.locator("[data-test^=tile-]").first
    expect(tile).to_contain_text("常买这一类")
    assert till.evaluate(PROBE)
    style = tile.get_attribute("data-style")
    before = len(Api(store, "hemin").send("GET", "/api/till/basket")["lines"])
    tile.click()
    colour_or_line = "[data-test^=variant-], [data-test=lines] > li"
    till.locator(colour_or_line).first.wait_for(state="attached")
    if till.get_by_test_id("sheet-variants").is_visible():
        till.locator("[data-test^=variant-]").first.click()
    expect(till.get_by_test_id("lines").locator("> li")).to_have_count(before + 1)
    expect(till.locator(f"[data-test=tile-{style}]")).to_have_count(0)
    nobody(store)
    expect(till.get_by_test_id("tab-member")).to_have_count(0)
    expect(till.get_by_test_id("tab-best")).to_have_attribute("aria-selected", "true")
