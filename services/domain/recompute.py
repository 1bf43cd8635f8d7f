"""What comes back of a sale whose promotion wants it reckoned anew: what was paid, less what is kept.

Without it somebody buys for a threshold, and brings back what was bought for the threshold alone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from services.domain.gift_cards import is_card
from services.domain.money import rounded, split
from services.domain.offers import ORDER, Grant, Item
from services.domain.priced import PricedLine

MANUAL = "manual"


@dataclass(frozen=True, slots=True)
class Anew:
    """`price_minor` is what those who keep the rest would have paid for it then; `back_minor` what is paid
    back now, `plain_minor` what it would be by shares."""

    paid_minor: int  # for the goods of the sale, less what was paid back before
    price_minor: int
    plain_minor: int
    back_minor: int
    tax_minor: int = 0  # in back_minor


def goods(lines: Sequence[PricedLine]) -> list[PricedLine]:
    """The lines of a sale that promotions are about: sold, standing, and no gift cards."""
    return [
        each for each in lines if each.line.quantity > 0 and not each.line.voided and not is_card(each.line)
    ]


def kept(lines: Sequence[PricedLine], back: Mapping[int, int]) -> list[Item]:
    """What is kept of the goods, at the prices of then. `back`: line -> pieces that have come back."""
    return [
        Item(
            line_id=each.line.line_id,
            sku=each.line.sku,
            style=each.line.style,
            category=each.line.category,
            quantity=each.line.quantity - back.get(each.line.line_id, 0),
            unit_minor=each.line.unit_price.minor,
            override=each.line.list_price is not None,
            tax_bp=each.line.tax_bp,
        )
        for each in goods(lines)
        if each.line.quantity > back.get(each.line.line_id, 0)
    ]


def by_hand(lines: Sequence[PricedLine], back: Mapping[int, int]) -> tuple[Grant, ...]:
    """What people took off the lines, for the pieces that are kept: nobody takes it off again."""
    given = []
    for each in goods(lines):
        sold = each.line.quantity
        left = sold - back.get(each.line.line_id, 0)
        off = -sum(a.amount.minor for a in each.adjustments if a.source == MANUAL)
        if part := rounded(off * left, sold):
            given.append(
                Grant(
                    layer=ORDER,
                    source=MANUAL,
                    source_id=MANUAL,
                    label_zh="",
                    label_en="",
                    line_id=each.line.line_id,
                    amount_minor=part,
                )
            )
    return tuple(given)


def anew(paid_minor: int, price_minor: int, plain_minor: int, taxes: tuple[int, int]) -> Anew:
    """Never less than nothing, and never more than was paid: what is kept costs nothing at the least.

    `taxes` are what was in the sale, less what was given back, and what is in the price of what is kept:
    the shop owes the tax of what it keeps, and whoever brings everything back leaves none.
    """
    assert paid_minor >= 0 and price_minor >= 0, (paid_minor, price_minor)
    back_minor, tax_minor = max(0, paid_minor - price_minor), max(0, taxes[0] - taxes[1])
    return Anew(paid_minor, price_minor, plain_minor, back_minor, tax_minor)


def shared_tax(tax_minor: int, plain: Sequence[int]) -> list[int]:
    """The tax over the lines that come back, by what is in each by shares; none where none is taxed."""
    return shared(tax_minor, plain) if any(plain) else [0] * len(plain)


def shared(back_minor: int, plain: Sequence[int]) -> list[int]:
    """The amount over the lines that come back, by what each is worth by shares; equally where all are
    worth nothing."""
    weights = plain if any(plain) else [1] * len(plain)
    return split(back_minor, [weight * (back_minor + 1) for weight in weights])  # a part may pass its share
