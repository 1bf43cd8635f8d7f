"""Instalment plans: what is owed after the sale, month by month, and how it is cancelled."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from services.domain.days import later
from services.domain.money import rounded

TENDER = "instalment"
MONTHS = (3, 6, 12)


@dataclass(frozen=True, slots=True)
class Terms:
    """What the shop offers. `fee_bp` is what the provider keeps, for each of `months`."""

    provider: str = ""  # "": the shop itself
    min_minor: int = 300_00
    months: tuple[int, ...] = ()  # of MONTHS; none: not offered
    fee_bp: tuple[int, ...] = ()


NONE = Terms()


@dataclass(frozen=True, slots=True)
class Due:
    """One month of a plan."""

    n: int  # from 1
    day: str  # YYYY-MM-DD
    amount_minor: int  # what is still owed then


def schedule(amount_minor: int, months: int, begins: date) -> tuple[Due, ...]:
    """The months of a plan, the first a month after it begins; units that do not divide fall due first."""
    assert amount_minor >= months > 0, (amount_minor, months)
    part, spare = divmod(amount_minor, months)
    return tuple(Due(n, later(begins, n).isoformat(), part + (n <= spare)) for n in range(1, months + 1))


def reduced(rows: Sequence[Due], amount_minor: int) -> tuple[Due, ...]:
    """The plan after so much of it was cancelled: the last months first. Never more than is owed."""
    assert 0 <= amount_minor <= sum(row.amount_minor for row in rows), amount_minor
    kept = []
    for row in reversed(rows):
        cut = min(amount_minor, row.amount_minor)
        amount_minor -= cut
        kept.append(replace(row, amount_minor=row.amount_minor - cut))
    return tuple(reversed(kept))


def fee_minor(amount_minor: int, fee_bp: int) -> int:
    return rounded(amount_minor * fee_bp, 10_000)


def reference(months: int, plan_id: str) -> str:
    """How a tender names its plan."""
    return f"{months}:{plan_id}"


def read(reference: str) -> tuple[int, str]:
    """(months, plan id)"""
    months, _, plan_id = reference.partition(":")
    return int(months), plan_id
