"""An account that was stopped or let go again, and the card and PIN by which its holder is known."""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

from services.domain import stored_value as rules
from services.domain.stored_value_events import StoredValueAccountChanged
from services.domain.tender_errors import StoredValueFrozen
from services.flows import approvals, pins
from services.flows.approvals import Approval
from services.flows.record import record
from services.flows.shop import Shop
from services.store import db, requests, stored_value
from services.store.stored_value import Account

CARE = "stored_value_care"  # the right
Change = Literal["frozen", "released", "card_replaced"]

_HOLDER = "stored_value:"  # of failures: whose PIN was tried


def change(
    shop: Shop,
    member_id: str,
    wanted: Change,
    *,
    reason: str,
    approval: Approval | None,
    operator_id: str,
    request_id: str,
) -> Account:
    """Stop an account at once (whoever reports a loss waits for nobody), let it go again, or note that
    another card was given out in the place of a lost one: the account is let go and keeps all that is on
    it. Which card it is stands with the member. A repeat changes nothing, and counts no second card.

    Raises what approvals.approve() raises, for all but stopping.
    """
    asked = requests.fingerprint("stored_value.account", member_id, wanted, reason)
    if requests.answer(request_id, asked) is not None:
        return stored_value.account(member_id)
    approver_id = operator_id
    if wanted != "frozen":
        approver_id = approvals.approve(shop, CARE, approval, operator_id=operator_id)
    with db.write():
        before = stored_value.account(member_id)
        if requests.claim(request_id, asked, member_id, shop.now_ms()) is not None:
            return before
        after = replace(
            before,
            state=rules.FROZEN if wanted == "frozen" else rules.ACTIVE,
            cards=before.cards + (wanted == "card_replaced"),
        )
        if after != before:
            _keep(shop, after, wanted, reason, approval, approver_id, operator_id)
    return after


def set_pin(
    shop: Shop,
    member_id: str,
    pin: str,
    *,
    approval: Approval | None,
    operator_id: str,
    request_id: str,
) -> None:
    """The holder has chosen a PIN, typed by themselves; another one needs somebody who has seen who they
    are. A repeat changes nothing. Raises what approvals.approve() raises."""
    asked = requests.fingerprint("stored_value.pin", member_id)
    if requests.answer(request_id, asked) is not None:
        return
    approver_id = approvals.approve(shop, CARE, approval, operator_id=operator_id)
    hashed = shop.hash_pin(pin)
    with db.write():
        if requests.claim(request_id, asked, member_id, shop.now_ms()) is not None:
            return
        after = replace(stored_value.account(member_id), pin_hash=hashed)
        pins.forgive_secret(_HOLDER + member_id)
        _keep(shop, after, "pin_set", "", approval, approver_id, operator_id)


def prove(shop: Shop, member_id: str, pin: str, place: str) -> None:
    """The holder's PIN, outside any transaction; `place` is where it was typed. Raises PinRefused (also
    where there is none), PinLocked, StoredValueFrozen."""
    account = stored_value.account(member_id)
    if account.state == rules.FROZEN:
        raise StoredValueFrozen("this account was stopped", member_id=member_id)
    pins.check_secret(shop, _HOLDER + member_id, account.pin_hash, pin, place)


def _keep(
    shop: Shop,
    after: Account,
    change: str,
    reason: str,
    approval: Approval | None,
    approver_id: str,
    operator_id: str,
) -> None:
    approvals.granted(
        *(shop, CARE, approver_id, approval),
        operator_id=operator_id,
        subject=f"stored value of {after.member_id}",
    )
    stored_value.put_account(after)
    event = StoredValueAccountChanged(
        member_id=after.member_id,
        change=change,
        state=after.state,
        cards=after.cards,
        reason=reason,
        operator_id=operator_id,
        approver_id="" if approver_id == operator_id else approver_id,
    )
    record(shop, event, shop.now_ms())
