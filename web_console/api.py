"""What the till, the counter and the technician page say to the gateway and hear from it.

One set of types checks requests, writes answers and generates the OpenAPI document.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

Id = Annotated[str, Meta(min_length=1, max_length=64, pattern="^[A-Za-z0-9_.:-]+$")]
Minor = Annotated[int, Meta(ge=0, le=100_000_000_00, description="minor units (fen, cents)")]
Code = Annotated[str, Meta(min_length=1, max_length=128)]
Level = Literal["ok", "warn", "bad", "off"]


class Request(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A request body; unknown fields are refused."""


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
    role: Literal["cashier", "manager", "technician"]


class SignOn(Request, frozen=True, kw_only=True):
    staff_id: Id
    pin: Annotated[str, Meta(pattern="^[0-9]{6}$")]
    till: Id


class SessionView(Answer, frozen=True, kw_only=True):
    staff: StaffCard
    till: str
    csrf: str  # goes into X-CSRF-Token of every unsafe request
    store_name: str


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


class BasketView(Answer, frozen=True, kw_only=True):
    till: str
    basket_id: str
    version: int
    pieces: int
    total: Amount
    lines: tuple[LineView, ...]
    last_line_id: int  # the line last touched; 0 for none
    quick: tuple[Amount, ...]  # likely cash amounts, the exact one first


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
    """What became of one scan. `code` is an error code, "added", or "resumed" for a park ticket."""

    seq: int  # rising by one for each scan of this till since the gateway started
    at_ms: int
    data: str
    code: str
    name: str = ""
    variant: str = ""
    line_id: int = 0
    parked_id: str = ""  # of a park ticket, also where it was refused


class CategoryView(Answer, frozen=True, kw_only=True):
    key: str
    name: str


class CatalogueQuery(Request, frozen=True, kw_only=True):
    """`q` searches everything, `category` narrows; both empty give the best sellers first."""

    category: Annotated[str, Meta(max_length=64, pattern="^[A-Za-z0-9_.:-]*$")] = ""
    q: Annotated[str, Meta(max_length=64)] = ""
    after: Annotated[str, Meta(max_length=9, pattern="^[0-9]*$")] = ""  # a page's `next`


class StyleTile(Answer, frozen=True, kw_only=True):
    style: str  # style number
    name: str
    category: str
    garment: str
    swatch: str
    colours: int
    sizes: str  # "S–XL"
    price: Amount  # the lowest of its variants
    only_sku: str = ""  # set when there is just one variant: a tap adds it at once


class CataloguePage(Answer, frozen=True, kw_only=True):
    tiles: tuple[StyleTile, ...]
    next: str = ""  # pass as `after` for the next page; empty at the end


class VariantView(Answer, frozen=True, kw_only=True):
    sku: str
    colour: str
    swatch: str
    size: str
    gtin: str
    price: Amount


class StyleView(Answer, frozen=True, kw_only=True):
    style: str
    name: str
    garment: str
    variants: tuple[VariantView, ...]  # in the order of colour, then size


# The sale


class QuoteQuery(Request, frozen=True, kw_only=True):
    tendered_minor: Minor = 0


class Quote(Answer, frozen=True, kw_only=True):
    """What paying with so much would mean; nothing is changed by asking."""

    due: Amount
    tendered: Amount
    change: Amount
    short: Amount  # still to pay


class TenderIn(Request, frozen=True, kw_only=True):
    key: Id
    amount_minor: Minor


class Pay(Request, frozen=True, kw_only=True):
    """Header Idempotency-Key names the attempt: the same key and body sells once, whatever happens."""

    basket_id: Id
    version: Annotated[int, Meta(ge=1)]
    tenders: Annotated[tuple[TenderIn, ...], Meta(min_length=1, max_length=8)]


class TenderView(Answer, frozen=True, kw_only=True):
    key: str
    amount: Amount
    tendered: Amount
    change: Amount


class JobView(Answer, frozen=True, kw_only=True):
    """A print or drawer job. State: queued, sending, sent, confirmed, unknown, failed, cancelled."""

    job_id: str
    kind: Literal["receipt", "copy", "drawer", "self_test", "park_ticket"]
    state: str
    sale_number: str = ""
    reason: str = ""  # error code of the last try


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


class SaleView(Answer, frozen=True, kw_only=True):
    sale_id: str
    number: str
    till: str
    at_ms: int
    total: Amount
    change: Amount
    tenders: tuple[TenderView, ...]
    jobs: tuple[JobView, ...]
    paper: tuple[PaperLine, ...]


class JobAnswer(Request, frozen=True, kw_only=True):
    """Did the receipt come out? `true` settles the job, `false` prints a copy marked as such."""

    came_out: bool


# Health


class DeviceView(Answer, frozen=True, kw_only=True):
    name: str  # "counter-1"
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


class BoxView(Answer, frozen=True, kw_only=True):
    """What a technician must know about the box."""

    store_id: str
    store_name: str
    gateway: str
    version: str
    epoch: int
    up_s: int
    boot: int
    health: HealthView
    tills: tuple[str, ...]
    disk_free_mb: int
    disk_total_mb: int
    database_mb: int
    clock_quality: str  # "ntp" | "rtc" | "saved" | "none"
    clock_utc_ms: int
    journal_seq: int
    journal_hash: str
    journal_check: str  # "unchecked" | "checking" | "intact" | "broken"
    journal_checked_seq: int
    sqlite_version: str
    memory_mb: int
    load_percent: int
    notes: tuple[NoteView, ...]


class NoteView(Answer, frozen=True, kw_only=True):
    """One line of recent history, newest first."""

    at_ms: int
    code: str
    subject: str
    detail: str


class SelfTest(Request, frozen=True, kw_only=True):
    till: Id
    test: Literal["ticket", "drawer"]


# The counter page (twins only)


class TwinView(Answer, frozen=True, kw_only=True):
    name: str
    kind: Literal["scanner", "printer", "drawer", "uplink"]
    faults: dict[str, bool]
    drawer_open: bool | None = None
    drawer_opened_count: int = 0
    drawer_pulse_ms: int = 0
    papers: int = 0  # finished papers hanging out, oldest first
    lines: tuple[str, ...] = ()  # the newest paper as plain text
    revision: int = 0  # changes whenever the picture does


class CounterView(Answer, frozen=True, kw_only=True):
    twins: tuple[TwinView, ...]
    health: HealthView
    articles: tuple[CounterArticle, ...]  # something to scan


class CounterArticle(Answer, frozen=True, kw_only=True):
    name: str
    code: str


class TwinScan(Request, frozen=True, kw_only=True):
    twin: Id
    code: Annotated[str, Meta(min_length=1, max_length=5000)]


class TwinFault(Request, frozen=True, kw_only=True):
    twin: Id
    fault: Id
    on: bool


class PaperQuery(Request, frozen=True, kw_only=True):
    n: Annotated[int, Meta(ge=0, le=10_000)] = 0  # which paper; 0 is the oldest
    r: Annotated[str, Meta(max_length=32)] = ""  # the revision, only to get past a browser's cache


class TwinName(Request, frozen=True, kw_only=True):
    twin: Id
