"""What the office's pages of stored value say."""

from __future__ import annotations

from web_console.api import Amount, Answer
from web_console.api_stored_value import RechargePlanView


class PayWay(Answer, frozen=True, kw_only=True):
    """A tender by which a recharge can be paid back."""

    key: str
    label_zh: str
    label_en: str
    reference: bool  # the terminal's number is needed


class StoredValueOffice(Answer, frozen=True, kw_only=True):
    """What is on offer, and the limits as the shop has set them; see [stored_value] of its settings."""

    plans: tuple[RechargePlanView, ...]
    ended: tuple[RechargePlanView, ...]  # no longer on offer, the one that ended last first
    ways: tuple[PayWay, ...]
    named_max: Amount
    nameless_max: Amount
    cash_max: Amount
    proof_above: Amount
    spend: str  # proportional, principal_first, bonus_first
    deduct_bonus: bool
    cooling_days: int
    reserve_bp: int
    decimals: int  # of the currency
