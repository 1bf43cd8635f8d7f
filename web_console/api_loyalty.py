"""What the forms of tiers, tags and points rules are drawn from."""

from __future__ import annotations

from web_console.api import Answer
from web_console.api_catalogue import CategoryView


class NamedView(Answer, frozen=True, kw_only=True):
    key: str
    label_zh: str
    label_en: str


class LoyaltyForm(Answer, frozen=True, kw_only=True):
    """What a rule may name, and how amounts are written."""

    categories: tuple[CategoryView, ...]
    tiers: tuple[NamedView, ...]
    coupons: tuple[NamedView, ...]  # kinds that are still given out
    decimals: int  # of the currency
    zero: str  # no money, as it is written: its sign and its figures
    today: str
