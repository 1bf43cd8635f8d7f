"""A shift: one till's drawer from float to Z. Its sales are those of its stretch of the journal."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from services.domain.cash import ComparedCash

OPEN, CLOSED, UNATTENDED = "open", "closed", "unattended"


@dataclass(frozen=True, slots=True, kw_only=True)
class ShiftRules:
    """What a store asks of its shifts. Amounts in minor units of its currency."""

    required: bool = True  # the till asks for the float when somebody signs on; it may be skipped
    reason_over_minor: int = 5_00  # a larger variance needs a reason
    drop_over_minor: int = 0  # the till asks for a drop when its drawer holds more; 0: never


AS_USUAL = ShiftRules()


@dataclass(frozen=True, slots=True)
class Why:
    """What somebody said of a difference, and who approved it; all "" where nobody had to."""

    reason: str = ""
    note: str = ""
    approver_id: str = ""


NOBODY_ASKED = Why()


@dataclass(frozen=True, slots=True, kw_only=True)
class Shift:
    """The shift's rows of the journal are those of its till from `first_seq` to `last_seq`.

    The ranges of a till follow one another without a gap, so every sale is in exactly one shift though
    none names it. States: open; closed; unattended, which the change of the business day has closed and
    whose drawer may still be counted.
    """

    shift_id: str
    till: str
    number: int  # per till, from 1, gapless but for a restored box; that of its Z once it is closed
    state: str
    business_day: str
    operator_id: str  # who opened it; "" for the gateway itself
    opened_at_ms: int
    first_seq: int
    unknown_float: bool  # nobody counted the drawer when it began
    closed_at_ms: int = 0
    closed_by: str = ""
    last_seq: int = 0  # 0 while it is open


def worst_minor(cash: Iterable[ComparedCash]) -> int:
    """The largest variance of any currency, whichever way; 0 for none."""
    return max((abs(each.variance_minor) for each in cash), default=0)
