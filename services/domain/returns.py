"""Goods that come back: what they are worth, and from which tenders it is paid back.

The formulas are cumulative: parts that come back one after the other add up to the whole, to the last unit.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from services.domain.money import Money, rounded, split
from services.domain.settlement import Covered, Rounding

# When a source pays back: what the customer still owes is cancelled first, and last comes what other money
# must pay back for.
FIRST, USUAL, LAST = range(3)
CARRIED = 100  # tenders of an exchange are numbered from here on where an earlier sale paid for it


@dataclass(frozen=True, slots=True)
class Source:
    """One tender that paid for a sale and what is left of it to pay back."""

    n: int  # its number in the sale, from 1; from CARRIED on a tender of the sale before
    key: str
    left_minor: int
    reference: str = ""
    turn: int = USUAL  # those of a lower one pay back before it
    undone: Covered | None = None  # the tender itself, where it is undone as it was
    taken: Covered | None = None  # the tender itself, where another one pays back for it
    parted: bool = False  # stored value whose bonus was booked as a discount


@dataclass(frozen=True, slots=True)
class Back:
    """What one tender pays back. `exact` is before cash is rounded, `amount` what moves."""

    n: int
    key: str
    exact_minor: int
    amount_minor: int
    reference: str = ""
    undone: Covered | None = None  # as of its source
    taken: Covered | None = None
    parted: bool = False


@dataclass(frozen=True, slots=True)
class Drawn:
    """How much of a source returned goods use up, and how much of that is paid back before rounding."""

    n: int
    amount_minor: int
    back_minor: int


@dataclass(frozen=True, slots=True)
class Plan:
    """How a document with returned goods is settled."""

    credit_minor: int  # what the returned goods are worth, zero or more
    drawn: tuple[Drawn, ...]
    back: tuple[Back, ...]  # what is paid back; empty when the new goods cost more
    left_minor: int  # what is to be paid on top, zero or more


def line_credit(net_minor: int, pieces: int, returned: int, now: int) -> int:
    """The worth of `now` pieces of a line sold as `pieces` for `net_minor`, `returned` having come back."""
    assert returned >= 0 and now > 0 and returned + now <= pieces, (pieces, returned, now)
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
    net_minor: int,
    sold_minor: int,
    sources: Sequence[Source],
    rule: Rounding,
    cash: Sequence[str],
    paid_back: tuple[int, int],
    currency: str,
) -> Plan:
    """Settle goods that come back, sold for the net `net_minor` and paid with `credit_minor`, against new
    ones of `sold_minor`, and pay back what is over.

    New goods of the same price take over what was paid for the old ones, rounded cash and all: nothing is
    left to pay and nothing is paid back.
    Split over what is left of each tender, turn by turn. Cash (the tenders
    named in `cash`) is rounded so that all cash paid back for the sale so far, `paid_back` as (exact,
    moved), is rounded as one sum.
    """
    turns = [source.turn for source in sources]
    drawn = _split(credit_minor, [source.left_minor for source in sources], turns)
    used = rounded(credit_minor * sold_minor, net_minor) if sold_minor < net_minor else credit_minor
    over = _split(credit_minor - used, drawn, turns)
    parts = tuple(zip(sources, drawn, over, strict=True))
    return Plan(
        credit_minor=credit_minor,
        drawn=tuple(Drawn(source.n, part, exact) for source, part, exact in parts if part),
        back=tuple(
            _rounded([(s, exact) for s, _, exact in parts if exact], rule, cash, paid_back, currency)
        ),
        left_minor=max(0, sold_minor - net_minor),
    )


def _split(minor: int, left: Sequence[int], turns: Sequence[int]) -> list[int]:
    parts = [0] * len(left)
    for turn in sorted(set(turns)):
        weights = [weight if its == turn else 0 for weight, its in zip(left, turns, strict=True)]
        more = split(min(minor, sum(weights)), weights)
        minor -= sum(more)
        parts = [one + other for one, other in zip(parts, more, strict=True)]
    return parts


def _rounded(
    over: Sequence[tuple[Source, int]],
    rule: Rounding,
    cash: Sequence[str],
    paid_back: tuple[int, int],
    currency: str,
) -> Iterator[Back]:
    exact_so_far, moved_so_far = paid_back
    for source, exact in over:
        moved = exact
        if source.key in cash:
            exact_so_far += exact
            moved = rule.of(Money(exact_so_far, currency)).minor - moved_so_far
            moved_so_far += moved
        of = source.reference, source.undone, source.taken, source.parted
        yield Back(source.n, source.key, exact, moved, *of)
