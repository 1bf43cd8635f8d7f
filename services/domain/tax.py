"""The tax that prices contain: worked out on the total of a rate, and split over its lines."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec

from services.domain.money import rounded, split

TAX_MAX_BP = 10_000  # a rate of 100 %


class RateTax(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The goods of one rate in a document: those that were sold, or, below zero, those that came back."""

    tax_bp: int  # above zero: what is free of tax is told nowhere
    net_minor: int  # the tax and the bonus are in it
    tax_minor: int
    bonus_minor: int = 0  # stored-value bonus: a discount, and no tax is in it

    @property
    def back(self) -> bool:
        """Also where goods came back for nothing, with tax that what is kept instead does not have."""
        return min(self.net_minor, self.tax_minor, self.bonus_minor) < 0

    @property
    def untaxed_minor(self) -> int:
        """What the tax is on."""
        return self.net_minor - self.bonus_minor - self.tax_minor


def contained(lines: Sequence[tuple[int, int]]) -> list[int]:
    """The tax in each of these (rate, net). That of a rate is `R(total · r/(1+r))`, halves away from zero,
    split over its lines as discounts are; nets above and below zero each for themselves."""
    found = [0] * len(lines)
    for rate, back in sorted({(rate, net < 0) for rate, net in lines if rate}):
        places = [n for n, (bp, net) in enumerate(lines) if (bp, net < 0) == (rate, back)]
        nets = [abs(lines[n][1]) for n in places]
        parts = split(rounded(sum(nets) * rate, 10_000 + rate), nets)
        for n, part in zip(places, parts, strict=True):
            found[n] = -part if back else part
    return found


def by_rate(lines: Iterable[tuple[bool, int, int, int, int]]) -> tuple[RateTax, ...]:
    """Lines as (came back, rate, net, tax, bonus), added up: of each rate above zero what was sold, then of
    each what came back; rates in rising order. Nothing is worked out again."""
    sums: dict[tuple[bool, int], tuple[int, int, int]] = {}
    for back, tax_bp, net_minor, tax_minor, bonus_minor in lines:
        if tax_bp:
            net, tax, bonus = sums.get((back, tax_bp), (0, 0, 0))
            sums[back, tax_bp] = net + net_minor, tax + tax_minor, bonus + bonus_minor
    return tuple(
        RateTax(tax_bp=tax_bp, net_minor=net, tax_minor=tax, bonus_minor=bonus)
        for (_, tax_bp), (net, tax, bonus) in sorted(sums.items())
    )


def together(before: Iterable[RateTax], more: Iterable[RateTax]) -> tuple[RateTax, ...]:
    """Those of several documents, as by_rate() tells them."""
    return by_rate(
        (each.back, each.tax_bp, each.net_minor, each.tax_minor, each.bonus_minor)
        for each in (*before, *more)
    )


def percent(tax_bp: int) -> str:
    """1300 as "13%", 925 as "9.25%"."""
    whole, part = divmod(tax_bp, 100)
    return f"{whole}.{part:02d}".rstrip("0").rstrip(".") + "%"
