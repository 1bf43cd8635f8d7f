"""A till's shifts: opening, counting blind, closing with a Z; and the day's change for whoever forgot."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import msgspec

from services.domain import cash, z
from services.domain import shift as rules
from services.domain.cash import ComparedCash, CountedCash
from services.domain.errors import CountNeeded, CountRefused, PaymentOpen, ReasonNeeded, ShiftChanged
from services.domain.money import Money
from services.domain.parked import ticket_number
from services.domain.shift import CLOSED, OPEN, UNATTENDED, Shift, Why
from services.domain.shift_events import CashCounted, CashMoved
from services.domain.z import Z
from services.domain.z_fold import Fold
from services.domain.z_report import report
from services.flows import baskets, parked_over, parking
from services.flows.approvals import Approval, approve, granted
from services.flows.business_day import (
    begin,
    caught_fold,
    caught_up,
    finish,
    grand_total_minor,
    look_ahead,
    new_fold,
)
from services.flows.exchange_rates import in_own_money
from services.flows.record import record
from services.flows.shop import Shop
from services.store import db, journal, requests, shifts, stretch
from services.store.shifts import Count

VARIANCE = "variance"  # the right, and the kind of reasons

Pieces = Sequence[tuple[int, int]]  # (denomination in minor units, how many)
Counts = Sequence[tuple[str, Pieces]]  # by currency


def open_shift(shop: Shop, till: str, counts: Counts | None, *, operator_id: str, request_id: str) -> Shift:
    """Begin the till's shift with a counted float; None: it is counted later, and until then unknown.

    Where a sale has begun the shift already, the count becomes its float. A repeat gives the first one's
    shift. Raises ShiftChanged when a shift with a float is open, CountRefused.
    """
    asked = requests.fingerprint("shift.open", till, counts)
    floats = tuple(cash.counted(*each) for each in counts or ())
    with db.write():
        if (done := requests.answer(request_id, asked)) is not None:
            return _found(done)
        shift = caught_up(shop, till)
        if shift is None:
            shift = begin(shop, till, operator_id, floats, unknown=counts is None)
        elif not shift.unknown_float:
            raise ShiftChanged("a shift is open already", shift_id=shift.shift_id)
        elif counts is not None:
            shift = _know_float(shop, shift, floats, operator_id)
        requests.remember(request_id, asked, shift.shift_id, shop.now_ms())
    return shift


def count(
    shop: Shop, shift_id: str, counts: Counts, *, operator_id: str, request_id: str
) -> Sequence[Count]:
    """Store what somebody counted before being told what ought to be there; all counts of the shift.

    A count has one recount; where cash moved since, it is out of date and the next one is the first again.
    A shift that was closed unattended is counted late, until the till's next one has begun. A repeat stores
    nothing. Raises ShiftChanged, CountRefused.
    """
    asked = requests.fingerprint("shift.count", shift_id, counts)
    counted = tuple(cash.counted(*each) for each in counts)
    ahead = look_ahead(shop, _found(shift_id).till)
    with db.write():
        if requests.claim(request_id, asked, shift_id, shop.now_ms()) is None:
            shift = _countable(shop, shift_id)
            held = shifts.counts_of(shift_id)
            expected = _expected(shop, shift, ahead)
            if len([each for each in held if cash.stands(each.cash, expected)]) >= cash.COUNTS_MAX:
                raise CountRefused("a drawer is counted twice at most", counts_max=cash.COUNTS_MAX)
            _store_count(shop, shift, len(held) + 1, cash.compared(counted, expected), operator_id)
        return shifts.counts_of(shift_id)


def close(
    shop: Shop,
    shift_id: str,
    *,
    reason: str,
    note: str = "",
    approval: Approval | None = None,
    operator_id: str,
    request_id: str,
) -> Z:
    """Close a counted shift: its Z, numbered and chained, is made in this transaction and never changes.

    A repeat gives the first one's Z. Raises ShiftChanged when it is closed already, CountNeeded where
    nobody counted or cash moved since, ReasonNeeded and what approvals.approve() raises where too much
    lacks or is left over, PaymentOpen while the till's bag has a payment whose sale is not finished,
    ParkedWaiting where none may wait.
    """
    asked = requests.fingerprint("shift.close", shift_id, reason, note)
    if requests.answer(request_id, asked) is not None:
        return _z(shift_id)
    held, counts = _found(shift_id), shifts.counts_of(shift_id)
    if held.state != OPEN:
        raise ShiftChanged("this shift is closed", shift_id=shift_id)
    approver_id = _judged(shop, held, counts, reason, approval, operator_id)
    ahead = look_ahead(shop, held.till)
    with db.write():
        if requests.claim(request_id, asked, shift_id, shop.now_ms()) is not None:
            return _z(shift_id)
        shift = _standing(shop, shift_id)
        if shifts.counts_of(shift_id) != counts:
            raise ShiftChanged("the drawer was counted again meanwhile", shift_id=shift_id)
        _nothing_pending(shop, shift.till)
        subject, size = f"shift {shift_id}", worst_minor(shop, counts[-1].cash)
        granted(shop, VARIANCE, approver_id, approval, operator_id=operator_id, subject=subject, size=size)
        parked_over.close_day(shop, shift.till, operator_id=operator_id)
        fold, last_seq = caught_fold(shop, shift, ahead)
        _still_counted(counts[-1], fold.expected)
        closed = replace(
            shift, state=CLOSED, closed_at_ms=shop.now_ms(), closed_by=operator_id, last_seq=last_seq
        )
        lent = "" if approver_id == operator_id else approver_id
        finish(shop, closed, fold, counts[-1].cash, Why(reason, note, lent))
        return _z(shift_id)


def look(shop: Shop, till: str) -> tuple[Shift | None, Fold]:
    """The till's open shift and what it did so far; nothing is changed by looking."""
    shift = shifts.open_of(till)
    if shift is None:
        return None, new_fold(shop, till, "")
    fold = new_fold(shop, till, shift.shift_id)
    stretch.read(fold, shift.first_seq - 1)
    return shift, fold


def worst_minor(shop: Shop, compared: Sequence[ComparedCash]) -> int:
    """The largest difference of any currency, whichever way, in the shop's money; 0 for none."""
    return rules.worst_minor(
        msgspec.structs.replace(
            each, variance_minor=in_own_money(shop, Money(each.variance_minor, each.currency))
        )
        for each in compared
    )


def x_report(shop: Shop, shift: Shift, fold: Fold) -> Z:
    """The report of a shift that goes on: no number of its own, not stored."""
    seq, head = journal.head()
    return report(
        fold,
        replace(shift, closed_at_ms=shop.now_ms(), last_seq=seq),
        (),
        first_hash=journal.hash_at(min(shift.first_seq, seq)).hex(),
        last_hash=head.hex(),
        grand_before_minor=grand_total_minor(shift.till),
    )


def _know_float(shop: Shop, shift: Shift, floats: tuple[CountedCash, ...], operator_id: str) -> Shift:
    """The float of a shift that began without one."""
    for each in floats:
        move = CashMoved(
            move_id=shop.new_id(),
            shift_id=shift.shift_id,
            workstation_id=shift.till,
            operator_id=operator_id,
            kind="float",
            currency=each.currency,
            amount_minor=each.total_minor,
            reason="",
            note="",
            approver_id="",
            moved_at_ms=shop.now_ms(),
        )
        shifts.add_move(move)
        record(shop, move, move.moved_at_ms, shift.business_day)
    shifts.know_float(shift.shift_id)
    return replace(shift, unknown_float=False)


def _expected(shop: Shop, shift: Shift, ahead: tuple[Fold, int] | None) -> dict[str, int]:
    """Inside a transaction: the cash that ought to be in the drawer, or was when the shift ended."""
    found = shifts.z_of(shift.shift_id)
    if found is not None:
        return z.expected(found[0].cash)
    return caught_fold(shop, shift, ahead)[0].expected


def _still_counted(count: Count, expected: Mapping[str, int]) -> None:
    """Raises CountNeeded where cash moved after the count: it says nothing of what is there now."""
    if not cash.stands(count.cash, expected):
        raise CountNeeded("cash moved since the drawer was counted: count it again", moved=True)


def _store_count(
    shop: Shop,
    shift: Shift,
    number: int,
    compared: tuple[ComparedCash, ...],
    operator_id: str,
) -> None:
    now_ms, late = shop.now_ms(), shift.state == UNATTENDED
    held = Count(number, operator_id, late, now_ms, compared)
    shifts.add_count(shift.shift_id, held)
    event = CashCounted(
        shift_id=shift.shift_id,
        workstation_id=shift.till,
        operator_id=operator_id,
        number=number,
        late=late,
        counted_at_ms=now_ms,
        cash=held.cash,
    )
    record(shop, event, now_ms, shift.business_day)


def _judged(
    shop: Shop,
    shift: Shift,
    counts: Sequence[Count],
    reason: str,
    approval: Approval | None,
    operator_id: str,
) -> str:
    """Who answers for the difference of the last count. Where the float is unknown, nobody can say what
    lacks. Raises CountNeeded, ReasonNeeded, and what approve() raises."""
    if not counts:
        raise CountNeeded("count the drawer first", shift_id=shift.shift_id)
    size = worst_minor(shop, counts[-1].cash)
    if shift.unknown_float or size <= shop.shift_rules.reason_over_minor:
        return operator_id
    reasons = cash.REASONS[VARIANCE]
    if reason not in reasons:
        raise ReasonNeeded("say why money lacks or is left over", reasons=reasons, size_minor=size)
    return approve(shop, VARIANCE, approval, operator_id=operator_id, size=size)


def _nothing_pending(shop: Shop, till: str) -> None:
    """Raises PaymentOpen while money is on its way, or there, for a sale that is not finished: for the bag
    of the till, or for one that was put aside here with its payment."""
    basket = baskets.current(shop, till)
    held = basket.open_payment or next(iter(basket.paid), None)
    if held is not None:
        raise PaymentOpen("finish the payment first", payment_id=held.payment_id, state=held.state)
    for row in parking.asked_about(till):
        raise PaymentOpen("say how the payment of a parked bag ended", ticket=ticket_number(row.ticket))


def _z(shift_id: str) -> Z:
    found = shifts.z_of(shift_id)
    assert found is not None, shift_id
    return found[0]


def _found(shift_id: str) -> Shift:
    shift = shifts.by_id(shift_id)
    if shift is None:
        raise ShiftChanged("there is no such shift", shift_id=shift_id)
    return shift


def _standing(shop: Shop, shift_id: str) -> Shift:
    """The shift, still open after the day's change. Raises ShiftChanged."""
    shift = caught_up(shop, _found(shift_id).till)
    if shift is None or shift.shift_id != shift_id:
        raise ShiftChanged("this shift is closed", shift_id=shift_id)
    return shift


def _countable(shop: Shop, shift_id: str) -> Shift:
    """An open shift, or the till's last one that nobody has counted. Raises ShiftChanged."""
    till = _found(shift_id).till
    shift = caught_up(shop, till) or shifts.last_of(till)
    if shift is None or shift.shift_id != shift_id or shift.state == CLOSED:
        raise ShiftChanged("this shift is closed", shift_id=shift_id)
    return shift
