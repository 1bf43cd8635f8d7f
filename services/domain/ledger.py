"""Double entry: postings that sum to zero."""

from __future__ import annotations

import msgspec

from services.domain.money import Money

REVENUE = "revenue:sales"
GIFT_CARDS = "liability:gift_cards"
DRAWER = "cash:drawer"  # the shop's own notes and coins
ROUNDING = "expense:cash_rounding"
BONUS = "discount:stored_value_bonus"  # what stored value paid that nobody had paid in


class Posting(msgspec.Struct, frozen=True):
    """One side of a fact. Debits are positive, credits negative."""

    account: str
    amount: Money


class Entry(msgspec.Struct, frozen=True):
    """Postings of one fact. An unbalanced entry cannot be made."""

    postings: tuple[Posting, ...]

    def __post_init__(self) -> None:
        residue: dict[str, int] = {}
        for posting in self.postings:
            amount = posting.amount
            residue[amount.currency] = residue.get(amount.currency, 0) + amount.minor
        assert not any(residue.values()), f"unbalanced entry: {residue}"
