"""What the office's pages of coupons say and hear."""

from __future__ import annotations

from typing import Annotated, Any

from msgspec import Meta

from services.domain.coupon_rounds import AudienceKind
from services.flows.approvals import Approval
from web_console.api import Amount, Answer, PaperLine, Request


class CouponCounts(Answer, frozen=True, kw_only=True):
    """Of all versions of a kind together."""

    issued: int  # ever
    open: int  # that somebody may still use
    used: int
    ended: int  # expired, cancelled or handed on


class CouponKindView(Answer, frozen=True, kw_only=True):
    """The last version of a kind."""

    template_id: str
    version: int
    issued: bool  # still, from now on
    draft: dict[str, Any]  # as the form sends it
    counts: CouponCounts


class CouponPreview(Answer, frozen=True, kw_only=True):
    """`first_day` and `last_day` are those of one that is given today."""

    first_day: str
    last_day: str
    paper: tuple[PaperLine, ...]
    promotion: dict[str, Any]  # to which its coupons are the key, as a trial takes it


class AudienceQuery(Request, frozen=True, kw_only=True):
    audience: AudienceKind
    key: Annotated[str, Meta(min_length=1, max_length=64, pattern="^[A-Za-z0-9_.:-]*$")]


class ReachView(Answer, frozen=True, kw_only=True):
    """As it is now. `had`: of these people, who get none, since a round gave them this version before."""

    people: int
    had: int
    face: Amount  # of all that would be given; 0: the kind has none


class BeginRound(AudienceQuery, frozen=True, kw_only=True):
    """`version` is the one that was shown."""

    version: Annotated[int, Meta(ge=1)]
    approval: Approval | None = None


class RoundView(Answer, frozen=True, kw_only=True):
    """`state`: running, done, stopped (its version is no longer issued), withdrawn. The last four add up to
    what was given, but for coupons that came back with their sale and were issued anew."""

    round_id: str
    version: int
    audience: AudienceKind
    key: str
    label_zh: str  # of a tag or tier; "" where the shop has it no longer, or it is of all shops
    label_en: str
    state: str
    busy: bool  # it still gives or takes back
    expected: int  # people, when it began
    given: int
    passed: int  # got none: they had one before, or are blocked
    open: int  # that somebody may still use
    used: int
    ended: int  # expired, cancelled or handed on
    by: str
    begun_at_ms: int
    withdrawn_by: str
