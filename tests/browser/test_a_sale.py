"""The whole way of one sale, as a cashier walks it, in a real browser with a real broker behind."""

from __future__ import annotations

import json
import re

from playwright.sync_api import Browser, Page, expect

from tests.browser.people import sign_in
from tests.browser.tablet import opened
from tests.stack import Stack
from tests.waits import until


def scan(page: Page, code: str) -> None:
    page.get_by_test_id("twin-scan-input").first.fill(code)
    page.get_by_test_id("twin-scan").first.click()


def test_log_in_scan_cash_change_paper_drawer_and_the_event_at_hq(browser: Browser, store: Stack) -> None:
    with opened(browser) as counter, opened(browser) as till:
        sign_in(till, store, "zhouting")
        counter.goto(f"{store.url}/counter")
        articles = store.rows(
            store.database,
            "SELECT a.gtin, s.name, a.price_minor FROM article a JOIN style s USING (style)"
            " WHERE a.gtin <> '' GROUP BY a.style ORDER BY s.rank LIMIT 2",
        )
        assert len(articles) == 2
        for gtin, name, _ in articles:
            scan(counter, gtin.removeprefix("0"))
            expect(till.get_by_test_id("lines")).to_contain_text(name)
        due = sum(price for _, _, price in articles)
        expect(till.get_by_test_id("total")).to_contain_text(f"¥{due / 100:,.2f}")
        till.get_by_test_id("pay").click()
        till.get_by_test_id("quick-2").click()
        expect(till.get_by_test_id("change")).to_contain_text(re.compile("¥[1-9]"))
        change = till.get_by_test_id("change").inner_text()
        till.get_by_test_id("confirm").click()
        expect(till.get_by_test_id("done-change")).to_have_text(re.search(r"¥[\d,.]+", change)[0])  # type: ignore[index]
        number = till.get_by_test_id("sale-number").inner_text().split()[-1]
        expect(till.get_by_test_id("done-jobs")).to_contain_text("小票已打印")
        expect(till.get_by_test_id("done-jobs")).to_contain_text("钱箱已打开")
        view = until(lambda: paper_of(counter, store, number), "the paper hangs out of the printer")
        assert any("合计" in line and f"{due / 100:,.2f}" in line for line in view["lines"])
        expect(counter.get_by_test_id("drawer-state")).to_contain_text("开")
        stored = until(
            lambda: store.rows(store.hq_database, "SELECT body FROM event WHERE type = 'sale.completed'"),
            "HQ has the event",
        )
        event = json.loads(stored[-1][0])
        assert event["data"]["number"] in number or number in event["data"]["number"]
        assert event["data"]["total_minor"] == due


def paper_of(counter: Page, store: Stack, number: str) -> dict[str, list[str]] | None:
    views = counter.request.get(f"{store.url}/api/counter").json()["twins"]
    printer = next(view for view in views if view["kind"] == "printer")
    return printer if any(number in line for line in printer["lines"]) else None
