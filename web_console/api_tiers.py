"""Tiers of members: as the pages say and hear them."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta

from services.domain.tiers import Downgrade, Program, Rule, Tier
from web_console.api import Answer, Request


class PublishTiers(Request, frozen=True, kw_only=True):
    """`seen_version` is the one the page showed: nobody overwrites what they have not seen."""

    seen_version: Annotated[int, Meta(ge=0)]
    tiers: Annotated[tuple[Tier, ...], Meta(max_length=20)]
    downgrade: Downgrade = "one_down"
    period_months: Annotated[int, Meta(ge=1, le=120)] = 12
    warn_days: Annotated[int, Meta(ge=0, le=366)] = 30
    same_sale: bool = False


Behind = Annotated[str, Meta(max_length=80, pattern="^[A-Za-z0-9_.:-]*$")]  # the `next` of a piece before


class TryTier(Request, frozen=True, kw_only=True):
    rule: Rule
    after: Behind = ""


class GrantTier(Request, frozen=True, kw_only=True):
    """`until` is the day from which it may be lost again. No free text: the journal keeps the reason."""

    tier: Annotated[str, Meta(min_length=1, max_length=31)]
    until: Annotated[str, Meta(pattern="^[0-9]{4}-[0-9]{2}-[0-9]{2}$")]
    reason: Literal["goodwill", "elsewhere", "partner"]


class TriedRule(Answer, frozen=True, kw_only=True):
    """Of `of` members who have bought here, one piece of them, `members` would be taken today."""

    members: int
    of: int
    next: str  # `after` of the next piece; "": that was the last


class TiersView(Answer, frozen=True, kw_only=True):
    """The tiers as they stand, and others to begin with."""

    program: Program
    presets: tuple[Tier, ...]
    members: dict[str, int]  # on each tier, by its key
