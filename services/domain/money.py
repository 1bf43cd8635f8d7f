"""Money: integer minor units with a currency."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec


class Money(msgspec.Struct, frozen=True, order=True):
    """An amount in minor units (fen, cents). Money(1250, "CNY") is 12.50 yuan."""

    minor: int
    currency: str  # ISO 4217

    def __add__(self, other: Money) -> Money:
        assert self.currency == other.currency, f"{self} + {other}"
        return Money(self.minor + other.minor, self.currency)

    def __sub__(self, other: Money) -> Money:
        assert self.currency == other.currency, f"{self} - {other}"
        return Money(self.minor - other.minor, self.currency)

    def __neg__(self) -> Money:
        return Money(-self.minor, self.currency)

    def times(self, quantity: int) -> Money:
        return Money(self.minor * quantity, self.currency)

    def share(self, basis_points: int) -> Money:
        """This many hundredths of a percent, halves away from zero."""
        return Money(rounded(self.minor * basis_points, 10_000), self.currency)

    def split(self, weights: Sequence[int]) -> list[Money]:
        """Divided as split() divides."""
        return [Money(part, self.currency) for part in split(self.minor, weights)]


def rounded(numerator: int, denominator: int) -> int:
    """The quotient of two integers, the second above zero; halves away from zero."""
    magnitude = (2 * abs(numerator) + denominator) // (2 * denominator)
    return magnitude if numerator >= 0 else -magnitude


def split(minor: int, weights: Sequence[int]) -> list[int]:
    """`minor` (0 or more) divided over amounts (each 0 or more), in proportion and to the last unit.

    More than their sum is cut to it, so that no part is beyond its weight. Left-over units go to the
    largest remainders, ties to the larger weight, then to the earlier one.
    """
    whole = sum(weights)
    minor = min(minor, whole)
    if minor <= 0:
        return [0] * len(weights)
    parts = [minor * weight // whole for weight in weights]
    spare = minor - sum(parts)
    if spare:
        by_remainder = sorted(
            range(len(weights)), key=lambda i: (-(minor * weights[i] % whole), -weights[i], i)
        )
        for i in by_remainder[:spare]:
            parts[i] += 1
    return parts


def total(amounts: Iterable[Money], currency: str) -> Money:
    """The sum; zero of `currency` for no amounts."""
    minor = 0
    for amount in amounts:
        assert amount.currency == currency, f"{amount} among {currency}"
        minor += amount.minor
    return Money(minor, currency)


# ISO 4217: the currencies whose minor units are not two digits.
_MINOR_DIGITS = {
    **dict.fromkeys(("BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX"), 0),
    **dict.fromkeys(("UYI", "VND", "VUV", "XAF", "XOF", "XPF"), 0),
    **dict.fromkeys(("BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"), 3),
}


def minor_digits(currency: str) -> int:
    return _MINOR_DIGITS.get(currency, 2)


def written(amount: Money) -> str:
    """Grouped decimal figures without a sign of currency: 1,234,567.89; minus in front."""
    digits = minor_digits(amount.currency)
    whole, part = divmod(abs(amount.minor), 10**digits)
    text = f"{whole:,}" + (f".{part:0{digits}d}" if digits else "")
    return f"-{text}" if amount.minor < 0 else text


# Only signs that receipt printers have too.
_SIGNS = {
    **{"CNY": "¥", "JPY": "¥", "HKD": "HK$", "MOP": "MOP$", "TWD": "NT$", "USD": "$", "SGD": "S$"},
    **{"EUR": "€", "GBP": "£"},
}


def signed(amount: Money, own: str = "") -> str:
    """The same with the currency's sign, or its code where it has none here, or where the shop's `own`
    currency has the same one: -¥1,299.00, KWD 1.500; JPY 7,000 in a shop that counts in yuan."""
    sign = _SIGNS.get(amount.currency, "")
    if not sign or (own not in ("", amount.currency) and _SIGNS.get(own) == sign):
        sign = f"{amount.currency} "
    figures = written(Money(abs(amount.minor), amount.currency))
    return f"-{sign}{figures}" if amount.minor < 0 else f"{sign}{figures}"
