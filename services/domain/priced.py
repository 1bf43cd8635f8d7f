"""A bag with its prices: each line's net, and every adjustment that led to it."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from services.domain.basket import Line
from services.domain.money import Money, total
from services.domain.pricing import Priced
from services.domain.tax import RateTax, by_rate


class Adjustment(msgspec.Struct, frozen=True):
    """Why a line costs less than its extended price. An offer over several lines gives one for each."""

    line_id: int
    layer: int  # 1 member price, 2 line, 3 unit, 4 order, 5 coupon, 6 points
    source: str  # id of the promotion; "manual" for what a person took off
    source_version: int
    amount: Money  # negative
    label_zh: str
    label_en: str


class PricedLine(msgspec.Struct, frozen=True):
    """A line and what it costs after all its adjustments: what a return pays back."""

    line: Line
    net: Money
    adjustments: tuple[Adjustment, ...] = ()
    tax_minor: int = 0  # contained in net
    bonus_minor: int = 0  # of net: paid with stored-value bonus, a discount; the tax is on the rest


def _gross(priced: PricedLine) -> Money:
    return priced.line.extended if priced.line.returned is None else priced.net


class PricedBag(msgspec.Struct, frozen=True):
    """All lines of a basket in its order; a voided one costs nothing."""

    lines: tuple[PricedLine, ...]
    currency: str
    engine: Priced | None = None  # what pricing said of the goods that are bought; None: no offers there
    points: int = 0  # of the member, that take something off
    tier: str = ""  # that the bag itself reaches, and at whose prices it is

    @property
    def standing(self) -> tuple[PricedLine, ...]:
        return tuple(each for each in self.lines if not each.line.voided)

    @property
    def total(self) -> Money:
        """What is to be paid; negative when more comes back than is bought."""
        return Money(sum(line.net.minor for line in self.lines), self.currency)

    @property
    def gross(self) -> Money:
        """Before all adjustments; goods that come back count with what was paid for them."""
        return total((_gross(line) for line in self.lines), self.currency)

    @property
    def saved(self) -> Money:
        """The sum of all adjustments; zero or negative."""
        return total((each.amount for line in self.lines for each in line.adjustments), self.currency)


def taxes(lines: Iterable[PricedLine]) -> tuple[RateTax, ...]:
    """As by_rate() adds up what the lines say."""
    return by_rate(
        (each.line.returned is not None, each.line.tax_bp, each.net.minor, each.tax_minor, each.bonus_minor)
        for each in lines
        if not each.line.voided
    )
