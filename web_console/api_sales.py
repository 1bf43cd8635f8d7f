"""A sale that has ended, as the till says it."""

from __future__ import annotations

from web_console.api import Amount, Answer, JobView, PaperLine


class TenderView(Answer, frozen=True, kw_only=True):
    key: str
    amount: Amount
    tendered: Amount
    change: Amount
    reference: str = ""
    foreign: Amount | None = None  # notes of another currency; below zero: handed back


class BuyerView(Answer, frozen=True, kw_only=True):
    """The member who bought, as on the receipt."""

    name: str  # masked; "" for one who was erased
    earned: int  # points; below zero: taken back
    points: int | None  # after it; None: this shop gives none


class RisenView(Answer, frozen=True, kw_only=True):
    """The tier that the member has reached with a sale."""

    label_zh: str
    label_en: str


class SaleView(Answer, frozen=True, kw_only=True):
    sale_id: str
    number: str
    till: str
    at_ms: int
    total: Amount
    saved: Amount  # zero or negative
    rounding: Amount
    change: Amount
    tenders: tuple[TenderView, ...]
    jobs: tuple[JobView, ...]
    paper: tuple[PaperLine, ...]
    buyer: BuyerView | None = None  # nobody known
    risen: RisenView | None = None
    keeps_change: bool = False  # it may go onto the account of whoever bought
    kept_change: bool = False  # it is there
    drop_due: bool = False  # the till's drawer holds so much now that some of it belongs into the safe
