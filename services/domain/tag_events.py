"""The shop's tags, and every time one was put on a member or taken off."""

from __future__ import annotations

from typing import ClassVar

from services.domain.event import Event
from services.domain.tags import Book, Evidence


class TagBookPublished(Event, frozen=True, kw_only=True):
    """The tags and stages from now on; members are looked at again by the next round."""

    type: ClassVar[str] = "tag_book.published"
    version: ClassVar[str] = "1.0"

    book: Book
    operator_id: str


class TagChanged(Event, frozen=True, kw_only=True):
    """A tag is on a member or not, from now on. By hand has the last word until it is lifted."""

    type: ClassVar[str] = "tag.changed"
    version: ClassVar[str] = "1.1"  # since then with the reason of a person

    member_id: str
    tag: str
    on: bool
    by_hand: bool
    rule_version: int  # of the book
    evidence: Evidence  # empty where a person decided
    sale_id: str  # the document that led to it, or ""
    operator_id: str  # "" where the day's end decided
    reason: str = (
        ""  # of a person: "told" by the member, "seen" in the shop, "wrong": the rule erred, "asked"
    )
