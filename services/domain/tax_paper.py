"""The tax by rate as receipts and Z reports print it."""

from __future__ import annotations

from collections.abc import Iterable

from services.domain.money import Money, written
from services.domain.paper_words import Words
from services.domain.tax import RateTax, percent


def rows(taxes: Iterable[RateTax], currency: str, words: Words) -> list[tuple[str, str]]:
    """(what, how much): of each rate its tax, and below it the amount without; what came back says so."""
    told: list[tuple[str, str]] = []
    for each in taxes:
        what = words("tax_back" if each.back else "tax")
        untaxed = Money(each.untaxed_minor, currency)
        told.append((f"{what} {percent(each.tax_bp)}", written(Money(each.tax_minor, currency))))
        told.append((f" {words('untaxed')}", written(untaxed)))
    return told
