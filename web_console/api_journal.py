"""What the back office asks of the journal, and what it hears."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta

from web_console.api import Answer, Request

Word = Annotated[str, Meta(max_length=64, pattern="^[A-Za-z0-9_.:-]*$")]
Day = Annotated[str, Meta(pattern="^([0-9]{4}-[0-9]{2}-[0-9]{2})?$")]


class JournalQuery(Request, frozen=True, kw_only=True):
    """Everything empty gives everything, newest first."""

    type: Word = ""
    who: Word = ""
    till: Word = ""
    day: Day = ""  # a business day
    before: Annotated[int, Meta(ge=0, le=2**63 - 1)] = 0  # a page's `next`


class PoslogQuery(Request, frozen=True, kw_only=True):
    day: Annotated[str, Meta(pattern="^[0-9]{4}-[0-9]{2}-[0-9]{2}$")]  # a business day


class FactView(Answer, frozen=True, kw_only=True):
    """One field of an event. `group` numbers the parts of a list from 1; 0 is the event itself."""

    name: str
    text: str
    part: str = ""  # the list it belongs to: "line_items"
    group: int = 0


class EntryView(Answer, frozen=True, kw_only=True):
    seq: int
    at_ms: int
    time: str  # as the shop's clock on the wall showed it
    day: str  # business day
    type: str
    who: str  # a name, or ""
    till: str
    brief: tuple[FactView, ...]  # what one would ask first: a number, an amount


class EntryDetail(Answer, frozen=True, kw_only=True):
    entry: EntryView
    facts: tuple[FactView, ...]


class JournalPage(Answer, frozen=True, kw_only=True):
    rows: tuple[EntryView, ...]
    next: int  # pass as `before`; 0 at the end


class Person(Answer, frozen=True, kw_only=True):
    staff_id: str
    name: str


class JournalChoices(Answer, frozen=True, kw_only=True):
    """What can be filtered by."""

    types: tuple[str, ...]
    people: tuple[Person, ...]
    tills: tuple[str, ...]
    today: str
