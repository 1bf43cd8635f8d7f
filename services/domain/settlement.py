"""Tenders against a total: what each one covers, the change, and what rounding cash gives away."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

import msgspec

from services.domain.errors import TenderRefused, TenderShort
from services.domain.exchange import ForeignCash
from services.domain.money import Money, total

TENDERED_MAX_MINOR = 100_000_000_00  # a slip of the finger, not a payment
QUICK_AMOUNTS_MAX = 4
ROUND_UP_MINOR = (10_00, 50_00, 100_00)  # what people round up to when they hand over notes


@dataclass(frozen=True, slots=True)
class Rounding:
    """How cash is rounded where small coins are not used: to multiples of `increment_minor`.

    The mode works on the magnitude, so paying back mirrors paying.
    """

    increment_minor: int = 1
    mode: Literal["down", "half_up", "half_down", "up"] = "down"

    def of(self, amount: Money) -> Money:
        step, rest = self.increment_minor, abs(amount.minor) % self.increment_minor
        up = {"down": False, "up": rest > 0, "half_up": 2 * rest >= step, "half_down": 2 * rest > step}
        magnitude = abs(amount.minor) - rest + (step if rest and up[self.mode] else 0)
        return Money(magnitude if amount.minor >= 0 else -magnitude, amount.currency)

    def change(self, over: Money, worth: Money) -> Money:
        """What is given back in cash of `over` too much, by the same mode; never more than all that was
        handed over is worth."""
        given = self.of(over)
        return given if given <= worth else given - Money(self.increment_minor, over.currency)


EXACT = Rounding()


class Tendered(msgspec.Struct, frozen=True):
    """What the customer handed over with one payment method."""

    key: str
    amount: Money
    gives_change: bool
    rounds: bool = False  # cash: what is left when its turn comes is rounded
    rank: int = 0  # those with lower ranks come first; cash is last
    reference: str = ""  # of the card terminal or the channel
    foreign: ForeignCash | None = None  # what the amount was worth in notes


class Covered(msgspec.Struct, frozen=True):
    """One tender of a paid sale: `amount` is what it covers, `tendered` what was handed over, amount +
    change.

    Negative: so much was paid back. `exact` is the amount before cash was rounded: what is left to pay
    back is counted by it.
    """

    key: str
    amount: Money
    tendered: Money
    change: Money
    exact: Money
    reference: str = ""
    foreign: ForeignCash | None = None
    bonus_minor: int = 0  # of the amount, of stored value: what was given for nothing, a discount


def mirrored(tender: Covered, reference: str = "") -> Covered:
    """A tender undone as it was: the same is paid back. Notes of another currency are handed back, and the
    change that was given for them comes in."""
    back = -tender.amount
    if tender.foreign is None:
        none, bonus_minor = back - back, -tender.bonus_minor
        return Covered(tender.key, back, back, none, -tender.exact, reference, None, bonus_minor)
    notes = replace(tender.foreign, minor=-tender.foreign.minor)
    return Covered(tender.key, back, -tender.tendered, -tender.change, -tender.exact, reference, notes)


class Settlement(msgspec.Struct, frozen=True):
    """total + rounding = the sum of the tenders' amounts."""

    tenders: tuple[Covered, ...]
    rounding: Money


def cover(due: Money, tendered: Sequence[Tendered], rule: Rounding = EXACT) -> Settlement:
    """Split `due` over the tenders by their ranks; only a tender that gives change may exceed it.

    Only what is still due when cash has its turn is rounded, and the change that is given for notes of
    another currency; without cash nothing is. Raises TenderShort when they do not cover it, TenderRefused
    for an amount that cannot be.
    """
    left, unrounded, rounding, turn = due, due, Money(0, due.currency), False
    covered: list[Covered] = []
    for tender in sorted(tendered, key=lambda each: each.rank):
        if not 0 <= tender.amount.minor <= TENDERED_MAX_MINOR:
            raise TenderRefused("this amount cannot be tendered", amount_minor=tender.amount.minor)
        if tender.rounds and not turn:
            less, turn = rule.of(left) - left, True
            left, rounding = left + less, rounding + less
        used = min(tender.amount, left)
        over = tender.amount - used
        if over.minor and not tender.gives_change:
            raise TenderRefused("this tender gives no change", change_minor=over.minor)
        change = over if tender.foreign is None else rule.change(over, tender.amount)
        left, rounding = left - used, rounding + over - change
        exact = used if left.minor else unrounded
        unrounded -= exact
        covered.append(_covered(tender, change, exact))
    if left.minor:
        paid = total((tender.amount for tender in tendered), due.currency)
        raise TenderShort("the tender does not cover the total", due_minor=due.minor, paid_minor=paid.minor)
    return Settlement(tuple(covered), rounding)


def _covered(tender: Tendered, change: Money, exact: Money) -> Covered:
    amount = tender.amount - change
    return Covered(tender.key, amount, tender.amount, change, exact, tender.reference, tender.foreign)


def quick_amounts(due: Money, rule: Rounding = EXACT) -> tuple[Money, ...]:
    """What a customer is likely to hand over, rising: the amount in cash, then rounded up to notes."""
    exact = rule.of(due).minor
    rounded = {-(-exact // step) * step for step in ROUND_UP_MINOR}
    rounded.add((exact // 100_00 + 2) * 100_00)
    offered = [exact, *sorted(rounded - {exact})][:QUICK_AMOUNTS_MAX]
    return tuple(Money(minor, due.currency) for minor in offered)
