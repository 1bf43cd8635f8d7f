"""A coupon on paper says everything that decides whether it works, in both languages."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from services.domain import coupon_paper
from services.domain.coupon_paper import ALONE, BEARER, HOLDER, STACKS
from services.domain.coupons import Template
from services.domain.offers import Goods, Window

PLAIN = Template(
    **{"template_id": "t", "version": 1, "number": 1, "label_zh": "券", "label_en": "Coupon", "days": 30},
    kind="amount",
    face_minor=50_00,
)
NAMES = {"shirts": ("衬衫", "Shirts"), "T1": ("亚麻衬衫", "")}


def lines(**changes: Any) -> list[tuple[str, str]]:
    return list(coupon_paper.lines(msgspec.structs.replace(PLAIN, **changes), NAMES, "CNY"))


@pytest.mark.parametrize(
    ("changes", "worth"),
    [
        ({}, ("减 ¥50.00", "¥50.00 off")),
        ({"min_spend_minor": 300_00}, ("满 ¥300.00 减 ¥50.00", "¥50.00 off from ¥300.00 on")),
        ({"kind": "percent", "face_bp": 1_500, "face_minor": 0}, ("8.5 折", "15% off")),
        (
            {"kind": "percent", "face_bp": 1_250, "min_spend_minor": 99_00},
            ("满 ¥99.00 8.75 折，最多减 ¥50.00", "12.5% off from ¥99.00 on, at most ¥50.00"),
        ),
        ({"kind": "percent", "face_bp": 10_000, "face_minor": 0}, ("0 折", "100% off")),
        ({"kind": "exchange"}, ("兑换一件，最多抵 ¥50.00", "One piece free, up to ¥50.00")),
        ({"kind": "service"}, ("兑换一次服务，最多抵 ¥50.00", "One service free, up to ¥50.00")),
        ({"kind": "gift"}, ("赠一件，最多抵 ¥50.00", "One piece as a gift, up to ¥50.00")),
    ],
)
def test_what_it_is_worth_comes_first(changes: dict[str, Any], worth: tuple[str, str]) -> None:
    assert lines(**changes) == [worth, ALONE, HOLDER]


def test_goods_hours_and_stores_are_told_by_their_names() -> None:
    goods = Goods(categories=("shirts",), styles=("T1",), skus=("X-1",), excluded=("T1",))
    window = Window(weekdays=(1, 3), month_days=(8, 18), from_minute=600, to_minute=840)
    told = lines(goods=goods, window=window, stores=("S0001",), stackable=True, sale_max=3, bearer=True)
    assert told[1:] == [
        ("限衬衫、亚麻衬衫、X-1", "For Shirts, 亚麻衬衫, X-1 only"),
        ("不含亚麻衬衫", "Not for 亚麻衬衫"),
        ("周一、周三", "Mon, Wed"),
        ("每月 8、18 号", "On day 8, 18 of the month"),
        ("10:00–14:00", "10:00–14:00"),
        ("限门店 S0001", "In S0001 only"),
        ("一单最多 3 张", "At most 3 in one sale"),
        STACKS,
        BEARER,
    ]
