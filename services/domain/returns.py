"""Goods that come back: what they are worth, and from which tenders it is paid back.

The formulas are cumulative: parts that come back one after the other add up to the whole, to the last unit.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from services.domain.money import Money, rounded, split
from services.domain.settlement import Rounding


@dataclass(frozen=True, slots=True)
class Source:
    """One tender of the original sale and what is left of it to pay back."""

    n: int  # its number in the sale, from 1
    key: str
    left_minor: int
    reference: str = ""


@dataclass(frozen=True, slots=True)
class Back:
    """What one tender pays back. `exact` is before cash is rounded, `amount` what moves; both above zero."""

    n: int
    key: str
    exact_minor: int
    amount_minor: int
    reference: str = ""


@dataclass(frozen=True, slots=True)
class Plan:
    """How a document with returned goods is settled."""

    credit_minor: int  # what the returned goods are worth, zero or more
    drawn: tuple[tuple[int, int], ...]  # (tender of the original sale, how much of it this uses up)
    back: tuple[Back, ...]  # what is paid back; empty when the new goods cost more
    left_minor: int  # what is to be paid on top, zero or more


def line_credit(net_minor: int, pieces: int, returned: int, now: int) -> int:
    """The worth of `now` pieces of a line sold as `pieces` for `net_minor`, `returned` having come back."""
    assert 0 <= returned and 0 < now and returned + now <= pieces, (pieces, returned, now)
    return rounded(net_minor * (returned + now), pieces) - rounded(net_minor * returned, pieces)


def credit(total_minor: int, paid_minor: int, returned_minor: int, now_minor: int) -> int:
    """What is owed for goods of the net `now_minor`: the share of what was paid for the whole sale.

    That differs from the net only where the cash of the sale was rounded.
    """
    if total_minor == 0:
        return 0
    return rounded(paid_minor * (returned_minor + now_minor), total_minor) - rounded(
        paid_minor * returned_minor, total_minor
    )


def plan(
    credit_minor: int,
    sold_minor: int,
    sources: Sequence[Source],
    rule: Rounding,
    cash: Sequence[str],
    paid_back: tuple[int, int],
    currency: str,
) -> Plan:
    """Settle a credit against new goods of `sold_minor`, and pay back what is over.

    Split over what is left of each tender. Cash (the tenders named in `cash`) is rounded so that all cash
    paid back for the sale so far, `paid_back` as (exact, moved), is rounded as one sum.
    """
    left = [source.left_minor for source in sources]
    drawn = split(credit_minor, left)
    over = split(max(0, credit_minor - sold_minor), drawn)
    back = [
        Back(source.n, source.key, exact, _moved(source.key in cash, exact, rule, paid_back, currency), source.reference)
        for source, exact in zip(sources, over, strict=True)
        if exact
    ]
    return Plan(
        credit_minor=credit_minor,
        drawn=tuple((source.n, part) for source, part in zip(sources, drawn, strict=True) if part),
        back=tuple(back),
        left_minor=max(0, sold_minor - credit_minor),
    )


def _moved(is_cash: bool, exact: int, rule: Rounding, paid_back: tuple[int, int], currency: str) -> int:
    if not is_cash:
        return exact
    before_exact, before_moved = paid_back
    return rule.of(Money(before_exact + exact, currency)).minor - before_moved
