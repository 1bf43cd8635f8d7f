"""Split tender, exchange, discounts and spend-and-save, as a cashier walks them."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from services.jobs.demo_shop import DEMO_PINS
from tests.browser.cashier import fill, pay_exactly, sold
from tests.browser.counter import codes, scan
from tests.stack import Stack
from tests.waits import until

FORM = re.compile(r"¥([\d,]+\.\d\d)")


def fen(text: str) -> int:
    found = FORM.search(text)
    assert found, text
    return int(found[1].replace(",", "").replace(".", ""))


def due(till: Page) -> int:
    return fen(till.get_by_test_id("total").inner_text())


def tenders(store: Stack) -> list[tuple[str, int]]:
    """Of the newest sale."""
    rows = store.rows(
        store.database,
        "SELECT key, amount_minor FROM tender WHERE sale_id = (SELECT MAX(sale_id) FROM sale) ORDER BY n",
    )
    return [(key, minor) for key, minor in rows]


def ask_card(till: Page, amount: str = "") -> None:
    till.get_by_test_id("tender-card").click()
    for key in amount:
        till.get_by_test_id(f"key-{key}").click()
    till.get_by_test_id("confirm").click()
    expect(till.get_by_test_id("payment-question")).to_be_visible()


def test_card_and_cash_pay_one_bag_and_the_question_survives_a_reload(till: Page, store: Stack) -> None:
    fill(till, store, 2)
    total, before = due(till), sold(store)
    till.get_by_test_id("pay").click()
    ask_card(till, "100")
    till.reload()
    expect(till.get_by_test_id("payment-question")).to_contain_text("¥100.00")
    till.get_by_test_id("payment-paid").click()
    expect(till.get_by_test_id("payment-question")).to_contain_text("填终端小票上的凭证号")
    till.get_by_test_id("reference").fill("000231")
    till.get_by_test_id("payment-paid").click()
    expect(till.get_by_test_id("split-card")).to_contain_text("¥100.00")
    till.get_by_test_id("quick-0").click()
    till.get_by_test_id("confirm").click()
    expect(till.get_by_test_id("done-total")).to_be_visible()
    assert sold(store) == before + 1
    assert tenders(store) == [("card", 100_00), ("cash", total - 100_00)]


def test_a_card_that_was_refused_leaves_the_bag_to_cash(till: Page, store: Stack) -> None:
    fill(till, store)
    total = due(till)
    till.get_by_test_id("pay").click()
    ask_card(till)
    till.get_by_test_id("payment-declined").click()
    expect(till.get_by_test_id("quick-0")).to_be_visible()
    till.get_by_test_id("quick-0").click()
    till.get_by_test_id("confirm").click()
    expect(till.get_by_test_id("done-total")).to_be_visible()
    assert tenders(store) == [("cash", total)]


def test_an_exchange_by_the_receipts_barcode_settles_the_difference(till: Page, store: Stack) -> None:
    fill(till, store)
    pay_exactly(till)
    expect(till.get_by_test_id("done-total")).to_be_visible()
    number = till.get_by_test_id("sale-number").inner_text().split()[-1]
    expect(till.get_by_test_id("done-jobs")).to_contain_text("小票已打印")
    scan(store, number)
    till.get_by_test_id("return-plus").first.click()
    till.get_by_test_id("return-take").click()
    expect(till.get_by_test_id("lines")).to_contain_text(number)
    cheap = due(till)
    scan(store, codes(store, 2)[1])
    expect(till.get_by_test_id("pieces")).to_contain_text("退 1 件")
    expect(till.get_by_test_id("pieces")).to_contain_text("买 1 件")
    difference = due(till)
    rows = "SELECT price_minor FROM article WHERE gtin = ?"
    ((dear,),) = store.rows(store.database, rows.replace("?", f"'{codes(store, 2)[1].zfill(14)}'"))
    assert difference == abs(dear - cheap)
    refund = till.get_by_test_id("pay").inner_text().startswith("退款")
    till.get_by_test_id("pay").click()
    till.get_by_test_id("confirm").click()
    expect(till.get_by_test_id("done-total")).to_be_visible()
    assert tenders(store) == [("cash", -difference if refund else difference)]


def test_what_a_terminal_has_paid_back_is_taken_back_again(till: Page, store: Stack) -> None:
    """The way out when the bag cannot be finished as it is: nothing else can be done with it."""

    def paid(reference: str) -> None:
        till.get_by_test_id("reference").fill(reference)
        till.get_by_test_id("payment-paid").click()

    fill(till, store)
    till.get_by_test_id("pay").click()
    ask_card(till)
    paid("000301")
    till.get_by_test_id("confirm").click()
    expect(till.get_by_test_id("done-total")).to_be_visible()
    number = till.get_by_test_id("sale-number").inner_text().split()[-1]
    scan(store, number)
    till.get_by_test_id("return-plus").first.click()
    till.get_by_test_id("return-take").click()
    expect(till.get_by_test_id("lines")).to_contain_text(number)
    till.get_by_test_id("pay").click()
    till.get_by_test_id("back-ask-card").click()
    paid("000302")
    till.get_by_test_id("payment-reverse").click()
    till.get_by_test_id("confirm-reverse").click()
    till.get_by_test_id("back-ask-card").click()
    paid("000303")
    till.get_by_test_id("confirm").click()
    expect(till.get_by_test_id("done-total")).to_be_visible()
    ((key, minor),) = tenders(store)
    assert key == "card" and minor < 0


def test_a_discount_beyond_the_cashiers_right_is_approved_in_place(till: Page, store: Stack) -> None:
    fill(till, store)
    before = due(till)
    till.get_by_test_id("line-price").click()
    for key in "50":
        till.get_by_test_id(f"price-key-{key}").click()
    till.get_by_test_id("price-apply").click()
    expect(till.get_by_test_id("sheet-approve")).to_be_visible()
    for digit in DEMO_PINS["hemin"]:
        till.get_by_test_id(f"approve-key-{digit}").click()
    expect(till.get_by_test_id("sheet-price")).to_have_count(0)
    until(lambda: till.wait_for_timeout(50) or due(till) < before, "half of it is taken off")
    assert due(till) == (before + 1) // 2
    expect(till.get_by_test_id("line-why")).to_contain_text("瑕疵")
    expect(till.get_by_test_id("saved")).to_be_visible()
    pay_exactly(till)
    expect(till.get_by_test_id("done-total")).to_be_visible()


def of_style(store: Stack, style: str) -> str:
    ((gtin,),) = store.rows(store.database, f"SELECT gtin FROM article WHERE style = '{style}' LIMIT 1")
    return str(gtin).removeprefix("0")


def test_spend_and_save_says_what_is_missing_and_then_saves(till: Page, store: Stack) -> None:
    fill(till, store, 0)
    for style in ("W4001", "T1006"):  # 1,299.00 and 149.00
        scan(store, of_style(store, style))
    expect(till.get_by_test_id("hint")).to_contain_text("再加 ¥52.00，省 ¥150.00")
    expect(till.get_by_test_id("hint")).to_contain_text("秋冬满减")
    scan(store, of_style(store, "T1002"))  # 99.00
    expect(till.get_by_test_id("saved")).to_have_text("-¥150.00")
    expect(till.get_by_test_id("line-why").first).to_contain_text("秋冬满减")
    expect(till.get_by_test_id("total")).to_have_text("¥1,397.00")
    pay_exactly(till)
    expect(till.get_by_test_id("done-total")).to_be_visible()
    given = "SELECT SUM(amount_minor) FROM adjustment WHERE sale_id = (SELECT MAX(sale_id) FROM sale)"
    assert store.rows(store.database, given) == [(-150_00,)]


def test_a_payment_that_nobody_saw_end_is_confirmed_by_a_manager(till: Page, store: Stack) -> None:
    fill(till, store)
    total = due(till)
    till.get_by_test_id("pay").click()
    ask_card(till)
    till.get_by_test_id("payment-unknown").click()
    expect(till.get_by_test_id("sheet-pay")).to_have_count(0)
    before = sold(store)
    fill(till, store)  # the next customer does not wait for it
    pay_exactly(till)
    expect(till.get_by_test_id("done-total")).to_be_visible()
    assert sold(store) == before + 1
    till.get_by_test_id("next-sale").click()
    expect(till.get_by_test_id("notice-payment_aside")).to_contain_text("1 笔付款结果待确认")
    till.reload()
    till.get_by_test_id("aside-go").click()
    expect(till.get_by_test_id("payment-question")).to_contain_text("上次结果不清楚")
    expect(till.get_by_test_id("notice-payment_aside")).to_have_count(0)
    till.get_by_test_id("reference").fill("000401")
    till.get_by_test_id("payment-paid").click()
    till.get_by_test_id("evidence-list").click()
    till.get_by_test_id("sheet-approve").wait_for()
    expect(till.get_by_test_id("approve-given")).to_have_text("终端记录")
    for digit in DEMO_PINS["hemin"]:
        till.get_by_test_id(f"approve-key-{digit}").click()
    expect(till.get_by_test_id("split-card")).to_be_visible()
    till.get_by_test_id("confirm").click()
    expect(till.get_by_test_id("done-total")).to_be_visible()
    assert tenders(store) == [("card", total)]


def test_a_card_sale_is_voided_once_its_terminal_has_paid_back_also_after_a_reload(
    till: Page, store: Stack
) -> None:
    test = till.get_by_test_id
    fill(till, store)
    total = due(till)
    test("pay").click()
    ask_card(till)
    test("reference").fill("000501")
    test("payment-paid").click()
    test("confirm").click()
    expect(test("done-total")).to_be_visible()
    number = test("sale-number").inner_text().split()[-1]
    test("next-sale").click()

    def begin() -> None:
        scan(store, number)
        test("return-void").click()
        test("confirm-void").click()
        test("sheet-approve").wait_for()
        for digit in DEMO_PINS["hemin"]:
            test(f"approve-key-{digit}").click()
        expect(test("back-ask-card")).to_be_visible()

    begin()
    expect(test("back-cash")).to_have_count(0)
    test("undo-leave").click()
    expect(test("sheet-pay")).to_have_count(0)
    expect(test("bag-empty")).to_be_visible()

    begin()
    test("back-ask-card").click()
    till.reload()
    question = test("payment-question")
    expect(question).to_contain_text(f"¥{total / 100:,.2f}")
    scan(store, codes(store, 1)[0])  # goes nowhere while this is open
    test("reference").fill("000502")
    test("payment-paid").click()
    test("confirm").click()
    expect(test("done-total")).to_be_visible()
    assert tenders(store) == [("card", -total)]
    ((kind, reason),) = store.rows(
        store.database, "SELECT kind, reason FROM sale ORDER BY sale_id DESC LIMIT 1"
    )
    assert (kind, bool(reason)) == ("void", True)
