"""A sold gift card is owed, not earned: Z, reports, commission and POSLog tell it beside net sales."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest

from drivers.contracts import Row
from services.domain import poslog
from services.domain.commission import Rule, Step
from services.domain.periods import period
from services.domain.z import ZGiftCards
from services.domain.z_fold import Fold
from services.flows import checkout, shifts, voids, z_papers
from services.flows import poslog as export
from services.flows.shop import Shop
from services.registry import discover
from services.reports.answer import answer, column
from services.reports.contract import Question, Report
from services.store import books, commission, db
from services.store.db import LEDGER
from services.store.sales import Sale
from tests.flows.test_gift_cards import CARD, MANAGER, fill, put_card, redeem, sell_card, settle
from tests.flows.test_shifts import begin, close, count
from tests.shop import SHANGHAI, TEE

REPORTS: dict[str, Report] = discover("services.reports", "REPORT")
DAY = "2026-11-22"


@pytest.fixture
def sold(shop: Shop) -> Sale:
    """Three cards of 200.00, one of them undone; one pays for a shirt of 99.00; another shirt for cash."""
    put_card()
    begin(shop)
    _, code = sell_card(shop)
    undone, _ = sell_card(shop)
    voids.void(
        shop,
        "1",
        undone.sale_id,
        reason="mistake",
        approval=MANAGER,
        operator_id="zhou",
        request_id="void",
    )
    fill(shop, TEE)
    redeem(shop, code)
    settle(shop)
    fill(shop, TEE, CARD)
    return checkout.find(settle(shop, 299_00).sale_id)


def test_a_z_tells_cards_beside_net_sales_and_the_sums_agree(shop: Shop, sold: Sale) -> None:
    shift, _ = shifts.look(shop, "1")
    assert shift is not None
    count(shop, shift.shift_id, [(100_00, 6), (50_00, 1), (20_00, 2), (5_00, 1), (1_00, 4)])
    z = close(shop, shift.shift_id)
    assert (z.gross_minor, z.net_minor, z.returned_minor, z.pieces) == (198_00, 198_00, 0, 2)
    assert z.grand_total_minor == 198_00
    assert [(each.operator_id, each.net_minor) for each in z.operators] == [("zhou", 198_00)]
    cards = z.gift_cards
    assert cards == ZGiftCards(
        sold=3,
        sold_minor=600_00,
        taken_back=1,
        taken_back_minor=200_00,
        redeemed_minor=99_00,
        refunded_minor=0,
    )
    taken = sum(each.amount_minor - each.refunds_minor for each in z.tenders)
    paper = z_papers.z_ops(shop, shift.shift_id)
    rows = {op.left: op.right for op in paper if isinstance(op, Row)}
    assert (rows["净销售"], rows["售出礼品卡 × 3"]) == ("¥198.00", "600.00")
    assert (rows["收回礼品卡 × 1"], rows["礼品卡消费"]) == ("-200.00", "-99.00")
    assert z.net_minor + cards.sold_minor - cards.taken_back_minor + z.rounding_minor == taken
    assert books.differences() == []


def test_a_z_of_before_is_still_the_fold_of_its_events(
    shop: Shop, sold: Sale, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An older program counted cards as sales; what it wrote is not called wrong today."""
    shift, _ = shifts.look(shop, "1")
    assert shift is not None
    with monkeypatch.context() as older:
        given = Fold.__init__.__defaults__
        assert given is not None
        older.setattr(Fold.__init__, "__defaults__", (False, *given[1:]))
        count(shop, shift.shift_id, [(100_00, 6), (50_00, 1), (20_00, 2), (5_00, 1), (1_00, 4)])
        z = close(shop, shift.shift_id)
    assert z.gift_cards is None and z.net_minor == 598_00
    assert books.differences() == []


@pytest.mark.parametrize(
    "key", ["days", "hours", "styles", "variants", "categories", "cashiers", "sellers"]
)
def test_no_sales_report_counts_a_card(shop: Shop, sold: Sale, key: str) -> None:
    with db.write():
        rule = Rule("share", "", "", "", False, (Step(0, 1_000),))
        commission.add(commission.Plan(1, "2026-11", (rule,)), "he", 1)
    found = answer(REPORTS[key], Question(period=period(DAY, DAY), zone=SHANGHAI, lang="zh", tenders={}))
    names = [each.key for each in REPORTS[key].columns]
    assert found.totals[column(REPORTS[key], "net")] == 198_00
    if "pieces" in names:
        assert found.totals[column(REPORTS[key], "pieces")] == 2
    if "customers" in names:
        assert found.totals[column(REPORTS[key], "customers")] == 2
    if "commission" in names:
        assert found.totals[column(REPORTS[key], "commission")] == 19_80


def test_cards_have_a_report_of_their_own(shop: Shop, sold: Sale) -> None:
    asked = Question(period=period(DAY, DAY), zone=SHANGHAI, lang="zh", tenders={})
    (row,) = answer(REPORTS["gift_cards"], asked).rows
    assert row == (DAY, 3, 600_00, 200_00, 99_00, 0, 301_00)


def test_poslog_has_them_as_certificates_outside_net_sales(shop: Shop, sold: Sale) -> None:
    name = f"{{{poslog.NAMESPACE}}}"
    log = ElementTree.fromstring("".join(export.export("S0001", "CNY", DAY)))
    last = [each for each in log.iter(f"{name}RetailTransaction")][-1]
    totals = {each.get("TotalType"): each.text for each in last.iter(f"{name}Total")}
    assert totals == {
        "TransactionGrossAmount": "99.00",
        "TransactionNetAmount": "99.00",
        "TransactionNonSalesAmount": "200.00",
        "TransactionRoundingAmount": "0.00",
        "TransactionGrandAmount": "299.00",
    }
    assert [each.get("ItemType") for each in last.iter(f"{name}Sale")] == ["Stock", "GiftCertificate"]


def test_poslog_names_a_card_as_its_line_was_stored(shop: Shop, sold: Sale) -> None:
    """Whatever the catalogue calls it since, and under whichever category it stands."""
    before = "".join(export.export("S0001", "CNY", DAY))
    with db.write():
        LEDGER.execute_sql("UPDATE style SET name = 'another', category = 'tops'")
        LEDGER.execute_sql("UPDATE article SET colour = 'another'")
    assert "".join(export.export("S0001", "CNY", DAY)) == before
    assert "礼品卡" in before and 'ItemType="GiftCertificate"' in before
