"""What pages say and hear about shifts. A cashier hears what ought to be in the drawer after counting."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta

from services.flows.approvals import Approval
from web_console.api import Amount, Answer, Id, PaperLine, Request

Currency = Annotated[str, Meta(pattern="^[A-Z]{3}$")]
Words = Annotated[str, Meta(max_length=200, pattern=r"^[^\x00-\x1f\x7f]*$")]
Reason = Annotated[str, Meta(max_length=32, pattern="^[a-z_]*$")]


class PiecesIn(Request, frozen=True, kw_only=True):
    value_minor: Annotated[int, Meta(ge=1, le=100_000_00)]
    pieces: Annotated[int, Meta(ge=0, le=9_999)]


class CountIn(Request, frozen=True, kw_only=True):
    """One currency of a drawer, by notes and coins."""

    currency: Currency
    pieces: Annotated[tuple[PiecesIn, ...], Meta(max_length=32)]


Counts = Annotated[tuple[CountIn, ...], Meta(min_length=1, max_length=8)]


class OpenShift(Request, frozen=True, kw_only=True):
    """Without counts the float is counted later, and until then nobody knows it."""

    counts: Counts | None = None


class CountShift(Request, frozen=True, kw_only=True):
    shift_id: Id
    counts: Counts


class CloseShift(Request, frozen=True, kw_only=True):
    """A difference beyond the tolerance needs a reason, a large one also an approval."""

    shift_id: Id
    reason: Reason = ""
    note: Words = ""
    approval: Approval | None = None


class CashMoveIn(Request, frozen=True, kw_only=True):
    """Cash without a sale; `amount_minor` is positive whichever way it goes."""

    kind: Literal["pay_in", "loan", "pay_out", "drop"]
    currency: Currency
    amount_minor: Annotated[int, Meta(ge=1, le=100_000_000_00)]
    reason: Reason
    note: Words = ""
    approval: Approval | None = None


class CashMoveView(Answer, frozen=True, kw_only=True):
    move_id: str
    kind: str
    amount: Amount
    reason: str
    note: str
    by: str
    approved_by: str
    at_ms: int


class OpenDrawer(Request, frozen=True, kw_only=True):
    reason: Reason
    note: Words = ""
    approval: Approval | None = None


class SumQuery(Request, frozen=True, kw_only=True):
    """`pieces` as "10000x3,5000x2": three of 100.00 and two of 50.00."""

    currency: Currency
    pieces: Annotated[
        str, Meta(max_length=512, pattern="^([0-9]{1,8}x[0-9]{1,4}(,[0-9]{1,8}x[0-9]{1,4})*)?$")
    ]


class SumView(Answer, frozen=True, kw_only=True):
    """What so many notes and coins come to; nothing is kept."""

    total: Amount
    rows: tuple[Amount, ...]  # in the order that was asked


class Denomination(Answer, frozen=True, kw_only=True):
    value_minor: int
    label: str  # "¥50", "¥0.5"


class DrawerForm(Answer, frozen=True, kw_only=True):
    """One currency that is counted."""

    currency: str
    zero: Amount
    denominations: tuple[Denomination, ...]  # largest first


class ComparedView(Answer, frozen=True, kw_only=True):
    counted: Amount
    expected: Amount
    variance: Amount  # negative where money lacks


class CountView(Answer, frozen=True, kw_only=True):
    """A stored count beside what ought to have been there."""

    number: int  # 1, 2 for the recount; more where cash moved in between
    by: str
    at_ms: int
    cash: tuple[ComparedView, ...]


class ShiftCard(Answer, frozen=True, kw_only=True):
    shift_id: str
    till: str
    number: int
    state: str  # "open" | "closed" | "unattended"
    business_day: str
    opened_by: str  # a name; "" for the gateway
    opened_at_ms: int
    closed_by: str
    closed_at_ms: int
    unknown_float: bool
    counts: tuple[CountView, ...]


class ShiftView(Answer, frozen=True, kw_only=True):
    """How the till stands: its open shift, and the one that nobody has counted yet."""

    till: str
    shift: ShiftCard | None
    uncounted: ShiftCard | None
    drawers: tuple[DrawerForm, ...]
    count_again: bool  # it was counted, but cash moved since: that count is not told any more
    recount: bool  # whether one more count is taken
    needs_reason: bool  # too much lacks or is left over
    reasons: dict[str, tuple[str, ...]]  # to choose from, by what they are for


class OpeningView(Answer, frozen=True, kw_only=True):
    """The drawer, opened by somebody without a sale, or shut again as its sensor saw."""

    at_ms: int
    cause: str  # "sale", "no_sale", "move", "test", "key", "unknown"
    reason: str
    note: str
    by: str
    open_s: int | None  # null where no sensor says so


class ReportView(Answer, frozen=True, kw_only=True):
    """An X or a Z."""

    shift: ShiftCard
    z_no: int  # 0 for an X
    hash: str
    moves: tuple[CashMoveView, ...]
    openings: tuple[OpeningView, ...]
    paper: tuple[PaperLine, ...]


class ShiftsQuery(Request, frozen=True, kw_only=True):
    before: Annotated[str, Meta(max_length=15, pattern="^[0-9]*$")] = ""  # a page's `next`


class ShiftRow(Answer, frozen=True, kw_only=True):
    """One line of the list. Amounts are null while it is open, `variance` also where nobody counted; of
    other currencies those that lack or are left over."""

    shift: ShiftCard
    sales: int
    net: Amount | None
    expected: Amount | None
    variance: Amount | None
    others: tuple[Amount, ...] = ()


class ShiftsPage(Answer, frozen=True, kw_only=True):
    rows: tuple[ShiftRow, ...]
    next: str  # pass as `before` for the next page; empty at the end
