"""Two tablets at one till, and sheets above each other: each shows and does what is meant for it."""

from __future__ import annotations

from playwright.sync_api import Browser, Page, Route, expect

from tests.browser.cashier import fill, pay_exactly, sold
from tests.browser.counter import scan
from tests.browser.people import sign_in
from tests.browser.tablet import opened
from tests.stack import Stack


def test_a_question_is_asked_once_survives_a_lost_answer_and_shows_on_both_tablets(
    browser: Browser, till: Page, store: Stack
) -> None:
    fill(till, store)
    begun: list[str] = []

    def lose_the_first(route: Route) -> None:
        begun.append(route.request.headers["idempotency-key"])
        if len(begun) == 1:
            route.abort()
        else:
            route.continue_()

    till.route("**/api/till/payments", lose_the_first)
    with opened(browser) as other:
        sign_in(other, store, "hemin")
        till.get_by_test_id("pay").click()
        till.get_by_test_id("tender-card").click()
        till.get_by_test_id("confirm").dblclick()
        expect(till.get_by_test_id("pay-note")).to_contain_text("先别在终端收")
        till.get_by_test_id("confirm").dblclick()
        for tablet in (till, other):
            expect(tablet.get_by_test_id("payment-question")).to_be_visible()
        assert len(begun) == 2 and begun[0] == begun[1]
        other.get_by_test_id("reference").fill("000231")
        other.get_by_test_id("reference").press("Enter")
        expect(till.get_by_test_id("split-card")).to_be_visible()
        before = sold(store)
        till.get_by_test_id("payment-reverse").click()
        expect(till.get_by_test_id("sheet-confirm-reverse")).to_be_visible()
        till.keyboard.press("Enter")  # nothing has the focus but the question: it must not charge below
        till.wait_for_timeout(200)
        assert sold(store) == before
        till.keyboard.press("Escape")
        till.get_by_test_id("confirm").click()
        expect(till.get_by_test_id("done-total")).to_be_visible()
        expect(other.get_by_test_id("sheet-pay")).to_have_count(0)
        assert sold(store) == before + 1


def test_a_receipt_scanned_into_the_open_returns_sheet_opens_it(till: Page, store: Stack) -> None:
    fill(till, store)
    pay_exactly(till)
    expect(till.get_by_test_id("done-total")).to_be_visible()
    number = till.get_by_test_id("sale-number").inner_text().split()[-1]
    till.get_by_test_id("next-sale").click()
    till.keyboard.press("F7")
    expect(till.get_by_test_id("receipt-number")).to_be_focused()
    scan(store, number)
    expect(till.get_by_test_id("return-plus").first).to_be_visible()
    expect(till.get_by_test_id("sheet-returns")).to_contain_text(number)
    till.keyboard.press("Escape")
