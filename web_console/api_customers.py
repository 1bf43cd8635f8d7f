"""Who buys: as the till says and hears it."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta

from web_console.api import Amount, Answer, Id, Request

COUPONS_MAX = 100  # that one request puts on a bag


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


class TakeBest(Request, frozen=True, kw_only=True):
    """These coupons and so many points, and nothing else of a member's, shall take something off."""

    basket_id: Id
    version: Annotated[int, Meta(ge=0)]  # of the bag that it was proposed for
    coupons: Annotated[tuple[Id, ...], Meta(max_length=COUPONS_MAX)]
    points: Annotated[int, Meta(ge=0, le=10**9)]


class PickView(Answer, frozen=True, kw_only=True):
    """`last_day` "": no end."""

    coupon_id: str
    label_zh: str
    label_en: str
    last_day: str


class ChoiceView(Answer, frozen=True, kw_only=True):
    coupons: tuple[PickView, ...]  # that end first in front
    points: int
    points_worth: Amount
    saves: Amount  # all of it together


class BestView(Answer, frozen=True, kw_only=True):
    """What would cost a bag's member least; no `best`: nothing of theirs takes anything off it.

    `reason` is what makes it better than the first of `others`: saves_more, fewer_points, fewer_coupons,
    ends_sooner, or empty. `bounded`: there were too many choices to look at all.
    """

    basket_id: str
    version: int
    taken: bool = False  # the bag has just that already
    best: ChoiceView | None = None
    others: tuple[ChoiceView, ...] = ()  # that save most in front
    reason: str = ""
    bounded: bool = False


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
