"""Every fact that leaves a transaction: frozen, past tense, JSON types only.

Field names are those of ARTS POSLog in our spelling; a changed field is a new version of the type.
"""

from __future__ import annotations

from typing import ClassVar

import msgspec

from services.domain.offers import Definition


class Event(msgspec.Struct, frozen=True, kw_only=True):
    """A committed fact. `type` and `version` name its JSON Schema: schemas/<type>/<version>.json."""

    type: ClassVar[str]
    version: ClassVar[str]  # major.minor: a minor step only adds optional fields


class SoldLine(msgspec.Struct, frozen=True, kw_only=True):
    """POSLog LineItem/Sale. Amounts in minor units of the sale's currency."""

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


class SoldTender(msgspec.Struct, frozen=True, kw_only=True):
    """POSLog Tender: `amount_minor` is what it covers, tendered = amount + change."""

    tender_type: str
    amount_minor: int
    tendered_minor: int
    change_minor: int


class SaleCompleted(Event, frozen=True, kw_only=True):
    """A basket was paid in full. Corrections are events of their own, never an edit."""

    type: ClassVar[str] = "sale.completed"
    version: ClassVar[str] = "1.0"

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
    total_minor: int


class ReceiptCopied(Event, frozen=True, kw_only=True):
    """A receipt was printed again, marked as a copy."""

    type: ClassVar[str] = "receipt.copied"
    version: ClassVar[str] = "1.0"

    sale_id: str
    copy_number: int  # 1 is the first copy; the original has none
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


class DeviceTested(Event, frozen=True, kw_only=True):
    """A technician asked a till's devices to prove themselves; the drawer may have been opened."""

    type: ClassVar[str] = "device.tested"
    version: ClassVar[str] = "1.0"

    workstation_id: str
    test: str  # "ticket" | "drawer"
    operator_id: str


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


EVENTS: tuple[type[Event], ...] = (
    SaleCompleted,
    ReceiptCopied,
    OperatorSignedOn,
    OperatorSignedOff,
    DeviceTested,
    PromotionPublished,
    PromotionWithdrawn,
)
