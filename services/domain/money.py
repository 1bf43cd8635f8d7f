"""Money: integer minor units with a currency."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, order=True)
class Money:
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


def total(amounts: Iterable[Money], currency: str) -> Money:
    """The sum; zero of `currency` for no amounts."""
    minor = 0
    for amount in amounts:
        assert amount.currency == currency, f"{amount} among {currency}"
        minor += amount.minor
    return Money(minor, currency)


# ISO 4217 minor units that are not two digits, for the currencies a till can meet.
_MINOR_DIGITS = {"JPY": 0, "KRW": 0, "VND": 0, "KWD": 3, "BHD": 3}


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


def signed(amount: Money) -> str:
    """The same with the currency's sign, or its code where it has none here: -¥1,299.00, KWD 1.500."""
    sign = _SIGNS.get(amount.currency, f"{amount.currency} ")
    figures = written(Money(abs(amount.minor), amount.currency))
    return f"-{sign}{figures}" if amount.minor < 0 else f"{sign}{figures}"
