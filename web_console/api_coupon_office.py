"""What the office's pages of coupons say and hear."""

from __future__ import annotations

from typing import Any

from web_console.api import Answer, PaperLine


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
