"""Clocking in and out at a till, and what a manager does with the hours."""

from __future__ import annotations

from itertools import groupby

from services.domain import days
from services.domain.attendance import Span
from services.flows import attendance as flow
from services.flows.attendance import Amended
from services.flows.shop import Shop
from services.store import staff
from web_console.api_attendance import (
    Clock,
    Correct,
    MonthQuery,
    MonthView,
    PersonMonth,
    PresenceView,
    SpanView,
    VersionView,
)
from web_console.gate import Call
from web_console.routes import MANAGER, OPEN, TILL, Routes

ROUTES = Routes()

_MINUTE_MS = 60_000


@ROUTES.get("/api/attendance/now", OPEN, tuple[PresenceView, ...], "Who is at work")
def show_present(call: Call) -> tuple[PresenceView, ...]:
    return tuple(PresenceView(staff_id=s.staff_id, since_ms=s.in_at_ms) for s in flow.present(call.shop))


@ROUTES.post(
    "/api/attendance", OPEN, SpanView, "Clock in or out; a repeat changes nothing", body=Clock, keyed=True
)
def clock(call: Call, body: Clock) -> SpanView:
    span = flow.clock(
        call.shop, body.staff_id, body.pin, body.direction, till=body.till, request_id=call.key
    )
    call.box.wake_uplink()
    return _span(call.shop, span)


@ROUTES.post(
    "/api/attendance/corrections",
    TILL,
    SpanView,
    "Write down what is right; a repeat changes nothing",
    body=Correct,
    keyed=True,
)
def correct(call: Call, body: Correct) -> SpanView:
    wanted = Amended(
        span_id=body.span_id or "",
        staff_id=body.staff_id,
        began=body.began,
        ended=body.ended,
        reason=body.reason,
    )
    span = flow.correct(
        call.shop, wanted, body.approval, operator_id=call.session.staff_id, request_id=call.key
    )
    call.box.wake_uplink()
    return _span(call.shop, span)


@ROUTES.get("/api/attendance/mine", TILL, PersonMonth, "One's own hours of one month", query=MonthQuery)
def show_mine(call: Call, query: MonthQuery) -> PersonMonth:
    who = call.session.staff_id
    spans = flow.month(call.shop, *_days(query.month))
    return _person(call.shop, who, tuple(span for span in spans if span.staff_id == who))


@ROUTES.get("/api/attendance", MANAGER, MonthView, "Everybody's hours of one month", query=MonthQuery)
def show_month(call: Call, query: MonthQuery) -> MonthView:
    spans = flow.month(call.shop, *_days(query.month))
    people = tuple(
        _person(call.shop, staff_id, tuple(held)) for staff_id, held in groupby(spans, lambda s: s.staff_id)
    )
    return MonthView(month=query.month, people=people)


@ROUTES.get(
    "/api/attendance/spans/<ident:span_id>",
    MANAGER,
    tuple[VersionView, ...],
    "What was clocked, and corrections",
)
def show_versions(call: Call, span_id: str) -> tuple[VersionView, ...]:
    return tuple(
        VersionView(
            n=each.n,
            began=_wall(call.shop, each.in_at_ms),
            ended=_wall(call.shop, each.out_at_ms),
            reason=each.reason,
            operator=staff.name_of(each.operator_id),
            approver=staff.name_of(each.approver_id),
            at_ms=each.at_ms,
        )
        for each in flow.history(span_id)
    )


def _days(month: str) -> tuple[str, str]:
    """The first and the last that a month can have; days are compared as texts."""
    return f"{month}-01", f"{month}-31"


def _person(shop: Shop, staff_id: str, spans: tuple[Span, ...]) -> PersonMonth:
    return PersonMonth(
        staff_id=staff_id,
        name=staff.name_of(staff_id),
        days=len({span.business_day for span in spans if span.worked_ms}),
        worked_min=sum(span.worked_ms for span in spans) // _MINUTE_MS,
        asks=sum(span.asks for span in spans),
        spans=tuple(_span(shop, span) for span in spans),
    )


def _span(shop: Shop, span: Span) -> SpanView:
    return SpanView(
        span_id=span.span_id,
        staff_id=span.staff_id,
        name=staff.name_of(span.staff_id),
        business_day=span.business_day,
        state=span.state,
        began=_wall(shop, span.in_at_ms),
        ended=_wall(shop, span.out_at_ms),
        worked_min=span.worked_ms // _MINUTE_MS,
        asks=span.asks,
        corrections=span.corrections,
    )


def _wall(shop: Shop, at_ms: int) -> str:
    """What the shop's clock showed, to the minute; "" for no time."""
    return days.local(at_ms, shop.zone).strftime("%Y-%m-%dT%H:%M") if at_ms else ""
