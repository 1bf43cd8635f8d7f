"""Reductions, goods that come back, several tenders: a receipt says each once, and it adds up."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
import zxingcpp

from drivers.contracts import Barcode, Op, Qr, Row, Text
from drivers.escpos_encoder import Encoder, Sheet
from services.domain import receipt
from services.domain.basket import Line, Returned
from services.domain.exchange import ForeignCash
from services.domain.money import Money
from services.domain.paper_words import CHINESE, Words
from services.domain.priced import Adjustment, PricedLine
from services.domain.receipt import CouponOnPaper, Receipt, coupon_part
from services.domain.settlement import Covered
from tests.paper_reader import read, render


def cny(minor: int) -> Money:
    return Money(minor, "CNY")


def off(line: int, layer: int, minor: int, zh: str, en: str = "") -> Adjustment:
    return Adjustment(line, layer, "p", 1, cny(minor), zh, en)


def sold(n: int, name: str, pieces: int, price: int, *less: Adjustment, net: int | None = None,
         returned: Returned | None = None) -> PricedLine:  # fmt: skip
    line = Line(n, f"S{n}", "", name, "白 / S", pieces, cny(price), "scanned", returned=returned)
    paid = pieces * price + sum(each.amount.minor for each in less) if net is None else net
    return PricedLine(line, cny(paid), less)


SALE = (
    sold(
        1,
        "T 恤",
        2,
        99_00,
        off(1, 2, -49_50, "第二件半价", "Half price"),
        off(1, 4, -20_00, "满减", "Save"),
    ),
    sold(2, "大衣", 1, 399_00, off(2, 4, -40_00, "满减", "Save"), off(2, 5, -20_00, "券", "Coupon")),
    sold(3, "袜", 1, 19_00),
)
BACK = Returned("sale-1", "S0001-1-000007", 1, -83_50)


def paper(lines: tuple[PricedLine, ...] = SALE, language: str = "zh", **more: Any) -> Receipt:
    total = sum(line.net.minor for line in lines)
    cash = Covered("cash", cny(total), cny(total), cny(0), cny(total))
    made = Receipt(
        store_name="店",
        number="S0001-1-000124",
        sold_at="2026-11-25 09:43",
        operator="周婷",
        lines=lines,
        tenders=[("现金", cash)],
        total=cny(total),
        rounding=cny(0),
        footer=["谢谢"],
        words=Words(language),
    )
    return replace(made, **more)


def rows(ops: list[Op]) -> list[tuple[str, str]]:
    return [(op.left.strip(), op.right) for op in ops if isinstance(op, Row)]


def test_what_one_line_lost_stands_below_it_and_an_offer_over_many_stands_once() -> None:
    printed = rows(receipt.ops(paper()))
    assert printed.index(("第二件半价", "-49.50")) == printed.index(("2 × 99.00", "198.00")) + 1
    assert [row for row in printed if row[0] == "满减"] == [("满减", "-60.00")]
    assert ("券", "-20.00") in printed


def test_subtotal_less_offers_is_the_total_and_all_reductions_are_what_was_saved() -> None:
    printed = dict(rows(receipt.ops(paper())))
    assert printed["小计"] == "566.50"  # 198 - 49.50 + 399 + 19
    assert printed["合计"] == "¥486.50"
    assert printed["已优惠"] == "¥129.50"


def test_a_receipt_without_reductions_says_nothing_of_them() -> None:
    printed = dict(rows(receipt.ops(paper((sold(1, "袜", 2, 19_00),)))))
    assert not {"小计", "已优惠", "抹零"} & set(printed)
    assert printed["件数"] == "2"


def test_goods_that_come_back_are_negative_and_name_their_receipt() -> None:
    ops = receipt.ops(paper((sold(1, "T 恤", -1, 99_00, net=-83_50, returned=BACK),), kind="return"))
    printed = dict(rows(ops))
    assert Text("退货", receipt.Align.CENTER, bold=True, size=2) in ops
    assert printed["原单号"] == "S0001-1-000007"
    assert (printed["-1 × 99.00"], printed["原单优惠"]) == ("-99.00", "15.50")
    assert (printed["应退"], printed["退 现金"]) == ("-¥83.50", "-83.50")
    assert "件数" not in printed


def test_an_exchange_shows_both_directions_and_one_sum() -> None:
    lines = (sold(1, "T 恤", -1, 99_00, net=-83_50, returned=BACK), sold(2, "大衣", 1, 399_00))
    printed = dict(rows(receipt.ops(paper(lines, "both", kind="exchange"))))
    assert printed["合计 TOTAL"] == "¥315.50"
    assert printed["原单号 Original no."] == "S0001-1-000007"


def taxed(priced: PricedLine, tax_bp: int, tax_minor: int) -> PricedLine:
    line = replace(priced.line, tax_bp=tax_bp)
    return PricedLine(line, priced.net, priced.adjustments, tax_minor)


def test_the_tax_of_each_rate_stands_with_the_amount_without_it_in_the_receipt_s_language() -> None:
    lines = (
        taxed(sold(1, "T 恤", -1, 99_00, net=-83_50, returned=BACK), 1300, -9_61),
        taxed(sold(2, "大衣", 1, 399_00), 1300, 45_90),
        taxed(sold(3, "书", 1, 109_00), 900, 9_00),
        sold(4, "礼品卡", 1, 200_00),
    )
    printed = rows(receipt.ops(paper(lines, kind="exchange")))
    assert printed[-6:] == [
        *(("含税 9%", "9.00"), ("不含税金额", "100.00")),
        *(("含税 13%", "45.90"), ("不含税金额", "353.10")),
        *(("退货含税 13%", "-9.61"), ("不含税金额", "-73.89")),
    ]
    english = rows(receipt.ops(paper(lines, "en", kind="exchange")))
    assert [row[0] for row in english[-6::2]] == [
        *("Tax included 9%", "Tax included 13%", "Tax returned 13%")
    ]
    assert english[-5] == ("Without tax", "100.00")
    assert not [row for row in rows(receipt.gift(paper(lines))) if "税" in row[0]]


def test_a_shop_without_tax_prints_nothing_of_it() -> None:
    assert not [row for row in rows(receipt.ops(paper())) if "税" in row[0]]


def test_every_tender_its_change_and_the_rounding_have_a_row() -> None:
    tenders = [
        ("银行卡", Covered("card", cny(200_00), cny(200_00), cny(0), cny(200_00))),
        ("现金", Covered("cash", cny(286_00), cny(300_00), cny(14_00), cny(286_50))),
    ]
    printed = rows(receipt.ops(paper(tenders=tenders, rounding=cny(-50))))
    assert printed[-4:] == [("抹零", "-0.50"), ("银行卡", "200.00"), ("现金", "300.00"), ("找零", "14.00")]


def test_notes_of_another_currency_have_their_amount_rate_worth_and_change() -> None:
    notes = ForeignCash("JPY", 10_000, 4_820_000, "r")
    taken = Covered("foreign_cash", cny(481_70), cny(482_00), cny(30), cny(481_66), foreign=notes)
    printed = rows(receipt.ops(paper(tenders=[("外币现金", taken)])))
    assert printed[-3:] == [
        ("外币现金 JPY", "10,000"),
        ("1 JPY = 0.0482 CNY", "482.00"),
        ("找零", "0.30"),
    ]
    undone = Covered(
        *("foreign_cash", cny(-481_70), cny(-482_00), cny(-30), cny(-481_66)),
        foreign=ForeignCash("JPY", -10_000, 4_820_000, "r"),
    )
    printed = rows(receipt.ops(paper(tenders=[("外币现金", undone)], kind="void")))
    assert printed[-3:] == [
        ("退 外币现金 JPY", "-10,000"),
        ("1 JPY = 0.0482 CNY", "-482.00"),
        ("找零", "-0.30"),
    ]


@pytest.mark.parametrize("language", ["zh", "en", "both"])
def test_a_gift_receipt_has_no_amount_in_any_language(language: str) -> None:
    ops = receipt.gift(paper(language=language))
    words = [text for op in ops for text in (getattr(op, "left", ""), getattr(op, "right", ""),
                                             getattr(op, "text", ""))]  # fmt: skip
    assert not [word for word in words if "¥" in word or ".00" in word or ".50" in word]
    assert ("T 恤 白/S", "× 2") in rows(ops)
    assert {op.data for op in ops if isinstance(op, Barcode | Qr)} == {"S0001-1-000124"}


def test_a_gift_receipt_of_an_exchange_names_only_what_was_taken_home() -> None:
    lines = (sold(1, "T 恤", -1, 99_00, net=-83_50, returned=BACK), sold(2, "大衣", 1, 399_00))
    assert [row for row in rows(receipt.gift(paper(lines))) if "×" in row[1]] == [("大衣 白/S", "× 1")]


def test_a_copy_is_marked_in_both_languages_whatever_the_rest_is_in() -> None:
    for language in ("zh", "en", "both"):
        ops = receipt.ops(paper(language=language, copy_number=2, copied_at="2026-11-25 10:01"))
        assert any(isinstance(op, Text) and op.text == "副本 COPY 2" for op in ops)


@pytest.mark.parametrize(
    ("language", "zh", "en", "said", "lines"),
    [
        ("zh", "满减", "Save", "满减", ["满减"]),
        ("en", "满减", "Save", "Save", ["Save"]),
        ("both", "满减", "Save", "满减 Save", ["满减", "Save"]),
        ("en", "满减", "", "满减", ["满减"]),
        ("zh", "", "Save", "Save", ["Save"]),
        ("both", "VIP", "VIP", "VIP", ["VIP"]),
        ("both", "", "", "", []),
    ],
)
def test_a_text_that_is_missing_in_one_language_is_made_up_for_by_the_other(
    language: str, zh: str, en: str, said: str, lines: list[str]
) -> None:
    assert (Words(language).pick(zh, en), Words(language).lines(zh, en)) == (said, lines)


def test_a_coupon_is_a_code_that_a_telephone_or_the_till_reads() -> None:
    coupon = CouponOnPaper(("下次立减", "Next time"), "ABCD2345EFGH", "2026-11-23", "2026-12-22")
    picture = render(
        read(Encoder(Sheet(width=32, text="raster")).encode(coupon_part(coupon, CHINESE))), 384
    )
    assert [(c.format.name, c.text) for c in zxingcpp.read_barcodes(picture)] == [("QRCode", coupon.code)]
