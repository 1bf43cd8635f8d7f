"""What the till says to the gateway about prices that people change."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta

from services.flows.approvals import Approval
from web_console.api import Id, Minor, Request


class GiveDiscount(Request, frozen=True, kw_only=True):
    """Either a share or an amount; both 0 take it back."""

    basket_id: Id
    line_id: Annotated[int, Meta(ge=0, le=10_000)]  # 0: the whole bag
    percent_bp: Annotated[int, Meta(ge=0, le=10_000)] = 0
    amount_minor: Minor = 0
    reason: Annotated[str, Meta(min_length=1, max_length=60, pattern=r"^[^\x00-\x1f\x7f]+$")]
    approval: Approval | None = None


class ChangePrice(Request, frozen=True, kw_only=True):
    basket_id: Id
    price_minor: Minor
    approval: Approval | None = None
