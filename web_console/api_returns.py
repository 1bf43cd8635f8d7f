"""What the till says to the gateway, and hears from it, about goods that come back."""

from __future__ import annotations

from typing import Annotated

import msgspec
from msgspec import Meta

from services.flows.approvals import Approval
from web_console.api import AdjustmentView, Amount, Answer, Code, Id, Request

Reason = Annotated[str, Meta(min_length=1, max_length=200, pattern=r"^[^\x00-\x1f\x7f]+$")]


class ReceiptQuery(Request, frozen=True, kw_only=True):
    number: Annotated[str, Meta(min_length=1, max_length=80)]  # as printed, or as its barcode gives it


class RecentQuery(Request, frozen=True, kw_only=True):
    before_ms: Annotated[int, Meta(ge=0, le=2**53)] = 0  # 0: the newest


class SoldView(Answer, frozen=True, kw_only=True):
    """One sale in a list."""

    sale_id: str
    number: str
    kind: str  # "sale" | "return" | "exchange" | "void"
    at_ms: int
    total: Amount
    pieces: int


class ReturnableLine(Answer, frozen=True, kw_only=True):
    """A sold line. `each` is what the next piece is worth after all its discounts."""

    line_number: int
    sku: str
    name: str
    variant: str
    quantity: int
    left: int  # pieces that have not come back
    net: Amount
    worth: tuple[Amount, ...]  # of 1, 2, ... of the pieces left, at most 20
    adjustments: tuple[AdjustmentView, ...]
    last_day: str = ""  # YYYY-MM-DD, the last on which it comes back without anybody's leave; "": whenever
    late: bool = False  # that day is over


class ReturnableView(Answer, frozen=True, kw_only=True):
    sale_id: str
    number: str
    at_ms: int
    operator: str
    total: Amount
    lines: tuple[ReturnableLine, ...]
    tenders: tuple[PaidView, ...]
    same_day: bool  # whether it may still be voided whole
    anew: bool = False  # what comes back is reckoned anew from what is kept: its worth is asked for
    coupons_used: Amount | None = None  # the face of coupons that came with it and have been used since


class WorthQuery(Request, frozen=True, kw_only=True):
    """Lines of the sale with their pieces: 1*2,3*1"""

    pieces: Annotated[
        str,
        Meta(min_length=3, max_length=4_000, pattern=r"^[0-9]{1,4}\*[0-9]{1,4}(,[0-9]{1,4}\*[0-9]{1,4})*$"),
    ]


class WorthView(Answer, frozen=True, kw_only=True):
    """What these pieces pay back, together with those of the sale that are in the bag already.

    Where it is reckoned anew: `kept` is what the goods that stay would have cost alone, and `less` how much
    below the plain share this is (negative: above it).
    """

    back: Amount
    anew: bool
    kept: Amount
    less: Amount
    offers: tuple[NameView, ...]  # the promotions that want it so


class NameView(Answer, frozen=True, kw_only=True):
    label_zh: str
    label_en: str


class PaidView(Answer, frozen=True, kw_only=True):
    key: str
    amount: Amount


class TakenBack(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    line_number: Annotated[int, Meta(ge=1, le=10_000)]
    quantity: Annotated[int, Meta(ge=1, le=9_999)]


class TakeBack(Request, frozen=True, kw_only=True):
    basket_id: Id
    sale_id: Id
    lines: Annotated[tuple[TakenBack, ...], Meta(min_length=1, max_length=300)]
    reason: Reason
    approval: Approval | None = None


class PayBackWith(Request, frozen=True, kw_only=True):
    """Another tender pays back for one that cannot."""

    basket_id: Id
    tender_number: Annotated[int, Meta(ge=1, le=10_000)]
    key: Id
    approval: Approval | None = None


class Void(Request, frozen=True, kw_only=True):
    reason: Reason
    approval: Approval | None = None


class LeaveVoid(Request, frozen=True, kw_only=True):
    basket_id: Id


class BlindQuery(Request, frozen=True, kw_only=True):
    code: Code  # as scanned, or the article's number


class BlindOffer(Answer, frozen=True, kw_only=True):
    """What one piece gives without a receipt: the lowest price of `days`. `most` is for all together."""

    sku: str
    name: str
    variant: str
    unit: Amount
    days: int
    most: Amount


class BlindWorthQuery(Request, frozen=True, kw_only=True):
    """Article numbers with their counts: T-W-S*2,K-W*1"""

    pieces: Annotated[
        str,
        Meta(
            min_length=3,
            max_length=8_000,
            pattern=r"^[A-Za-z0-9_.:-]+\*[0-9]{1,4}(,[A-Za-z0-9_.:-]+\*[0-9]{1,4})*$",
        ),
    ]


class BlindWorth(Answer, frozen=True, kw_only=True):
    """What goods without a receipt give: each article, and all of them. `over`: that is too much."""

    lines: tuple[Amount, ...]
    total: Amount
    over: bool


class BlindPieces(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    sku: Id
    quantity: Annotated[int, Meta(ge=1, le=9_999)]


class TakeBackBlind(Request, frozen=True, kw_only=True):
    """`total_minor` is what the page showed: for another total nothing is taken back."""

    lines: Annotated[tuple[BlindPieces, ...], Meta(min_length=1, max_length=300)]
    total_minor: Annotated[int, Meta(ge=1, le=100_000_000_00)]
    reason: Reason
    approval: Approval | None = None
