"""The back office's list of staff, and what each role may do alone."""

from __future__ import annotations

from typing import cast

from services.domain.rights import Right
from services.domain.roster import Person
from services.flows import pins, rights
from services.flows import roster as flow
from services.flows.roster import Listed
from web_console.api import Role
from web_console.api_roster import (
    AddPerson,
    ChangePerson,
    ChangeRight,
    PersonView,
    PinView,
    ResetPin,
    RightView,
)
from web_console.gate import Call
from web_console.routes import MANAGER, Routes

ROUTES = Routes()


@ROUTES.get("/api/roster", MANAGER, tuple[PersonView, ...], "Everybody who works here or has")
def show_roster(call: Call) -> tuple[PersonView, ...]:
    return tuple(_person(person) for person in flow.everybody())


@ROUTES.post(
    "/api/roster", MANAGER, PinView, "Add somebody; a repeat adds nobody", body=AddPerson, keyed=True
)
def add_person(call: Call, body: AddPerson) -> PinView:
    added = flow.add(
        call.shop,
        body.name,
        body.role,
        body.pin,
        operator_id=call.session.staff_id,
        request_id=call.key,
    )
    return _told(call, added)


@ROUTES.put(
    "/api/roster/<ident:staff_id>", MANAGER, PersonView, "Name, role, place, leaving", body=ChangePerson
)
def change_person(call: Call, body: ChangePerson, staff_id: str) -> PersonView:
    """Needs no key: everything is set, and a repeat sets it again."""
    changed = flow.change(
        call.shop,
        staff_id,
        name=body.name,
        role=body.role,
        active=body.active,
        rank=body.rank,
        operator_id=call.session.staff_id,
    )
    return _told(call, changed).person


@ROUTES.post(
    "/api/roster/<ident:staff_id>/pin",
    MANAGER,
    PinView,
    "A new PIN, shown once; a repeat changes nothing and shows none",
    body=ResetPin,
    keyed=True,
)
def reset_pin(call: Call, body: ResetPin, staff_id: str) -> PinView:
    reset = flow.reset_pin(
        call.shop, staff_id, body.pin, operator_id=call.session.staff_id, request_id=call.key
    )
    return _told(call, reset)


@ROUTES.get("/api/rights", MANAGER, tuple[RightView, ...], "What each role may do alone")
def show_rights(call: Call) -> tuple[RightView, ...]:
    return tuple(_right(right) for right in rights.listed().values())


@ROUTES.put("/api/rights/<ident:right>", MANAGER, RightView, "Set one rule", body=ChangeRight)
def change_right(call: Call, body: ChangeRight, right: str) -> RightView:
    """Needs no key: the rule itself is set, and a repeat sets it again."""
    changed = rights.change(
        call.shop,
        right,
        four_eyes=body.four_eyes,
        limits=body.limits,
        operator_id=call.session.staff_id,
    )
    call.box.wake_uplink()
    return _right(changed)


def _told(call: Call, listed: Listed) -> PinView:
    """The answer, after the streams of ended sessions were cut."""
    for token_hash in listed.ended:
        call.live.end(token_hash)
    call.box.wake_uplink()
    return PinView(person=_person(listed.person), pin=listed.pin)


def _person(person: Person) -> PersonView:
    return PersonView(
        staff_id=person.staff_id,
        name=person.name,
        role=cast(Role, person.role),
        active=person.active,
        rank=person.rank,
        locked=pins.locked(person.staff_id),
    )


def _right(right: Right) -> RightView:
    return RightView(
        key=right.key, unit=right.unit, four_eyes=right.four_eyes, limits=dict(sorted(right.limits.items()))
    )
