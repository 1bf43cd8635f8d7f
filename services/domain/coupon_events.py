"""Kinds of coupons, and every move of a coupon. Its code is in no event: the key makes it again."""

from __future__ import annotations

from typing import ClassVar

from services.domain.coupons import Template
from services.domain.event import Event


class CouponMoved(Event, frozen=True, kw_only=True, omit_defaults=True):
    """A coupon was issued, used, given back, or came to its end: an account that holds one or nothing."""

    type: ClassVar[str] = "coupon.moved"
    version: ClassVar[str] = "1.2"

    coupon_id: str
    number: int  # from 1: the moves of one coupon
    kind: str  # "issued" | "used" | "reinstated" | "expired" | "cancelled" | "transferred"
    delta: int  # 1 | -1
    balance: int  # after it: 1 | 0
    template_id: str
    template_version: int
    member_id: str  # "" of one that anybody may use
    first_day: str  # YYYY-MM-DD
    last_day: str  # from now on; "": no end
    retail_store_id: str
    business_day: str
    moved_at_ms: int
    operator_id: str
    serial: int = 0  # of its code, where it is issued
    reason: str = ""  # "gift", "receipt", "birthday", "tier", "transfer", "reissue", "returned" ...
    sale_id: str = ""  # the document
    other_id: str = ""  # the coupon in whose place it was issued
    # Since 1.1
    workstation_id: str = ""  # the till; "" where it happened at none
    face_minor: int = 0  # of one that is issued; 0: its kind has none
    # Since 1.2
    round_id: str = ""  # that gave it, or the one in whose place it was issued


class CouponTemplatePublished(Event, frozen=True, kw_only=True):
    """Coupons of this kind are issued from now on under this version."""

    type: ClassVar[str] = "coupon.template_published"
    version: ClassVar[str] = "1.1"  # since then with the occasion on which one is given

    template: Template
    operator_id: str


class CouponTemplateWithdrawn(Event, frozen=True, kw_only=True):
    """No more coupons of this kind are issued; those that were stay good."""

    type: ClassVar[str] = "coupon.template_withdrawn"
    version: ClassVar[str] = "1.0"

    template_id: str
    template_version: int  # the last that stood
    operator_id: str


class CouponRoundBegun(Event, frozen=True, kw_only=True):
    """One kind of coupon goes to many members from now on, piece by piece."""

    type: ClassVar[str] = "coupon.round_begun"
    version: ClassVar[str] = "1.0"

    round_id: str
    template_id: str
    template_version: int
    audience: str  # "tag" | "tier" | "stage" | "group"
    key: str  # which of them
    expected: int  # people
    operator_id: str


class CouponRoundEnded(Event, frozen=True, kw_only=True):
    """Everybody was looked at; or not, since the kind is no longer issued like that."""

    type: ClassVar[str] = "coupon.round_ended"
    version: ClassVar[str] = "1.0"

    round_id: str
    given: int
    passed: int  # who got none: a round had given it to them before, or they are blocked
    whole: bool


class CouponRoundWithdrawn(Event, frozen=True, kw_only=True):
    """It gives no more, and what nobody has used of it is taken back, piece by piece."""

    type: ClassVar[str] = "coupon.round_withdrawn"
    version: ClassVar[str] = "1.0"

    round_id: str
    operator_id: str


COUPON_EVENTS: tuple[type[Event], ...] = (
    CouponMoved,
    CouponTemplatePublished,
    CouponTemplateWithdrawn,
    CouponRoundBegun,
    CouponRoundEnded,
    CouponRoundWithdrawn,
)
