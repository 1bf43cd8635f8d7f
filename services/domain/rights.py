"""What needs leave: which role may do it alone, up to what size, and what needs a second pair of eyes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

ROLES = ("cashier", "manager", "technician")
HOLDERS = ("cashier", "manager")  # a technician cares for devices and never for money
LIMIT_MAX = 10**12  # of any unit; a limit beyond it is none
UNITS = ("", "bp", "minor", "pieces")  # of a size: none, hundredths of a percent, money, articles

Limits = Mapping[str, int | None]  # role -> the largest size it may do; None is any, absent is never


@dataclass(frozen=True, slots=True)
class Right:
    """`four_eyes`: even somebody who holds the right needs another one who does."""

    key: str
    unit: str
    four_eyes: bool
    limits: Limits

    def held_by(self, role: str, size: int = 0) -> bool:
        """Whether `role` may do, or approve, this at `size` (in the right's unit, 0 or more)."""
        assert size >= 0, size
        if role not in self.limits:
            return False
        limit = self.limits[role]
        return limit is None or size <= limit

    def alone(self, role: str, size: int = 0) -> bool:
        """Whether `role` needs nobody else for it."""
        return not self.four_eyes and self.held_by(role, size)

    def changed(self, *, four_eyes: bool, limits: Limits) -> Right:
        """The shop's own rule. Raises ValueError when it names a role that can hold nothing, a limit
        that is none, or takes from the manager what nobody could then approve."""
        for role, limit in limits.items():
            if role not in HOLDERS:
                raise ValueError(f"{role}: this role holds no rights")
            if limit is not None and not 0 <= limit <= LIMIT_MAX:
                raise ValueError(f"{role}: a limit is 0 to {LIMIT_MAX}, or none at all")
        if "manager" not in limits:
            raise ValueError("manager: somebody must be able to approve")
        return replace(self, four_eyes=four_eyes, limits=dict(limits))


def _right(key: str, unit: str = "", *, cashier: int | None = -1, four_eyes: bool = False) -> Right:
    """Managers hold it at any size; a cashier up to `cashier`, -1 for never."""
    limits: dict[str, int | None] = {"manager": None}
    if cashier != -1:
        limits["cashier"] = cashier
    return Right(key, unit, four_eyes, limits)


# What a new shop begins with. A flow that asks for another right adds its line here.
DEFAULTS: Mapping[str, Right] = {
    right.key: right
    for right in (
        _right("discount", "bp", cashier=1_000),  # of the price before it; 1,000 is 10 %
        _right("price_override", "bp", cashier=0),  # how far below the price
        _right("return", "minor", cashier=500_00),  # what is paid back in a day, this bag included
        _right("return_late"),  # after the days in which goods come back
        _right("return_blind", "minor", four_eyes=True),  # without a receipt
        _right("refund_tender", "minor"),  # another tender than the one it was paid with
        _right("void_sale", "minor", four_eyes=True),  # after it was paid
        _right("no_sale", cashier=None),  # opening the drawer without a sale
        _right("cash_in", "minor", cashier=None),
        _right("cash_out", "minor", cashier=0),
        _right("variance", "minor", cashier=10_00),  # counted against expected, either way
        _right("stock_adjust", "pieces"),
        _right("oversell", "pieces"),  # selling what is not there
        _right("reprint_late"),
        _right("points_adjust"),
        _right("tender_confirm", "minor"),  # saying that a payment with unknown outcome went through
        _right("attendance_correct"),
        _right("coupon_give", "minor", cashier=10_00),  # its face
        _right("recharge", "minor", cashier=None),  # of stored value
        _right("stored_value_out", "minor", four_eyes=True),  # paying stored value out
        _right("stored_value_care"),  # letting an account go again, another card or PIN for it
        _right("member_unmask"),  # seeing a member's phone, number or name in full
        _right("member_export"),
        _right("member_erase"),
        _right("member_merge"),
        _right("stale_rate"),  # taking foreign notes at a rate that is older than a day
    )
}
