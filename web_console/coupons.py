"""Coupons: their kinds, a person's wallet, giving, verifying a code, cancelling, handing on."""

from __future__ import annotations

import msgspec

from services.domain import coupon_codes
from services.domain.coupons import Template
from services.domain.money import Money
from services.flows import coupon_templates, coupons, members
from services.flows.shop import Shop
from services.store.coupons import Coupon
from web_console import views
from web_console.api import Amount
from web_console.api_coupons import (
    CancelCoupon,
    CouponTemplateIn,
    CouponTemplateView,
    CouponView,
    GiveCoupon,
    HandOver,
    VerifiedView,
    VerifyCoupon,
)
from web_console.gate import Call
from web_console.routes import MANAGER, TILL, Routes

ROUTES = Routes()


@ROUTES.get("/api/coupons/templates", TILL, tuple[CouponTemplateView, ...], "All kinds of coupons")
def list_coupon_templates(call: Call) -> tuple[CouponTemplateView, ...]:
    return tuple(
        _template(call.shop, version.template, issued=not version.until_ms)
        for version in coupon_templates.listed()
    )


@ROUTES.post(
    "/api/coupons/templates",
    MANAGER,
    CouponTemplateView,
    "Publish a kind of coupon, or the next version of one",
    body=CouponTemplateIn,
    keyed=True,
)
def publish_coupon_template(call: Call, body: CouponTemplateIn) -> CouponTemplateView:
    made = coupon_templates.publish(
        call.shop, drafted(body), operator_id=call.session.staff_id, request_id=call.key
    )
    return _template(call.shop, made, issued=True)


@ROUTES.post(
    "/api/coupons/templates/<ident:template_id>/withdraw",
    MANAGER,
    CouponTemplateView,
    "Issue no more of a kind; what was issued stays good",
    keyed=True,
)
def withdraw_coupon_template(call: Call, template_id: str) -> CouponTemplateView:
    last = coupon_templates.withdraw(
        call.shop, template_id, operator_id=call.session.staff_id, request_id=call.key
    )
    return _template(call.shop, last, issued=False)


@ROUTES.get(
    "/api/members/<ident:member_id>/coupons",
    TILL,
    tuple[CouponView, ...],
    "All coupons that a person has or had, the newest first",
)
def show_wallet(call: Call, member_id: str) -> tuple[CouponView, ...]:
    return tuple(_coupon(each) for each in coupons.wallet(members.find(member_id).ids))


@ROUTES.post(
    "/api/members/<ident:member_id>/coupons",
    TILL,
    CouponView,
    "Give somebody a coupon; the answer alone tells its code",
    body=GiveCoupon,
    keyed=True,
)
def give_coupon(call: Call, body: GiveCoupon, member_id: str) -> CouponView:
    made = coupons.give(
        *(call.shop, body.template_id, member_id),
        reason=body.reason,
        approval=body.approval,
        till=call.till,
        operator_id=call.session.staff_id,
        request_id=call.key,
    )
    return _coupon(made, whole=True)


@ROUTES.post(
    "/api/coupons/verify",
    TILL,
    VerifiedView,
    "What the code of a coupon is worth, also where nobody else can be asked",
    body=VerifyCoupon,
)
def verify_coupon(call: Call, body: VerifyCoupon) -> VerifiedView:
    """Needs no key: a repeat is told the same. No log of addresses keeps what is in a body."""
    group = members.find(body.member_id).ids if body.member_id else ()
    found = coupons.verify(call.shop, body.code, group)
    return VerifiedView(
        coupon_id=found.coupon.coupon_id if found.coupon else "",
        label_zh=found.template.label_zh,
        label_en=found.template.label_en,
        face=_amount(call.shop, found.template.face_minor),
        face_bp=found.template.face_bp,
        last_day=found.last_day,
        why_not=found.why_not,
    )


@ROUTES.post(
    "/api/coupons/<ident:coupon_id>/cancel",
    MANAGER,
    CouponView,
    "Take a coupon away",
    body=CancelCoupon,
    keyed=True,
)
def cancel_coupon(call: Call, body: CancelCoupon, coupon_id: str) -> CouponView:
    after = coupons.cancel(
        *(call.shop, coupon_id),
        reason=body.reason,
        operator_id=call.session.staff_id,
        request_id=call.key,
    )
    return _coupon(after)


@ROUTES.post(
    "/api/coupons/<ident:coupon_id>/hand-over",
    TILL,
    CouponView,
    "Give somebody's coupon to another member; the answer alone tells the new code",
    body=HandOver,
    keyed=True,
)
def hand_over_coupon(call: Call, body: HandOver, coupon_id: str) -> CouponView:
    made = coupons.hand_over(
        *(call.shop, coupon_id, body.member_id),
        operator_id=call.session.staff_id,
        request_id=call.key,
    )
    return _coupon(made, whole=True)


def drafted(body: CouponTemplateIn) -> Template:
    """What somebody has written; publishing gives it its version and its number."""
    return Template(version=1, number=1, **msgspec.structs.asdict(body))


def _coupon(coupon: Coupon, *, whole: bool = False) -> CouponView:
    template = coupons.template_of(coupon)
    shown = coupon_codes.grouped if whole else coupon_codes.masked
    return CouponView(
        coupon_id=coupon.coupon_id,
        code=shown(coupon.code),
        template_id=coupon.template_id,
        template_version=coupon.template_version,
        sale_max=template.sale_max,
        label_zh=template.label_zh,
        label_en=template.label_en,
        member_id=coupon.member_id,
        state=coupon.state,
        first_day=coupon.first_day,
        last_day=coupon.last_day,
        reason=coupon.reason,
        used_sale=coupon.used_sale,
    )


def _template(shop: Shop, template: Template, *, issued: bool) -> CouponTemplateView:
    return CouponTemplateView(
        template_id=template.template_id,
        version=template.version,
        kind=template.kind,
        label_zh=template.label_zh,
        label_en=template.label_en,
        face=_amount(shop, template.face_minor),
        face_bp=template.face_bp,
        min_spend=_amount(shop, template.min_spend_minor),
        from_day=template.from_day,
        to_day=template.to_day,
        days=template.days,
        wait_days=template.wait_days,
        stackable=template.stackable,
        transferable=template.transferable,
        bearer=template.bearer,
        issued=issued,
    )


def _amount(shop: Shop, minor: int) -> Amount:
    return views.amount(Money(minor, shop.currency))
