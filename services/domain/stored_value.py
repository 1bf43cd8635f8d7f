"""Stored value: principal that somebody paid in and bonus that was given on it, and what each move takes.

A lot is the principal or the bonus of one recharge. Principal never expires; bonus is never paid out.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal, NamedTuple

from services.domain.money import rounded, split

TENDER = "stored_value"
PRINCIPAL, BONUS = "principal", "bonus"
ACTIVE, FROZEN = "active", "frozen"
RECHARGED, SPENT, REFUNDED, CASHED_OUT, EXPIRED = "recharged", "spent", "refunded", "cashed_out", "expired"
OPENED = "opened"  # brought along from another till; as a recharge, but that nothing was paid here
COOLING_DAYS = 7  # after a recharge its principal is paid back without a reason

SpendRule = Literal["proportional", "principal_first", "bonus_first"]
Reason = Literal["cooling_off", "shop", "customer"]  # why a recharge is paid out


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What the shop has decided. The limits are those of the law on prepaid cards of a single merchant."""

    spend: SpendRule = "proportional"
    named_max_minor: int = 5_000_00  # balance of somebody known by name
    nameless_max_minor: int = 1_000_00
    cash_max_minor: int = 50_000_00  # from so much of one person on a day on, no cash
    proof_above_minor: int = 200_00  # a larger payment needs a PIN, or the customer seen to be there
    deduct_bonus: bool = True  # bonus that was used is taken off what is paid out
    grace_days: int = 30  # of bonus that comes back after its end
    reserve_bp: int = 20_00  # of what is owed on prepaid cards, that must lie in the bank


USUAL = Terms()


class Parts(NamedTuple):
    """An amount, divided."""

    principal: int
    bonus: int

    @property
    def total(self) -> int:
        return self.principal + self.bonus


@dataclass(frozen=True, slots=True, kw_only=True)
class Lot:
    lot_id: str  # rises with time
    member_id: str  # whose account it is in
    recharge_id: str
    kind: str  # PRINCIPAL | BONUS
    amount_minor: int
    left_minor: int
    expires: str  # YYYY-MM-DD, the last day; "": never

    def gone(self, day: str) -> bool:
        """Whether it has ended before `day`."""
        return bool(self.expires) and self.expires < day


class Draw(NamedTuple):
    """What one move takes from a lot, or gives back to it."""

    lot: Lot
    minor: int


def left(lots: Iterable[Lot], day: str) -> Parts:
    """What can be spent on `day`."""
    live = [lot for lot in lots if not lot.gone(day)]
    return Parts(
        sum(lot.left_minor for lot in live if lot.kind == PRINCIPAL),
        sum(lot.left_minor for lot in live if lot.kind == BONUS),
    )


def spent(minor: int, has: Parts, rule: SpendRule) -> Parts:
    """How a payment of `minor`, no more than there is, is taken."""
    assert 0 <= minor <= has.total, (minor, has)
    if rule == "principal_first":
        principal = min(minor, has.principal)
    elif rule == "bonus_first":
        principal = minor - min(minor, has.bonus)
    else:
        # Neither goes below zero: this lies between the whole numbers minor - bonus and principal.
        principal = rounded(minor * has.principal, has.total) if minor else 0
    return Parts(principal, minor - principal)


def refunded(minor: int, open_: Parts) -> Parts:
    """How a refund of `minor` goes back: in the proportion of what was taken and has not come back."""
    assert 0 <= minor <= open_.total, (minor, open_)
    return Parts(*split(minor, open_))


def draws(lots: Sequence[Lot], parts: Parts, day: str) -> list[Draw]:
    """Which lots a payment takes: the oldest principal, and the bonus that ends first."""
    live = sorted((lot for lot in lots if not lot.gone(day)), key=lambda lot: lot.lot_id)
    principal = [lot for lot in live if lot.kind == PRINCIPAL]
    bonus = sorted((lot for lot in live if lot.kind == BONUS), key=lambda lot: lot.expires or "9999")
    return [*_taken(principal, parts.principal), *_taken(bonus, parts.bonus)]


def _taken(lots: Iterable[Lot], minor: int) -> list[Draw]:
    found = []
    for lot in lots:
        piece = min(minor, lot.left_minor)
        if piece:
            found.append(Draw(lot, piece))
        minor -= piece
    assert minor == 0, minor
    return found


def spread(listed_minor: int, pieces: Sequence[int]) -> list[int]:
    """The list price of what was bought, over the draws that paid for it; it may be more than they are."""
    whole, seen, given = sum(pieces), 0, 0
    found = []
    for piece in pieces:
        seen += piece
        upto = rounded(listed_minor * seen, whole)
        found.append(upto - given)
        given = upto
    return found


def last_day(day: str, days: int) -> str:
    """The last day of something that is good for `days` from `day` on; "" for 0: for ever."""
    return (date.fromisoformat(day) + timedelta(days=days)).isoformat() if days else ""


def back(taken: Sequence[Draw], parts: Parts) -> list[Draw]:
    """Which lots a refund goes back to, what was drawn last first. `taken` is what has not come back, in
    the order in which it was drawn."""
    found = []
    for kind, minor in ((PRINCIPAL, parts.principal), (BONUS, parts.bonus)):
        for draw in reversed([draw for draw in taken if draw.lot.kind == kind]):
            piece = min(minor, draw.minor)
            if piece:
                found.append(Draw(draw.lot, piece))
            minor -= piece
        assert minor == 0, minor
    return found


def extended(expires: str, day: str, grace_days: int) -> str:
    """The last day of bonus that comes back on `day`: it is not given back only to be gone."""
    return expires and max(expires, last_day(day, grace_days))


# Paying a recharge out


@dataclass(frozen=True, slots=True, kw_only=True)
class Recharged:
    """A recharge as it stands: what came in, what is left, and what its draws bought."""

    paid_minor: int
    bonus_minor: int
    principal_left_minor: int
    bonus_left_minor: int  # expired bonus is neither left nor used
    bonus_used_minor: int
    bought_minor: int  # by its draws, at the price that was paid
    listed_minor: int  # the same goods at their list price
    kept_minor: int = 0  # deducted when it was paid out before, of what has come back since


@dataclass(frozen=True, slots=True, kw_only=True)
class CashOut:
    pays_minor: int
    deducted_minor: int  # of the principal left; below zero: given back of what was deducted before
    cancelled_minor: int  # bonus


def cash_out(recharge: Recharged, reason: Reason, *, deduct_bonus: bool) -> CashOut:
    """What is paid back of a recharge: never more than the principal left of it, and what was deducted
    before of goods that have come back since.

    In the first week and for the shop's fault, what was bought counts at the price that was paid: the
    draws have shared that between principal and bonus. For the customer's own reason it counts at list
    price, of which the paid part is charged; with `deduct_bonus` all of it, and the bonus used as well.
    """
    deducted = 0
    if reason == "customer":
        dearer = max(0, recharge.listed_minor - recharge.bought_minor)
        put_in = recharge.paid_minor + recharge.bonus_minor
        if deduct_bonus:
            deducted = dearer + recharge.bonus_used_minor
        elif put_in:
            deducted = rounded(dearer * recharge.paid_minor, put_in)
        deducted -= recharge.kept_minor
    deducted = min(deducted, recharge.principal_left_minor)
    return CashOut(
        pays_minor=recharge.principal_left_minor - deducted,
        deducted_minor=deducted,
        cancelled_minor=recharge.bonus_left_minor,
    )


def reference(spend_id: str, proof: str) -> str:
    """How a tender names its payment, and what has proved who paid: "pin", "present" or ""."""
    return f"{spend_id}:{proof}" if proof else spend_id


def read(reference: str) -> tuple[str, str]:
    """(spend id, proof)"""
    spend_id, _, proof = reference.partition(":")
    return spend_id, proof
