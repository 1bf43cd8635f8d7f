"""What a payment method declares."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Tender:
    key: str
    label_zh: str
    label_en: str
    account: str  # the ledger account that is debited
    opens_drawer: bool = False
    gives_change: bool = False
    rounds: bool = False  # what is left when it has its turn is rounded to the coins in use
    rank: int = 50  # 0 to 99: vouchers and stored value first, cards, cash last
    # "at_once": it is there or it is not (notes on the counter). "asked": it happens on a terminal or a
    # telephone, outside the gateway; somebody says how it ended, and until then the sale is held.
    # "stored": a balance that this box keeps pays, named by a code; it goes back to where it came from.
    # "planned": a plan pays later; what is paid back is taken off it, before any other tender.
    # "exchanged": notes of another currency, at a rate; goods that come back are paid back in the shop's.
    outcome: Literal["at_once", "asked", "stored", "planned", "exchanged"] = "at_once"
    reference: bool = False  # the terminal's number is asked for; it stands on receipt and journal
    pays_back: bool = True  # can pay back what it did not take itself
    icon: str = "wallet"  # of web_console/static/icons.svg
