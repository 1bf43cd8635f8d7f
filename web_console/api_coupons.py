"""What the pages say and hear of coupons. A whole code is only in the answer that issues it."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta

from services.domain.coupons import Kind, Occasion
from services.domain.offers import MINOR_MAX, Day, Goods, Text, Window
from services.flows.approvals import Approval
from web_console.api import Amount, Answer, Id, Request

Label = Annotated[str, Meta(min_length=1, max_length=100)]
Face = Annotated[int, Meta(ge=0, le=MINOR_MAX)]
Days = Annotated[int, Meta(ge=0, le=400)]
CouponText = Annotated[str, Meta(min_length=1, max_length=40)]  # as scanned or typed


class CouponTemplateIn(Request, frozen=True, kw_only=True):
    """`template_id` "": a new one. Either `days`, or `to_day` and perhaps `from_day`."""

    template_id: Annotated[str, Meta(max_length=64)] = ""
    kind: Kind
    label_zh: Label
    label_en: Label
    face_minor: Face = 0
    face_bp: Annotated[int, Meta(ge=0, le=10_000)] = 0
    min_spend_minor: Face = 0
    goods: Goods = Goods()
    from_day: Day = ""
    to_day: Day = ""
    days: Days = 0
    wait_days: Days = 0
    window: Window = Window()
    stores: Annotated[tuple[Text, ...], Meta(max_length=1_000)] = ()
    stackable: bool = False
    sale_max: Annotated[int, Meta(ge=1, le=99)] = 1
    transferable: bool = False
    bearer: bool = False
    funding: Text = "shop"
    occasion: Occasion = ""
    occasion_min_minor: Face = 0


class CouponTemplateView(Answer, frozen=True, kw_only=True):
    template_id: str
    version: int
    kind: str
    label_zh: str
    label_en: str
    face: Amount
    face_bp: int
    min_spend: Amount
    from_day: str
    to_day: str
    days: int
    wait_days: int
    stackable: bool
    transferable: bool
    bearer: bool
    issued: bool  # still, from now on


class CouponView(Answer, frozen=True, kw_only=True):
    """`state`: issued, used, expired, cancelled, transferred. `code` is masked, but where it is new."""

    coupon_id: str
    code: str
    template_id: str
    template_version: int
    sale_max: int  # of these in one sale
    label_zh: str
    label_en: str
    member_id: str
    state: str
    first_day: str
    last_day: str  # "": no end
    reason: str
    used_sale: str


class GiveCoupon(Request, frozen=True, kw_only=True):
    template_id: Id
    reason: Literal["gift", "goodwill", "event", "other"] = "gift"
    approval: Approval | None = None


class VerifyCoupon(Request, frozen=True, kw_only=True):
    """`member_id`: who stands at the till, for coupons of a member that another store has issued."""

    code: CouponText
    member_id: Annotated[str, Meta(max_length=64)] = ""


class VerifiedView(Answer, frozen=True, kw_only=True):
    """`why_not`: "" where it can be used; "elsewhere" where it is genuine but another store's."""

    coupon_id: str
    label_zh: str
    label_en: str
    face: Amount
    face_bp: int
    last_day: str
    why_not: str


class CancelCoupon(Request, frozen=True, kw_only=True):
    reason: Annotated[str, Meta(min_length=1, max_length=100)]


class HandOver(Request, frozen=True, kw_only=True):
    member_id: Id
