"""Tags and stages of members: as the pages say and hear them."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta

from services.domain.rfm import Group, Limits, Stage
from services.domain.tags import TAGS_MAX, Book, Evidence, Rule, Tag
from web_console.api import Amount, Answer, Request
from web_console.api_members import MemberView
from web_console.api_tiers import Behind


class PublishTags(Request, frozen=True, kw_only=True):
    """`seen_version` is the one the page showed: nobody overwrites what they have not seen."""

    seen_version: Annotated[int, Meta(ge=0)]
    tags: Annotated[tuple[Tag, ...], Meta(max_length=TAGS_MAX)]
    limits: Limits = Limits()


class TagsView(Answer, frozen=True, kw_only=True):
    """The tags as they stand, and others to begin with."""

    book: Book
    presets: tuple[Tag, ...]
    members: dict[str, int]  # who wear each, by its key
    stages: dict[str, int]  # how many were in each when everybody was looked at last
    groups: dict[str, int]
    looked_day: str  # YYYY-MM-DD; "": not yet
    looked: bool  # that look has come to its end, by these rules


class TryTag(Request, frozen=True, kw_only=True):
    rule: Rule
    after: Behind = ""


class TaggedQuery(Request, frozen=True, kw_only=True):
    """By a tag, or by stage and group; `after` is a page's `next`."""

    tag: Annotated[str, Meta(max_length=31, pattern="^[a-z0-9_]*$")] = ""
    stage: Stage | Literal[""] = ""
    group: Group | Literal[""] = ""
    after: Behind = ""


class SayTag(Request, frozen=True, kw_only=True):
    """Not `on`: kept off, whatever its rule says."""

    on: bool
    reason: Literal["", "told", "seen", "wrong", "asked"] = ""


class WornView(Answer, frozen=True, kw_only=True):
    """One of the shop's tags, and what was last said of it on this member."""

    key: str
    label_zh: str
    label_en: str
    on: bool
    by_hand: bool  # a person has said so: its rule does not decide
    rule_version: int  # 0: nothing was said yet
    evidence: Evidence
    sale_id: str
    operator_id: str
    operator: str  # their name
    reason: str  # of a person: "told", "seen", "wrong", "asked"


class LifeView(Answer, frozen=True, kw_only=True):
    """`orders` and `spend` are those of the window in the shop's limits; empty days of one who never
    bought."""

    stage: Stage
    group: Group
    first_day: str
    last_day: str
    days_away: int
    orders: int
    spend: Amount


class MemberTagsView(Answer, frozen=True, kw_only=True):
    tags: tuple[WornView, ...]
    life: LifeView


class TaggedRow(Answer, frozen=True, kw_only=True):
    """One person of a list; without `worn` where it is not of a tag."""

    member: MemberView
    worn: WornView | None
    life: LifeView


class TaggedView(Answer, frozen=True, kw_only=True):
    rows: tuple[TaggedRow, ...]
    next: str  # `after` of the next page; "": there is none
