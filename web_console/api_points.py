"""Points: what a member has and why, what may be corrected, and the shop's rules."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta

from services.domain.points_rules import Book
from services.flows.approvals import Approval
from web_console.api import Amount, Answer, Id, Request


class StatementQuery(Request, frozen=True, kw_only=True):
    lang: Literal["zh", "en"] = "zh"
    before: Annotated[int, Meta(ge=0)] = 0  # the `next` of the page above; 0: the newest


class LotView(Answer, frozen=True, kw_only=True):
    points: int
    state: Literal["active", "pending", "debt"]
    last_day: str  # YYYY-MM-DD on which they can be used; "": for ever
    pending_until: str  # the first such day; "": now


class PointsRow(Answer, frozen=True, kw_only=True):
    """A line of the statement. What is pending is in no balance yet."""

    seq: int
    at_ms: int
    why: str  # a sentence in the asked language
    reason: str  # its stable code
    points: int
    pending: bool
    balance: int  # after it
    last_day: str  # of these points
    sale_id: str  # the document; "": none


class PointsView(Answer, frozen=True, kw_only=True):
    member_id: str
    balance: int  # below zero where something is owed
    usable: int
    pending: int
    visit: Literal["off", "open", "done"]  # today's: this shop counts none, it is to come, it is counted
    referral: bool  # it may be said now who sent them
    lots: tuple[LotView, ...]  # in the order in which they are spent
    rows: tuple[PointsRow, ...]  # the newest first
    next: int  # `before` of the next page; 0: there is none


class AdjustPoints(Request, frozen=True, kw_only=True):
    points: Annotated[int, Meta(ge=-1_000_000, le=1_000_000)]
    reason: Literal["goodwill", "correction", "event"]
    approval: Approval | None = None
    lang: Literal["zh", "en"] = "zh"


class BookView(Answer, frozen=True, kw_only=True):
    version: int  # 0: nobody has written down rules, and nothing gives points
    since_ms: int
    operator: str
    book: Book


class ChangeBook(Request, frozen=True, kw_only=True):
    seen_version: Annotated[int, Meta(ge=0)]  # the one that was on the page
    book: Book


class TryPoints(Request, frozen=True, kw_only=True):
    """A purchase of one article on `day`, by a member of `tier`; "" for none and for no category."""

    book: Book
    amount_minor: Annotated[int, Meta(ge=1, le=100_000_000)]
    day: Annotated[str, Meta(pattern="^[0-9]{4}-[0-9]{2}-[0-9]{2}$")]
    minute: Annotated[int, Meta(ge=0, le=1_439)] = 720
    category: Annotated[str, Meta(max_length=64)] = ""
    tier: Annotated[str, Meta(max_length=60)] = ""
    first: bool = False  # their first purchase
    birthday: bool = False  # on that day
    lang: Literal["zh", "en"] = "zh"


class TriedReason(Answer, frozen=True, kw_only=True):
    why: str
    points: int


class TriedPoints(Answer, frozen=True, kw_only=True):
    points: int
    reasons: tuple[TriedReason, ...]


class RewardQuery(Request, frozen=True, kw_only=True):
    lang: Literal["zh", "en"] = "zh"


class RewardView(Answer, frozen=True, kw_only=True):
    reward_id: str
    kind: Literal["goods", "coupon", "service"]
    label: str
    points: int
    pay: Amount  # what goods still cost in money
    item: str  # article, or template of the coupon
    missing: str  # why it cannot be had now, a code; "" where it can


class ExchangeView(Answer, frozen=True, kw_only=True):
    exchange_id: str  # by which it is undone
    balance: int
    coupon_id: str  # that came of it and can be used; "": none


class UndoExchange(Request, frozen=True, kw_only=True):
    approval: Approval | None = None


class CheckInCode(Answer, frozen=True, kw_only=True):
    """What the till shows as a QR code; ask again before it ends."""

    text: str
    until_ms: int


class CheckInNow(Request, frozen=True, kw_only=True):
    shown: Annotated[str, Meta(max_length=64)] = ""  # the till's code; "": their card was scanned here


class VisitView(Answer, frozen=True, kw_only=True):
    day: str
    streak: int  # days in a row
    jokers: int  # missed days that did not break the row
    balance: int


class Refer(Request, frozen=True, kw_only=True):
    referrer_id: Id


class ReferralView(Answer, frozen=True, kw_only=True):
    newcomer_id: str
    referrer_id: str
    state: str  # "waiting" for the first purchase, "rewarded", "void"
