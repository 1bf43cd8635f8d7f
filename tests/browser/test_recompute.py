"""A return that is reckoned anew, and one that is late: what the cashier reads before confirming."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from services.jobs.demo_shop import DEMO_PINS
from tests.browser.cashier import fill, pay_exactly
from tests.browser.counter import scan
from tests.browser.test_money import FORM, due, fen
from tests.stack import Api, Stack
from tests.waits import until


def test_the_difference_is_said_in_words_before_it_goes_into_the_bag(till: Page, store: Stack) -> None:
    api = Api(store, "hemin")
    draft = {
        **{"kind": "spend_and_save", "layer": 4, "label_zh": "满一元减三十", "label_en": "Save 30"},
        "params": {"steps": [{"threshold_minor": 1_00, "amount_minor": 30_00}]},
        "terms": {"on_return": "recompute", "priority": 1},
    }
    row = api.send("POST", "/api/office/promotions", draft, key="save-30-published")["row"]
    fill(till, store, 2)
    pay_exactly(till)
    expect(till.get_by_test_id("done-total")).to_be_visible()
    api.send("POST", f"/api/office/promotions/{row['promotion_id']}/withdraw", {}, key="save-30-withdrawn")
    number = till.get_by_test_id("sale-number").inner_text().split()[-1]
    scan(store, number)
    expect(till.get_by_test_id("until-1")).to_contain_text("前可退")
    expect(till.get_by_test_id("return-anew")).to_be_hidden()
    till.get_by_test_id("return-plus").first.click()
    said = till.get_by_test_id("return-anew")
    expect(said).to_contain_text("满一元减三十")
    expect(said).to_contain_text("比平摊多退")
    back = FORM.search(said.inner_text())
    assert back
    till.get_by_test_id("return-take").click()
    approve, sheet = till.get_by_test_id("sheet-approve"), till.get_by_test_id("sheet-returns")
    until(lambda: till.wait_for_timeout(50) or approve.count() or not sheet.count(), "taken or asked for")
    if approve.count():  # the day's other returns count too
        for digit in DEMO_PINS["hemin"]:
            till.get_by_test_id(f"approve-key-{digit}").click()
    expect(till.get_by_test_id("lines")).to_contain_text(number)
    assert due(till) == fen(back[0])
    till.get_by_test_id("pay").click()
    till.get_by_test_id("confirm").click()
    expect(till.get_by_test_id("done-total")).to_be_visible()
