"""What the till, the counter and the technician page say to the gateway and hear from it.

One set of types checks requests, writes answers and generates the OpenAPI document.
"""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Literal

import msgspec
from msgspec import Meta

from services.flows.approvals import Approval

Id = Annotated[str, Meta(min_length=1, max_length=64, pattern="^[A-Za-z0-9_.:-]+$")]
Minor = Annotated[int, Meta(ge=0, le=100_000_000_00, description="minor units (fen, cents)")]
Code = Annotated[str, Meta(min_length=1, max_length=128)]
Role = Literal["cashier", "manager", "technician", "seller"]
Level = Literal["ok", "warn", "bad", "off"]


class Request(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A request body; unknown fields are refused. What people type into `typed` is kept for ever: phones
    and ID numbers in it are masked before a view sees it."""

    typed: ClassVar[tuple[str, ...]] = ("reason", "note")


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """A response body."""


class Problem(Answer, frozen=True, kw_only=True):
    """The one shape of every error."""

    code: str
    message: str
    details: dict[str, Any]


class Amount(Answer, frozen=True, kw_only=True):
    minor: int
    currency: str
    text: str  # "¥1,299.00", ready to show


class Nothing(Request, frozen=True, kw_only=True):
    """The body of a request that needs none: empty, or {}."""


class Ready(Answer, frozen=True, kw_only=True):
    ready: bool
    now_ms: int


# The session


class StaffCard(Answer, frozen=True, kw_only=True):
    staff_id: str
    name: str
    role: Role


class SignOn(Request, frozen=True, kw_only=True):
    staff_id: Id
    pin: Annotated[str, Meta(pattern="^[0-9]{6}$")]
    till: Id


class TenderButton(Answer, frozen=True, kw_only=True):
    """A way to pay: "at_once" is handed over with the sale, "asked" is a payment of its own."""

    key: str
    label_zh: str
    label_en: str
    icon: str
    outcome: Literal["at_once", "asked", "stored", "planned", "exchanged"]
    gives_change: bool
    reference: bool  # the terminal's number is asked for


class SessionView(Answer, frozen=True, kw_only=True):
    staff: StaffCard
    tenders: tuple[TenderButton, ...]  # in the order of the buttons
    till: str
    csrf: str  # goes into X-CSRF-Token of every unsafe request
    store_name: str
    asks_float: bool = False  # whoever signs on at this till is to count its float


# The till


class LineView(Answer, frozen=True, kw_only=True):
    line_id: int
    sku: str
    style: str  # style number; "" for an article that has left the catalogue
    name: str
    variant: str
    garment: str  # which drawing: "tee", "coat", ...
    swatch: str  # which colour token: "mist", "denim", ...
    quantity: int
    unit_price: Amount
    extended: Amount
    net: Amount  # what it comes to
    adjustments: tuple[AdjustmentView, ...]
    list_price: Amount | None = None  # set where a person changed the price
    returned_from: str = ""  # number of the sale that it comes back from
    seller_id: str = ""  # "": whoever is signed on
    seller: str = ""  # by name


class AdjustmentView(Answer, frozen=True, kw_only=True):
    """One reason why something costs less, with the amount it saves."""

    label_zh: str
    label_en: str
    amount: Amount  # negative


class PaymentView(Answer, frozen=True, kw_only=True):
    """A payment on a terminal or a telephone. State: sent, waiting, unknown, paid, declined, cancelled,
    reversed; in the first three somebody must say how it ended."""

    payment_id: str
    key: str
    amount: Amount
    state: str
    reference: str
    foreign: Amount | None = None  # notes of another currency; the amount is what they are worth


class ShortView(Answer, frozen=True, kw_only=True):
    """The shop's oversell policy says whether this can be sold ("warn") or not ("refuse")."""

    sku: str
    pieces: int  # on hand
    refused: bool


class BackView(Answer, frozen=True, kw_only=True):
    """What one tender pays back. A terminal's part is a payment below zero, to be made first."""

    tender_number: int  # of the original sale
    key: str
    amount: Amount  # above zero
    reference: str  # of the payment that is paid back
    done: bool
    foreign: Amount | None = None  # notes of another currency that are handed back
    taken: Amount | None = None  # notes that were taken then, for which this pays back


class HintView(Answer, frozen=True, kw_only=True):
    """The offer that is nearly reached. Missing is an amount or a number of pieces."""

    label_zh: str
    label_en: str
    missing: Amount | None
    missing_pieces: int
    line_id: int  # one more piece of which would do; 0: any goods of the offer
    saves: Amount


class CustomerView(Answer, frozen=True, kw_only=True):
    """Who buys, as everybody at the till may see it; the texts are masked, or empty."""

    member_id: str
    name: str
    phone: str
    tier_zh: str
    tier_en: str
    birthday_month: bool
    balance: Amount  # stored value
    usable: Amount  # what of it can pay this bag
    frozen: bool  # somebody has stopped the account
    points: int  # usable now
    points_most: int  # how many of them can take something off this bag
    points_worth: Amount  # what those take off
    points_used: int  # that take something off it already


class BasketView(Answer, frozen=True, kw_only=True):
    till: str
    basket_id: str
    version: int
    pieces: int  # that are bought
    pieces_back: int  # that come back
    gross: Amount
    saved: Amount  # zero or negative
    adjustments: tuple[AdjustmentView, ...]  # each offer once, over all its lines
    total: Amount
    payments: tuple[PaymentView, ...]
    left: Amount  # to pay after the payments made
    back: tuple[BackView, ...]  # to pay back
    returning: str  # number of the sale that goods come back from; "" for none
    undoing: bool  # that sale is undone whole
    lines: tuple[LineView, ...]
    hint: HintView | None
    last_line_id: int  # the line last touched; 0 for none
    quick: tuple[Amount, ...]  # likely cash amounts, the exact one first
    short: tuple[ShortView, ...] = ()  # articles of which the bag holds more than there is
    seller_id: str = ""  # of what still comes into the bag
    seller: str = ""
    customer: CustomerView | None = None  # nobody known
    coupons: tuple[str, ...] = ()  # ids of those that the bag was shown
    change: Amount | None = None  # what the notes paid so far are worth too much


class AddLine(Request, frozen=True, kw_only=True):
    """By `sku` (picked from the grid) or by `code` (typed barcode or article number).

    With `basket_id` it goes into that basket or nowhere: an article that comes late is not sold to the
    next customer. Pages always send it.
    """

    sku: Id | None = None
    code: Code | None = None
    basket_id: Id | None = None
    quantity: Annotated[int, Meta(ge=1, le=9999)] = 1


class SetQuantity(Request, frozen=True, kw_only=True):
    """0 removes the line (it can be restored). Line numbers begin anew in every basket."""

    basket_id: Id
    quantity: Annotated[int, Meta(ge=0, le=9999)]


class RestoreLine(Request, frozen=True, kw_only=True):
    basket_id: Id


class ScanView(Answer, frozen=True, kw_only=True):
    """What became of one scan. `code` is an error code, "added", "resumed" for a ticket, or "member"."""

    seq: int  # rising by one for each scan of this till since the gateway started
    at_ms: int
    data: str
    code: str
    name: str = ""
    variant: str = ""
    line_id: int = 0
    parked_id: str = ""  # of a park ticket, also where it was refused


# The sale


class QuoteQuery(Request, frozen=True, kw_only=True):
    tendered_minor: Minor = 0


class Quote(Answer, frozen=True, kw_only=True):
    """What paying with so much would mean; nothing is changed by asking."""

    due: Amount
    tendered: Amount
    change: Amount
    short: Amount  # still to pay
    rounding: Amount  # what rounding the cash adds to the sale; negative: gives away


class BeginPayment(Request, frozen=True, kw_only=True):
    basket_id: Id
    version: Annotated[int, Meta(ge=1)]
    tender: Id
    amount_minor: Annotated[int, Meta(ge=-100_000_000_00, le=100_000_000_00)]  # below zero: paid back


class PaymentAnswer(Request, frozen=True, kw_only=True):
    """How a payment stands. A paid one is taken back with "reversed", after the terminal has. Where an
    unknown one ends on somebody's word, `reason` is "slip", "list" or "account": what told them."""

    state: Literal["paid", "declined", "waiting", "unknown", "cancelled", "reversed"]
    reference: Annotated[str, Meta(max_length=64, pattern="^[A-Za-z0-9_.:/ -]*$")] = ""
    reason: Annotated[str, Meta(max_length=200)] = ""
    approval: Approval | None = None


class TenderIn(Request, frozen=True, kw_only=True):
    key: Id
    amount_minor: Minor


class Pay(Request, frozen=True, kw_only=True):
    """Header Idempotency-Key names the attempt: the same key and body sells once, whatever happens."""

    basket_id: Id
    version: Annotated[int, Meta(ge=1)]
    total_minor: int | None = None  # what the page showed: another total is not charged
    tenders: Annotated[tuple[TenderIn, ...], Meta(max_length=8)]  # beside payments already made


class JobView(Answer, frozen=True, kw_only=True):
    """A print or drawer job, of a kind of services.store.jobs.

    State: queued, sending, sent, confirmed, unknown, failed, cancelled.
    """

    job_id: str
    kind: str
    state: str
    sale_number: str = ""
    reason: str = ""  # error code of the last try
    printer: str = ""  # the device it was sent to; "" before that


class PaperLine(Answer, frozen=True, kw_only=True):
    """One printed op, for the receipt on the screen."""

    op: Literal["text", "row", "rule", "qr", "barcode", "feed"]
    text: str = ""
    right: str = ""
    bold: bool = False
    size: int = 1
    center: bool = False
    svg: str = ""  # the QR as SVG path data, see `modules`
    modules: int = 0  # QR: modules a side, quiet zone included


class DeviceView(Answer, frozen=True, kw_only=True):
    name: str  # "counter-1"
    label: str  # what people call it
    kind: Literal["scanner", "printer", "drawer"]
    driver: str
    till: str
    code: str  # "ready", "paper_end", "nohardware", ...: the pages have the words
    level: Level
    detail: str
    hint: str
    since_ms: int
    twin: bool


class HqView(Answer, frozen=True, kw_only=True):
    """Code: online, hq_away (broker there, HQ not), broker_away, uplink_down, rejected."""

    code: str
    level: Level
    since_ms: int
    waiting: int  # journal rows HQ has not acknowledged
    acknowledged_seq: int
    acknowledged_at_ms: int
    detail: str = ""


class HealthView(Answer, frozen=True, kw_only=True):
    """What a cashier must know about this till."""

    devices: tuple[DeviceView, ...]
    hq: HqView
    jobs_waiting: int
    jobs_unknown: tuple[JobView, ...]
    storage: Level
    now_ms: int
    journal: str = "unchecked"  # "intact", or "broken": the chain of records does not fit
    printers: tuple[PrinterView, ...] = ()  # of the till's receipts, in the order in which they are tried


class PrinterView(Answer, frozen=True, kw_only=True):
    name: str
    label: str  # what people call it
    prints: bool  # it would, now
