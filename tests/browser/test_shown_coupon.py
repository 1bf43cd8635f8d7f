"""A coupon that a customer brings on paper or a phone: scanned or typed at the till, it works at once."""

from __future__ import annotations

import time

import pytest
from playwright.sync_api import Page, expect

from tests.browser.cashier import fill, pay_exactly
from tests.browser.counter import scan
from tests.browser.test_till_members import any_till as any_till
from tests.browser.test_till_members import joined, minor, name, nobody, number
from tests.stack import Api, Stack

FIVE = {
    "kind": "amount",
    "label_zh": "5 元券",
    "label_en": "5 off",
    "face_minor": 5_00,
    "days": 30,
    "bearer": True,
}


def given(store: Stack, **other: object) -> str:
    """The code of a coupon that whoever has it can use, as it is printed."""
    api, now = Api(store, "hemin"), time.time_ns()
    kind = api.send("POST", "/api/coupons/templates", {**FIVE, **other}, key=f"kind-{now}")
    member_id = joined(store, phone=number())
    gift = {"template_id": kind["template_id"], "reason": "gift"}
    return str(api.send("POST", f"/api/members/{member_id}/coupons", gift, key=f"gift-{now}")["code"])


@pytest.fixture(autouse=True)
def bare(store: Stack) -> None:
    """No coupon in the bag, whatever an earlier test left there."""
    api = Api(store, "hemin")
    view = api.send("GET", "/api/till/basket")
    for coupon_id in view["coupons"]:
        gone = {"basket_id": view["basket_id"], "coupon_id": coupon_id, "wanted": False}
        api.send("PUT", "/api/till/coupon", gone)


def test_it_is_scanned_used_and_taken_off_again_and_a_second_scan_says_so(
    any_till: Page, store: Stack
) -> None:
    till, code = any_till, given(store)
    fill(till, store, 1)
    full = minor(store)
    scan(store, code)
    expect(till.get_by_test_id("toast")).to_contain_text("优惠券已用上")
    expect(till.get_by_test_id("line-why")).to_contain_text("5 元券")
    assert minor(store) == full - 5_00
    scan(store, code)
    expect(till.get_by_test_id("toast")).to_contain_text("已经用在这一单")
    assert minor(store) == full - 5_00
    till.get_by_test_id("coupon-off").click()
    expect(till.get_by_test_id("line-why")).to_have_count(0)
    assert minor(store) == full
    scan(store, code)
    till.reload()
    expect(till.get_by_test_id("line-why")).to_be_visible()
    pay_exactly(till)
    expect(till.get_by_test_id("done-total")).to_be_visible()
    scan(store, code)  # the next customer comes with a picture of it
    expect(till.get_by_test_id("done-total")).to_be_hidden()
    expect(till.get_by_test_id("toast")).to_contain_text("这张券不能用：已用过")


def test_it_is_undone_and_one_that_takes_nothing_off_yet_is_noted(till: Page, store: Stack) -> None:
    nobody(store)
    fill(till, store, 1)
    full = minor(store)
    scan(store, given(store))
    till.get_by_test_id("undo").click()
    expect(till.get_by_test_id("line-why")).to_have_count(0)
    assert minor(store) == full
    scan(store, given(store, min_spend_minor=full + 1))
    expect(till.get_by_test_id("toast")).to_contain_text("这一单还用不上")
    assert minor(store) == full


def test_it_is_typed_as_it_stands_on_the_paper(till: Page, store: Stack) -> None:
    nobody(store)
    fill(till, store, 1)
    full = minor(store)
    till.get_by_test_id("search").fill(given(store).lower())
    till.keyboard.press("Enter")
    expect(till.get_by_test_id("line-why")).to_contain_text("5 元券")
    assert minor(store) == full - 5_00
    expect(till.get_by_test_id("search")).to_have_value("")


def test_over_the_payment_it_lowers_what_is_due_and_that_is_said(till: Page, store: Stack) -> None:
    nobody(store)
    fill(till, store, 1)
    full = minor(store)
    till.get_by_test_id("pay").click()
    scan(store, given(store))
    expect(till.get_by_test_id("pay-note")).to_contain_text("变为")
    assert minor(store) == full - 5_00


def test_a_member_who_shows_the_card_after_a_sale_begins_the_next_one(till: Page, store: Stack) -> None:
    nobody(store)
    card = "2700000000045"
    joined(store, name="韩梅梅", phone=number(), card=card)
    fill(till, store, 1)
    pay_exactly(till)
    expect(till.get_by_test_id("done-total")).to_be_visible()
    scan(store, card)
    expect(till.get_by_test_id("done-total")).to_be_hidden()
    expect(till.get_by_test_id("member-name")).to_have_text("韩*")
    name(store, "")
