"""The facts of a shift: a drawer from its float to its Z."""

from __future__ import annotations

from typing import ClassVar

from services.domain.cash import ComparedCash, CountedCash
from services.domain.event import Event
from services.domain.z import Z


class ShiftOpened(Event, frozen=True, kw_only=True):
    """POSLog ControlTransaction/BusinessSOD: a till's drawer begins to be somebody's."""

    type: ClassVar[str] = "shift.opened"
    version: ClassVar[str] = "1.0"

    shift_id: str
    number: int  # gapless per till, from 1
    workstation_id: str
    business_day: str
    operator_id: str  # "" when the gateway opened it for a sale
    opened_at_ms: int
    first_seq: int  # the first journal row that counts for it, which may be before this one
    unknown_float: bool  # nobody counted; the float is then taken for nothing
    float_counted: tuple[CountedCash, ...]


class CashMoved(Event, frozen=True, kw_only=True):
    """POSLog TenderControlTransaction: cash went into or out of a drawer without a sale."""

    type: ClassVar[str] = "cash.moved"
    version: ClassVar[str] = "1.0"

    move_id: str
    shift_id: str
    workstation_id: str
    operator_id: str
    kind: str  # "float" (counted late) | "pay_in" | "loan" | "pay_out" | "drop"
    currency: str
    amount_minor: int  # positive whichever way it went
    reason: str
    note: str
    approver_id: str  # "" where nobody had to approve
    moved_at_ms: int


class CashCounted(Event, frozen=True, kw_only=True):
    """Somebody counted a drawer before being told what ought to be in it."""

    type: ClassVar[str] = "cash.counted"
    version: ClassVar[str] = "1.0"

    shift_id: str
    workstation_id: str
    operator_id: str
    number: int  # 1, 2 for the recount; more where cash moved in between
    late: bool  # the shift had been closed before, by the change of the business day
    counted_at_ms: int
    cash: tuple[ComparedCash, ...]


class ShiftClosed(Event, frozen=True, kw_only=True):
    """POSLog ControlTransaction/BusinessEOD, with the Z. Nothing changes it afterwards."""

    type: ClassVar[str] = "shift.closed"
    version: ClassVar[str] = "1.6"

    shift_id: str
    workstation_id: str
    operator_id: str  # "" when the business day's change closed it
    z: Z
    hash_prev: str  # of the till's Z before; 64 zeros for its first
    hash: str  # SHA-256(hash_prev || z as JSON)


class ZChainResumed(Event, frozen=True, kw_only=True):
    """A restored or replaced box goes on after a Z of its till that it does not hold, as headquarters told
    it: the next one is chained to that, and counts on from its grand total."""

    type: ClassVar[str] = "shift.chain_resumed"
    version: ClassVar[str] = "1.0"

    workstation_id: str
    z_no: int
    hash: str  # hex
    grand_total_minor: int  # of that Z
    repeated_minor: int  # net of what that Z or one before it has counted, and the next one counts again


class DrawerReleased(Event, frozen=True, kw_only=True):
    """Somebody had the drawer opened without a sale."""

    type: ClassVar[str] = "drawer.released"
    version: ClassVar[str] = "1.0"

    workstation_id: str
    operator_id: str
    reason: str
    note: str
    approver_id: str  # "" where nobody had to approve
    released_at_ms: int


class DrawerOpened(Event, frozen=True, kw_only=True):
    """A drawer was opened without any order of the gateway's; its sensor says so."""

    type: ClassVar[str] = "drawer.opened"
    version: ClassVar[str] = "1.0"

    workstation_id: str
    cause: str  # "key" | "unknown": it was open when the gateway first looked
    opened_at_ms: int


class DrawerClosed(Event, frozen=True, kw_only=True):
    """A drawer was pushed shut; its sensor says so. The one fact of an opening that a pulse began."""

    type: ClassVar[str] = "drawer.closed"
    version: ClassVar[str] = "1.0"

    workstation_id: str
    cause: str  # "sale" | "no_sale" | "move" | "test" | "key" | "unknown"
    opened_at_ms: int
    open_ms: int
