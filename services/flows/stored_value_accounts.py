"""An account that was stopped or let go again, and the card and PIN by which its holder is known."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Literal

from services.domain import stored_value as rules
from services.domain.stored_value_events import StoredValueAccountChanged
from services.flows import approvals, pins, points
from services.flows.approvals import Approval
from services.flows.record import record
from services.flows.shop import Shop
from services.flows.stored_value_moves import Group, check_open
from services.store import db, members, requests, stored_value
from services.store.stored_value import Account

CARE = "stored_value_care"  # the right
Change = Literal["frozen", "released", "card_replaced"]

_HOLDER = "stored_value:"  # of failures: whose PIN was tried


def held(group: Group) -> Account:
    """A person's accounts as one, under the first id: stopped where any of them is."""
    found = [stored_value.account(member_id) for member_id in group]
    return Account(
        member_id=group[0],
        state=rules.FROZEN if any(each.state == rules.FROZEN for each in found) else rules.ACTIVE,
        cards=sum(each.cards for each in found),
        pin_hash=next((each.pin_hash for each in found if each.pin_hash), ""),
    )


def lots(group: Group) -> Sequence[rules.Lot]:
    """What is left of each recharge, the oldest first; ended bonus too, until it is written off."""
    return sorted(stored_value.lots(group), key=lambda lot: lot.lot_id)


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

    Raises MemberUnknown, and what approvals.approve() raises, for all but stopping.
    """
    asked = requests.fingerprint("stored_value.account", member_id, wanted, reason)
    if requests.answer(request_id, asked) is not None:
        return held(members.group(member_id))
    approver_id = operator_id
    if wanted != "frozen":
        approver_id = approvals.approve(shop, CARE, approval, operator_id=operator_id)
    with db.write():
        if requests.claim(request_id, asked, member_id, shop.now_ms()) is not None:
            return held(members.group(member_id))
        group = points.person(member_id)
        changed = [after for each in group if (after := _changed(each, wanted, group[0]))]
        if changed:
            _lend(shop, group, approval, approver_id, operator_id)
        for after in changed:
            _keep(shop, after, wanted, reason, approver_id, operator_id)
    return held(group)


def set_pin(
    shop: Shop,
    member_id: str,
    pin: str,
    *,
    approval: Approval | None,
    operator_id: str,
    request_id: str,
) -> None:
    """The holder has chosen a PIN, typed by themselves, and somebody has seen who they are. A repeat
    changes nothing. Raises MemberUnknown, and what approvals.approve() raises."""
    asked = requests.fingerprint("stored_value.pin", member_id)
    if requests.answer(request_id, asked) is not None:
        return
    approver_id = approvals.approve(shop, CARE, approval, operator_id=operator_id)
    hashed = shop.hash_pin(pin)
    with db.write():
        if requests.claim(request_id, asked, member_id, shop.now_ms()) is not None:
            return
        group = points.person(member_id)
        _lend(shop, group, approval, approver_id, operator_id)
        for account in map(stored_value.account, group):
            if account.member_id == group[0] or account.pin_hash:
                _keep(shop, replace(account, pin_hash=hashed), "pin_set", "", approver_id, operator_id)
        pins.forgive_secret(_HOLDER + group[0])


def prove(shop: Shop, group: Group, pin: str, place: str) -> None:
    """The holder's PIN, outside any transaction; `place` is where it was typed. Raises PinRefused (also
    where there is none), PinLocked, StoredValueFrozen."""
    check_open(group)
    pins.check_secret(shop, _HOLDER + group[0], held(group).pin_hash, pin, place)


def _changed(member_id: str, wanted: Change, first: str) -> Account | None:
    """One account of the group after the change, where it makes one. A card counts with the first."""
    before = stored_value.account(member_id)
    stopped = wanted == "frozen" and member_id == first
    kept = before.state if wanted == "frozen" else rules.ACTIVE
    after = replace(
        before,
        state=rules.FROZEN if stopped else kept,
        cards=before.cards + (wanted == "card_replaced" and member_id == first),
    )
    return after if after != before else None


def _lend(shop: Shop, group: Group, approval: Approval | None, approver_id: str, operator_id: str) -> None:
    approvals.granted(
        *(shop, CARE, approver_id, approval),
        operator_id=operator_id,
        subject=f"stored value of {group[0]}",
    )


def _keep(
    shop: Shop,
    after: Account,
    change: str,
    reason: str,
    approver_id: str,
    operator_id: str,
) -> None:
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
