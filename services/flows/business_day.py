"""Where one shift ends and the next begins: at a close, at a sale without one, at the day's change."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from services.domain import days
from services.domain.cash import ComparedCash, CountedCash, stands
from services.domain.shift import NOBODY_ASKED, OPEN, UNATTENDED, Shift, Why
from services.domain.shift_events import ShiftClosed, ShiftOpened
from services.domain.z_fold import Fold
from services.domain.z_report import report
from services.flows import parked_over
from services.flows.record import record
from services.flows.shop import Shop
from services.flows.z_papers import queue_original
from services.store import db, journal, points_rules, sales, shifts, stretch

DAYS_MAX = 400  # forgotten days that one transaction closes
CASH_ACCOUNT = "cash:"  # what the accounts of notes and coins begin with


def keep(shop: Shop, till: str) -> bool:
    """Close what the day's change must close, and open what a sale needs; whether there was anything to do.

    Cheap when there is not. Called now and then, and after a start.
    """
    shift = shifts.open_of(till)
    last = shift or shifts.last_of(till)
    due = _overdue(shop, shift) if shift else shifts.unheld_sale(till, last.last_seq if last else 0)
    if not due:
        return False
    with db.write():
        caught_up(shop, till)
    return True


def caught_up(shop: Shop, till: str) -> Shift | None:
    """Inside a transaction: the till's open shift as it ought to be now.

    A shift of an earlier business day is closed unattended, a sale without a shift has opened one. A clock
    that was set back closes nothing.
    """
    for _ in range(DAYS_MAX):
        shift = shifts.open_of(till) or _opened_by_sale(shop, till)
        if shift is None or not _overdue(shop, shift):
            return shift
        _close_forgotten(shop, shift)
    return shifts.open_of(till)


def begin(
    shop: Shop, till: str, operator_id: str, floats: tuple[CountedCash, ...], *, unknown: bool
) -> Shift:
    """A new shift on today's business day."""
    last = shifts.last_of(till)
    _, last_sold = sales.next_sequence(till)
    now_ms = shop.now_ms()
    day = days.business_day(
        now_ms, shop.zone, shop.rollover_hour, max(last_sold, last.business_day if last else "")
    )
    return _opened(shop, till, operator_id, now_ms, day, floats, unknown=unknown)


def finish(
    shop: Shop,
    shift: Shift,
    fold: Fold,
    compared: Sequence[ComparedCash],
    why: Why = NOBODY_ASKED,
) -> None:
    """Inside a transaction: close `shift` with its Z, and print that where somebody closed it."""
    shift = replace(shift, number=shifts.z_number(shift))
    z = report(
        fold,
        shift,
        compared,
        first_hash=journal.hash_at(shift.first_seq).hex(),
        last_hash=journal.hash_at(shift.last_seq).hex(),
        grand_before_minor=grand_total_minor(shift.till),
        why=why,
    )
    before, hash_ = shifts.close(shift, z)
    event = ShiftClosed(
        shift_id=shift.shift_id,
        workstation_id=shift.till,
        operator_id=shift.closed_by,
        z=z,
        hash_prev=before.hex(),
        hash=hash_.hex(),
    )
    record(shop, event, shop.now_ms(), shift.business_day)
    if shift.closed_by:
        queue_original(shop, shift.till, shift.shift_id)


def look_ahead(shop: Shop, till: str) -> tuple[Fold, int] | None:
    """Outside a transaction: the open shift's fold and the row it reaches, so that the transaction has
    little left to read."""
    shift = shifts.open_of(till)
    if shift is None:
        return None
    fold = new_fold(shop, till, shift.shift_id)
    return fold, stretch.read(fold, shift.first_seq - 1)


def caught_fold(shop: Shop, shift: Shift, ahead: tuple[Fold, int] | None = None) -> tuple[Fold, int]:
    """Inside a transaction: everything the shift did, and the journal's last row."""
    if ahead is None or ahead[0].shift_id != shift.shift_id:
        ahead = new_fold(shop, shift.till, shift.shift_id), shift.first_seq - 1
    fold, seen = ahead
    return fold, stretch.read(fold, seen)


def new_fold(shop: Shop, till: str, shift_id: str) -> Fold:
    coins = [key for key, tender in shop.tenders.items() if tender.account.startswith(CASH_ACCOUNT)]
    discount = points_rules.newest().book.discount
    return Fold(till, shift_id, shop.currency, coins, rate=(discount.points, discount.minor))


def grand_total_minor(till: str) -> int:
    last = shifts.chain_end(till)
    return last.grand_total_minor if last else 0


def _opened_by_sale(shop: Shop, till: str) -> Shift | None:
    """The shift that the till's first sale outside a shift has begun, with an unknown float."""
    last = shifts.last_of(till)
    sale = shifts.unheld_sale(till, last.last_seq if last else 0)
    if sale is None:
        return None
    return _opened(shop, till, "", sale.at_ms, sale.business_day, (), unknown=True)


def _opened(
    shop: Shop,
    till: str,
    operator_id: str,
    at_ms: int,
    day: str,
    floats: tuple[CountedCash, ...],
    *,
    unknown: bool,
) -> Shift:
    last = shifts.last_of(till)
    shift = Shift(
        shift_id=shop.new_id(),
        till=till,
        number=shifts.next_number(till),
        state=OPEN,
        business_day=day,
        operator_id=operator_id,
        opened_at_ms=at_ms,
        first_seq=last.last_seq + 1 if last else 1,
        unknown_float=unknown,
    )
    shifts.create(shift)
    event = ShiftOpened(
        shift_id=shift.shift_id,
        number=shift.number,
        workstation_id=till,
        business_day=day,
        operator_id=operator_id,
        opened_at_ms=at_ms,
        first_seq=shift.first_seq,
        unknown_float=unknown,
        float_counted=floats,
    )
    record(shop, event, shop.now_ms(), day)
    return shift


def _overdue(shop: Shop, shift: Shift) -> bool:
    today = days.business_day(shop.now_ms(), shop.zone, shop.rollover_hour, shift.business_day)
    return today > shift.business_day


def _close_forgotten(shop: Shop, shift: Shift) -> None:
    """Up to the last row before the till's first event of a later day."""
    parked_over.day_over(shop, shift.till, shift.business_day)
    fold = new_fold(shop, shift.till, shift.shift_id)
    last_seq = stretch.read(fold, shift.first_seq - 1, until_day=shift.business_day)
    closed = replace(shift, state=UNATTENDED, closed_at_ms=shop.now_ms(), last_seq=last_seq)
    counts = shifts.counts_of(shift.shift_id)
    stood = bool(counts) and stands(counts[-1].cash, fold.expected)
    finish(shop, closed, fold, counts[-1].cash if stood else ())
