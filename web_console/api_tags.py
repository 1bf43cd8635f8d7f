"""Tags and stages of members: as the pages say and hear them."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta

from services.domain.rfm import Group, Limits, Stage
from services.domain.tags import TAGS_MAX, Book, Evidence, Tag
from web_console.api import Amount, Answer, Request


class PublishTags(Request, frozen=True, kw_only=True):
    """`seen_version` is the one the page showed: nobody overwrites what they have not seen."""

    seen_version: Annotated[int, Meta(ge=0)]
    tags: Annotated[tuple[Tag, ...], Meta(max_length=TAGS_MAX)]
    limits: Limits = Limits()


class TagsView(Answer, frozen=True, kw_only=True):
    """The tags as they stand, and others to begin with."""

    book: Book
    presets: tuple[Tag, ...]


class SayTag(Request, frozen=True, kw_only=True):
    """Not `on`: kept off, whatever its rule says."""

    on: bool


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
