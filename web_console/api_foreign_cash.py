"""Notes of other currencies, and what the shop gives for them, as the pages say and hear of it."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta

from services.flows.approvals import Approval
from web_console.api import Amount, Answer, Id, Request

Currency = Annotated[str, Meta(pattern="^[A-Z]{3}$")]
Notes = Annotated[int, Meta(ge=1, le=100_000_000_00, description="in the currency's own minor units")]
RateText = Annotated[str, Meta(min_length=1, max_length=16, pattern=r"^[0-9.]+$")]
Source = Annotated[str, Meta(max_length=60, pattern=r"^[^\x00-\x1f\x7f]*$")]
Wall = Annotated[str, Meta(pattern=r"^([0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2})?$")]


class RateView(Answer, frozen=True, kw_only=True):
    """One version. `text` is what one foreign unit counts in the shop's: "7.0812"."""

    rate_id: str
    currency: str
    version: int
    text: str
    valid_from_ms: int
    source: str
    by: str
    entered_at_ms: int


class OfferView(Answer, frozen=True, kw_only=True):
    """What is left to pay in one currency; without a rate nothing can be. `stale`: somebody must
    approve."""

    currency: str
    decimals: int
    zero: Amount
    step: Amount  # the smallest note that is taken
    rate: RateView | None
    stale: bool
    due: Amount | None
    quick: tuple[Amount, ...]  # likely amounts, what is needed first


class ForeignCashView(Answer, frozen=True, kw_only=True):
    """The currencies that this shop takes; none where it takes none."""

    offers: tuple[OfferView, ...]


class NotesQuery(Request, frozen=True, kw_only=True):
    currency: Currency
    minor: Notes


class NotesView(Answer, frozen=True, kw_only=True):
    """What so many notes would mean in the shop's money; nothing is changed by asking."""

    notes: Amount
    worth: Amount
    change: Amount
    short: Amount


class TakeNotes(Request, frozen=True, kw_only=True):
    basket_id: Id
    version: Annotated[int, Meta(ge=1)]
    currency: Currency
    minor: Notes
    approval: Approval | None = None


class TakenView(Answer, frozen=True, kw_only=True):
    """One currency that the shop takes, and the rate that counts now."""

    currency: str
    rate: RateView | None
    stale: bool


class RatesQuery(Request, frozen=True, kw_only=True):
    before: Annotated[str, Meta(max_length=15, pattern="^[0-9]*$")] = ""  # a page's `next`


class RatesView(Answer, frozen=True, kw_only=True):
    """Without currencies the shop takes no foreign notes. `history` is newest first."""

    currency: str  # the shop's
    taken: tuple[TakenView, ...]
    history: tuple[RateView, ...]
    next: str  # pass as `before` for the next page; empty at the end


class EnterRate(Request, frozen=True, kw_only=True):
    """`valid_from` on the shop's clock, within a week; empty: at once. `sure`: far from the one before, and
    meant so."""

    currency: Currency
    rate: RateText
    source: Source = ""
    valid_from: Wall = ""
    sure: bool = False
