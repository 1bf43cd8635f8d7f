"""What comes back of a sale whose promotion wants it reckoned anew: what was paid, less what is kept.

Without it somebody buys for a threshold, and brings back what was bought for the threshold alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from services.domain.gift_cards import is_card
from services.domain.money import rounded, split
from services.domain.offers import ORDER, Grant, Item
from services.domain.priced import PricedLine
from services.domain.tax import contained

MANUAL = "manual"


@dataclass(frozen=True, slots=True)
class Anew:
    """`price_minor` is what those who keep the rest would have paid for it then; `back_minor` what is paid
    back now, `plain_minor` what it would be by shares."""

    paid_minor: int  # for the goods of the sale, less what was paid back before
    price_minor: int
    plain_minor: int
    back_minor: int


class Part(NamedTuple):
    """Of a line: what it is worth, and what of that is tax or stored-value bonus. Above zero: of one that
    was sold, that is kept, or that comes back."""

    tax_bp: int
    net_minor: int
    tax_minor: int
    bonus_minor: int


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


def anew(paid_minor: int, price_minor: int, plain_minor: int) -> Anew:
    """Never less than nothing, and never more than was paid: what is kept costs nothing at the least."""
    assert paid_minor >= 0 and price_minor >= 0, (paid_minor, price_minor)
    return Anew(paid_minor, price_minor, plain_minor, max(0, paid_minor - price_minor))


def bonus_kept(bonus_minor: int, found: Anew) -> int:
    """What of the bonus in a sale still pays for what is kept; the rest goes with what is paid back."""
    kept_minor = found.paid_minor - found.back_minor
    return rounded(bonus_minor * kept_minor, found.paid_minor) if found.paid_minor else 0


def still_in(kept: Sequence[tuple[int, int]], bonus_minor: int) -> list[Part]:
    """The tax and the bonus in the price of what is kept, told as (rate, net)."""
    nets = [net for _, net in kept]
    shares = split(bonus_minor, nets)
    taxes = contained([(bp, net - share) for (bp, net), share in zip(kept, shares, strict=True)])
    return [Part(bp, net, tax, share) for (bp, net), tax, share in zip(kept, taxes, shares, strict=True)]


def given_back(
    back_minor: int, plain: Sequence[Part], left: Iterable[Part], kept: Iterable[Part]
) -> list[Part]:
    """What comes back of each line, told as it would be by shares. `left` is in the sale before, line by
    line, `kept` in the price of what is kept.

    A rate gives back the tax and the bonus that are not in what is kept of it: with the last of its goods
    all of them, whatever is kept at other rates, so that nothing is left of any when all has come back.
    What is kept at another rate keeps the tax it was sold with, also where it costs more alone.
    """
    nets = shared(back_minor, [part.net_minor for part in plain])
    taxes, bonuses = [0] * len(plain), [0] * len(plain)
    over = _less(_by_rate(left), _by_rate(kept))
    for rate in {part.tax_bp for part in plain}:
        mine = [n for n, part in enumerate(plain) if part.tax_bp == rate]
        tax_minor, bonus_minor = over[rate]
        tax_parts = shared(tax_minor, [plain[n].tax_minor for n in mine])
        bonus_parts = shared(bonus_minor, [plain[n].bonus_minor for n in mine])
        for n, tax, bonus in zip(mine, tax_parts, bonus_parts, strict=True):
            taxes[n], bonuses[n] = tax, bonus
    return [Part(part.tax_bp, *rest) for part, *rest in zip(plain, nets, taxes, bonuses, strict=True)]


def _by_rate(parts: Iterable[Part]) -> dict[int, tuple[int, int]]:
    sums: dict[int, tuple[int, int]] = {}
    for part in parts:
        tax, bonus = sums.get(part.tax_bp, (0, 0))
        sums[part.tax_bp] = tax + part.tax_minor, bonus + part.bonus_minor
    return sums


def _less(left: dict[int, tuple[int, int]], kept: dict[int, tuple[int, int]]) -> dict[int, tuple[int, int]]:
    none = (0, 0)
    return {
        rate: (max(0, tax - kept.get(rate, none)[0]), max(0, bonus - kept.get(rate, none)[1]))
        for rate, (tax, bonus) in left.items()
    }


def shared(back_minor: int, plain: Sequence[int]) -> list[int]:
    """The amount over the lines that come back, by what each is worth by shares; equally where all are
    worth nothing."""
    weights = plain if any(plain) else [1] * len(plain)
    return split(back_minor, [weight * (back_minor + 1) for weight in weights])  # a part may pass its share
