"""All around one member, as their page says and hears it."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta

from web_console.api import Amount, Answer, Request
from web_console.api_reports import Day

NoteKind = Literal["event", "feedback"]


class LikedView(Answer, frozen=True, kw_only=True):
    """`label`: a category's name, a colour, a size; the first hour, a weekday from Monday, 1."""

    label: str
    pieces: int
    share_bp: int


class LikesView(Answer, frozen=True, kw_only=True):
    categories: tuple[LikedView, ...]
    colours: tuple[LikedView, ...]
    sizes: tuple[LikedView, ...]
    hours: tuple[LikedView, ...]  # stretches of three
    weekdays: tuple[LikedView, ...]


class VisitDay(Answer, frozen=True, kw_only=True):
    day: str
    orders: int
    pieces: int
    spend: Amount


class StepView(Answer, frozen=True, kw_only=True):
    """A step between tiers. Empty texts where there is no tier."""

    since: str
    until: str
    tier_zh: str
    tier_en: str
    before_zh: str
    before_en: str
    reason: str  # "reached", "period_end", "renewed", "granted", "returned", "merged"
    gifted: bool


class NoteView(Answer, frozen=True, kw_only=True):
    note_id: str
    kind: NoteKind
    day: str
    text: str
    operator: str
    at_ms: int
    corrected_by: str  # by name; "" where it stands as it was written
    corrected_ms: int


class AroundView(Answer, frozen=True, kw_only=True):
    likes: LikesView | None  # null: they do not want to be profiled
    visits: tuple[VisitDay, ...]  # the newest first, so many of them
    visits_all: int
    path: tuple[StepView, ...]  # the newest first
    check_in_day: str  # the last; "": never
    check_in_streak: int
    brought: int  # whose first purchase counted
    brought_waiting: int
    came_by: str  # the member who sent them; ""
    notes: tuple[NoteView, ...]


class AroundQuery(Request, frozen=True, kw_only=True):
    lang: Literal["zh", "en"] = "zh"


class WriteNote(Request, frozen=True, kw_only=True):
    kind: NoteKind
    day: Day = ""  # "": today
    text: Annotated[str, Meta(min_length=1, max_length=500)]


class CorrectNote(Request, frozen=True, kw_only=True):
    day: Day = ""  # "": today
    text: Annotated[str, Meta(min_length=1, max_length=500)]
