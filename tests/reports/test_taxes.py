"""Tax by rate: what was sold and what came back, as each line was taxed then."""

from __future__ import annotations

from dataclasses import replace

from services.domain.periods import period
from services.flows.shop import Shop
from services.registry import discover
from services.reports.answer import answer
from services.reports.contract import Question
from services.store import catalogue, db
from tests.flows import test_gift_cards
from tests.flows.test_returns import settle, sold, take_back
from tests.shop import JEANS, SHANGHAI, SOCKS, TEE

TAXES = discover("services.reports", "REPORT")["taxes"]


def test_each_rate_has_its_sales_less_what_came_back_of_them(shop: Shop) -> None:
    test_gift_cards.put_card()
    with db.write():
        catalogue.put_style("K1", "精梳棉袜", "accessories", "sock", "jsmw", 3, 900)
        catalogue.put_style("J1", "高腰直筒牛仔裤", "bottoms", "jeans", "gyztnzk", 2, 0)
    first = sold(replace(shop, tax_bp=1300), TEE, SOCKS, JEANS, test_gift_cards.CARD)
    sold(replace(shop, tax_bp=100), TEE)
    take_back(shop, first, (1, 1))
    settle(shop, None)
    day = period(first.business_day, first.business_day)
    found = answer(TAXES, Question(period=day, zone=SHANGHAI, lang="en", tenders={}))
    assert [tuple(row) for row in found.rows] == [
        ("13%", 11_39, -11_39, 0, 0, 0, 0),
        ("9%", 2_39, 0, 0, 26_61, 2_39, 29_00),
        ("1%", 98, 0, 0, 98_02, 98, 99_00),
        ("No tax", 0, 0, 0, 329_00, 0, 329_00),
    ]
    assert found.totals[-1] == 457_00
