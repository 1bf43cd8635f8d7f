"""Who buys: as the till says and hears it."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta

from web_console.api import Amount, Answer, Id, Request


class NameCustomer(Request, frozen=True, kw_only=True):
    """Empty: nobody known."""

    basket_id: Id
    member_id: Annotated[str, Meta(max_length=64, pattern="^[A-Za-z0-9_.:-]*$")]


class SpendPoints(Request, frozen=True, kw_only=True):
    """So many of the member's points shall take something off; 0 for none."""

    basket_id: Id
    points: Annotated[int, Meta(ge=0, le=10**9)]


class UseCoupon(Request, frozen=True, kw_only=True):
    """By `coupon_id`, or by `code` as scanned or typed. Not `wanted`: take it off again."""

    basket_id: Id
    coupon_id: Annotated[str, Meta(max_length=64, pattern="^[A-Za-z0-9_.:-]*$")] = ""
    code: Annotated[str, Meta(max_length=64)] = ""
    wanted: bool = True


class PayStored(Request, frozen=True, kw_only=True):
    """`pin` is the member's own; `present`: the operator has looked at who stands there."""

    basket_id: Id
    version: Annotated[int, Meta(ge=1)]
    amount_minor: Annotated[int, Meta(ge=0, le=100_000_000_00)] = 0  # 0: as much as it can
    pin: Annotated[str, Meta(max_length=12, pattern="^[0-9]*$")] = ""
    present: bool = False


class LackView(Answer, frozen=True, kw_only=True):
    """`have` of `least`; amounts of money as minor units, with their texts."""

    metric: str
    least: int
    have: int
    missing: str
    least_text: str
    have_text: str


class StandingView(Answer, frozen=True, kw_only=True):
    """Empty texts where there is no tier, or none above."""

    tier: str
    tier_zh: str
    tier_en: str
    until: str  # YYYY-MM-DD, the day on which it is looked at again
    next_zh: str
    next_en: str
    to_next: tuple[LackView, ...]
    to_stay: tuple[LackView, ...]


class BoughtView(Answer, frozen=True, kw_only=True):
    """`amount` is what was paid for the pieces that did not come back."""

    sale_id: str
    number: str
    at_ms: int
    sku: str
    name: str
    variant: str
    garment: str
    swatch: str
    pieces: int
    amount: Amount


class PurchasesView(Answer, frozen=True, kw_only=True):
    """The newest first."""

    purchases: tuple[BoughtView, ...]
