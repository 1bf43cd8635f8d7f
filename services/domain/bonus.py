"""Stored-value bonus on the lines it paid for: a discount, so the tax is on what is left of the net."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import structs

from services.domain.gift_cards import is_card
from services.domain.money import rounded, split
from services.domain.priced import PricedLine
from services.domain.returns import Drawn
from services.domain.tax import contained


def carried(lines: Sequence[PricedLine], drawn: Sequence[Drawn]) -> int:
    """The bonus that an exchange takes over: of that in the goods that come back the share of what paid for
    them and is not paid back, but pays for new ones."""
    taken = sum(each.amount_minor for each in drawn)
    over = taken - sum(each.back_minor for each in drawn)
    if not over:
        return 0
    back_minor = -sum(each.bonus_minor for each in lines if each.line.returned is not None)
    return rounded(back_minor * over, taken)


def borne(lines: Sequence[PricedLine], bonus_minor: int) -> tuple[PricedLine, ...]:
    """The lines with the bonus split over those it may pay, by their nets, and the tax of each rate on the
    total that is left of it. What comes back keeps the bonus and tax of then; gift cards, which bonus
    never buys, bear none."""
    paid = [n for n, each in enumerate(lines) if _may_bear(each)]
    nets = [lines[n].net.minor for n in paid]
    shares = split(bonus_minor, nets)
    lefts = [net - share for net, share in zip(nets, shares, strict=True)]
    taxes = contained([(lines[n].line.tax_bp, left) for n, left in zip(paid, lefts, strict=True)])
    found = list(lines)
    for n, share, tax in zip(paid, shares, taxes, strict=True):
        found[n] = structs.replace(lines[n], bonus_minor=share, tax_minor=tax)
    return tuple(found)


def _may_bear(each: PricedLine) -> bool:
    return each.line.returned is None and not is_card(each.line)
