"""Members at the till: who is this, joining, and what is known of somebody, masked."""

from __future__ import annotations

from services.domain import days, masks, profile
from services.domain.profile import Field, Profile
from services.flows import members as flow
from services.flows.members import Edit, Joining, Member
from services.flows.shop import Shop
from web_console import bags
from web_console.api_members import (
    EditMember,
    FieldView,
    HitsView,
    HitView,
    JoinMember,
    MemberFields,
    MemberStanding,
    MemberView,
    Recognise,
)
from web_console.gate import Call
from web_console.routes import MANAGER, TILL, Routes

ROUTES = Routes()


@ROUTES.post("/api/recognition", TILL, HitsView, "Who is known by a scanned or typed text", body=Recognise)
def recognise(call: Call, body: Recognise) -> HitsView:
    """Needs no key: a repeat is told the same."""
    hits = flow.recognise(call.shop, body.text)
    return HitsView(
        hits=tuple(
            HitView(member=view(call.shop, h.member), kind=h.kind, sure=h.sure, key_id=h.key_id)
            for h in hits
        )
    )


@ROUTES.post(
    "/api/members",
    TILL,
    MemberView,
    "Somebody joins; a repeat changes nothing",
    body=JoinMember,
    keyed=True,
)
def join_member(call: Call, body: JoinMember) -> MemberView:
    joining = Joining(
        given=_given(body.fields), verified=frozenset(body.scanned), another=body.another, till=call.till
    )
    member = flow.join(call.shop, joining, operator_id=call.session.staff_id, request_id=call.key)
    call.box.wake_uplink()
    return view(call.shop, member)


@ROUTES.get("/api/members/<ident:member_id>", TILL, MemberView, "What is known of a member, masked")
def show_member(call: Call, member_id: str) -> MemberView:
    return view(call.shop, flow.find(member_id))


@ROUTES.put(
    "/api/members/<ident:member_id>",
    TILL,
    MemberView,
    "Change what is known of a member; a repeat changes nothing",
    body=EditMember,
    keyed=True,
)
def edit_member(call: Call, body: EditMember, member_id: str) -> MemberView:
    wanted = Edit(given=_given(body.fields), verified=frozenset(body.scanned), another=body.another)
    after = _edited(call, member_id, wanted, body.revision)
    call.box.wake_uplink()
    return after


@ROUTES.put(
    "/api/members/<ident:member_id>/standing",
    MANAGER,
    MemberView,
    "Whether a member is blocked, and which employee it is; a repeat changes nothing",
    body=MemberStanding,
    keyed=True,
)
def set_member_standing(call: Call, body: MemberStanding, member_id: str) -> MemberView:
    wanted = Edit(given={}, blocked=body.blocked, staff_id=body.staff_id)
    after = _edited(call, member_id, wanted, body.revision)
    bags.told_everywhere(call)
    return after


def view(shop: Shop, member: Member) -> MemberView:
    """As everybody at the till may see it."""
    today = days.business_day(shop.now_ms(), shop.zone, shop.rollover_hour)
    age = profile.age(member.profile, today)
    return MemberView(
        member_id=member.member_id,
        ids=member.ids,
        revision=member.revision,
        fields=fields_of(member.profile),
        created_at_ms=member.created_at_ms,
        changed_at_ms=member.changed_at_ms,
        blocked=member.blocked,
        staff_id=member.staff_id,
        minor=age is not None and age < profile.CONSENTING,
    )


def fields_of(held: Profile) -> tuple[FieldView, ...]:
    """The fields that are known, masked."""
    return tuple(_field(held[field], field, text) for field, text in profile.values(held).items())


def _field(held: Field, field: str, text: str) -> FieldView:
    shown = masks.masked(field, text)
    return FieldView(
        field=field, text=shown, masked=shown != text, verified=held.verified, at_ms=held.at_ms
    )


def _edited(call: Call, member_id: str, wanted: Edit, revision: int) -> MemberView:
    member = flow.edit(
        call.shop,
        member_id,
        wanted,
        revision=revision,
        operator_id=call.session.staff_id,
        request_id=call.key,
    )
    return view(call.shop, member)


def _given(fields: MemberFields) -> dict[str, str]:
    return {name: text for name in fields.__struct_fields__ if (text := getattr(fields, name)) is not None}
