"""What stands on paper: the currency's own sign, the lines that count, and who the box is."""

from __future__ import annotations

import pytest

from drivers.contracts import Qr, Row, Text
from services.domain import receipt
from services.domain.basket import Line
from services.domain.money import Money
from services.domain.priced import PricedLine
from services.domain.receipt import Receipt, SelfTest
from services.domain.settlement import Covered


def paper(currency: str) -> receipt.Paper:
    price = Money(1_250, currency)
    line = Line(1, "T", "", "T 恤", "白 / M", 2, price, "picked")
    gone = Line(2, "J", "", "裤", "27", 1, price, "picked", voided=True)
    cash = Covered("cash", price.times(2), price.times(4), price.times(2), price.times(2))
    return receipt.ops(
        Receipt(
            store_name="店",
            number="S0001-1-000001",
            sold_at="2026-11-22 09:43",
            operator="周婷",
            lines=[PricedLine(each, each.extended) for each in (line, gone)],
            tenders=[("现金", cash)],
            total=price.times(2),
            rounding=price.times(0),
            footer=(),
        )
    )


@pytest.mark.parametrize(
    ("currency", "text"), [("CNY", "¥25.00"), ("HKD", "HK$25.00"), ("JPY", "¥2,500"), ("THB", "THB 25.00")]
)
def test_the_total_has_the_sign_of_its_currency(currency, text):
    (row,) = [op for op in paper(currency) if isinstance(op, Row) and op.left == "合计"]
    assert row.right == text


def test_a_voided_line_is_not_printed_and_its_pieces_do_not_count():
    rows = {op.left: op.right for op in paper("CNY") if isinstance(op, Row)}
    assert rows["件数"] == "2"
    assert not [op for op in paper("CNY") if isinstance(op, Text) and "裤" in op.text]


def ticket(console_url: str) -> receipt.Paper:
    return receipt.self_test(
        SelfTest(
            store_id="S0001",
            store_name="店",
            printed_at="2026-11-22 09:43",
            facts=[("gateway", "box-7"), ("addresses", "shop.local, 10.0.0.7")],
            console_url=console_url,
            journal_seq=12,
            journal_hash="ab" * 32,
        )
    )


def test_a_self_test_shows_the_box_s_addresses_and_leads_to_its_console():
    url = "http://10.0.0.7:8080/technician"
    rows = {op.left: op.right for op in ticket(url) if isinstance(op, Row)}
    assert rows["地址"] == "shop.local, 10.0.0.7"
    assert [op.data for op in ticket(url) if isinstance(op, Qr)] == [url]
    assert Text(url, receipt.Align.CENTER) in ticket(url)
    assert Text("ab" * 32) in ticket(url)


def test_a_self_test_of_a_box_without_an_address_proves_the_printer_by_the_journal():
    assert [op.data for op in ticket("") if isinstance(op, Qr)] == [f"S0001:12:{'ab' * 8}"]
