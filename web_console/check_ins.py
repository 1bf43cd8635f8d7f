"""Members who check in at the till."""

from __future__ import annotations

from services.flows import check_ins, points
from services.flows.members import group
from web_console.api_points import CheckInCode, CheckInNow, VisitView
from web_console.gate import Call
from web_console.routes import TILL, Routes

ROUTES = Routes()


@ROUTES.get("/api/till/check-in-code", TILL, CheckInCode, "The code that the till shows for checking in")
def show_check_in_code(call: Call) -> CheckInCode:
    text, until_ms = check_ins.code(call.shop)
    return CheckInCode(text=text, until_ms=until_ms)


@ROUTES.post(
    "/api/members/<ident:member_id>/check-in",
    TILL,
    VisitView,
    "Count today's visit; a repeat counts it once",
    body=CheckInNow,
    keyed=True,
)
def check_in(call: Call, body: CheckInNow, member_id: str) -> VisitView:
    visit = check_ins.check_in(
        *(call.shop, member_id, body.shown),
        till=call.till,
        operator_id=call.session.staff_id,
        request_id=call.key,
    )
    call.box.wake_uplink()
    balance = points.look(call.shop, group(member_id)).balance
    return VisitView(day=visit.day, streak=visit.streak, jokers=visit.jokers, balance=balance)
