"""Amounts of money, ready to show."""

from __future__ import annotations

from services.domain.money import Money, signed
from services.flows.shop import Shop
from web_console.api import Amount


def amount(money: Money) -> Amount:
    return Amount(minor=money.minor, currency=money.currency, text=signed(money))


def cash(shop: Shop, money: Money) -> Amount:
    """Of a currency that may be another than the shop's: nobody takes it for that."""
    return Amount(minor=money.minor, currency=money.currency, text=signed(money, shop.currency))
