"""The best choice at the till: shown with its reasons, taken, undone, paid; once, whatever is lost."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from playwright.sync_api import Browser, Page, Route, ViewportSize, expect

from tests.browser.cashier import fill, pay_exactly
from tests.browser.counter import codes, scan
from tests.browser.people import enter
from tests.browser.tablet import TABLET, opened
from tests.browser.test_till_members import PHONE, PROBE, joined, minor, name, nobody, number
from tests.stack import Api, Stack

BEST_MINOR = 20_00 + 12_00
SMALL = {"kind": "amount", "label_zh": "5 元券", "label_en": "5 off", "face_minor": 5_00, "days": 30}
LARGE = {**SMALL, "label_zh": "20 元券", "label_en": "20 off", "face_minor": 20_00}


@dataclass
class Member:
    """With 1,250 points, two equal coupons of 20.00 and one of 5.00."""

    member_id: str
    large: tuple[str, ...]
    small: str


def rich(store: Stack) -> Member:
    manager, now = Api(store, "hemin"), time.time_ns()
    seen = manager.send("GET", "/api/office/points/rules")["version"]
    book = {"terms": {"points": 1, "per_minor": 100}, "discount": {"points": 100, "minor": 100}}
    manager.send("PUT", "/api/office/points/rules", {"seen_version": seen, "book": book})
    member_id = joined(store, name="林晓雯", phone=number())
    me = f"/api/members/{member_id}"
    manager.send("POST", f"{me}/points", {"points": 1_250, "reason": "goodwill"}, key=f"points-{now}")

    def given(kind: dict[str, object], count: int) -> list[str]:
        key = f"{kind['face_minor']}-{now}"
        template = manager.send("POST", "/api/coupons/templates", kind, key=f"template-{key}")
        gift = {"template_id": template["template_id"], "reason": "gift"}
        made = [manager.send("POST", f"{me}/coupons", gift, key=f"gift-{n}-{key}") for n in range(count)]
        return [each["coupon_id"] for each in made]

    large, (small,) = given(LARGE, 2), given(SMALL, 1)
    return Member(member_id, tuple(large), small)


def used(store: Stack, member: Member) -> list[str]:
    wallet = Api(store, "hemin").send("GET", f"/api/members/{member.member_id}/coupons")
    return [each["coupon_id"] for each in wallet if each["state"] == "used"]


def kept(store: Stack) -> tuple[list[str], int]:
    """(coupons, points) that the bag has."""
    view = Api(store, "hemin").send("GET", "/api/till/basket")
    return view["coupons"], view["customer"]["points_used"]


@pytest.fixture(params=["tablet", "phone"])
def any_till(request: pytest.FixtureRequest, browser: Browser, store: Stack) -> Iterator[Page]:
    nobody(store)
    size: ViewportSize = TABLET if request.param == "tablet" else PHONE
    with opened(browser, size) as page:
        enter(page, store, "zhouting")
        yield page


def begun(till: Page, store: Stack) -> tuple[Member, int]:
    """A member's bag and what it costs without anything of theirs; ends with the drawer open."""
    member = rich(store)
    fill(till, store, 2)
    name(store, member.member_id)
    expect(till.get_by_test_id("member-name")).to_have_text("林*")
    till.get_by_test_id("member").click()
    expect(till.get_by_test_id("best-saves")).to_have_text("可省 ¥32.00")
    return member, minor(store)


def test_it_is_shown_taken_undone_and_paid_and_the_receipt_tells_of_it(
    any_till: Page, store: Stack
) -> None:
    till = any_till
    member, full = begun(till, store)
    expect(till.get_by_test_id("best-what")).to_have_text("20 元券 + 1,200 积分抵 ¥12.00")
    expect(till.get_by_test_id("best-why")).to_have_text(
        [
            "或 20 元券，省 ¥20.00",
            "或 5 元券 + 1,200 积分抵 ¥12.00，省 ¥17.00",
            "或 1,200 积分抵 ¥12.00，省 ¥12.00",
        ]
    )
    expect(till.locator("[data-test^=reward-]")).to_have_count(3)
    expect(till.get_by_test_id(f"reward-{member.large[0]}")).to_contain_text("20 元券 ×2")
    assert till.evaluate(PROBE)
    assert kept(store) == ([], 0), "nothing is spent before the tap"

    till.get_by_test_id("best-take").click()
    expect(till.get_by_test_id("best-saves")).to_have_text("已省 ¥32.00")
    expect(till.get_by_test_id("use-points")).to_have_text("取消")
    assert minor(store) == full - BEST_MINOR
    till.get_by_test_id("undo").click()
    expect(till.get_by_test_id("best-saves")).to_have_text("可省 ¥32.00")
    assert (minor(store), kept(store)) == (full, ([], 0))
    till.get_by_test_id(f"use-{member.small}").click()
    expect(till.get_by_test_id(f"use-{member.small}")).to_have_text("取消")
    till.get_by_test_id("best-take").click()
    expect(till.get_by_test_id(f"use-{member.small}")).to_have_text("使用")
    till.get_by_test_id("best-take").click()
    expect(till.get_by_test_id(f"use-{member.small}")).to_have_text("取消")
    assert kept(store) == ([member.small], 0), "what was put on by hand is there again"
    till.get_by_test_id("best-take").focus()
    till.keyboard.press("Enter")
    expect(till.get_by_test_id("best-saves")).to_have_text("已省 ¥32.00")
    expect(till.get_by_test_id("best-take")).to_be_focused()

    till.get_by_test_id("member-back").click()
    pay_exactly(till)
    expect(till.get_by_test_id("done-total")).to_be_visible()
    assert len(used(store, member)) == 1 and used(store, member)[0] in member.large
    ((sale,),) = store.rows(store.database, "SELECT sale_id FROM sale ORDER BY sale_id DESC LIMIT 1")
    paper = str(Api(store, "hemin").send("GET", f"/api/sales/{sale}")["paper"])
    assert "20 元券" in paper and "1,200 积分抵现" in paper


def test_in_the_bag_it_takes_one_tap_and_leaves_when_it_was_taken(any_till: Page, store: Stack) -> None:
    till, member = any_till, rich(store)
    fill(till, store, 2)
    expect(till.get_by_test_id("bag-best")).to_be_hidden()
    full = minor(store)
    name(store, member.member_id)
    expect(till.get_by_test_id("bag-best-saves")).to_have_text("可省 ¥32.00")
    expect(till.get_by_test_id("bag-best-what")).to_have_text("20 元券 + 1,200 积分抵 ¥12.00")
    assert till.evaluate(PROBE)
    till.get_by_test_id("bag-best-take").click()
    expect(till.get_by_test_id("bag-best")).to_be_hidden()
    assert minor(store) == full - BEST_MINOR
    till.get_by_test_id("undo").click()
    expect(till.get_by_test_id("bag-best-saves")).to_have_text("可省 ¥32.00")
    assert (minor(store), kept(store)) == (full, ([], 0))
    nobody(store)
    expect(till.get_by_test_id("bag-best")).to_be_hidden()


def test_what_was_scanned_a_moment_ago_is_in_what_the_tap_takes(till: Page, store: Stack) -> None:
    """The row still tells of the bag before: the tap asks for the one of now, and is no refusal."""
    nobody(store)
    member = rich(store)
    fill(till, store, 1)
    name(store, member.member_id)
    expect(till.get_by_test_id("bag-best-saves")).to_be_visible()
    scan(store, codes(store, 2)[1])
    expect(till.locator("[data-test=lines] > li")).to_have_count(2)
    till.get_by_test_id("bag-best-take").click()
    expect(till.get_by_test_id("toast")).to_contain_text("已省 ¥32.00")
    assert kept(store) == ([member.large[0]], 1_200)


def test_at_the_payment_one_tap_lowers_what_is_due_and_the_amount_stays_chosen(
    till: Page, store: Stack
) -> None:
    nobody(store)
    member, full = begun(till, store)
    till.get_by_test_id("member-back").click()
    till.get_by_test_id("pay").click()
    expect(till.get_by_test_id("best-saves")).to_have_text("可省 ¥32.00")
    expect(till.get_by_test_id("best-why")).to_have_count(0)
    till.get_by_test_id("best-take").click()
    expect(till.get_by_test_id("best-saves")).to_have_text("已省 ¥32.00")
    expect(till.get_by_test_id("pay-note")).to_be_hidden()
    expect(till.get_by_test_id("quick-0")).to_have_attribute("aria-pressed", "true")
    assert minor(store) == full - BEST_MINOR
    till.get_by_test_id("best-take").click()
    expect(till.get_by_test_id("best-saves")).to_have_text("可省 ¥32.00")
    till.get_by_test_id("best-take").click()
    expect(till.get_by_test_id("best-saves")).to_have_text("已省 ¥32.00")
    till.get_by_test_id("confirm").click()
    expect(till.get_by_test_id("done-total")).to_be_visible()
    assert len(used(store, member)) == 1


def test_a_lost_answer_and_another_tap_spend_nothing_twice(till: Page, store: Stack) -> None:
    nobody(store)
    member, full = begun(till, store)
    tries: list[str] = []

    def lose_the_first(route: Route) -> None:
        if route.request.method != "PUT":
            return route.continue_()
        tries.append(str(route.request.post_data))
        if len(tries) > 1:
            return route.continue_()
        route.fetch()  # carried out, and nobody hears of it
        return route.abort()

    till.route("**/api/till/best-choice", lose_the_first)
    till.get_by_test_id("best-take").click()
    expect(till.get_by_test_id("best-saves")).to_have_text("已省 ¥32.00")  # the stream tells
    coupons, points = kept(store)
    assert (len(coupons), points, minor(store)) == (1, 1_200, full - BEST_MINOR)
    till.get_by_test_id("best-take").click()
    expect(till.get_by_test_id("best-saves")).to_have_text("可省 ¥32.00")
    assert (kept(store), minor(store), len(tries)) == (([], 0), full, 2)
    assert used(store, member) == []


def test_what_another_tablet_does_is_in_the_proposal_at_once(till: Page, store: Stack) -> None:
    nobody(store)
    member, _ = begun(till, store)
    api = Api(store, "hemin")
    basket = api.send("GET", "/api/till/basket")
    api.send("PUT", "/api/till/points", {"basket_id": basket["basket_id"], "points": 1_200})
    expect(till.get_by_test_id("use-points")).to_have_text("取消")
    till.get_by_test_id("best-take").click()
    expect(till.get_by_test_id("best-saves")).to_have_text("已省 ¥32.00")
    for line in basket["lines"]:
        empty = {"basket_id": basket["basket_id"], "quantity": 0}
        api.send("PUT", f"/api/till/lines/{line['line_id']}", empty)
    expect(till.get_by_test_id("best")).to_have_count(0)
    assert used(store, member) == []


def test_of_equal_coupons_the_next_is_used_where_another_till_keeps_the_first(
    till: Page, store: Stack
) -> None:
    nobody(store)
    member, full = begun(till, store)
    row = till.get_by_test_id(f"use-{member.large[0]}")
    other = Api(store, "hemin", till="2")
    bag = other.send("GET", "/api/till/basket")["basket_id"]
    other.send("PUT", "/api/till/member", {"basket_id": bag, "member_id": member.member_id})
    held = {"basket_id": bag, "coupon_id": member.large[0]}
    other.send("PUT", "/api/till/coupon", held)
    row.click()
    expect(row).to_have_text("取消")
    assert (kept(store), minor(store)) == (([member.large[1]], 0), full - 20_00)
    till.get_by_test_id("undo").click()
    expect(row).to_have_text("使用")
    assert kept(store) == ([], 0)
    other.send("PUT", "/api/till/member", {"basket_id": bag, "member_id": ""})


def test_its_words_in_english_fit_a_phone(browser: Browser, store: Stack) -> None:
    nobody(store)
    member = rich(store)
    with opened(browser, PHONE, "en-GB") as page:
        enter(page, store, "zhouting")
        fill(page, store, 2)
        name(store, member.member_id)
        page.get_by_test_id("member").click()
        expect(page.get_by_test_id("best-saves")).to_have_text("Can save ¥32.00")
        expect(page.get_by_test_id("best-what")).to_have_text("20 off + 1,200 points for ¥12.00")
        expect(page.get_by_test_id("best-why").first).to_have_text("Or 20 off: saves ¥20.00")
        assert page.evaluate(PROBE)


def test_a_refused_proposal_leaves_the_payment_on_its_guard(till: Page, store: Stack) -> None:
    """What another tablet changes after it is no change that this cashier has asked for."""
    nobody(store)
    member, full = begun(till, store)
    till.get_by_test_id("member-back").click()
    till.get_by_test_id("pay").click()
    expect(till.get_by_test_id("best-saves")).to_have_text("可省 ¥32.00")
    other = Api(store, "hemin", till="2")
    bag = other.send("GET", "/api/till/basket")["basket_id"]
    other.send("PUT", "/api/till/member", {"basket_id": bag, "member_id": member.member_id})
    other.send("PUT", "/api/till/coupon", {"basket_id": bag, "coupon_id": member.large[0]})
    till.get_by_test_id("best-take").click()
    expect(till.get_by_test_id("toast")).to_be_visible()
    assert (kept(store), minor(store)) == (([], 0), full)
    api = Api(store, "hemin")
    mine = api.send("GET", "/api/till/basket")["basket_id"]
    api.send("PUT", "/api/till/points", {"basket_id": mine, "points": 1_200})
    expect(till.get_by_test_id("pay-note")).to_contain_text("变为")
    expect(till.get_by_test_id("confirm")).to_be_disabled()
    other.send("PUT", "/api/till/member", {"basket_id": bag, "member_id": ""})


def test_a_proposal_that_was_refused_is_made_anew(till: Page, store: Stack) -> None:
    nobody(store)
    member, _ = begun(till, store)
    other = Api(store, "hemin", till="2")
    bag = other.send("GET", "/api/till/basket")["basket_id"]
    other.send("PUT", "/api/till/member", {"basket_id": bag, "member_id": member.member_id})
    other.send("PUT", "/api/till/coupon", {"basket_id": bag, "coupon_id": member.large[0]})
    with till.expect_response(
        lambda answer: answer.request.method == "GET" and "best-choice" in answer.url
    ):
        till.get_by_test_id("best-take").click()
    till.get_by_test_id("best-take").click()
    expect(till.get_by_test_id("best-saves")).to_have_text("已省 ¥32.00")
    assert kept(store) == ([member.large[1]], 1_200)
    other.send("PUT", "/api/till/member", {"basket_id": bag, "member_id": ""})
