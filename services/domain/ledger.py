"""Double entry: postings that sum to zero."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from services.domain.money import Money

REVENUE = "revenue:sales"


@dataclass(frozen=True, slots=True)
class Posting:
    """One side of a fact. Debits are positive, credits negative."""

    account: str
    amount: Money


@dataclass(frozen=True, slots=True)
class Entry:
    """Postings of one fact. An unbalanced entry cannot be made."""

    postings: tuple[Posting, ...]

    def __post_init__(self) -> None:
        residue: Counter[str] = Counter()
        for posting in self.postings:
            residue[posting.amount.currency] += posting.amount.minor
        assert not any(residue.values()), f"unbalanced entry: {dict(residue)}"
