"""Cash that goes into or out of a drawer without a sale, and drawers opened without one."""

from __future__ import annotations

from services.domain import cash, exchange
from services.domain.errors import CountRefused, DeviceAbsent, ReasonNeeded
from services.domain.money import Money
from services.domain.shift_events import CashMoved, DrawerReleased
from services.flows import approvals
from services.flows.approvals import Approval
from services.flows.business_day import begin, caught_up
from services.flows.exchange_rates import in_own_money
from services.flows.record import record
from services.flows.shop import Shop
from services.store import db, jobs, requests, shifts
from services.store.jobs import Job

# The right that each kind asks for; a drop goes to the shop's own safe and asks for none.
RIGHTS = {"pay_in": "cash_in", "loan": "cash_in", "pay_out": "cash_out", "drop": ""}
NO_SALE = "no_sale"  # the right, and the kind of reasons


def move(
    shop: Shop,
    till: str,
    *,
    kind: str,
    currency: str,
    amount_minor: int,
    reason: str,
    note: str = "",
    approval: Approval | None = None,
    operator_id: str,
    request_id: str,
) -> CashMoved:
    """Move cash of the till's shift and open its drawer for it. A repeat gives the first move.

    A till without a shift begins one, whose float is counted later. Raises ReasonNeeded (details:
    reasons), CountRefused for an amount that no drawer holds or a currency nobody counts, and what
    approvals.approve() raises.
    """
    asked = requests.fingerprint("cash.move", till, kind, currency, amount_minor, reason, note)
    if (done := requests.answer(request_id, asked)) is not None:
        return _moved(done)
    _reasoned(kind, reason)
    if not _known(shop, Money(amount_minor, currency)):
        raise CountRefused("no such amount of cash", currency=currency, amount_minor=amount_minor)
    right, size = RIGHTS[kind], in_own_money(shop, Money(amount_minor, currency))
    approver_id = (
        approvals.approve(shop, right, approval, operator_id=operator_id, size=size)
        if right
        else operator_id
    )
    move_id = shop.new_id()
    with db.write():
        if (done := requests.claim(request_id, asked, move_id, shop.now_ms())) is not None:
            return _moved(done)
        if right:
            approvals.granted(
                *(shop, right, approver_id, approval),
                operator_id=operator_id,
                subject=f"cash {move_id}",
                size=size,
            )
        moved = put(
            *(shop, till),
            kind=kind,
            currency=currency,
            amount_minor=amount_minor,
            reason=reason,
            note=note,
            operator_id=operator_id,
            approver_id="" if approver_id == operator_id else approver_id,
            move_id=move_id,
        )
    return moved


def put(
    shop: Shop,
    till: str,
    *,
    kind: str,
    currency: str,
    amount_minor: int,
    reason: str,
    note: str = "",
    operator_id: str,
    approver_id: str = "",
    move_id: str = "",
    opens: bool = True,
) -> CashMoved:
    """Inside the caller's transaction: the cash moves, the drawer opens, unless it lies there already.
    Whoever asks has checked all."""
    shift = caught_up(shop, till) or begin(shop, till, operator_id, (), unknown=True)
    moved = CashMoved(
        move_id=move_id or shop.new_id(),
        shift_id=shift.shift_id,
        workstation_id=till,
        operator_id=operator_id,
        kind=kind,
        currency=currency,
        amount_minor=amount_minor,
        reason=reason,
        note=note,
        approver_id=approver_id,
        moved_at_ms=shop.now_ms(),
    )
    shifts.add_move(moved)
    record(shop, moved, moved.moved_at_ms, shift.business_day)
    if opens and till in shop.drawers:
        jobs.add(f"{moved.move_id}.move", till, jobs.DRAWER, "", 0, moved.moved_at_ms)
    return moved


def open_drawer(
    shop: Shop,
    till: str,
    *,
    reason: str,
    note: str = "",
    approval: Approval | None = None,
    operator_id: str,
    request_id: str,
) -> Job:
    """Open the till's drawer without a sale: journalled, counted on the Z. A repeat opens nothing again.

    Raises DeviceAbsent for a till without a drawer, ReasonNeeded (details: reasons), and what
    approvals.approve() raises.
    """
    if till not in shop.drawers:
        raise DeviceAbsent("this till has no drawer", till=till)
    asked = requests.fingerprint("drawer.open", till, reason, note)
    if (done := requests.answer(request_id, asked)) is not None:
        return _job(done)
    _reasoned(NO_SALE, reason)
    approver_id = approvals.approve(shop, NO_SALE, approval, operator_id=operator_id)
    job_id = f"{shop.new_id()}.no_sale"
    with db.write():
        if (done := requests.claim(request_id, asked, job_id, shop.now_ms())) is not None:
            return _job(done)
        approvals.granted(
            *(shop, NO_SALE, approver_id, approval), operator_id=operator_id, subject=f"till {till}"
        )
        shift, now_ms = caught_up(shop, till), shop.now_ms()
        released = DrawerReleased(
            workstation_id=till,
            operator_id=operator_id,
            reason=reason,
            note=note,
            approver_id="" if approver_id == operator_id else approver_id,
            released_at_ms=now_ms,
        )
        record(shop, released, now_ms, shift.business_day if shift else "")
        jobs.add(job_id, till, jobs.DRAWER, "", 0, now_ms)
    return _job(job_id)


def _known(shop: Shop, amount: Money) -> bool:
    """Whether a drawer can hold so much; of a currency that customers pay with, notes alone."""
    known = amount.currency == shop.currency or amount.currency in cash.DENOMINATIONS
    if amount.currency in shop.foreign_cash and not exchange.in_notes(amount):
        return False
    return known and 0 < amount.minor <= cash.TOTAL_MAX_MINOR


def _reasoned(kind: str, reason: str) -> None:
    if reason not in cash.REASONS[kind]:
        raise ReasonNeeded("say what it is for", reasons=cash.REASONS[kind])


def _moved(move_id: str) -> CashMoved:
    moved = shifts.move(move_id)
    assert moved is not None, move_id
    return moved


def _job(job_id: str) -> Job:
    job = jobs.by_id(job_id)
    assert job is not None, job_id
    return job
