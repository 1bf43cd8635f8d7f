"""Who buys, as everybody at the till may see it."""

from __future__ import annotations

from services.domain import masks
from services.flows import customers
from web_console.api import CustomerView


def customer(member_id: str) -> CustomerView:
    """One who was erased meanwhile has no texts."""
    known = customers.known(member_id)
    return CustomerView(
        member_id=member_id,
        name=masks.masked("name", known.values.get("name", "")),
        phone=masks.masked("phone", known.values.get("phone", "")),
        tier_zh=known.tier.label_zh if known.tier is not None else "",
        tier_en=known.tier.label_en if known.tier is not None else "",
    )
