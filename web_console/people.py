"""Signing on and off, the list of staff, the event stream of whoever is signed on."""

from __future__ import annotations

from flask import Response

from services.domain.errors import NotSignedIn
from services.flows import staff as flow
from services.store import staff
from web_console import views
from web_console.answers import answered
from web_console.api import SessionView, SignOn, StaffCard
from web_console.gate import Call
from web_console.routes import EVENTS, OPEN, SIGNED_ON, TECHNICIAN, TILL, Routes

ROUTES = Routes()


@ROUTES.get("/api/staff", OPEN, tuple[StaffCard, ...], "Who works here, in the order of the list")
def list_staff(call: Call) -> tuple[StaffCard, ...]:
    return tuple(views.member(person) for person in staff.listed())


@ROUTES.get("/api/session", SIGNED_ON, SessionView, "Who is signed on, and the token for unsafe requests")
def show_session(call: Call) -> SessionView:
    return views.session(call.shop, call.session)


@ROUTES.post(
    "/api/session",
    OPEN,
    SessionView,
    "Sign on with a PIN: a new session, whatever the browser had before",
    body=SignOn,
    media="application/json",
)
def sign_on(call: Call, body: SignOn) -> Response:
    """Needs no key: a repeat ends the first session and begins another."""
    sessions = call.console.sessions
    begun = flow.sign_on(call.shop, body.staff_id, body.pin, body.till, call.console.settings.limits)
    try:
        before = sessions.find(sessions.token(call.request))
    except NotSignedIn:
        pass
    else:
        flow.sign_off(call.shop, before)
        call.live.end(before.token_hash)
    call.box.wake_uplink()
    response = answered(views.session(call.shop, begun.session))
    sessions.give(response, begun.token)
    return response


@ROUTES.delete("/api/session", SIGNED_ON, None, "Sign off")
def sign_off(call: Call) -> Response:
    """Needs no key: a repeat finds nobody signed on and is refused."""
    flow.sign_off(call.shop, call.session)
    call.live.end(call.session.token_hash)
    call.box.wake_uplink()
    response = Response(status=204)
    call.console.sessions.take(response)
    return response


@ROUTES.post(
    "/api/staff/<ident:staff_id>/unlock",
    TECHNICIAN,
    StaffCard,
    "Allow PINs again after too many wrong ones",
)
def unlock(call: Call, staff_id: str) -> StaffCard:
    """Needs no key: a repeat finds it unlocked."""
    return views.member(flow.unlock(staff_id))


@ROUTES.get("/api/live", TILL, None, "Events: basket, scan, job, health, tick", media=EVENTS)
def live(call: Call) -> Response:
    if call.request.method == "HEAD":
        return Response(mimetype=EVENTS)
    sessions = call.console.sessions
    token = sessions.token(call.request)
    stream = call.live.enter(call.till, call.session.token_hash, lambda: sessions.alive(token))
    response = Response(call.live.chunks(stream), mimetype=EVENTS)
    response.call_on_close(lambda: call.live.leave(stream))
    return response
