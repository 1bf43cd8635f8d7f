"""What members agreed to, and showing, copying and erasing their data."""

from __future__ import annotations

from collections.abc import Sequence

from flask import Response

from services.domain.money import Money
from services.flows import consents as consent_flow
from services.flows import member_privacy as flow
from services.flows import members as people
from services.flows.consents import Wish
from services.flows.member_copy import Copy
from services.flows.members import group
from services.store import staff
from web_console import bags, views
from web_console.api_member_privacy import (
    ConsentsView,
    ConsentView,
    CopyMember,
    CopyView,
    EraseMember,
    ErasureView,
    SayConsent,
    UnmaskedView,
    UnmaskFields,
)
from web_console.downloads import CSV, csv_file
from web_console.gate import Call
from web_console.routes import MANAGER, TILL, Routes

ROUTES = Routes()

_ME = "/api/members/<ident:member_id>"


@ROUTES.get(f"{_ME}/consents", TILL, ConsentsView, "What a member agreed to, and every word of it")
def show_consents(call: Call, member_id: str) -> ConsentsView:
    return _consents(people.find(member_id).ids)


@ROUTES.post(
    f"{_ME}/consents",
    TILL,
    ConsentsView,
    "Write down a yes or a no to one purpose; a repeat changes nothing",
    body=SayConsent,
    keyed=True,
)
def say_consent(call: Call, body: SayConsent, member_id: str) -> ConsentsView:
    wish = Wish(**{name: getattr(body, name) for name in body.__struct_fields__})
    consent_flow.say(
        call.shop,
        member_id,
        wish,
        till=call.till,
        operator_id=call.session.staff_id,
        request_id=call.key,
    )
    call.box.wake_uplink()
    return _consents(group(member_id))


@ROUTES.post(
    f"{_ME}/unmask",
    TILL,
    UnmaskedView,
    "Hidden fields in clear, for a reason; a repeat shows them again",
    body=UnmaskFields,
    keyed=True,
)
def unmask_member(call: Call, body: UnmaskFields, member_id: str) -> UnmaskedView:
    shown = flow.unmask(
        call.shop,
        member_id,
        body.fields,
        body.reason,
        body.approval,
        operator_id=call.session.staff_id,
        request_id=call.key,
    )
    call.box.wake_uplink()
    return UnmaskedView(fields=shown)


@ROUTES.post(
    f"{_ME}/export",
    MANAGER,
    CopyView,
    "All that is known of a member, for the member; a repeat gives another copy",
    body=CopyMember,
    keyed=True,
)
def export_member(call: Call, body: CopyMember, member_id: str) -> CopyView:
    return CopyView(member=_copy(call, body, member_id).data)


@ROUTES.post(
    f"{_ME}/export.csv",
    MANAGER,
    None,
    "The same as a table; a repeat gives another copy",
    body=CopyMember,
    keyed=True,
    media=CSV,
)
def export_member_csv(call: Call, body: CopyMember, member_id: str) -> Response:
    rows = _copy(call, body, member_id).rows()
    return csv_file(f"member-{member_id}.csv", [("part", "what", "value"), *rows])


@ROUTES.get(
    f"{_ME}/erasure", MANAGER, ErasureView, "What erasing a member's data takes away, and what stays"
)
def preview_erasure(call: Call, member_id: str) -> ErasureView:
    shown = flow.preview(call.shop, member_id)
    return ErasureView(
        ids=shown.ids,
        fields=shown.fields,
        sales=shown.sales,
        points=shown.points,
        consents=shown.consents,
        balance=views.amount(Money(shown.balance_minor, call.shop.currency)),
    )


@ROUTES.post(
    f"{_ME}/erasure",
    MANAGER,
    None,
    "Erase a member's data for good; a repeat changes nothing",
    body=EraseMember,
    keyed=True,
)
def erase_member(call: Call, body: EraseMember, member_id: str) -> Response:
    flow.erase(call.shop, member_id, body.approval, operator_id=call.session.staff_id, request_id=call.key)
    bags.told_everywhere(call)
    return Response(status=204)


def _copy(call: Call, body: CopyMember, member_id: str) -> Copy:
    copy = flow.export(
        call.shop,
        member_id,
        body.reason,
        body.approval,
        operator_id=call.session.staff_id,
        request_id=call.key,
    )
    call.box.wake_uplink()
    return copy


def _consents(ids: Sequence[str]) -> ConsentsView:
    log = tuple(
        ConsentView(
            purpose=each.purpose,
            granted=each.granted,
            text_id=each.text_id,
            text_version=each.text_version,
            text_hash=each.text_hash,
            channel=each.channel,
            evidence=each.evidence,
            operator=staff.name_of(each.operator_id),
            at_ms=each.at_ms,
        )
        for each in consent_flow.log(ids)
    )
    return ConsentsView(standing=consent_flow.standing(ids), log=log)
