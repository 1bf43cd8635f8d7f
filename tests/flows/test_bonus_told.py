"""What bonus paid is told everywhere alike: on the receipt, in Z, report, POSLog and at headquarters."""

from __future__ import annotations

from dataclasses import replace
from xml.etree import ElementTree

import pytest

from drivers.contracts import Row
from services.domain import poslog
from services.domain.periods import period
from services.domain.settlement import Rounding
from services.domain.tax import RateTax
from services.domain.z import Z, ZTender
from services.flows import poslog as export
from services.flows import spool, z_papers
from services.flows.shop import Shop
from services.hq.ingest import Ingest
from services.registry import discover
from services.reports.answer import Answer, answer
from services.reports.contract import Question
from services.store import books, journal
from services.store.sales import Sale
from tests.flows import test_shifts
from tests.flows.loyal import Till
from tests.flows.test_bonus import APPAREL, LOW, rated
from tests.flows.test_loyalty import v1
from tests.hq import test_ingest
from tests.shop import SHANGHAI, TEE

REPORTS = discover("services.reports", "REPORT")


@pytest.fixture
def shop(shop: Shop) -> Shop:
    return replace(shop, cash_rounding=Rounding(100, "down"), tax_bp=APPAREL)


@pytest.fixture
def day(shop: Shop) -> tuple[Sale, Sale, str]:
    """Vector V1 with socks at 9 %, of which the trousers come back: 17.05 of the 33.33 with them."""
    rated(K1=LOW)
    shift_id = test_shifts.begin(shop)
    till, sale, _ = v1(shop)
    back = till.take_back(sale, (2, 1))
    return sale, back, shift_id


def closed(shop: Shop, shift_id: str) -> Z:
    test_shifts.count(shop, shift_id, [(100_00, 2)])
    return test_shifts.close(shop, shift_id)


def rows(paper: list[object]) -> list[tuple[str, str]]:
    return [(op.left, op.right) for op in paper if isinstance(op, Row)]


def after(told: list[tuple[str, str]], label: str, count: int) -> list[tuple[str, str]]:
    place = [what for what, _ in told].index(label)
    return told[place : place + count]


def test_a_receipt_says_what_of_stored_value_was_bonus_and_that_it_is_not_taxed(
    shop: Shop, day: tuple[Sale, Sale, str]
) -> None:
    """635.10 less 33.33 are 4.06 + 45.06 + 63.58 + 489.07."""
    sale, back, _ = day
    told = rows([*spool.receipt_ops(shop, sale)])
    assert after(told, "储值", 3) == [("储值", "200.00"), (" 其中赠送金", "33.33"), ("现金", "435.00")]
    assert after(told, "赠送金抵扣", 5) == [
        ("赠送金抵扣", "-33.33"),
        *(("含税 9%", "4.06"), (" 不含税金额", "45.06")),
        *(("含税 13%", "63.58"), (" 不含税金额", "489.07")),
    ]
    told = rows([*spool.receipt_ops(shop, back)])
    assert after(told, "退 储值", 2) == [("退 储值", "-102.32"), (" 其中赠送金", "-17.05")]
    assert after(told, "退货赠送金", 3) == [
        ("退货赠送金", "17.05"),
        *(("退货含税 13%", "-35.42"), (" 不含税金额", "-272.44")),
    ]


def test_a_receipt_of_an_exchange_says_it_of_both_ways(shop: Shop) -> None:
    """99.00 for 99.00, each with 16.50 of bonus and 82.50 that are taxed."""
    till = Till(shop)
    till.recharge(300_00, 60_00)
    till.fill(TEE)
    till.pay_stored()
    sale = till.settle()
    till.fill("T-W-M", known=False)
    told = rows([*spool.receipt_ops(shop, till.take_back(sale, (1, 1)))])
    assert after(told, "赠送金抵扣", 6) == [
        *(("赠送金抵扣", "-16.50"), ("退货赠送金", "16.50")),
        *(("含税 13%", "9.49"), (" 不含税金额", "73.01")),
        *(("退货含税 13%", "-9.49"), (" 不含税金额", "-73.01")),
    ]


def test_a_z_takes_it_off_net_sales_before_the_tax_and_apart_from_principal(
    shop: Shop, day: tuple[Sale, Sale, str]
) -> None:
    """310.19 of net sales less 16.28 are 293.91: with tax 4.06 + 45.06 + 28.16 + 216.63."""
    z = closed(shop, day[2])
    assert (z.net_minor, z.bonus_minor) == (310_19, 16_28)
    assert z.taxes == (
        RateTax(tax_bp=LOW, net_minor=51_84, tax_minor=4_06, bonus_minor=2_72),
        RateTax(tax_bp=APPAREL, net_minor=583_26, tax_minor=63_58, bonus_minor=30_61),
        RateTax(tax_bp=APPAREL, net_minor=-324_91, tax_minor=-35_42, bonus_minor=-17_05),
    )
    assert z.net_minor - z.bonus_minor == sum(t.untaxed_minor + t.tax_minor for t in z.taxes)
    assert z.tenders[-1] == ZTender(
        tender_type="stored_value",
        currency="CNY",
        count=1,
        amount_minor=200_00,
        refunds=1,
        refunds_minor=102_32,
        bonus_minor=33_33,
        bonus_refunds_minor=17_05,
    )
    told = rows([*z_papers.z_ops(shop, day[2])])
    assert after(told, "净销售", 4) == [
        *(("净销售", "¥310.19"), (" 赠送金抵扣", "-16.28"), ("扣赠送金后", "293.91")),
        ("含税 9%", "4.06"),
    ]
    assert after(told, "储值 × 1", 4) == [
        *(("储值 × 1", "200.00"), ("  其中赠送金", "33.33")),
        *((" 退款 × 1", "-102.32"), ("  其中赠送金", "-17.05")),
    ]
    assert books.differences() == []


def test_the_report_of_tax_and_that_of_tenders_say_it_beside_net_sales(
    shop: Shop, day: tuple[Sale, Sale, str]
) -> None:
    sale, _, _ = day

    def asked(key: str) -> list[dict[str, object]]:
        span = period(sale.business_day, sale.business_day)
        found: Answer = answer(REPORTS[key], Question(period=span, zone=SHANGHAI, lang="en", tenders={}))
        return [dict(zip([c.key for c in REPORTS[key].columns], row, strict=True)) for row in found.rows]

    keys = ("rate", "net", "bonus", "untaxed", "tax")
    assert [tuple(row[key] for key in keys) for row in asked("taxes")] == [
        ("13%", 258_35, 13_56, 216_63, 28_16),
        ("9%", 51_84, 2_72, 45_06, 4_06),
    ]
    by_tender = {row["tender"]: row for row in asked("tenders")}
    assert {key: (row["net"], row["bonus"]) for key, row in by_tender.items()} == {
        "cash": (213_00, 0),
        "stored_value": (97_68, 16_28),
    }
    given = {row["source"]: (row["sales"], row["given"]) for row in asked("discounts")}
    assert given["stored_value"] == (1, 16_28)
    assert [row["net"] for row in asked("sellers")] == [310_19]  # commission is on what goods were sold for


def test_poslog_taxes_what_is_left_and_has_bonus_as_a_tender_of_its_own(
    shop: Shop, day: tuple[Sale, Sale, str]
) -> None:
    name = f"{{{poslog.NAMESPACE}}}"
    log = ElementTree.fromstring("".join(export.export("S0001", "CNY", day[0].business_day)))
    sale, back = log.iter(f"{name}RetailTransaction")

    def found(node: ElementTree.Element, path: str, *names: str) -> list[tuple[str | None, ...]]:
        each = node.findall("/".join(f"{name}{part}" for part in path.split("/")))
        return [tuple(part.get(n) or part.findtext(f"{name}{n}") for n in names) for part in each]

    assert found(sale, "LineItem/Tender", "TenderType", "Amount") == [
        ("stored_value", "166.67"),
        ("stored_value_bonus", "33.33"),
        ("cash", "435.00"),
    ]
    assert found(back, "LineItem/Tender", "TenderType", "TypeCode", "Amount")[:2] == [
        ("stored_value", "Refund", "85.27"),
        ("stored_value_bonus", "Refund", "17.05"),
    ]
    assert found(sale, "LineItem/Tax", "TaxableAmount", "Amount") == [
        ("49.12", "4.06"),
        ("552.65", "63.58"),
    ]
    assert found(sale, "LineItem/Sale/Tax", "TaxableAmount", "Amount") == [
        *(("244.79", "28.16"), ("307.86", "35.42"), ("49.12", "4.06"))
    ]
    assert found(back, "LineItem/Return/Tax", "TaxableAmount", "Amount") == [("307.86", "35.42")]


def test_headquarters_sums_the_same_tax_and_bonus(shop: Shop, day: tuple[Sale, Sale, str]) -> None:
    z = closed(shop, day[2])
    bodies = [bytes(row.body) for row in journal.after(0, journal.BATCH_MAX)]
    database = test_ingest.open_database_in_memory()
    Ingest(database, test_ingest.Clock().now_ms).take(
        [test_ingest.batch(bodies, 1, test_ingest.chain(bodies))]
    )
    found = database.execute("SELECT SUM(total_minor), SUM(tax_minor), SUM(bonus_minor) FROM sale")
    assert found.fetchone() == (z.net_minor, sum(t.tax_minor for t in z.taxes), z.bonus_minor)
    database.close()
