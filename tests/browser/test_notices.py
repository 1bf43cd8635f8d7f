"""What the gateway reports and no fault of a twin can play: said in words, with the right way out."""

from __future__ import annotations

import json
from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.cashier import fill
from tests.browser.counter import counter
from tests.stack import Api, Stack


def report(till: Page, store: Stack, **changes: Any) -> None:
    """Let the page hear this health instead of the true one."""
    events = {
        "basket": Api(store, "hemin").send("GET", "/api/till/basket"),
        "health": counter(store)["health"] | changes,
    }
    events["tick"] = {"now_ms": events["health"]["now_ms"]}
    body = "".join(f"event: {name}\ndata: {json.dumps(data)}\n\n" for name, data in events.items())
    till.route("**/api/live", lambda route: route.fulfill(body=body, content_type="text/event-stream"))
    till.reload()


def unknown(job_id: str, reason: str) -> dict[str, str]:
    return {
        "job_id": job_id,
        "kind": "receipt",
        "state": "unknown",
        "sale_number": "S1-1-000007",
        "reason": reason,
    }


@pytest.mark.parametrize(("button", "came_out"), [("late-print", False), ("late-drop", True)])
def test_late_receipts_are_asked_about_together_and_once(
    till: Page, store: Stack, button: str, came_out: bool
) -> None:
    answers: list[tuple[str, Any]] = []

    def hear(route: Route) -> None:
        answers.append((route.request.url.split("/")[-2], route.request.post_data_json))
        job = unknown(answers[-1][0], "late")
        route.fulfill(body=json.dumps(job), content_type="application/json")

    till.route("**/api/jobs/*/answer", hear)
    report(till, store, jobs_unknown=[unknown("a", "late"), unknown("b", "late"), unknown("c", "timeout")])
    notice = till.get_by_test_id("notice-job_late")
    expect(notice).to_contain_text("有 2 张较早的小票没打，要补打吗")
    expect(till.get_by_test_id("notice-job_unknown")).to_contain_text("S1-1-000007")
    till.get_by_test_id(button).dblclick(no_wait_after=True)
    expect(notice).to_have_count(0)
    expect(till.get_by_test_id("toast")).to_be_visible()
    assert answers == [("a", {"came_out": came_out}), ("b", {"came_out": came_out})]


def test_nothing_is_charged_while_the_ledger_cannot_be_written(till: Page, store: Stack) -> None:
    fill(till, store)
    report(till, store, storage="bad")
    expect(till.get_by_test_id("notice-storage")).to_be_visible()
    expect(till.get_by_test_id("pay")).to_be_disabled()
    expect(till.get_by_test_id("pay-why")).to_contain_text("本机存储有问题")
    till.keyboard.press("F9")
    expect(till.get_by_test_id("sheet-pay")).to_have_count(0)
    till.unroute("**/api/live")
    expect(till.get_by_test_id("pay")).to_be_enabled()


def test_a_disk_that_fails_under_the_open_sheet_stops_the_charge_in_words(till: Page, store: Stack) -> None:
    fill(till, store)
    report(till, store)
    till.get_by_test_id("pay").click()
    expect(till.get_by_test_id("confirm")).to_be_enabled()
    till.unroute("**/api/live")
    health = counter(store)["health"] | {"storage": "bad"}
    tick = {"now_ms": health["now_ms"]}
    body = f"event: health\ndata: {json.dumps(health)}\n\nevent: tick\ndata: {json.dumps(tick)}\n\n"
    till.route("**/api/live", lambda route: route.fulfill(body=body, content_type="text/event-stream"))
    expect(till.get_by_test_id("confirm-why")).to_contain_text("本机存储有问题")
    expect(till.get_by_test_id("confirm")).to_be_disabled()
    till.get_by_test_id("sheet-close").click()


def test_a_broken_journal_is_said_and_selling_goes_on(till: Page, store: Stack) -> None:
    fill(till, store)
    report(till, store, journal="broken")
    expect(till.get_by_test_id("notice-journal_broken")).to_contain_text("账本校验有断点")
    expect(till.get_by_test_id("pay")).to_be_enabled()
