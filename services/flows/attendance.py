"""Clocking in and out with a PIN, closing what was forgotten, and correcting what is wrong."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from services.domain import attendance as rules
from services.domain import days
from services.domain.attendance import Span
from services.domain.errors import AttendanceRefused, NotFound
from services.domain.events import AttendanceClocked, AttendanceCorrected
from services.flows import approvals, pins
from services.flows.approvals import Approval
from services.flows.record import record
from services.flows.shop import Shop
from services.store import attendance, db, requests, staff
from services.store.attendance import Correction

IN, OUT = "in", "out"
RIGHT = "attendance_correct"
DAY_MS = 86_400_000

_TILL = "till:"


@dataclass(frozen=True, slots=True, kw_only=True)
class Amended:
    """How a time at work should read. Without `span_id` it is one that nobody clocked."""

    span_id: str
    staff_id: str
    began: str  # the shop's clock on the wall, "2026-11-25T09:00"
    ended: str
    reason: str


def clock(shop: Shop, staff_id: str, pin: str, direction: str, *, till: str, request_id: str) -> Span:
    """Clock somebody in or out at `till`; whoever is signed on there stays so.

    A repeat of `request_id` gives the first span. Raises NotFound for an unknown till, PinRefused and
    PinLocked as pins.check() does, AttendanceRefused for somebody who is in already, or not in.
    """
    if till not in shop.tills:
        raise NotFound("there is no such till", till=till)
    asked = requests.fingerprint("clock", staff_id, direction, till)
    pins.prove(shop, staff_id, pin, _TILL + till)
    with db.write():
        done = requests.answer(request_id, asked)
        if done is None:
            span = (
                _clocked_in(shop, staff_id, till) if direction == IN else _clocked_out(shop, staff_id, till)
            )
            requests.remember(request_id, asked, span.span_id, shop.now_ms())
            return span
    return find(done)


def close_forgotten(shop: Shop) -> int:
    """Close what was left open on an earlier business day, as unattended; how many. A repeat finds none."""
    today = _today(shop)
    if all(span.business_day >= today for span in attendance.opened()):
        return 0
    with db.write():
        forgotten = [span for span in attendance.opened() if span.business_day < today]
        for span in forgotten:
            _close(shop, rules.as_of(span, today), "")
    return len(forgotten)


def correct(
    shop: Shop, wanted: Amended, approval: Approval | None, *, operator_id: str, request_id: str
) -> Span:
    """Write down what is right; what was clocked before stays beside it. A repeat changes nothing.

    Raises NotFound, AttendanceRefused (details.why: time, order, future, past, overlap, day), and what
    approvals.approve() raises.
    """
    asked = requests.fingerprint("correct", *(getattr(wanted, name) for name in Amended.__slots__))
    if (done := requests.answer(request_id, asked)) is not None:
        return find(done)
    span = _amended(shop, wanted)
    approver_id = approvals.approve(shop, RIGHT, approval, operator_id=operator_id)
    with db.write():
        if (done := requests.claim(request_id, asked, span.span_id, shop.now_ms())) is None:
            _correct(shop, span, wanted.reason, operator_id, approver_id)
            approvals.granted(
                shop, RIGHT, approver_id, approval, operator_id=operator_id, subject=span.span_id
            )
    return find(done or span.span_id)


def find(span_id: str) -> Span:
    """Raises NotFound."""
    span = attendance.by_id(span_id)
    if span is None:
        raise NotFound("nobody was at work under this number", span_id=span_id)
    return span


def month(shop: Shop, first_day: str, last_day: str) -> Sequence[Span]:
    """Everybody's spans of these business days, by person and time, as they stand today."""
    today = _today(shop)
    return [rules.as_of(span, today) for span in attendance.between(first_day, last_day)]


def present(shop: Shop) -> Sequence[Span]:
    """Who is at work now."""
    today = _today(shop)
    return [span for span in attendance.opened() if span.business_day >= today]


def history(span_id: str) -> Sequence[Correction]:
    """What was clocked, then each correction. Raises NotFound."""
    return attendance.history(find(span_id).span_id)


def _clocked_in(shop: Shop, staff_id: str, till: str) -> Span:
    today = _today(shop)
    held = attendance.open_of(staff_id)
    if held is not None and held.business_day >= today:
        raise AttendanceRefused("this person is at work already", why="in", since_ms=held.in_at_ms)
    if held is not None:  # forgotten on an earlier day
        _close(shop, rules.as_of(held, today), till)
    span = Span(shop.new_id(), staff_id, today, shop.now_ms(), 0, rules.OPEN)
    attendance.add(span)
    _tell(shop, span, till)
    return span


def _clocked_out(shop: Shop, staff_id: str, till: str) -> Span:
    held = attendance.open_of(staff_id)
    if held is None or held.business_day < _today(shop):
        raise AttendanceRefused("this person is not at work", why="out")
    return _close(shop, rules.ended(held, shop.now_ms(), believed=shop.clock_trusted), till)


def _close(shop: Shop, span: Span, till: str) -> Span:
    attendance.end(span)
    _tell(shop, span, till)
    return span


def _tell(shop: Shop, span: Span, till: str) -> None:
    event = AttendanceClocked(
        span_id=span.span_id,
        staff_id=span.staff_id,
        business_day=span.business_day,
        workstation_id=till,
        in_at_ms=span.in_at_ms,
        out_at_ms=span.out_at_ms,
        state=span.state,
    )
    record(shop, event, shop.now_ms())


def _amended(shop: Shop, wanted: Amended) -> Span:
    """The span as it should read. Raises NotFound, AttendanceRefused."""
    began_ms = rules.wall_ms(wanted.began, shop.zone)
    ended_ms = rules.wall_ms(wanted.ended, shop.zone, began_ms)
    day = days.business_day(began_ms, shop.zone, shop.rollover_hour)
    if wanted.span_id:
        held = find(wanted.span_id)
        if held.business_day != day:
            raise AttendanceRefused("it stays on the day it was clocked", why="day")
        return Span(held.span_id, held.staff_id, day, began_ms, ended_ms, rules.CORRECTED)
    if staff.by_id(wanted.staff_id) is None:
        raise NotFound("there is no such member of staff", staff_id=wanted.staff_id)
    return Span(shop.new_id(), wanted.staff_id, day, began_ms, ended_ms, rules.CORRECTED)


def _correct(shop: Shop, span: Span, reason: str, operator_id: str, approver_id: str) -> None:
    now_ms = shop.now_ms()
    near = [days.business_day(at, shop.zone, shop.rollover_hour) for at in _around(span)]
    rules.check(span, attendance.between(near[0], near[1], span.staff_id), now_ms)
    held = attendance.by_id(span.span_id)
    if held is None:
        attendance.add(Span(span.span_id, span.staff_id, span.business_day, 0, 0, rules.ADDED))
    elif held.state == rules.OPEN:  # nobody will clock out of what has been corrected
        _close(shop, rules.left_open(held), "")
    n = len(attendance.history(span.span_id))
    made = Correction(n, span.in_at_ms, span.out_at_ms, reason.strip(), operator_id, approver_id, now_ms)
    attendance.add_correction(span.span_id, made)
    event = AttendanceCorrected(
        span_id=span.span_id,
        n=n,
        staff_id=span.staff_id,
        business_day=span.business_day,
        in_at_ms=span.in_at_ms,
        out_at_ms=span.out_at_ms,
        reason=made.reason,
        operator_id=operator_id,
        approver_id=approver_id,
    )
    record(shop, event, now_ms)


def _around(span: Span) -> tuple[int, int]:
    return span.in_at_ms - DAY_MS, span.out_at_ms + DAY_MS


def _today(shop: Shop) -> str:
    return days.business_day(shop.now_ms(), shop.zone, shop.rollover_hour)
