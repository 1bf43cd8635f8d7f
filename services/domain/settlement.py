"""Tenders against a total: what each one covers, and the change."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from services.domain.errors import TenderRefused, TenderShort
from services.domain.money import Money, total

TENDERED_MAX_MINOR = 100_000_000_00  # a slip of the finger, not a payment
QUICK_AMOUNTS_MAX = 4
ROUND_UP_MINOR = (10_00, 50_00, 100_00)  # what people round up to when they hand over notes


@dataclass(frozen=True, slots=True)
class Tendered:
    """What the customer handed over with one payment method."""

    key: str
    amount: Money
    gives_change: bool


@dataclass(frozen=True, slots=True)
class Covered:
    """One tender of a paid sale: `amount` is what it covers, `tendered` what was handed over.

    Negative: so much was paid back. `exact` is the amount before cash was rounded: what is left to pay
    back is counted by it.
    """

    key: str
    amount: Money
    tendered: Money
    change: Money
    exact: Money
    reference: str = ""  # of the card terminal or the channel


def cover(due: Money, tendered: Sequence[Tendered]) -> tuple[Covered, ...]:
    """Split `due` over the tenders in their order; only a tender that gives change may exceed it.

    Raises TenderShort when they do not cover it, TenderRefused for an amount that cannot be.
    """
    left = due
    covered: list[Covered] = []
    for tender in tendered:
        if not 0 <= tender.amount.minor <= TENDERED_MAX_MINOR:
            raise TenderRefused("this amount cannot be tendered", amount_minor=tender.amount.minor)
        used = min(tender.amount, left)
        change = tender.amount - used
        if change.minor and not tender.gives_change:
            raise TenderRefused("this tender gives no change", change_minor=change.minor)
        covered.append(Covered(tender.key, used, tender.amount, change, used))
        left -= used
    if left.minor:
        paid = total((tender.amount for tender in tendered), due.currency)
        raise TenderShort("the tender does not cover the total", due_minor=due.minor, paid_minor=paid.minor)
    return tuple(covered)


def quick_amounts(due: Money) -> tuple[Money, ...]:
    """What a customer is likely to hand over, rising: the exact amount, then rounded up to notes."""
    rounded = {-(-due.minor // step) * step for step in ROUND_UP_MINOR}
    rounded.add((due.minor // 100_00 + 2) * 100_00)
    offered = [due.minor, *sorted(rounded - {due.minor})][:QUICK_AMOUNTS_MAX]
    return tuple(Money(minor, due.currency) for minor in offered)
