"""A payment that happens outside the gateway: begun, asked about, ended by what a person or a channel says.

States, as for every electronic tender: sent, waiting, unknown, and the final paid, declined, cancelled,
reversed. Only a paid one counts; while one is open the bag is held.
"""

from __future__ import annotations

from dataclasses import dataclass

from services.domain.exchange import ForeignCash

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

# What tells somebody how an unknown one ended: the terminal's slip, its list, the shop's account.
EVIDENCE = ("slip", "list", "account")


@dataclass(frozen=True, slots=True)
class Payment:
    """One try with one tender; the next try is another payment."""

    payment_id: str
    key: str  # of the tender
    amount_minor: int
    state: str
    begun_at_ms: int
    reference: str = ""  # of the terminal or the channel
    foreign: ForeignCash | None = None  # notes of another currency; the amount is what they are worth

    @property
    def open(self) -> bool:
        return self.state in OPEN


def on_trust(payment: Payment, after: str) -> bool:
    """Whether an end that nobody saw is taken on somebody's word, and against the shop if they are wrong:
    money that came in, or that was not paid back and so will be again."""
    ends = (PAID,) if payment.amount_minor > 0 else (PAID, DECLINED, CANCELLED)
    return payment.state == UNKNOWN and after in ends


def may_become(before: str, after: str) -> bool:
    return after in ANSWERS.get(before, frozenset())
