"""The one argument every flow takes: this shop's facts, its clock, ids and parts."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import tzinfo

from services.domain.barcodes import BarcodeRules
from services.domain.coupons import USUAL as USUAL_COUPONS
from services.domain.coupons import CouponRules
from services.domain.imports import Table
from services.domain.instalments import NONE, Terms
from services.domain.invoicing import NUMBER_ONLY, Invoicing
from services.domain.keyring import Keyring
from services.domain.printing import USUAL, Printing
from services.domain.return_rules import PROMISED, ReturnRules
from services.domain.settlement import Rounding
from services.domain.shift import AS_USUAL, ShiftRules
from services.domain.stock import Oversell
from services.domain.stored_value import USUAL as USUAL_VALUE
from services.domain.stored_value import Terms as StoredValueTerms
from services.tenders.contract import Tender

TRUSTED = ("ntp", "rtc")  # qualities of a clock


@dataclass(frozen=True, slots=True, kw_only=True)
class Shop:
    store_id: str  # [A-Za-z0-9_-]{1,32}, as HQ knows it
    store_name: str
    currency: str  # ISO 4217
    tax_bp: int = 0  # in every price of a style without a rate of its own
    zone: tzinfo
    rollover_hour: int  # the local hour at which the business day changes
    tills: tuple[str, ...]
    printers: frozenset[str]  # the tills that have a printer
    label_printers: frozenset[str] = frozenset()  # the tills that can print labels
    drawers: frozenset[str]  # the tills that have a cash drawer
    barcode_rules: BarcodeRules
    tenders: Mapping[str, Tender]
    cash_rounding: Rounding
    receipt_footer: str
    printing: Printing = USUAL
    oversell: Oversell  # what becomes of a sale of more than is on hand
    reorder_point: int  # an article with as few pieces is said to be running out
    park_tickets: bool  # whether parking prints a ticket
    parked_at_close: str  # "carry" | "expire" | "block": parked baskets at the close of a day
    now_ms: Callable[[], int]  # UTC
    clock_quality: Callable[[], str]  # "ntp" | "rtc" | "saved" | "none"
    new_id: Callable[[], str]  # UUIDv7: rises with time
    random_bits: Callable[[int], int]  # as many as asked for, by chance that nobody can guess
    keyring: Keyring = field(repr=False)
    hash_pin: Callable[[str], str]
    # (file, kind, told of rows read, what each column is; none: as their heads say)
    read_sheet: Callable[[bytes, str, Callable[[int], None], Sequence[str]], Table]
    check_pin: Callable[[str, str], bool]  # (hash, pin)
    shift_rules: ShiftRules = AS_USUAL
    instalments: Terms = NONE
    foreign_cash: tuple[str, ...] = ()  # currencies whose notes are taken
    coupons: CouponRules = USUAL_COUPONS
    stored_value: StoredValueTerms = USUAL_VALUE
    gift_card_max_minor: int = 1_000_00  # what one card may be worth
    return_rules: ReturnRules = PROMISED
    invoicing: Invoicing = NUMBER_ONLY

    @property
    def clock_trusted(self) -> bool:
        """Whether the clock is one by which something may end for good."""
        return self.clock_quality() in TRUSTED
