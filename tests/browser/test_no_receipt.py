"""Goods without a receipt, as a cashier walks it: scanned, approved, paid back as a gift card."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from services.jobs.demo_shop import DEMO_PINS
from tests.browser.cashier import fill, sold
from tests.browser.counter import codes, scan
from tests.stack import Stack


def test_goods_without_a_receipt_become_a_gift_card(till: Page, store: Stack) -> None:
    fill(till, store, 0)
    before = sold(store)
    till.get_by_test_id("menu").click()
    till.get_by_test_id("menu-returns").click()
    till.get_by_test_id("no-receipt").click()
    expect(till.get_by_test_id("blind-take")).to_be_disabled()
    code = codes(store, 1)[0]
    scan(store, code)
    line = till.get_by_test_id("blind-lines")
    expect(line).to_contain_text("30 天最低价")
    expect(till.get_by_test_id("bag-empty")).to_be_attached()  # what comes back is not sold
    ((sku,),) = store.rows(store.database, f"SELECT sku FROM article WHERE gtin = '{code.zfill(14)}'")
    till.get_by_test_id("blind-code").fill("nothing-like-it")
    till.get_by_test_id("blind-add").click()
    expect(till.get_by_test_id("blind-why")).to_be_visible()
    till.get_by_test_id("blind-code").fill(sku)
    till.get_by_test_id("blind-add").click()
    expect(line.locator("output")).to_have_text("2")
    till.get_by_test_id("blind-minus").click()
    expect(line.locator("output")).to_have_text("1")
    till.get_by_test_id("blind-reason-quality").click()
    till.get_by_test_id("blind-take").click()
    expect(till.get_by_test_id("approve-given")).to_have_text("质量问题")
    for digit in DEMO_PINS["hemin"]:
        till.get_by_test_id(f"approve-key-{digit}").click()
    expect(till.get_by_test_id("done-total")).to_be_visible()
    assert sold(store) == before + 1
    row = store.rows(
        store.database,
        "SELECT kind, original_id, reason, approver_id FROM sale ORDER BY sale_id DESC LIMIT 1",
    )
    assert row == [("return", "", "quality", "hemin")]
    tender = store.rows(
        store.database,
        "SELECT key, t.amount_minor < 0, balance_minor = -t.amount_minor FROM tender t"
        " JOIN gift_card g ON g.card_id = t.reference ORDER BY t.sale_id DESC LIMIT 1",
    )
    assert tender == [("gift_card", 1, 1)]
    till.get_by_test_id("next-sale").click()
    expect(till.get_by_test_id("bag-empty")).to_be_visible()


def test_more_than_the_cap_is_not_sent(till: Page, store: Stack) -> None:
    fill(till, store, 0)
    till.get_by_test_id("menu").click()
    till.get_by_test_id("menu-returns").click()
    till.get_by_test_id("no-receipt").click()
    till.get_by_test_id("blind-code").fill(codes(store, 1)[0])
    till.get_by_test_id("blind-add").click()
    for _ in range(12):
        till.get_by_test_id("blind-plus").click()
    expect(till.get_by_test_id("blind-total")).to_contain_text("最多退 ¥500.00")
    expect(till.get_by_test_id("blind-take")).to_be_disabled()
