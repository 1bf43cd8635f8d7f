"""What the pages say and hear of stored value."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta

from services.flows.approvals import Approval
from web_console.api import Amount, Answer, Id, Request

Sum = Annotated[int, Meta(ge=1, le=100_000_000)]
Reference = Annotated[str, Meta(max_length=64, pattern="^[A-Za-z0-9_.:/ -]*$")]
PayOutReason = Literal["cooling_off", "shop", "customer"]
Label = Annotated[str, Meta(min_length=1, max_length=100)]
Days = Annotated[int, Meta(ge=0, le=3_650)]


class RechargePlanIn(Request, frozen=True, kw_only=True):
    """`plan_id` "": a new one. `bonus_days` 0: the bonus never ends."""

    plan_id: Annotated[str, Meta(max_length=64)] = ""
    label_zh: Label
    label_en: Label
    pays_minor: Sum
    bonus_minor: Annotated[int, Meta(ge=0, le=100_000_000)]
    bonus_days: Days = 0


class RechargePlanView(Answer, frozen=True, kw_only=True):
    plan_id: str
    version: int
    label_zh: str
    label_en: str
    pays: Amount
    bonus: Amount
    bonus_days: int


class StatementQuery(Request, frozen=True, kw_only=True):
    before: Annotated[str, Meta(max_length=64)] = ""  # a page's `next`


class ValueMoveView(Answer, frozen=True, kw_only=True):
    """`kind`: recharged, spent, refunded, cashed_out, expired. Balances are of that account."""

    move_id: str
    member_id: str
    kind: str
    reason: str
    at_ms: int
    business_day: str
    principal: Amount
    bonus: Amount
    principal_balance: Amount
    bonus_balance: Amount
    balance: Amount  # both
    sale_id: str
    recharge_id: str
    pays: Amount  # what was paid out


class ValueLotView(Answer, frozen=True, kw_only=True):
    """What is left of one recharge. `kind`: principal, bonus."""

    recharge_id: str
    day: str  # it was paid in
    kind: str
    amount: Amount  # at first
    left: Amount
    last_day: str  # "": no end


class StoredValueView(Answer, frozen=True, kw_only=True):
    """`state`: active, frozen. `cards`: given out in the place of another."""

    member_id: str
    state: str
    cards: int
    has_pin: bool
    principal: Amount
    bonus: Amount
    lots: tuple[ValueLotView, ...]  # with something in them, the oldest first
    moves: tuple[ValueMoveView, ...]  # the newest first
    next: str = ""


class RechargeIn(Request, frozen=True, kw_only=True):
    """Without a plan: that amount, and no bonus. `plan_version` is the one that was shown."""

    plan_id: Annotated[str, Meta(max_length=64)] = ""
    plan_version: Annotated[int, Meta(ge=0)] = 0
    paid_minor: Sum
    tender: Id
    reference: Reference = ""
    approval: Approval | None = None


class KeepChange(Request, frozen=True, kw_only=True):
    approval: Approval | None = None


class WorthQuery(Request, frozen=True, kw_only=True):
    reason: PayOutReason


class WorthView(Answer, frozen=True, kw_only=True):
    pays: Amount
    deducted: Amount  # of the principal that is left
    cancelled: Amount  # bonus


class PayOutIn(Request, frozen=True, kw_only=True):
    """`shown_minor` is what the page showed: another amount is not paid."""

    reason: PayOutReason
    shown_minor: Annotated[int, Meta(ge=0, le=100_000_000)]
    tender: Id
    reference: Reference = ""
    approval: Approval | None = None


class AccountIn(Request, frozen=True, kw_only=True):
    change: Literal["frozen", "released", "card_replaced"]
    reason: Annotated[str, Meta(min_length=1, max_length=100)]
    approval: Approval | None = None


class HolderPin(Request, frozen=True, kw_only=True):
    pin: Annotated[str, Meta(pattern="^[0-9]{6}$")]
    approval: Approval | None = None

    def __repr__(self) -> str:
        """Without the PIN: this may end up in a log."""
        return "HolderPin()"
