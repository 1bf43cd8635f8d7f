"""Tiers of members: as the pages say and hear them."""

from __future__ import annotations

from typing import Annotated

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


class TryTier(Request, frozen=True, kw_only=True):
    rule: Rule


class TriedRule(Answer, frozen=True, kw_only=True):
    """Of `of` members, those who were here last, `members` would be taken today."""

    members: int
    of: int


class TiersView(Answer, frozen=True, kw_only=True):
    """The tiers as they stand, and others to begin with."""

    program: Program
    presets: tuple[Tier, ...]
    members: dict[str, int]  # on each tier, by its key
