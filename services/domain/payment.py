"""A payment that happens outside the gateway: begun, asked about, ended by what a person or a channel says.

States, as for every electronic tender: sent, waiting, unknown, and the final paid, declined, cancelled,
reversed. Only a paid one counts; while one is open the bag is held.
"""

from __future__ import annotations

from dataclasses import dataclass

SENT, WAITING, UNKNOWN = "sent", "waiting", "unknown"
PAID, DECLINED, CANCELLED, REVERSED = "paid", "declined", "cancelled", "reversed"

OPEN = frozenset((SENT, WAITING, UNKNOWN))
ANSWERS = {  # state -> what it may become
    SENT: frozenset((PAID, DECLINED, WAITING, UNKNOWN, CANCELLED)),
    WAITING: frozenset((PAID, DECLINED, UNKNOWN, CANCELLED)),
    UNKNOWN: frozenset((PAID, DECLINED, CANCELLED)),
    PAID: frozenset((REVERSED,)),
}
REFERENCE_MAX = 64


@dataclass(frozen=True, slots=True)
class Payment:
    """One try with one tender; the next try is another payment."""

    payment_id: str
    key: str  # of the tender
    amount_minor: int
    state: str
    begun_at_ms: int
    reference: str = ""  # of the terminal or the channel

    @property
    def open(self) -> bool:
        return self.state in OPEN


def may_become(before: str, after: str) -> bool:
    return after in ANSWERS.get(before, frozenset())
