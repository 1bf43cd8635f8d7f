"""Who gets through to which route: every route of the application against every kind of stranger."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from services.domain.sheet import FILE_MAX
from services.store import journal
from tests.web.conftest import ORIGIN, WHO_IS, Browser, PlayedBox, contents, new_key
from web_console.app import HEADERS, WebSettings, create_app

OPEN, TILL, TECHNICIAN, SIGNED_ON, TWINS = "open", "cm", "mt", "cmt", "twins"
MANAGER = "m"
ROLES = {"c": "cashier", "m": "manager", "t": "technician"}

# Written by hand, so that a route which is declared too generously is found here.
WHO = {
    "GET /": OPEN,
    "GET /till/<ident:till>": OPEN,
    "GET /counter": TWINS,
    "GET /technician": OPEN,
    "GET /office": OPEN,
    "GET /static/<ident:version>/<path:name>": OPEN,
    "GET /api/ready": OPEN,
    "GET /api/openapi.json": OPEN,
    "GET /api/staff": OPEN,
    "GET /api/session": SIGNED_ON,
    "POST /api/session": OPEN,
    "DELETE /api/session": SIGNED_ON,
    "POST /api/staff/<ident:staff_id>/unlock": TECHNICIAN,
    "GET /api/attendance/now": OPEN,
    "POST /api/attendance": OPEN,
    "POST /api/attendance/corrections": TILL,
    "GET /api/attendance": MANAGER,
    "GET /api/attendance/mine": TILL,
    "GET /api/attendance/spans/<ident:span_id>": MANAGER,
    "GET /api/roster": MANAGER,
    "POST /api/roster": MANAGER,
    "PUT /api/roster/<ident:staff_id>": MANAGER,
    "POST /api/roster/<ident:staff_id>/pin": MANAGER,
    "GET /api/rights": MANAGER,
    "PUT /api/rights/<ident:right>": MANAGER,
    "GET /api/till/sellers": TILL,
    "PUT /api/till/seller": TILL,
    "PUT /api/till/member": TILL,
    "PUT /api/till/points": TILL,
    "PUT /api/till/coupon": TILL,
    "GET /api/till/best-choice": TILL,
    "PUT /api/till/best-choice": TILL,
    "GET /api/till/proposals": TILL,
    "POST /api/till/stored-value": TILL,
    "GET /api/members/<ident:member_id>/tier": TILL,
    "GET /api/members/<ident:member_id>/purchases": TILL,
    "PUT /api/till/lines/<int:line_id>/seller": TILL,
    "GET /api/members/<ident:member_id>/points": TILL,
    "POST /api/members/<ident:member_id>/points": TILL,
    "GET /api/till/check-in-code": TILL,
    "POST /api/members/<ident:member_id>/check-in": TILL,
    "PUT /api/members/<ident:member_id>/referrer": TILL,
    "GET /api/members/<ident:member_id>/rewards": TILL,
    "POST /api/members/<ident:member_id>/rewards/<ident:reward_id>": TILL,
    "POST /api/points/exchanges/<ident:exchange_id>/undo": TILL,
    "GET /api/office/points/rules": MANAGER,
    "GET /api/office/points/rules/versions": MANAGER,
    "PUT /api/office/points/rules": MANAGER,
    "POST /api/office/points-trial": MANAGER,
    "GET /api/office/commission": MANAGER,
    "PUT /api/office/commission": MANAGER,
    "POST /api/recognition": TILL,
    "POST /api/members": TILL,
    "GET /api/members/<ident:member_id>": TILL,
    "PUT /api/members/<ident:member_id>": TILL,
    "PUT /api/members/<ident:member_id>/standing": MANAGER,
    "GET /api/office/loyalty-form": MANAGER,
    "GET /api/office/tiers": MANAGER,
    "POST /api/office/tier-trial": MANAGER,
    "POST /api/office/members/<ident:member_id>/tier": MANAGER,
    "PUT /api/office/tiers": MANAGER,
    "GET /api/office/tags": MANAGER,
    "GET /api/office/tagged": MANAGER,
    "POST /api/office/tag-trial": MANAGER,
    "PUT /api/office/tags": MANAGER,
    "GET /api/members/<ident:member_id>/around": TILL,
    "POST /api/members/<ident:member_id>/notes": TILL,
    "PUT /api/members/<ident:member_id>/notes/<ident:note_id>": TILL,
    "DELETE /api/members/<ident:member_id>/notes/<ident:note_id>": TILL,
    "GET /api/members/<ident:member_id>/tags": TILL,
    "PUT /api/members/<ident:member_id>/tags/<ident:key>": MANAGER,
    "DELETE /api/members/<ident:member_id>/tags/<ident:key>": MANAGER,
    "GET /api/members/<ident:member_id>/consents": TILL,
    "POST /api/members/<ident:member_id>/consents": TILL,
    "POST /api/members/<ident:member_id>/unmask": TILL,
    "POST /api/members/<ident:member_id>/export": MANAGER,
    "POST /api/members/<ident:member_id>/export.csv": MANAGER,
    "GET /api/members/<ident:member_id>/erasure": MANAGER,
    "POST /api/members/<ident:member_id>/erasure": MANAGER,
    "GET /api/members/<ident:member_id>/like": TILL,
    "GET /api/member-duplicates": MANAGER,
    "GET /api/member-merges": TILL,
    "POST /api/member-merges": TILL,
    "POST /api/member-merges/apart": TILL,
    "POST /api/member-merges/part": TILL,
    "GET /api/live": TILL,
    "GET /api/categories": TILL,
    "GET /api/catalogue": TILL,
    "GET /api/styles/<style>": TILL,
    "GET /api/till/basket": TILL,
    "POST /api/till/lines": TILL,
    "PUT /api/till/lines/<int:line_id>": TILL,
    "POST /api/till/lines/<int:line_id>/restore": TILL,
    "GET /api/till/quote": TILL,
    "GET /api/till/foreign-cash": TILL,
    "GET /api/till/foreign-cash/quote": TILL,
    "POST /api/till/foreign-cash": TILL,
    "GET /api/office/exchange-rates": MANAGER,
    "POST /api/office/exchange-rates": MANAGER,
    "GET /api/till/instalments": TILL,
    "POST /api/till/instalments": TILL,
    "POST /api/till/gift-cards": TILL,
    "GET /api/office/coupons": MANAGER,
    "GET /api/office/stored-value": MANAGER,
    "POST /api/office/coupon-preview": MANAGER,
    "GET /api/office/coupons/<ident:template_id>/reach": MANAGER,
    "GET /api/office/coupons/<ident:template_id>/rounds": MANAGER,
    "POST /api/office/coupons/<ident:template_id>/rounds": MANAGER,
    "POST /api/office/coupon-rounds/<ident:round_id>/withdraw": MANAGER,
    "GET /api/coupons/templates": TILL,
    "POST /api/coupons/templates": MANAGER,
    "POST /api/coupons/templates/<ident:template_id>/withdraw": MANAGER,
    "GET /api/members/<ident:member_id>/coupons": TILL,
    "POST /api/members/<ident:member_id>/coupons": TILL,
    "POST /api/coupons/verify": TILL,
    "POST /api/coupons/<ident:coupon_id>/cancel": MANAGER,
    "POST /api/coupons/<ident:coupon_id>/hand-over": TILL,
    "GET /api/stored-value/plans": TILL,
    "POST /api/stored-value/plans": MANAGER,
    "POST /api/stored-value/plans/<ident:plan_id>/withdraw": MANAGER,
    "GET /api/members/<ident:member_id>/stored-value": TILL,
    "GET /api/members/<ident:member_id>/stored-value.csv": TILL,
    "POST /api/members/<ident:member_id>/stored-value/recharges": TILL,
    "POST /api/members/<ident:member_id>/stored-value/state": TILL,
    "POST /api/members/<ident:member_id>/stored-value/pin": TILL,
    "POST /api/sales/<ident:sale_id>/kept-change": TILL,
    "GET /api/stored-value/recharges/<ident:recharge_id>/worth": TILL,
    "POST /api/stored-value/recharges/<ident:recharge_id>/pay-out": TILL,
    "POST /api/till/gift-cards/balance": TILL,
    "POST /api/till/payments": TILL,
    "POST /api/till/payments/<ident:payment_id>/answer": TILL,
    "PUT /api/till/discount": TILL,
    "PUT /api/till/lines/<int:line_id>/price": TILL,
    "GET /api/receipts": TILL,
    "GET /api/till/sales": TILL,
    "GET /api/sales/<ident:sale_id>/returnable": TILL,
    "GET /api/sales/<ident:sale_id>/worth": TILL,
    "POST /api/till/returns": TILL,
    "PUT /api/till/returns/tender": TILL,
    "GET /api/till/blind-returns/offer": TILL,
    "GET /api/till/blind-returns/worth": TILL,
    "POST /api/till/blind-returns": TILL,
    "POST /api/sales/<ident:sale_id>/void": TILL,
    "POST /api/sales/<ident:sale_id>/undo": TILL,
    "POST /api/till/undo/leave": TILL,
    "POST /api/till/park": TILL,
    "GET /api/parked": TILL,
    "POST /api/parked/<ident:parked_id>/resume": TILL,
    "POST /api/parked/<ident:parked_id>/abandon": TILL,
    "POST /api/parked/<ident:parked_id>/ticket": TILL,
    "POST /api/sales": TILL,
    "GET /api/sales/by-key/<ident:key>": TILL,
    "GET /api/sales/<ident:sale_id>": TILL,
    "POST /api/sales/<ident:sale_id>/copies": TILL,
    "POST /api/sales/<ident:sale_id>/gift-receipts": TILL,
    "GET /api/labels/stocks": TILL,
    "GET /api/labels/preview": TILL,
    "GET /api/labels/<ident:group>": TILL,
    "POST /api/labels": TILL,
    "POST /api/jobs/<ident:job_id>/answer": TILL,
    "GET /api/office/reports": MANAGER,
    "GET /api/office/reports/<ident:key>": MANAGER,
    "GET /api/office/reports/<ident:key>/chart": MANAGER,
    "GET /api/office/reports/<ident:key>/csv": MANAGER,
    "GET /api/office/reports/<ident:key>/xlsx": MANAGER,
    "GET /api/office/promotions": MANAGER,
    "GET /api/office/promotion-form": MANAGER,
    "GET /api/office/promotions/<ident:promotion_id>": MANAGER,
    "POST /api/office/promotion-trial": MANAGER,
    "POST /api/office/promotion-history": MANAGER,
    "POST /api/office/promotions": MANAGER,
    "POST /api/office/promotions/<ident:promotion_id>/withdraw": MANAGER,
    "GET /api/office/article-form": MANAGER,
    "GET /api/office/articles/<ident:style>": MANAGER,
    "POST /api/office/articles": MANAGER,
    "POST /api/office/articles/<ident:style>": MANAGER,
    "GET /api/office/journal/choices": MANAGER,
    "GET /api/office/journal": MANAGER,
    "GET /api/office/journal/<int:seq>": MANAGER,
    "GET /api/office/journal.csv": MANAGER,
    "GET /api/office/poslog": MANAGER,
    "GET /api/till/shift": TILL,
    "POST /api/till/shift": TILL,
    "GET /api/till/cash-sum": TILL,
    "POST /api/till/shift/count": TILL,
    "POST /api/till/shift/close": TILL,
    "POST /api/till/cash-moves": TILL,
    "POST /api/till/drawer": TILL,
    "GET /api/till/shift/x": TILL,
    "POST /api/shifts/<ident:shift_id>/copies": TILL,
    "GET /api/shifts": MANAGER,
    "GET /api/shifts/<ident:shift_id>": MANAGER,
    "GET /api/technician": TECHNICIAN,
    "POST /api/technician/tests": TECHNICIAN,
    "POST /api/technician/journal-check": TECHNICIAN,
    "GET /api/stock": MANAGER,
    "GET /api/stock/find": MANAGER,
    "GET /api/stock/articles/<ident:sku>": MANAGER,
    "GET /api/stock/documents": MANAGER,
    "GET /api/stock/documents/<ident:document_id>": MANAGER,
    "POST /api/stock/deliveries": MANAGER,
    "POST /api/stock/adjustments": MANAGER,
    "POST /api/stock/transfers": MANAGER,
    "POST /api/stock/transfers/<ident:document_id>/arrival": MANAGER,
    "POST /api/stock/documents/<ident:document_id>/take-back": MANAGER,
    "POST /api/stock/counts": MANAGER,
    "POST /api/stock/counts/<ident:count_id>/lines": MANAGER,
    "GET /api/stock/counts/<ident:count_id>/review": MANAGER,
    "POST /api/stock/counts/<ident:count_id>/post": MANAGER,
    "POST /api/imports/<ident:kind>/preview": MANAGER,
    "POST /api/imports/<ident:kind>": MANAGER,
    "GET /api/imports/progress/<ident:watch>": MANAGER,
    "GET /api/exports/<ident:kind>.csv": MANAGER,
    "POST /api/exports/members/csv": MANAGER,
    "POST /api/exports/members/xlsx": MANAGER,
    "GET /api/counter": TWINS,
    "POST /api/counter/scan": TWINS,
    "POST /api/counter/faults": TWINS,
    "POST /api/counter/drawer": TWINS,
    "POST /api/counter/tear": TWINS,
    "POST /api/counter/reset": TWINS,
    "GET /api/counter/paper/<ident:twin>.svg": TWINS,
}
DRAFT = {
    "kind": "percentage",
    "layer": 2,
    "label_zh": "九折",
    "label_en": "10% off",
    "params": {"basis_points": 1_000},
}
UPLOADS = ("POST /api/imports/<ident:kind>/preview", "POST /api/imports/<ident:kind>")  # of files
COUNTS = [{"currency": "CNY", "pieces": [{"value_minor": 100, "pieces": 2}]}]
NEW_STYLE = {
    "style": "N1",
    "name": "羊毛开衫",
    "category": "tops",
    "price_minor": 459_00,
    "variants": [{"colour": "黑", "size": "S", "gtin": "6901234567809"}],
}
CONSENT = {
    **{"purpose": "marketing_sms", "granted": True, "text_id": "sms", "text_version": "3"},
    **{"text": "我们会发短信", "evidence": "paper"},
}
BODIES: dict[str, dict[str, object]] = {
    "POST /api/office/articles": NEW_STYLE,
    "POST /api/office/articles/<ident:style>": {"name": "新名", "category": "tops"},
    "POST /api/till/cash-moves": {
        **{"kind": "drop", "currency": "CNY", "amount_minor": 100, "reason": "safe"},
    },
    "POST /api/till/drawer": {"reason": "check"},
    "POST /api/till/shift/count": {"shift_id": "some", "counts": COUNTS},
    "POST /api/till/shift/close": {"shift_id": "some", "reason": ""},
    "POST /api/office/promotions": DRAFT,
    "POST /api/office/promotion-history": DRAFT,
    "POST /api/members/<ident:member_id>/notes": {"kind": "event", "text": "x"},
    "PUT /api/members/<ident:member_id>/notes/<ident:note_id>": {"text": "x"},
    "POST /api/office/points-trial": {"book": {}, "amount_minor": 299_00, "day": "2026-11-11"},
    "POST /api/office/tag-trial": {"rule": {"type": "away", "least_days": 90}},
    "POST /api/office/members/<ident:member_id>/tier": {
        "tier": "gold",
        "until": "2027-01-01",
        "reason": "goodwill",
    },
    "POST /api/office/tier-trial": {"rule": {"type": "need", "metric": "visits", "least": 3}},
    "POST /api/office/promotion-trial": {"draft": DRAFT, "sample": [{"sku": "T-W-S", "quantity": 1}]},
    "POST /api/session": {"staff_id": "zhou", "pin": "204816", "till": "1"},
    "POST /api/roster": {"name": "李维", "role": "seller"},
    "PUT /api/roster/<ident:staff_id>": {"name": "周婷", "role": "cashier", "active": True, "rank": 1},
    "PUT /api/rights/<ident:right>": {"four_eyes": False, "limits": {"manager": None}},
    "POST /api/recognition": {"text": "5620"},
    "POST /api/members": {"fields": {"phone": "13812345620"}},
    "PUT /api/members/<ident:member_id>": {"revision": 1, "fields": {"name": "王芳"}},
    "PUT /api/members/<ident:member_id>/standing": {"revision": 1, "blocked": True},
    "POST /api/till/stored-value": {"basket_id": "b", "version": 1},
    "PUT /api/till/points": {"basket_id": "b", "points": 0},
    "PUT /api/till/coupon": {"basket_id": "b", "coupon_id": "c"},
    "PUT /api/till/best-choice": {"basket_id": "b", "version": 1, "coupons": ["c"], "points": 0},
    "PUT /api/till/member": {"basket_id": "b", "member_id": ""},
    "POST /api/members/<ident:member_id>/consents": CONSENT,
    "POST /api/members/<ident:member_id>/unmask": {"fields": ["phone"], "reason": "x"},
    "POST /api/exports/members/csv": {"reason": "x"},
    "POST /api/exports/members/xlsx": {"reason": "x"},
    "POST /api/members/<ident:member_id>/export": {"reason": "x"},
    "POST /api/members/<ident:member_id>/export.csv": {"reason": "x"},
    "POST /api/member-merges": {"one": "a", "other": "b", "reason": "x"},
    "POST /api/member-merges/apart": {"one": "a", "other": "b", "reason": "x"},
    "POST /api/member-merges/part": {"absorbed": "a", "survivor": "b", "reason": "x"},
    "PUT /api/till/seller": {"basket_id": "b", "seller_id": "zhou"},
    "PUT /api/till/lines/<int:line_id>/seller": {"basket_id": "b", "seller_id": "zhou"},
    "PUT /api/office/tiers": {"seen_version": 0, "tiers": []},
    "PUT /api/office/tags": {"seen_version": 0, "tags": []},
    "PUT /api/members/<ident:member_id>/tags/<ident:key>": {"on": True},
    "POST /api/members/<ident:member_id>/points": {"points": 10, "reason": "goodwill"},
    "PUT /api/members/<ident:member_id>/referrer": {"referrer_id": "m"},
    "PUT /api/office/points/rules": {"seen_version": 0, "book": {}},
    "PUT /api/office/commission": {"seen_version": 0, "from_month": "2026-12", "rules": []},
    "POST /api/attendance": {"staff_id": "zhou", "pin": "204816", "till": "1", "direction": "in"},
    "POST /api/attendance/corrections": {
        "staff_id": "zhou",
        "began": "2026-11-22T09:00",
        "ended": "2026-11-22T09:30",
        "reason": "forgotten",
    },
    "POST /api/till/lines": {"sku": "T-W-S"},
    "PUT /api/till/lines/<int:line_id>": {"basket_id": "b", "quantity": 2},
    "POST /api/till/lines/<int:line_id>/restore": {"basket_id": "b"},
    "POST /api/till/park": {"basket_id": "b", "version": 1, "reason": "other"},
    "POST /api/parked/<ident:parked_id>/abandon": {"reason": "other"},
    "POST /api/sales": {"basket_id": "b", "version": 1, "tenders": [{"key": "cash", "amount_minor": 1}]},
    "PUT /api/till/discount": {"basket_id": "b", "line_id": 0, "percent_bp": 100, "reason": "worn"},
    "PUT /api/till/lines/<int:line_id>/price": {"basket_id": "b", "price_minor": 100},
    "POST /api/till/returns": {
        "basket_id": "b",
        "sale_id": "s",
        "lines": [{"line_number": 1, "quantity": 1}],
        "reason": "size",
    },
    "PUT /api/till/returns/tender": {"basket_id": "b", "tender_number": 1, "key": "cash"},
    "POST /api/till/blind-returns": {
        "lines": [{"sku": "T-W-S", "quantity": 1}],
        "total_minor": 99_00,
        "reason": "size",
    },
    "POST /api/sales/<ident:sale_id>/void": {"reason": "wrong"},
    "POST /api/till/foreign-cash": {"basket_id": "b", "version": 1, "currency": "USD", "minor": 100},
    "POST /api/office/exchange-rates": {"currency": "USD", "rate": "7.08"},
    "POST /api/sales/<ident:sale_id>/undo": {"reason": "wrong"},
    "POST /api/till/undo/leave": {"basket_id": "b"},
    "POST /api/till/instalments": {"basket_id": "b", "version": 1, "months": 3},
    "POST /api/office/coupons/<ident:template_id>/rounds": {
        **{"audience": "tag", "key": "linen", "version": 1},
    },
    "POST /api/office/coupon-preview": {
        **{"kind": "amount", "label_zh": "券", "label_en": "Coupon", "face_minor": 500, "days": 30},
    },
    "POST /api/coupons/templates": {
        **{"kind": "amount", "label_zh": "券", "label_en": "Coupon", "face_minor": 500, "days": 30},
    },
    "POST /api/members/<ident:member_id>/coupons": {"template_id": "some"},
    "POST /api/coupons/verify": {"code": "7K2M"},
    "POST /api/coupons/<ident:coupon_id>/cancel": {"reason": "mistake"},
    "POST /api/coupons/<ident:coupon_id>/hand-over": {"member_id": "some"},
    "POST /api/stored-value/plans": {
        **{"label_zh": "充值", "label_en": "Recharge"},
        **{"pays_minor": 500_00, "bonus_minor": 60_00},
    },
    "POST /api/members/<ident:member_id>/stored-value/recharges": {"paid_minor": 100, "tender": "cash"},
    "POST /api/members/<ident:member_id>/stored-value/state": {"change": "frozen", "reason": "lost"},
    "POST /api/members/<ident:member_id>/stored-value/pin": {"pin": "482913"},
    "POST /api/stored-value/recharges/<ident:recharge_id>/pay-out": {
        **{"reason": "shop", "shown_minor": 1, "tender": "cash"},
    },
    "POST /api/till/gift-cards": {"basket_id": "b", "version": 1, "code": "7K2M"},
    "POST /api/till/gift-cards/balance": {"code": "7K2M"},
    "POST /api/till/payments": {"basket_id": "b", "version": 1, "tender": "card", "amount_minor": 1},
    "POST /api/till/payments/<ident:payment_id>/answer": {"state": "declined"},
    "POST /api/jobs/<ident:job_id>/answer": {"came_out": True},
    "POST /api/labels": {"items": [{"sku": "T-W-S"}]},
    "POST /api/sales/<ident:sale_id>/copies": {},
    "POST /api/sales/<ident:sale_id>/gift-receipts": {},
    "POST /api/technician/tests": {"till": "1", "test": "drawer"},
    "POST /api/stock/deliveries": {"lines": [{"code": "T-W-S", "quantity": 1}]},
    "POST /api/stock/adjustments": {"reason": "lost", "lines": [{"code": "T-W-S", "quantity": -1}]},
    "POST /api/stock/transfers": {
        "direction": "out",
        "other_store": "S0002",
        "lines": [{"code": "T-W-S", "quantity": 1}],
    },
    "POST /api/stock/transfers/<ident:document_id>/arrival": {"lines": []},
    "POST /api/stock/counts/<ident:count_id>/lines": {"code": "T-W-S"},
    "POST /api/counter/scan": {"twin": "printer-1", "code": "1"},
    "POST /api/counter/faults": {"twin": "printer-1", "fault": "x", "on": True},
    "POST /api/counter/drawer": {"twin": "printer-1"},
    "POST /api/counter/tear": {"twin": "printer-1"},
}
VALUES = {"line_id": "1", "seq": "1", "till": "1", "staff_id": "nobody", "twin": "printer-1"}


@dataclass(frozen=True)
class Door:
    """One method of one rule, as a caller would knock."""

    name: str
    method: str
    path: str

    @property
    def who(self) -> str:
        return WHO[self.name]

    @property
    def needs_session(self) -> bool:
        return self.who in (TILL, TECHNICIAN, SIGNED_ON, MANAGER)

    def roles(self, *, admitted: bool) -> list[str]:
        return [role for letter, role in ROLES.items() if (letter in self.who) is admitted]

    def knock(self, browser: Browser, **more: Any) -> TestResponse:
        body = None if self.method == "GET" else BODIES.get(self.name, {})
        more.setdefault("body", body)
        return browser.send(self.method, self.path, key=new_key(), **more)


def all_doors(app: Flask) -> Iterator[Door]:
    for rule in app.url_map.iter_rules():
        for method in sorted(rule.methods - {"HEAD"}):
            path = re.sub(r"<(?:\w+:)?(\w+)>", lambda m: VALUES.get(m.group(1), "some"), rule.rule)
            yield Door(f"{method} {rule.rule}", method, path)


@pytest.fixture
def doors(app: Flask) -> list[Door]:
    return list(all_doors(app))


@pytest.fixture
def unsafe(doors: list[Door]) -> list[Door]:
    return [door for door in doors if door.method != "GET"]


def refused(response: TestResponse, status: int, code: str, door: Door | str) -> None:
    told = response.json if response.mimetype == "application/json" else response.data[:80]
    assert response.status_code == status, (door, response.status, told)
    assert isinstance(told, dict) and set(told) == {"code", "message", "details"}, (door, told)
    assert told["code"] == code, (door, told)
    hardened(response)


def hardened(response: TestResponse) -> None:
    for name, value in HEADERS.items():
        assert response.headers.getlist(name) == [value], (name, response.headers)
    assert response.headers["Cache-Control"], response.headers


@pytest.fixture
def unchanged() -> Iterator[None]:
    before = contents()
    yield
    assert contents() == before


@pytest.fixture
def people(browsers: Callable[[], Browser]) -> dict[str, Browser]:
    """role -> a browser with that role signed on."""
    found = {role: browsers() for role in WHO_IS}
    for role, browser in found.items():
        assert browser.sign_on(WHO_IS[role]).status_code == 200
    return found


def test_every_route_is_classified_and_every_class_is_a_route(doors: list[Door]) -> None:
    assert {door.name for door in doors} == set(WHO)


def test_without_a_session_only_open_routes_answer(doors: list[Door], browser: Browser) -> None:
    before = contents()
    for door in doors:
        if door.needs_session:
            refused(door.knock(browser), 401, "not_signed_in", door)
            forged = {"Cookie": "session=" + "A" * 43}
            refused(door.knock(browser, headers=forged), 401, "not_signed_in", door)
    assert contents() == before
    for door in doors:
        if not door.needs_session:
            response = door.knock(browser)
            assert response.status_code in (200, 302, 404), (door, response.data)
            hardened(response)


def test_each_role_gets_through_its_own_doors_only(
    doors: list[Door], people: dict[str, Browser], box: PlayedBox
) -> None:
    before = contents()
    for door in doors:
        if door.needs_session:
            for role in door.roles(admitted=False):
                refused(door.knock(people[role]), 403, "forbidden", door)
    assert contents() == before
    assert not [word for word in box.woken if word != "uplink"]  # which signing on wakes
    for door in sorted(doors, key=lambda door: door.name == "DELETE /api/session"):
        if door.needs_session:
            for role in door.roles(admitted=True):
                response = door.knock(people[role])
                told = response.json if response.mimetype == "application/json" else {}
                lend = response.status_code == 403 and told["code"] == "approval_needed"
                assert lend or response.status_code not in (401, 403), (door, role, told)
                assert response.status_code < 500, (door, role, response.json)
                hardened(response)
                response.close()


def test_a_session_left_alone_for_ten_minutes_is_over(
    doors: list[Door], people: dict[str, Browser], later: Callable[[float], None]
) -> None:
    later(601)
    before = contents()
    for door in doors:
        if door.needs_session:
            for browser in people.values():
                refused(door.knock(browser), 401, "not_signed_in", door)
    assert contents() == before


def test_a_session_in_use_lasts_twelve_hours_and_no_longer(
    cashier: Browser, later: Callable[[float], None]
) -> None:
    for _ in range(12 * 6 + 5):  # the first try beyond twelve hours is refused
        later(590)
        last = cashier.get("/api/session")
        if last.status_code != 200:
            break
    refused(last, 401, "not_signed_in", "GET /api/session")


def test_a_session_signed_off_cannot_be_replayed(
    doors: list[Door], browsers: Callable[[], Browser], app: Flask
) -> None:
    for role in WHO_IS:
        browser = browsers()
        browser.sign_on(WHO_IS[role])
        cookie = browser.client.get_cookie("session")
        assert cookie is not None
        assert browser.send("DELETE", "/api/session").status_code == 204
        assert browser.client.get_cookie("session") is None
        browser.client.set_cookie("session", cookie.value)
        for door in doors:
            if door.needs_session:
                refused(door.knock(browser), 401, "not_signed_in", door)


def test_unsafe_requests_need_this_sessions_token(
    unsafe: list[Door], people: dict[str, Browser], unchanged: None
) -> None:
    before, others = contents(), {role: people[role].csrf for role in people}
    for door in unsafe:
        if not door.needs_session:
            continue
        for role in door.roles(admitted=True):
            wrong = [csrf for other, csrf in others.items() if other != role]
            for token in ("", "x", "é", *wrong):
                refused(door.knock(people[role], headers={"X-CSRF-Token": token}), 403, "forbidden", door)
    assert contents() == before


FOREIGN = [
    {"Origin": "http://evil.example", "Sec-Fetch-Site": ""},
    {"Origin": "null", "Sec-Fetch-Site": ""},
    {"Origin": "https://localhost", "Sec-Fetch-Site": ""},
    {"Origin": "http://localhost:81", "Sec-Fetch-Site": ""},
    {"Origin": "http://localhost.evil.example", "Sec-Fetch-Site": ""},
    {"Origin": "null", "Sec-Fetch-Site": "same-origin"},
    {"Origin": "", "Sec-Fetch-Site": "cross-site"},
    {"Origin": "", "Sec-Fetch-Site": "same-site"},
    {"Origin": "", "Sec-Fetch-Site": "none"},
    {"Origin": ORIGIN, "Sec-Fetch-Site": "cross-site"},
    {"Origin": "", "Sec-Fetch-Site": "", "User-Agent": "Mozilla/5.0 (X11)"},
]


@pytest.mark.parametrize("headers", FOREIGN, ids=str)
def test_unsafe_requests_from_elsewhere_are_refused(
    unsafe: list[Door], people: dict[str, Browser], box: PlayedBox, headers: dict[str, str]
) -> None:
    before = contents()
    for door in unsafe:
        for role in door.roles(admitted=True) or ["cashier"]:
            refused(door.knock(people[role], headers=headers), 403, "forbidden", door)
    assert contents() == before
    assert box.twins is not None and not box.twins.done


def test_a_program_without_origin_needs_a_session_and_its_token(
    unsafe: list[Door], people: dict[str, Browser]
) -> None:
    bare = {"Origin": "", "Sec-Fetch-Site": "", "User-Agent": "shop-script/1"}
    for door in unsafe:
        if not door.needs_session:
            refused(door.knock(people["manager"], headers=bare), 403, "forbidden", door)
    added = people["cashier"].send("POST", "/api/till/lines", {"sku": "T-W-S"}, key=new_key(), headers=bare)
    assert added.status_code == 200, added.json


def test_a_form_post_is_refused(unsafe: list[Door], people: dict[str, Browser]) -> None:
    before = contents()
    for door in unsafe:
        role = (door.roles(admitted=True) or ["cashier"])[0]
        for kind in ("application/x-www-form-urlencoded", "text/plain", "multipart/form-data; boundary=x"):
            data = json.dumps(BODIES.get(door.name, {}))
            response = door.knock(people[role], body=None, data=data, content_type=kind)
            refused(response, 400, "bad_request", door)
    assert contents() == before


@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        "localhost.evil.example",
        "evil.example:80",
        "127.0.0.1.nip.io",
        "192.168.1.9",
        "[::1]",
        "localhost@evil.example",
        "local host",
    ],
)
def test_a_foreign_host_is_refused(doors: list[Door], people: dict[str, Browser], host: str) -> None:
    before = contents()
    for door in doors:
        role = (door.roles(admitted=True) or ["cashier"])[0]
        response = door.knock(people[role], headers={"Host": host, "Origin": f"http://{host}"})
        refused(response, 400, "bad_request", door)
    refused(people["cashier"].get("/nowhere", headers={"Host": host}), 400, "bad_request", "nowhere")
    assert contents() == before


def test_a_body_larger_than_any_honest_one_is_refused(
    unsafe: list[Door], people: dict[str, Browser]
) -> None:
    before = contents()
    for door in unsafe:
        role = (door.roles(admitted=True) or ["cashier"])[0]
        huge = b'{"x": "' + b"a" * 300_000 + b'"}'
        kind = "application/json"
        if door.name in UPLOADS:
            huge, kind = b"a" * (FILE_MAX + 1), "text/csv"
        response = door.knock(people[role], body=None, data=huge, content_type=kind)
        refused(response, 413, "too_large", door)
    assert contents() == before


def test_unknown_fields_and_wrong_types_are_refused(unsafe: list[Door], people: dict[str, Browser]) -> None:
    before = contents()
    for door in unsafe:
        role = (door.roles(admitted=True) or ["cashier"])[0]
        body = BODIES.get(door.name, {})
        bad: list[object] = [{**body, "more": 1}, [body], "x", 7]
        bad += [{**body, name: [value]} for name, value in body.items() if not isinstance(value, list)]
        bad += [{**body, name: None} for name in body if name not in ("sku",)]
        for wrong in bad:
            refused(door.knock(people[role], body=wrong), 400, "bad_request", door)
    assert contents() == before


def test_routes_with_a_key_refuse_requests_without_one(browser: Browser) -> None:
    browser.sign_on("he")
    for path in (*("/api/till/lines", "/api/sales", "/api/sales/some/copies", "/api/technician/tests"),):
        for key in ("", "short", "a" * 65, "with space", "new\tline"):
            body = BODIES.get(f"POST {path}", {})
            refused(
                browser.send("POST", path, body, headers={"Idempotency-Key": key}), 400, "bad_request", path
            )


def test_without_twins_the_counter_is_not_there(
    doors: list[Door], people: dict[str, Browser], box: PlayedBox
) -> None:
    box.twins = None
    for door in doors:
        if door.who == TWINS:
            refused(door.knock(people["manager"]), 404, "not_found", door)


def test_other_methods_and_pages_are_refused_in_the_same_shape(doors: list[Door], browser: Browser) -> None:
    paths = {door.path for door in doors}
    offered = {(door.method, door.path) for door in doors}
    for path in sorted(paths):
        for method in ("GET", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE"):
            if (method, path) not in offered:
                response = browser.send(method, path)
                refused(response, 405, "method_not_allowed", path)
                assert response.headers["Allow"]
    for path in (
        "/nowhere",
        "/api/nowhere",
        "/api//staff",
        "/api/staff/../staff",
        "/static/x/../../app.py",
    ):
        refused(browser.get(path), 404, "not_found", path)


def test_an_unexpected_failure_says_nothing_and_is_logged(
    browser: Browser, box: PlayedBox, caplog: pytest.LogCaptureFixture
) -> None:
    browser.sign_on("tech")
    box.broken = True
    response = browser.get("/api/technician")
    refused(response, 500, "unexpected", "GET /api/technician")
    assert b"fire" not in response.data
    assert "the disk has caught fire" in caplog.text


def test_it_refuses_to_start_without_trusted_hosts(shop: Any, box: PlayedBox, live: Any) -> None:
    with pytest.raises(ValueError, match="trusted_hosts"):
        create_app(shop, box, live, WebSettings(trusted_hosts=()))


def test_get_and_head_change_nothing(doors: list[Door], people: dict[str, Browser]) -> None:
    before, head = contents(), journal.head()
    for door in doors:
        if door.method == "GET":
            for role in door.roles(admitted=True) or ["cashier"]:
                door.knock(people[role]).close()
                people[role].send("HEAD", door.path).close()
    assert (contents(), journal.head()) == (before, head)
