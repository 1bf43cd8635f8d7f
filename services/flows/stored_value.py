"""Stored value over the counter: recharged, paid out, looked at, and written off when bonus ends."""

from __future__ import annotations

from collections.abc import Sequence

from services.domain import profile
from services.domain import stored_value as rules
from services.domain.stored_value import BONUS, PRINCIPAL, CashOut, Reason, Recharged
from services.domain.tender_errors import StoredValueRefused, StoredValueUnknown
from services.flows import (
    approvals,
    business_day,
    cash_moves,
    members,
    stored_value_moves,
    stored_value_plans,
    value_papers,
)
from services.flows.approvals import Approval
from services.flows.shop import Shop
from services.flows.stored_value_moves import Group, moment
from services.store import db, requests, stored_value
from services.store.stored_value import Move

CASH = "cash"
IN, OUT = "recharge", "stored_value_out"  # the rights
DAY_MS = 86_400_000


def recharge(
    shop: Shop,
    till: str,
    member_id: str,
    *,
    plan_id: str = "",
    plan_version: int = 0,
    paid_minor: int,
    tender: str,
    reference: str = "",
    approval: Approval | None = None,
    operator_id: str,
    request_id: str,
) -> Move:
    """Take a recharge at the till, beside any sale; cash goes into its drawer. A repeat gives the first.

    Without a plan any amount, and no bonus. `plan_version` is the one that was shown. Whose name is not
    known may hold less. Raises MemberUnknown, MemberSealed, StoredValueUnknown, StoredValueRefused (why:
    amount, limit, cash, tender, plan), StoredValueFrozen, and what approvals.approve() raises.
    """
    facts = (plan_id, plan_version, paid_minor, tender, reference)
    asked = requests.fingerprint("stored_value.recharge", till, member_id, *facts)
    if (done := requests.answer(request_id, asked)) is not None:
        return find(done)
    _check_tender(shop, tender, reference)
    approver_id = approvals.approve(shop, IN, approval, operator_id=operator_id, size=max(0, paid_minor))
    with db.write():
        if (done := requests.answer(request_id, asked)) is not None:
            return find(done)
        person = members.find(member_id)
        _in_shift(shop, till, operator_id)
        plan = stored_value_plans.find(plan_id) if plan_id else None
        if plan is not None and plan.version != plan_version:
            raise StoredValueRefused("the plan has changed since it was shown", why="plan")
        told = stored_value_moves.recharge(
            *(shop, person.ids, moment(shop, operator_id, till=till)),
            paid_minor=paid_minor,
            plan=plan,
            tender=tender,
            reference=reference,
            named=bool(profile.value(person.profile, profile.NAME)),
        )
        approvals.granted(
            *(shop, IN, approver_id, approval),
            operator_id=operator_id,
            subject=f"stored value {told.move_id}",
            size=paid_minor,
        )
        if tender == CASH:
            _move_cash(shop, till, "pay_in", paid_minor, "recharge", operator_id)
        value_papers.queue(shop, till, told.move_id)
        requests.remember(request_id, asked, told.move_id, told.moved_at_ms)
    return find(told.move_id)


def worth(shop: Shop, recharge_id: str, reason: Reason) -> CashOut:
    """What would be paid back of a recharge now. Raises StoredValueUnknown, StoredValueRefused (why:
    paid_out, late)."""
    first = stored_value.move(recharge_id)
    if first is None or first.kind not in (rules.RECHARGED, rules.OPENED):
        raise StoredValueUnknown("no recharge has this id", recharge_id=recharge_id)
    if reason == "cooling_off" and shop.now_ms() - first.at_ms > rules.COOLING_DAYS * DAY_MS:
        raise StoredValueRefused("the first week is over", why="late")
    lots = stored_value.lots_of(recharge_id)
    if not any(lot.left_minor for lot in lots):
        raise StoredValueRefused("there is nothing left of it", why="paid_out")
    day = moment(shop, "").day
    used, bought, listed = stored_value.used(recharge_id)
    stands = Recharged(
        paid_minor=first.principal_minor,
        bonus_minor=first.bonus_minor,
        principal_left_minor=sum(lot.left_minor for lot in lots if lot.kind == PRINCIPAL),
        bonus_left_minor=sum(lot.left_minor for lot in lots if lot.kind == BONUS and not lot.gone(day)),
        bonus_used_minor=used,
        bought_minor=bought,
        listed_minor=listed,
        kept_minor=stored_value.kept(recharge_id),
    )
    return rules.cash_out(stands, reason, deduct_bonus=shop.stored_value.deduct_bonus)


def cash_out(
    shop: Shop,
    till: str,
    recharge_id: str,
    *,
    reason: Reason,
    shown_minor: int,
    tender: str,
    reference: str = "",
    approval: Approval | None,
    operator_id: str,
    request_id: str,
) -> Move:
    """Pay a recharge out and cancel the bonus left of it; cash comes from the till's drawer.

    `shown_minor` is what worth() said: if that has changed, nothing is paid. A repeat pays nothing again.
    Raises what worth() raises, StoredValueRefused (why: changed, tender), StoredValueFrozen, and what
    approvals.approve() raises.
    """
    asked = requests.fingerprint(
        "stored_value.out", till, recharge_id, reason, shown_minor, tender, reference
    )
    if (done := requests.answer(request_id, asked)) is not None:
        return find(done)
    _check_tender(shop, tender, reference)
    size = worth(shop, recharge_id, reason).pays_minor
    approver_id = approvals.approve(shop, OUT, approval, operator_id=operator_id, size=size)
    with db.write():
        if (done := requests.answer(request_id, asked)) is not None:
            return find(done)
        _in_shift(shop, till, operator_id)
        owner = stored_value.lots_of(recharge_id)[0].member_id
        stored_value_moves.check_open(members.group(owner))
        stored_value_moves.expire(shop, (owner,), when := moment(shop, operator_id, till=till))
        out = worth(shop, recharge_id, reason)
        if out.pays_minor != shown_minor or shown_minor != size:
            raise StoredValueRefused(
                "it is another amount by now", why="changed", most_minor=out.pays_minor
            )
        approvals.granted(
            *(shop, OUT, approver_id, approval),
            operator_id=operator_id,
            subject=f"recharge {recharge_id}",
            size=size,
        )
        lent = "" if approver_id == operator_id else approver_id
        told = stored_value_moves.cash_out(
            *(shop, when, recharge_id, out),
            reason=reason,
            tender=tender,
            reference=reference,
            approver_id=lent,
        )
        if tender == CASH and out.pays_minor:
            _move_cash(shop, till, "pay_out", out.pays_minor, "stored_value", operator_id, lent)
        value_papers.queue(shop, till, told.move_id)
        requests.remember(request_id, asked, told.move_id, told.moved_at_ms)
    return find(told.move_id)


def find(move_id: str) -> Move:
    """Raises StoredValueUnknown."""
    move = stored_value.move(move_id)
    if move is None:
        raise StoredValueUnknown("no move has this id", move_id=move_id)
    return move


def statement(group: Group, before: str = "") -> Sequence[Move]:
    """Every move of a person's accounts, the newest first, page by page: `before` is a page's last."""
    return stored_value.moves(group, before)


def expire_all(shop: Shop) -> int:
    """Write off bonus that has ended, account by account; of how many. The shop itself does it, and none by
    a clock that is not to be trusted."""
    found = stored_value.ended(moment(shop, "").day) if shop.clock_trusted else []
    for member_id in found:
        with db.write():
            stored_value_moves.expire(shop, (member_id,), moment(shop, ""))
    return len(found)


def _in_shift(shop: Shop, till: str, operator_id: str) -> None:
    """Money that comes or goes is in the Z of the shift that runs, whatever brought it."""
    if business_day.caught_up(shop, till) is None:
        business_day.begin(shop, till, operator_id, (), unknown=True)


def _check_tender(shop: Shop, tender: str, reference: str) -> None:
    """Money that comes or goes at once, or on a terminal whose number is known."""
    known = shop.tenders.get(tender)
    if known is None or known.outcome not in ("at_once", "asked"):
        raise StoredValueRefused("this cannot be paid like that", why="tender")
    if known.outcome == "asked" and not reference.strip():
        raise StoredValueRefused("the number of the payment is needed", why="tender")


def _move_cash(
    shop: Shop, till: str, kind: str, minor: int, reason: str, operator_id: str, approver_id: str = ""
) -> None:
    cash_moves.put(
        *(shop, till),
        kind=kind,
        currency=shop.currency,
        amount_minor=minor,
        reason=reason,
        operator_id=operator_id,
        approver_id=approver_id,
    )
