"""The shop's tiers, and every step of a member between them."""

from __future__ import annotations

from typing import ClassVar

from services.domain.event import Event
from services.domain.tiers import Program


class TierProgramPublished(Event, frozen=True, kw_only=True):
    """The tiers from now on; whoever has one keeps it until its period ends."""

    type: ClassVar[str] = "tier_program.published"
    version: ClassVar[str] = "1.1"  # since then the program says same_sale

    program: Program
    operator_id: str


class TierChanged(Event, frozen=True, kw_only=True):
    """A member reached a tier, fell, stays for another period, or was given one. Offline it only rises:
    HQ has the last word."""

    type: ClassVar[str] = "tier.changed"
    version: ClassVar[str] = "1.0"

    member_id: str
    number: int  # of the member's steps, from 1
    tier: str  # "": none
    before: str
    since: str  # YYYY-MM-DD
    until: str  # the day on which it is looked at again; "" for no tier
    granted_until: str
    gifted: bool
    reason: str  # reached | period_end | renewed | granted | returned | merged
    program_version: int
    metrics: dict[str, int]  # over the program's period, when it was decided
    sale_id: str  # the document that led to it, or ""
    operator_id: str
    note: str = ""  # why it was given by hand
