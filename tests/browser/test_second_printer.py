"""The first printer has no paper: the cashier reads where receipts come out now, or that none will."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.cashier import fill, pay_exactly
from tests.browser.counter import fault
from tests.browser.people import enter
from tests.browser.tablet import opened
from tests.stack import Stack, running

TWO_PRINTERS = """
[[till]]
key = "1"
scanner = "scanner-1"
printer = "printer-1"
printer_fallback = ["printer-2"]
[[device]]
name = "scanner-1"
driver = "scanner.hid"
[[device]]
name = "printer-1"
driver = "printer.escpos"
[[device]]
name = "printer-2"
label = "后台打印机"
driver = "printer.escpos"
"""


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    with running(tmp_path_factory.mktemp("store"), tail=TWO_PRINTERS) as stack:
        yield stack


def test_the_cashier_reads_where_the_receipt_comes_out(browser: Browser, store: Stack) -> None:
    with opened(browser) as till:
        enter(till, store, "zhouting")
        fault(store, "printer-1", "paper_out")
        notice = till.get_by_test_id("notice-paper_end")
        expect(notice).to_contain_text("后台打印机")
        fill(till, store)
        pay_exactly(till)
        jobs = till.get_by_test_id("done-jobs")
        expect(jobs).to_contain_text("小票已打印 · 在「后台打印机」出纸")
        fault(store, "printer-2", "cover_open")
        expect(till.get_by_test_id("done-on-screen")).to_be_visible()
        fault(store, "printer-1", "paper_out", False)
        expect(till.get_by_test_id("done-on-screen")).to_be_hidden()
