"""Every fact that leaves a transaction: frozen, past tense, JSON types only.

Field names are those of ARTS POSLog in our spelling; a changed field is a new version of the type.
"""

from __future__ import annotations

from typing import ClassVar

import msgspec

from services.domain.commission import Rule
from services.domain.coupon_events import COUPON_EVENTS
from services.domain.event import Event as Event
from services.domain.exchange_events import ExchangeRateEntered
from services.domain.gift_card_events import GiftCardMoved
from services.domain.instalment_events import InstalmentChanged
from services.domain.member_events import MEMBER_EVENTS, MembersExported, MembersImported
from services.domain.offers import Definition
from services.domain.parked_events import BasketAbandoned, BasketParked, BasketResumed
from services.domain.points_events import CheckedIn, PointsMoved, PointsRulesChanged, ReferralChanged
from services.domain.shift_events import (
    CashCounted,
    CashMoved,
    DrawerClosed,
    DrawerOpened,
    DrawerReleased,
    ShiftClosed,
    ShiftOpened,
    ZChainResumed,
)
from services.domain.stored_value_events import (
    StoredValueAccountChanged,
    StoredValueMoved,
    StoredValuePlanPublished,
    StoredValuePlanWithdrawn,
)
from services.domain.tag_events import TagBookPublished, TagChanged
from services.domain.tax import RateTax
from services.domain.tier_events import TierChanged, TierProgramPublished


class SoldAdjustment(msgspec.Struct, frozen=True, kw_only=True):
    """POSLog RetailPriceModifier: why a line costs less than its extended price."""

    line_number: int
    layer: int  # 1 member price, 2 line, 3 unit, 4 order, 5 coupon, 6 points
    source: str  # id of the promotion, or "manual"
    source_version: int
    amount_minor: int  # negative
    label_zh: str
    label_en: str


class SoldLine(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """POSLog LineItem/Sale, or LineItem/Return where pieces and amounts are negative. All amounts are in
    minor units of the sale's currency."""

    line_number: int
    item_id: str  # our stock keeping unit
    gtin: str  # GTIN-14, or "" for goods without a barcode
    description: str
    variant: str
    entry_method: str  # "scanned" | "keyed" | "picked"
    quantity: int
    unit_price_minor: int
    extended_minor: int  # 0 for a voided line
    void_flag: bool
    net_minor: int | None = None  # after all adjustments; absent: the same as extended
    style: str = ""
    category: str = ""
    seller_id: str = ""  # absent: the operator
    list_price_minor: int | None = None  # what the unit price was before a person changed it
    return_of: str = ""  # the sale that these pieces come back from, and its line; "" without a receipt
    return_line: int = 0
    # Since 1.4
    tax_bp: int = 0  # contained in the price
    tax_minor: int = 0  # contained in net; since 1.5 in net less bonus
    # Since 1.5
    bonus_minor: int = 0  # of net: paid with stored-value bonus


class SoldTender(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """POSLog Tender: `amount_minor` is what it covers, tendered = amount + change; negative: paid back.

    Notes of another currency have the four fields since 1.2; the amounts stay in the sale's currency.
    """

    tender_type: str
    amount_minor: int
    tendered_minor: int
    change_minor: int
    exact_minor: int | None = None  # before cash was rounded; absent: the same as amount
    reference: str = ""  # of the terminal or the channel
    # Since 1.2
    currency: str = ""  # of the notes; "": that of the sale
    foreign_minor: int = 0  # of them, in their own minor units; negative: handed back
    rate_e8: int = 0  # what one foreign unit counted, in hundred-millionths
    rate_id: str = ""
    # Since 1.5
    bonus_minor: int = 0  # of the amount, of stored value: booked as a discount; the rest is principal


class DrawnTender(msgspec.Struct, frozen=True, kw_only=True):
    """How much of a tender of the original sale the goods that came back use up."""

    tender_number: int  # from 1, in the original sale; beyond 100: what that sale itself drew on
    amount_minor: int
    back_minor: int  # of that paid back, before cash is rounded; the rest went into new goods


class SaleCompleted(Event, frozen=True, kw_only=True, omit_defaults=True):
    """A basket was paid in full, or paid back. Corrections are documents of their own, never an edit."""

    type: ClassVar[str] = "sale.completed"
    version: ClassVar[str] = "1.5"

    sale_id: str
    number: str  # store-till-sequence, as printed
    retail_store_id: str
    workstation_id: str  # the till
    sequence_number: int  # gapless per till, from 1
    business_day: str  # YYYY-MM-DD
    operator_id: str
    currency: str
    begun_at_ms: int  # first line added
    ended_at_ms: int  # paid
    line_items: tuple[SoldLine, ...]
    tenders: tuple[SoldTender, ...]
    total_minor: int  # negative where more came back than was bought
    kind: str = "sale"  # "sale" | "return" | "exchange" | "void"
    rounding_minor: int = 0  # total + rounding = the tenders' sum
    original_id: str = ""  # the sale that lines come back from; "" without a receipt
    reason: str = ""  # why they come back
    approver_id: str = ""
    adjustments: tuple[SoldAdjustment, ...] = ()
    drawn: tuple[DrawnTender, ...] = ()
    # Since 1.3
    member_id: str = ""  # who bought
    # Since 1.4
    taxes: tuple[RateTax, ...] = ()  # of each rate what was sold, then what came back
    # Since 1.5
    bonus_minor: int = 0  # of the total: the sum of the lines', less what comes back with goods


class PaymentChanged(Event, frozen=True, kw_only=True, omit_defaults=True):
    """A payment outside the gateway was begun, or somebody said how it stands."""

    type: ClassVar[str] = "payment.changed"
    version: ClassVar[str] = "1.1"

    payment_id: str
    workstation_id: str
    basket_id: str
    tender_type: str
    amount_minor: int
    currency: str
    state: str  # sent, waiting, unknown, paid, declined, cancelled, reversed
    reference: str  # of the terminal or the channel
    reason: str
    operator_id: str
    # Since 1.1: notes of another currency, as in a sale's tender
    foreign_currency: str = ""
    foreign_minor: int = 0
    rate_id: str = ""


class ReceiptCopied(Event, frozen=True, kw_only=True):
    """A receipt was printed again, marked as a copy."""

    type: ClassVar[str] = "receipt.copied"
    version: ClassVar[str] = "1.2"

    sale_id: str
    copy_number: int  # 1 is the first copy; the original has none
    operator_id: str
    # Since 1.1
    reason: str = ""  # "not_printed": the paper before it did not come out; "": soon after the sale
    language: str = ""  # "zh" | "en" | "both"; "" as the shop prints
    # Since 1.2
    workstation_id: str = ""  # the till that printed it; "" where an older program does not say


class GiftReceiptPrinted(Event, frozen=True, kw_only=True):
    """A receipt without prices was printed, by which somebody else may exchange the goods."""

    type: ClassVar[str] = "receipt.gift_printed"
    version: ClassVar[str] = "1.0"

    sale_id: str
    gift_number: int  # 1 is the sale's first
    operator_id: str


class OperatorSignedOn(Event, frozen=True, kw_only=True):
    """POSLog ControlTransaction/SignOn."""

    type: ClassVar[str] = "operator.signed_on"
    version: ClassVar[str] = "1.0"

    operator_id: str
    role: str
    workstation_id: str


class OperatorSignedOff(Event, frozen=True, kw_only=True):
    """POSLog ControlTransaction/SignOff."""

    type: ClassVar[str] = "operator.signed_off"
    version: ClassVar[str] = "1.0"

    operator_id: str
    workstation_id: str


class PromotionPublished(Event, frozen=True, kw_only=True):
    """A promotion stands from now on, in place of its version before."""

    type: ClassVar[str] = "promotion.published"
    version: ClassVar[str] = "1.0"

    definition: Definition
    operator_id: str


class PromotionWithdrawn(Event, frozen=True, kw_only=True):
    """A promotion stands no longer."""

    type: ClassVar[str] = "promotion.withdrawn"
    version: ClassVar[str] = "1.0"

    promotion_id: str
    promotion_version: int  # the last that stood
    operator_id: str


class DeviceTested(Event, frozen=True, kw_only=True):
    """A technician asked a till's devices to prove themselves; the drawer may have been opened."""

    type: ClassVar[str] = "device.tested"
    version: ClassVar[str] = "1.0"

    workstation_id: str
    test: str  # "ticket" | "drawer"
    operator_id: str


class StockLine(msgspec.Struct, frozen=True, kw_only=True):
    """What one document does to one article, in pieces."""

    item_id: str
    quantity: int  # the change of what is on hand
    expected: int = 0  # what the books, or the sender's paper, said
    found: int = 0  # what was counted, or arrived


class StockDocument(Event, frozen=True, kw_only=True):
    """POSLog InventoryControlTransaction. A long document is told in several events of one transaction."""

    document_id: str
    operator_id: str
    line_items: tuple[StockLine, ...]
    part: int = 1  # from 1 to `parts`
    parts: int = 1
    reverses: str = ""  # the document whose effect this one takes back


class StockReceived(StockDocument, frozen=True, kw_only=True):
    """A delivery came in."""

    type: ClassVar[str] = "stock.received"
    version: ClassVar[str] = "1.0"

    number: str  # of the delivery note; "" for none
    supplier: str


class StockCounted(StockDocument, frozen=True, kw_only=True):
    """Articles were counted: `expected` by the books when looked at, `found` on the shelf."""

    type: ClassVar[str] = "stock.counted"
    version: ClassVar[str] = "1.0"

    source: str  # "count" | "import"


class StockTransferred(StockDocument, frozen=True, kw_only=True):
    """A transfer between stores went on: announced or sent (in_transit), arrived, or was cancelled."""

    type: ClassVar[str] = "stock.transferred"
    version: ClassVar[str] = "1.0"

    number: str
    direction: str  # "out" | "in"
    other_store: str
    state: str


class StockAdjusted(StockDocument, frozen=True, kw_only=True):
    """Pieces were written off or found."""

    type: ClassVar[str] = "stock.adjusted"
    version: ClassVar[str] = "1.0"

    reason: str
    note: str


class ApprovalGranted(Event, frozen=True, kw_only=True):
    """Somebody lent a right that the operator has not, or not alone. What was done tells its own event."""

    type: ClassVar[str] = "approval.granted"
    version: ClassVar[str] = "1.0"

    right: str  # "discount", "return" ...
    size: int  # in the right's unit: basis points, minor units, pieces; 0 for a right without one
    subject: str  # what it was for, by its id
    operator_id: str
    approver_id: str
    reason: str  # the key of a prepared one, or free text


class AttendanceClocked(Event, frozen=True, kw_only=True):
    """Somebody clocked in or out, or was found not to have: the whole span as it is from now on."""

    type: ClassVar[str] = "attendance.clocked"
    version: ClassVar[str] = "1.0"

    span_id: str
    staff_id: str
    business_day: str  # on which it began
    workstation_id: str  # "" where nobody was at a till: closed by the end of the day
    in_at_ms: int
    out_at_ms: int  # 0 while at work, and where the end is not known
    state: str  # "open" | "closed" | "unattended" | "doubtful"


class AttendanceCorrected(Event, frozen=True, kw_only=True):
    """A manager wrote down what is right. Number `n` of this span; what was clocked is kept."""

    type: ClassVar[str] = "attendance.corrected"
    version: ClassVar[str] = "1.0"

    span_id: str
    n: int  # from 1; a span that was never clocked begins with it
    staff_id: str
    business_day: str
    in_at_ms: int
    out_at_ms: int
    reason: str
    operator_id: str
    approver_id: str


class NewVariant(msgspec.Struct, frozen=True, kw_only=True):
    """An article that a new style came with."""

    sku: str
    gtin: str  # GTIN-14, or ""
    variant: str
    price_minor: int


class FieldChange(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One field of a style, or of its article `sku`, as it was and as it is from now, or from a day on."""

    sku: str = ""
    field: str  # "name" | "category" | "garment" | "tax_bp" | "price_minor"
    old: str
    new: str
    from_day: str = ""


class CatalogueChanged(Event, frozen=True, kw_only=True, omit_defaults=True):
    """A manager added a style, or changed its names and prices."""

    type: ClassVar[str] = "catalogue.changed"
    version: ClassVar[str] = "1.1"

    style: str
    name: str
    category: str
    operator_id: str
    added: tuple[NewVariant, ...] = ()
    changed: tuple[FieldChange, ...] = ()
    # Since 1.1
    tax_bp: int | None = None  # contained in its prices; absent: the shop's rate


class CatalogueImported(Event, frozen=True, kw_only=True):
    """A file of articles, prices or stock was taken over, the whole of it."""

    type: ClassVar[str] = "catalogue.imported"
    version: ClassVar[str] = "1.0"

    import_id: str
    kind: str  # "articles" | "prices" | "stock"
    file_sha256: str  # hex
    rows: int
    created: int  # articles
    changed: int  # fields of articles and styles
    unchanged: int  # rows that said what was so already
    operator_id: str


class StaffChanged(Event, frozen=True, kw_only=True):
    """Somebody came, changed or left: as listed from now on. Never a PIN, nor what is kept of it."""

    type: ClassVar[str] = "staff.changed"
    version: ClassVar[str] = "1.0"

    staff_id: str
    name: str
    role: str
    active: bool
    rank: int
    changed: tuple[str, ...]  # "added", or of "name", "role", "active", "rank", "pin"
    operator_id: str


class RightChanged(Event, frozen=True, kw_only=True):
    """The shop has another rule of who may do what alone."""

    type: ClassVar[str] = "right.changed"
    version: ClassVar[str] = "1.0"

    right: str
    four_eyes: bool
    limits: dict[str, int | None]  # role -> the largest size, null for any; a role without is absent
    operator_id: str


class CommissionChanged(Event, frozen=True, kw_only=True):
    """What sellers earn from a month on. Earlier months stay with the plans before it."""

    type: ClassVar[str] = "commission.changed"
    version: ClassVar[str] = "1.0"

    plan_version: int
    from_month: str  # YYYY-MM
    rules: tuple[Rule, ...]
    operator_id: str


EVENTS: tuple[type[Event], ...] = (
    SaleCompleted,
    PaymentChanged,
    GiftCardMoved,
    InstalmentChanged,
    StoredValueMoved,
    StoredValueAccountChanged,
    StoredValuePlanPublished,
    StoredValuePlanWithdrawn,
    *COUPON_EVENTS,
    ExchangeRateEntered,
    PointsMoved,
    PointsRulesChanged,
    CheckedIn,
    ReferralChanged,
    ReceiptCopied,
    GiftReceiptPrinted,
    OperatorSignedOn,
    OperatorSignedOff,
    DeviceTested,
    BasketParked,
    BasketResumed,
    BasketAbandoned,
    PromotionPublished,
    PromotionWithdrawn,
    StockReceived,
    StockCounted,
    StockTransferred,
    StockAdjusted,
    CatalogueChanged,
    CatalogueImported,
    ApprovalGranted,
    AttendanceClocked,
    AttendanceCorrected,
    StaffChanged,
    RightChanged,
    CommissionChanged,
    TierProgramPublished,
    TierChanged,
    TagBookPublished,
    TagChanged,
    ShiftOpened,
    CashMoved,
    CashCounted,
    ShiftClosed,
    ZChainResumed,
    DrawerReleased,
    DrawerOpened,
    DrawerClosed,
    *MEMBER_EVENTS,
    MembersImported,
    MembersExported,
)
