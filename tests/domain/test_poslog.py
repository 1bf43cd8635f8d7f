"""POSLog: a known day as a golden file, sums that agree, names that stay text."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import msgspec
import pytest

from services.domain.events import SaleCompleted, SoldAdjustment, SoldLine, SoldTender
from services.domain.poslog import Fact, transaction
from services.domain.tax import RateTax

GOLDEN = Path(__file__).parents[1] / "golden" / "poslog.xml"
EVENTS = GOLDEN.parent / "events"
HOSTILE = "<b>&amp;\"'\x00\x0b\ud800]]>"
TIME = "2026-11-22T10:21:33.120+08:00"
AT_MS = 1_795_314_093_120


def line(number: int, **changes: Any) -> SoldLine:
    whole: dict[str, Any] = dict(
        line_number=number,
        item_id="T-W-S",
        gtin="06901028020947",
        description="纯棉基础 T 恤",
        variant="白 / S",
        entry_method="scanned",
        quantity=1,
        unit_price_minor=99_00,
        extended_minor=99_00,
        void_flag=False,
        category="tops",
    )
    return SoldLine(**{**whole, **changes})


def sale(**changes: Any) -> SaleCompleted:
    whole: dict[str, Any] = dict(
        sale_id="s2",
        number="S0001-1-000002",
        retail_store_id="S0001",
        workstation_id="1",
        sequence_number=2,
        business_day="2026-11-22",
        operator_id="zhou",
        currency="CNY",
        begun_at_ms=AT_MS - 60_000,
        ended_at_ms=AT_MS,
        line_items=(line(1),),
        tenders=(
            SoldTender(tender_type="cash", amount_minor=99_00, tendered_minor=100_00, change_minor=1_00),
        ),
        total_minor=99_00,
    )
    return SaleCompleted(**{**whole, **changes})


def fact(seq: int, kind: str, data: Any) -> Fact:
    plain = data if isinstance(data, dict) else msgspec.to_builtins(data)
    return Fact(seq=seq, type=kind, time=TIME, bizday="2026-11-22", data=plain)


EXCHANGE = sale(
    kind="exchange",
    original_id="s1",
    reason="size",
    approver_id="he",
    line_items=(
        line(1, quantity=2, extended_minor=198_00, net_minor=178_20, seller_id="lin"),
        line(2, item_id="J", gtin="", description="牛仔裤", category="", entry_method="picked",
             void_flag=True, extended_minor=0),
        line(3, quantity=-1, extended_minor=-99_00, net_minor=-89_10, return_of="s1", return_line=4),
    ),
    adjustments=(
        SoldAdjustment(line_number=1, layer=4, source="p1", source_version=3, amount_minor=-19_80,
                       label_zh="九折", label_en="10% off"),
        SoldAdjustment(line_number=3, layer=2, source="manual", source_version=0, amount_minor=9_90,
                       label_zh="改价", label_en="changed"),
    ),
    tenders=(SoldTender(tender_type="card", amount_minor=89_00, tendered_minor=89_00, change_minor=0,
                        reference="A77"),),
    total_minor=89_10,
    rounding_minor=-10,
)  # fmt: skip
TILL = {"workstation_id": "1", "operator_id": "zhou"}
DAY = (
    fact(1, "operator.signed_on", {**TILL, "role": "cashier"}),
    fact(2, "shift.opened", TILL),
    fact(3, "cash.moved", {**TILL, "kind": "loan", "currency": "CNY", "amount_minor": 500_00,
                           "reason": "change"}),
    fact(4, "sale.completed", sale()),
    fact(5, "sale.completed", EXCHANGE),
    fact(6, "drawer.released", {**TILL, "reason": "coins"}),
    fact(7, "cash.counted", {**TILL, "cash": [{"currency": "CNY", "counted_minor": 598_00,
                                            "expected_minor": 599_00}]}),
    fact(8, "shift.closed", TILL),
    fact(9, "operator.signed_off", TILL),
    fact(10, "receipt.copied", {"sale_id": "s2"}),
)  # fmt: skip


def told(each: Fact) -> ElementTree.Element | None:
    known = {"s1": ("S0001", "2", 3, "2026-11-20")}
    return transaction(each, "S0001", "CNY", known.get)


def test_a_known_day_is_the_golden_file() -> None:
    root = ElementTree.Element("POSLog")
    root.extend(node for each in DAY if (node := told(each)) is not None)
    ElementTree.indent(root)
    assert ElementTree.tostring(root, encoding="unicode") + "\n" == GOLDEN.read_text("utf-8")


@pytest.mark.parametrize("file", sorted(EVENTS.glob("*.json")), ids=lambda file: file.stem)
def test_every_event_that_ever_left_the_box_can_be_told(file: Path) -> None:
    node = told(msgspec.json.decode(file.read_bytes(), type=Fact))
    assert node is None or ElementTree.fromstring(ElementTree.tostring(node, encoding="unicode")).tag


def test_what_poslog_has_no_word_for_is_left_out() -> None:
    assert [each.seq for each in DAY if told(each) is None] == [10]


def amount(node: ElementTree.Element, path: str) -> int:
    return sum(int((each.text or "").replace(".", "")) for each in node.findall(path))


def test_lines_tenders_and_totals_agree() -> None:
    for each in DAY:
        node = told(each)
        if node is None or node.find("RetailTransaction") is None:
            continue
        bought = amount(node, ".//Sale/ExtendedAmount") - amount(node, ".//Return/ExtendedAmount")
        paid = amount(node, ".//Tender/Amount") - amount(node, ".//TenderChange/Amount")
        totals = {n.get("TotalType"): n.text for n in node.iter("Total")}
        grand = totals["TransactionGrandAmount"] or ""
        assert f"{bought // 100}.{bought % 100:02}" == totals["TransactionNetAmount"]
        assert f"{paid // 100}.{paid % 100:02}" == grand


def test_the_tax_of_lines_and_rates_agrees_and_is_in_what_they_cost() -> None:
    lines = (
        line(1, quantity=2, extended_minor=198_00, net_minor=178_20, tax_bp=1300, tax_minor=20_50),
        line(2, void_flag=True, extended_minor=0, tax_bp=1300),
        line(3, tax_bp=925, tax_minor=8_38),
        line(4, quantity=-1, extended_minor=-99_00, tax_bp=1300, tax_minor=-11_39, return_of="s1"),
        line(5),
    )
    rates = [(1300, 178_20, 20_50), (925, 99_00, 8_38), (1300, -99_00, -11_39)]
    taxes = tuple(RateTax(tax_bp=bp, net_minor=net, tax_minor=tax) for bp, net, tax in rates)
    node = told(fact(4, "sale.completed", sale(line_items=lines, taxes=taxes, total_minor=277_20)))
    assert node is not None
    by_line = [_taxed(each) for kind in ("Sale", "Return") for each in node.findall(f".//{kind}/Tax")]
    assert by_line == [_taxed(each) for each in node.findall(".//LineItem/Tax")]
    assert by_line == [
        ("Sale", "178.20", "true", "20.50", "13"),
        ("Sale", "99.00", "true", "8.38", "9.25"),
        ("Refund", "99.00", "true", "11.39", "13"),
    ]
    assert [n.text for n in node.iter("Total") if n.get("TotalType") == "TransactionTaxAmount"] == ["17.49"]
    numbers = [item.findtext("SequenceNumber") for item in node.iter("LineItem")]
    assert numbers == [str(n) for n in range(1, 10)]


def test_tax_of_goods_that_came_back_for_nothing_is_a_refund() -> None:
    lines = (line(1, quantity=-1, extended_minor=0, tax_bp=1300, tax_minor=-1_60, return_of="s1"),)
    taxes = (RateTax(tax_bp=1300, net_minor=0, tax_minor=-1_60),)
    told_so = sale(line_items=lines, taxes=taxes, total_minor=0, kind="return")
    node = told(fact(4, "sale.completed", told_so))
    assert node is not None
    assert [_taxed(each) for each in node.iter("Tax")] == [("Refund", "0.00", "true", "1.60", "13")] * 2


def _taxed(node: ElementTree.Element) -> tuple[str | None, ...]:
    base = node.find("TaxableAmount")
    assert base is not None
    included = base.get("TaxIncludedInTaxableAmountFlag")
    amounts = (node.findtext(name) for name in ("Amount", "Percent"))
    return node.get("TypeCode"), base.text, included, *amounts


def test_a_hostile_name_is_text_and_the_document_stays_well_formed() -> None:
    each = fact(1, "sale.completed", sale(operator_id=HOSTILE, line_items=(line(1, description=HOSTILE),)))
    node = told(each)
    assert node is not None
    read = ElementTree.fromstring(ElementTree.tostring(node, encoding="unicode"))
    description = read.find(".//Description")
    assert description is not None and description.text is not None
    assert description.text.startswith("<b>&amp;\"'\ufffd\ufffd\ufffd]]>") and len(list(description)) == 0


def test_a_sale_that_is_not_here_is_not_linked() -> None:
    lost = sale(
        kind="return",
        original_id="gone",
        line_items=(line(1, quantity=-1, extended_minor=-99_00, return_of="gone"),),
    )
    node = told(fact(1, "sale.completed", lost))
    assert node is not None and node.find(".//TransactionLink") is None


def test_a_currency_without_small_money_has_no_decimals() -> None:
    node = told(fact(1, "sale.completed", sale(currency="JPY", total_minor=1200)))
    assert node is not None
    assert [n.text for n in node.iter("Total") if n.get("TotalType") == "TransactionNetAmount"] == ["1200"]


def test_notes_of_another_currency_are_told_with_their_rate() -> None:
    notes = SoldTender(tender_type="foreign_cash", amount_minor=428_05, tendered_minor=431_95,
                       change_minor=3_90, currency="USD", foreign_minor=61_00, rate_e8=708_120_000,
                       rate_id="r1")  # fmt: skip
    back = SoldTender(tender_type="foreign_cash", amount_minor=-428_05, tendered_minor=-431_95,
                      change_minor=-3_90, currency="USD", foreign_minor=-61_00, rate_e8=708_120_000,
                      rate_id="r1")  # fmt: skip
    for code, tender in (("Sale", notes), ("Refund", back)):
        node = told(fact(4, "sale.completed", sale(tenders=(tender,))))
        assert node is not None
        (found,) = node.findall(".//Tender")
        assert (found.get("TypeCode"), found.findtext("Amount")) == (code, "431.95")
        assert found.findtext("TenderChange/Amount") == "3.90"
        assert [(each.tag, each.text) for each in found.iterfind("ForeignCurrency/*")] == [
            ("CurrencyCode", "USD"),
            ("OriginalFaceAmount", "61.00"),
            ("ExchangeRate", "7.0812"),
        ]
