"""The API of shifts: the till's own, and the list of all for the back office."""

from __future__ import annotations

from services.domain import cash
from services.domain.errors import ShiftChanged
from services.domain.money import Money
from services.flows import cash_moves, z_papers
from services.flows import shifts as flow
from services.store import shifts
from web_console import shift_views, views
from web_console.api import JobView
from web_console.api_shifts import (
    CashMoveIn,
    CashMoveView,
    CloseShift,
    CountIn,
    CountShift,
    OpenDrawer,
    OpenShift,
    ReportView,
    ShiftsPage,
    ShiftsQuery,
    ShiftView,
    SumQuery,
    SumView,
)
from web_console.gate import Call
from web_console.routes import MANAGER, TILL, Routes

ROUTES = Routes()
EVER_MS = 2**53


@ROUTES.get("/api/till/shift", TILL, ShiftView, "How the till stands: open, counted, still to be counted")
def show_shift(call: Call) -> ShiftView:
    return shift_views.standing(call.shop, call.till)


@ROUTES.post(
    "/api/till/shift",
    TILL,
    ShiftView,
    "Begin the till's shift, or count its float late",
    body=OpenShift,
    keyed=True,
)
def open_shift(call: Call, body: OpenShift) -> ShiftView:
    counts = None if body.counts is None else _counts(body.counts)
    flow.open_shift(call.shop, call.till, counts, operator_id=call.session.staff_id, request_id=call.key)
    call.box.wake_uplink()
    return shift_views.standing(call.shop, call.till)


@ROUTES.get("/api/till/cash-sum", TILL, SumView, "What so many notes and coins come to", query=SumQuery)
def sum_cash(call: Call, query: SumQuery) -> SumView:
    """Raises CountRefused for what is no money of that currency."""
    asked = [tuple(map(int, part.split("x"))) for part in query.pieces.split(",") if part]
    pieces = [(value, number) for value, number in asked]
    counted = cash.counted(query.currency, pieces)
    return SumView(
        total=views.cash(call.shop, Money(counted.total_minor, query.currency)),
        rows=tuple(
            views.cash(call.shop, Money(value * number, query.currency)) for value, number in pieces
        ),
    )


@ROUTES.post(
    "/api/till/shift/count",
    TILL,
    ShiftView,
    "Store a blind count; the answer says what ought to be there",
    body=CountShift,
    keyed=True,
)
def count_shift(call: Call, body: CountShift) -> ShiftView:
    flow.count(
        call.shop,
        _own(call, body.shift_id),
        _counts(body.counts),
        operator_id=call.session.staff_id,
        request_id=call.key,
    )
    call.box.wake_uplink()
    return shift_views.standing(call.shop, call.till)


@ROUTES.post(
    "/api/till/shift/close",
    TILL,
    ReportView,
    "Close the counted shift: its Z; a repeat answers with the first one",
    body=CloseShift,
    keyed=True,
)
def close_shift(call: Call, body: CloseShift) -> ReportView:
    shift_id = _own(call, body.shift_id)
    flow.close(
        call.shop,
        shift_id,
        reason=body.reason,
        note=body.note.strip(),
        approval=body.approval,
        operator_id=call.session.staff_id,
        request_id=call.key,
    )
    call.box.wake_jobs(call.till)
    call.box.wake_uplink()
    return shift_views.z_view(call.shop, shift_id)


@ROUTES.post(
    "/api/till/cash-moves",
    TILL,
    CashMoveView,
    "Cash in or out without a sale; the drawer opens for it, once",
    body=CashMoveIn,
    keyed=True,
)
def move_cash(call: Call, body: CashMoveIn) -> CashMoveView:
    moved = cash_moves.move(
        call.shop,
        call.till,
        kind=body.kind,
        currency=body.currency,
        amount_minor=body.amount_minor,
        reason=body.reason,
        note=body.note.strip(),
        approval=body.approval,
        operator_id=call.session.staff_id,
        request_id=call.key,
    )
    call.box.wake_jobs(call.till)
    call.box.wake_uplink()
    return shift_views.move(call.shop, moved)


@ROUTES.post(
    "/api/till/drawer",
    TILL,
    JobView,
    "Open the drawer without a sale; a repeat opens nothing again",
    body=OpenDrawer,
    keyed=True,
)
def open_drawer(call: Call, body: OpenDrawer) -> JobView:
    job = cash_moves.open_drawer(
        call.shop,
        call.till,
        reason=body.reason,
        note=body.note.strip(),
        approval=body.approval,
        operator_id=call.session.staff_id,
        request_id=call.key,
    )
    call.box.wake_jobs(call.till)
    call.box.wake_uplink()
    return views.job(job)


@ROUTES.get("/api/till/shift/x", TILL, ReportView, "A look at the open shift; nothing is stored")
def show_x(call: Call) -> ReportView:
    shift, fold = flow.look(call.shop, call.till)
    if shift is None:
        raise ShiftChanged("no shift is open at this till", till=call.till)
    return shift_views.x_view(call.shop, shift, flow.x_report(call.shop, shift, fold))


@ROUTES.post("/api/shifts/<ident:shift_id>/copies", TILL, JobView, "Print a Z again, marked", keyed=True)
def print_z(call: Call, shift_id: str) -> JobView:
    job = z_papers.print_again(call.shop, shift_id, call.till, request_id=call.key)
    call.box.wake_jobs(job.till)
    return views.job(job)


@ROUTES.get("/api/shifts", MANAGER, ShiftsPage, "Shifts of all tills, newest first", query=ShiftsQuery)
def list_shifts(call: Call, query: ShiftsQuery) -> ShiftsPage:
    found = shifts.newest(int(query.before) if query.before else EVER_MS)
    more = str(found[-1].opened_at_ms) if len(found) == shifts.PAGE else ""
    return ShiftsPage(rows=tuple(shift_views.row(call.shop, shift) for shift in found), next=more)


@ROUTES.get("/api/shifts/<ident:shift_id>", MANAGER, ReportView, "One closed shift with its Z")
def show_z(call: Call, shift_id: str) -> ReportView:
    return shift_views.z_view(call.shop, shift_id)


def _own(call: Call, shift_id: str) -> str:
    """A shift of this very till. Raises ShiftChanged."""
    shift = shifts.by_id(shift_id)
    if shift is None or shift.till != call.till:
        raise ShiftChanged("this till has no such shift", shift_id=shift_id)
    return shift_id


def _counts(given: tuple[CountIn, ...]) -> flow.Counts:
    return [(each.currency, [(p.value_minor, p.pieces) for p in each.pieces]) for each in given]
