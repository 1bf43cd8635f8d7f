"""What the pages say and hear about parked baskets."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from msgspec import Meta

from services.domain.parked import NOTE_MAX
from web_console.api import Amount, Answer, BasketView, Id, Request

Reason = Literal[
    "phone_call",
    "choosing_more",
    "fetching_money",
    "waiting_companion",
    "size_missing",
    "price_doubt",
    "child",
    "queue",
    "other",
    "payment_open",  # whose end nobody knows: the bag waits with its payment
]


State = Literal["parked", "resumed", "expired", "abandoned"]


class Park(Request, frozen=True, kw_only=True):
    """The bag as it was shown; a later one is not parked. A longer note is cut after 200 characters; it
    stays on this box, and whose bag it is may be found by their phone."""

    typed: ClassVar[tuple[str, ...]] = ()

    basket_id: Id
    version: Annotated[int, Meta(ge=1)]
    reason: Reason
    note: Annotated[str, Meta(max_length=2 * NOTE_MAX)] = ""


class Resume(Request, frozen=True, kw_only=True):
    """`park_first` puts the till's own bag aside. `accepted_minor` is the total that a refusal
    `parked_repriced` told: people have seen the new prices."""

    park_first: bool = False
    accepted_minor: Annotated[int, Meta(ge=-(2**53), le=2**53)] | None = None  # below zero: paid back


class Abandon(Request, frozen=True, kw_only=True):
    reason: Literal["customer_left", "changed_mind", "mistake", "other"]


class ParkedQuery(Request, frozen=True, kw_only=True):
    """`q` is part of a ticket number, of the note or of a name."""

    q: Annotated[str, Meta(max_length=64)] = ""
    before: Annotated[str, Meta(max_length=12, pattern="^[0-9]*$")] = ""  # a page's `next`


class ParkedView(Answer, frozen=True, kw_only=True):
    parked_id: str
    ticket: str  # "0042", as people say it
    state: State
    reason: str
    note: str
    customer: str  # who buys, masked; "" for nobody known
    goods: tuple[str, ...]  # names of the articles, the dearest first, at most three
    pieces: int
    total: Amount
    by: str
    till: str
    parked_at_ms: int
    held: bool  # whether the prices are still those of the moment of parking


class ParkedPage(Answer, frozen=True, kw_only=True):
    waiting: int  # all that wait, whatever was searched for
    rows: tuple[ParkedView, ...]  # newest first
    next: str = ""  # pass as `before` for the next page; empty at the end


class OpenQuestion(Answer, frozen=True, kw_only=True):
    """A parked bag of whose payment nobody knows how it ended: resumed only to say so."""

    parked_id: str
    ticket: str
    key: str  # of the tender
    amount: Amount
    by: str
    parked_at_ms: int


class ParkedNews(Answer, frozen=True, kw_only=True):
    """Something was parked, resumed or given up: look at the list again."""

    waiting: int
    questions: int = 0  # of these, whose payment's end must be said
    oldest: OpenQuestion | None = None


class ParkDone(Answer, frozen=True, kw_only=True):
    parked: ParkedView
    basket: BasketView  # what the till has now


class DifferenceView(Answer, frozen=True, kw_only=True):
    """A line whose list price has changed in the customer's favour, already in the basket."""

    line_id: int
    name: str
    variant: str
    old: Amount
    new: Amount


class ResumeDone(Answer, frozen=True, kw_only=True):
    parked: ParkedView
    basket: BasketView
    differences: tuple[DifferenceView, ...]
