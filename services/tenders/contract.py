"""What a payment method declares."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Tender:
    key: str
    label_zh: str
    label_en: str
    account: str  # the ledger account that is debited
    opens_drawer: bool = False
    gives_change: bool = False
