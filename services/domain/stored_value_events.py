"""Recharge plans, every move of stored value, and what became of its accounts."""

from __future__ import annotations

from typing import Annotated, ClassVar

import msgspec
from msgspec import Meta

from services.domain.event import Event


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """What a recharge costs and brings: one version, never changed."""

    plan_id: str
    version: int  # from 1, rising
    label_zh: Annotated[str, Meta(max_length=100)]
    label_en: Annotated[str, Meta(max_length=100)]
    pays_minor: Annotated[int, Meta(ge=1)]
    bonus_minor: Annotated[int, Meta(ge=0)]
    bonus_days: Annotated[int, Meta(ge=0)]  # for which the bonus is good; 0: for ever


class MovedLot(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a move did to one lot: the principal or the bonus of one recharge."""

    lot_id: str
    recharge_id: str
    kind: str  # "principal" | "bonus"
    amount_minor: int  # of the lot: negative where it fell
    expires: str = ""  # the last day, YYYY-MM-DD; absent: never
    listed_minor: int = 0  # list price of the goods that this part paid for; negative as they come back


class StoredValueMoved(Event, frozen=True, kw_only=True, omit_defaults=True):
    """An account was recharged, spent from, refunded to, paid out, or bonus of it came to its end.

    Each balance is the sum of its moves. A person who has several accounts may spend from all of them at
    once: then each tells its part, under the same `spend_id`.
    """

    type: ClassVar[str] = "stored_value.moved"
    version: ClassVar[str] = "1.1"

    move_id: str
    member_id: str  # whose account it is
    kind: str  # "recharged" | "spent" | "refunded" | "cashed_out" | "expired" | "opened"
    principal_minor: int  # of the balance: negative where it fell
    bonus_minor: int
    principal_balance_minor: int  # after it
    bonus_balance_minor: int
    currency: str
    retail_store_id: str
    business_day: str
    moved_at_ms: int
    lots: tuple[MovedLot, ...]
    operator_id: str
    reason: str = ""  # "plan", "amount", "change", "import"; "cooling_off", "shop", "customer"
    sale_id: str = ""  # the document
    spend_id: str = ""  # of the payment, also where a part of it comes back
    recharge_id: str = ""  # the first move of what is paid out
    plan_id: str = ""
    plan_version: int = 0
    tender_type: str = ""  # that paid the recharge, or pays it out
    reference: str = ""  # of the terminal or the channel
    pays_minor: int = 0  # what is paid out; the rest of the principal is kept for what was used
    proof: str = ""  # "pin" | "present": how the customer was known
    approver_id: str = ""
    # Since 1.1
    workstation_id: str = ""  # the till; "" where it happened at none


class StoredValueAccountChanged(Event, frozen=True, kw_only=True, omit_defaults=True):
    """An account was stopped, let go again, or has another card or PIN. Its balance stays with it."""

    type: ClassVar[str] = "stored_value.account_changed"
    version: ClassVar[str] = "1.0"

    member_id: str
    change: str  # "frozen" | "released" | "card_replaced" | "pin_set"
    state: str  # "active" | "frozen", from now on
    cards: int  # how many were given out in the place of another
    reason: str
    operator_id: str
    approver_id: str = ""


class StoredValuePlanPublished(Event, frozen=True, kw_only=True):
    """A recharge plan stands from now on, in place of its version before."""

    type: ClassVar[str] = "stored_value.plan_published"
    version: ClassVar[str] = "1.0"

    plan: Plan
    operator_id: str


class StoredValuePlanWithdrawn(Event, frozen=True, kw_only=True):
    """A recharge plan stands no longer."""

    type: ClassVar[str] = "stored_value.plan_withdrawn"
    version: ClassVar[str] = "1.0"

    plan_id: str
    plan_version: int  # the last that stood
    operator_id: str
