"""Requests and answers that are lost, late or wrong: one sale, and words that are true."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, Request, Route, expect

from tests.browser.cashier import fill, pay_exactly, sold
from tests.browser.counter import codes, reset, scan
from tests.browser.people import touch_pin
from tests.stack import Stack
from tests.waits import until

PAY = "**/api/sales"


@pytest.fixture(autouse=True)
def calm(store: Stack) -> Iterator[None]:
    reset(store)
    yield
    reset(store)


def problem(route: Route, code: str, status: int = 503) -> None:
    body = json.dumps({"code": code, "message": "played", "details": {}})
    route.fulfill(status=status, body=body, content_type="application/json")


def deliver(till: Page, request: Request) -> int:
    """The request arrives after all, long after its page gave up on it."""
    headers = {name: value for name, value in request.all_headers().items() if not name.startswith(":")}
    headers.pop("content-length", None)
    answer = till.context.request.fetch(
        request.url, method=request.method, headers=headers, data=request.post_data
    )
    return answer.status


@pytest.mark.parametrize("error", ["busy", "outcome_unknown"])
def test_a_first_request_that_lands_after_an_error_is_the_sale_that_the_page_shows(
    till: Page, store: Stack, error: str
) -> None:
    before = sold(store)
    fill(till, store)
    tries: list[Request] = []

    def lose_then_fail(route: Route) -> None:
        tries.append(route.request)
        if len(tries) == 1:
            route.abort()
        else:
            problem(route, error)

    till.route(PAY, lose_then_fail)
    pay_exactly(till)
    with till.expect_response(lambda answer: answer.url.endswith("/api/sales")):
        pass
    until(lambda: till.wait_for_timeout(50) or len(tries) >= 3, "the same request is sent again")
    expect(till.get_by_test_id("check-outcome")).to_be_visible()  # not: nothing was charged
    assert sold(store) == before and deliver(till, tries[0]) == 201
    expect(till.get_by_test_id("done-total")).to_be_visible()
    assert sold(store) == before + 1
    assert len({each.headers["idempotency-key"] for each in tries}) == 1


def test_a_refusal_that_holds_for_the_lost_request_too_is_an_end(till: Page, store: Stack) -> None:
    before = sold(store)
    fill(till, store)
    tries: list[Request] = []

    def lose_the_first(route: Route) -> None:
        tries.append(route.request)
        if len(tries) == 1:
            scan(store, codes(store, 1)[0])  # the bag is another one before the request is repeated
            route.abort()
        else:
            route.continue_()

    till.route(PAY, lose_the_first)
    pay_exactly(till)
    expect(till.get_by_test_id("pay-note")).to_contain_text("未扣款：购物袋变了")
    assert deliver(till, tries[0]) == 409 and sold(store) == before
    till.get_by_test_id("sheet-close").click()


def test_a_disk_that_fails_lets_the_cashier_out_with_words(till: Page, store: Stack) -> None:
    before = sold(store)
    fill(till, store)
    till.route(PAY, lambda route: problem(route, "outcome_unknown"))
    pay_exactly(till)
    note = till.get_by_test_id("pay-note")
    expect(note).to_contain_text("本机存储出故障")
    expect(note).to_contain_text("没记下")
    till.get_by_test_id("sheet-close").click()
    till.unroute(PAY)
    pay_exactly(till)
    expect(till.get_by_test_id("done-total")).to_be_visible()
    assert sold(store) == before + 1


@pytest.mark.parametrize("lost", [False, True])
def test_what_the_last_cashier_left_unpaid_waits_for_the_next_one_to_confirm(
    till: Page, store: Stack, lost: bool
) -> None:
    before = sold(store)
    fill(till, store)

    def refuse(route: Route) -> None:
        till.context.clear_cookies()  # the session has ended
        if lost:
            route.abort()
        else:
            route.continue_(headers={**route.request.headers, "cookie": ""})

    till.route(PAY, refuse)
    pay_exactly(till)
    till.get_by_test_id("person-hemin").wait_for()
    till.unroute(PAY)
    touch_pin(till, "hemin")
    expect(till.get_by_test_id("pay-note")).to_contain_text("上次收款中断")
    till.wait_for_timeout(700)
    assert sold(store) == before
    till.get_by_test_id("confirm").click()
    expect(till.get_by_test_id("done-total")).to_be_visible()
    assert sold(store) == before + 1


def test_a_change_that_arrives_after_the_payment_spares_the_next_bag(till: Page, store: Stack) -> None:
    fill(till, store)
    held: list[Request] = []

    def delay(route: Route) -> None:
        held.append(route.request)
        route.abort()

    till.route("**/api/till/lines/*", delay)
    till.get_by_test_id("line-plus").click()
    until(lambda: till.wait_for_timeout(50) or held, "the change is on its way")
    till.unroute("**/api/till/lines/*")
    pay_exactly(till)
    till.get_by_test_id("next-sale").click()
    (code,) = codes(store, 1)
    scan(store, code)
    expect(till.get_by_test_id("pieces")).to_contain_text("1 件")
    total = till.get_by_test_id("total").inner_text()
    assert deliver(till, held[0]) == 409
    till.wait_for_timeout(300)
    expect(till.get_by_test_id("pieces")).to_contain_text("1 件")
    expect(till.get_by_test_id("total")).to_have_text(total)


def test_a_tap_repeated_after_a_lost_answer_adds_one_piece(till: Page, store: Stack) -> None:
    fill(till, store)
    pieces = till.get_by_test_id("pieces").inner_text()
    keys: list[str] = []

    def lose_the_first(route: Route) -> None:
        keys.append(route.request.headers["idempotency-key"])
        if len(keys) == 1:
            route.fetch()
            route.abort()
        else:
            route.continue_()

    till.route("**/api/till/lines", lose_the_first)
    search = till.get_by_test_id("search")
    (code,) = codes(store, 1)
    for n in (1, 2):
        search.fill(code)
        search.press("Enter")
        until(lambda n=n: till.wait_for_timeout(50) or len(keys) == n, "the code was sent")
    till.wait_for_timeout(300)
    assert keys[0] == keys[1]
    expect(till.get_by_test_id("pieces")).to_have_text("2 件")
    assert pieces == "1 件"
