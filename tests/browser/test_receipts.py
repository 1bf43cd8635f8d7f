"""Receipts of older sales at the till: found, looked at, and printed again."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing

from playwright.sync_api import Page, expect

from tests.browser.cashier import fill, pay_exactly
from tests.browser.counter import reset, scan, twin
from tests.browser.people import enter
from tests.browser.test_papers import events
from tests.stack import Stack
from tests.waits import until


def sold(till: Page, store: Stack) -> str:
    """A sale of this morning; its number."""
    fill(till, store)
    pay_exactly(till)
    expect(till.get_by_test_id("done-jobs")).to_contain_text("小票已打印")
    ((number, till_),) = store.rows(
        store.database, "SELECT number, till FROM sale ORDER BY till_seq DESC LIMIT 1"
    )
    assert till_ == "1"
    with closing(sqlite3.connect(store.database, timeout=10)) as database, database:
        database.execute("UPDATE sale SET ended_at_ms = ended_at_ms - 660000")
    till.get_by_test_id("next-sale").click()
    return str(number)


def open_receipts(till: Page) -> None:
    till.get_by_test_id("menu").click()
    till.get_by_test_id("menu-receipts").click()


def test_an_older_sale_is_found_and_printed_again_with_its_reason(till: Page, store: Stack) -> None:
    number = sold(till, store)
    reset(store)
    open_receipts(till)
    till.get_by_test_id(f"past-{number}").click()
    expect(till.get_by_test_id("sheet-receipts").get_by_test_id("receipt")).to_contain_text(number)
    till.get_by_test_id("past-copy").click()
    till.get_by_test_id("reason-lost").click()
    jobs = till.get_by_test_id("past-jobs")
    expect(jobs).to_contain_text("副本已打印")
    assert [each["reason"] for each in events(store, "receipt.copied")] == ["lost"]
    until(
        lambda: "副本 COPY 1" in json.dumps(twin(store, "printer-1")["lines"], ensure_ascii=False),
        "the copy",
    )
    till.get_by_test_id("past-gift").click()
    expect(jobs).to_contain_text("礼品小票已打印")
    expect(till.get_by_test_id("past-copy")).to_have_text("补打第 2 份")


def test_a_receipt_is_found_by_its_number_and_a_wrong_one_is_said_to_be_wrong(
    till: Page, store: Stack
) -> None:
    number = sold(till, store)
    open_receipts(till)
    till.keyboard.type("S0001-1-999999")
    till.keyboard.press("Enter")
    expect(till.get_by_test_id("receipts-fail")).to_be_visible()
    till.get_by_test_id("past-number").fill(number)
    till.get_by_test_id("past-number").press("Enter")
    expect(till.get_by_test_id("past-title")).to_have_text(number)
    till.keyboard.press("Escape")
    expect(till.get_by_test_id("sheet-receipts")).to_have_count(0)


def test_a_manager_prints_a_copy_from_the_audit_trail(till: Page, store: Stack) -> None:
    sold(till, store)
    before = len(events(store, "receipt.copied"))
    ((seq,),) = store.rows(store.database, "SELECT max(seq) FROM journal WHERE type = 'sale.completed'")
    till.get_by_test_id("menu").click()
    till.get_by_test_id("sign-off").click()
    enter(till, store, "hemin", f"/office#/journal/{seq}")
    till.get_by_test_id("copy").click()
    till.get_by_test_id("reason-expenses").click()
    until(lambda: len(events(store, "receipt.copied")) == before + 1, "the copy")
    assert events(store, "receipt.copied")[-1]["operator_id"] == "hemin"


def test_the_address_under_a_receipt_s_qr_finds_the_receipt_too(till: Page, store: Stack) -> None:
    number = sold(till, store)
    scan(store, f"https://hq.example.com/fp?s=S0001&t={number}&a=9900&d=20261122&k=0123456789abcdef")
    expect(till.get_by_test_id("sheet-returns")).to_contain_text(number)
    till.keyboard.press("Escape")
    open_receipts(till)
    expect(till.get_by_test_id("past-sales")).to_contain_text(number)
    scan(store, f"https://hq.example.com/fp?s=S0001&t={number}&a=9900&d=20261122&k=0123456789abcdef")
    expect(till.get_by_test_id("past-title")).to_have_text(number)
