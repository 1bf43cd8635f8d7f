"""What the office's pages of coupons say and hear."""

from __future__ import annotations

from typing import Annotated, Any

from msgspec import Meta

from web_console.api import Answer, PaperLine, Request


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


class GiveRound(Request, frozen=True, kw_only=True):
    """`version` is the one that was shown, `after` the `next` of the piece before, "" at the beginning."""

    tag: Annotated[str, Meta(min_length=1, max_length=31, pattern="^[a-z0-9_]*$")]
    version: Annotated[int, Meta(ge=1)]
    after: Annotated[str, Meta(max_length=80, pattern="^[A-Za-z0-9_.:-]*$")] = ""


class RoundPiece(Answer, frozen=True, kw_only=True):
    given: int
    had: int  # got none: a round had given it to them before
    next: str  # "": everybody was looked at
