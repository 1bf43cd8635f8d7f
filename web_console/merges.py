"""Who may be one person, two members side by side, making them one and parting them."""

from __future__ import annotations

from services.domain.merging import Edge
from services.flows import consents
from services.flows import members as people
from services.flows import merges as flow
from services.flows.members import Member
from services.flows.shop import Shop
from web_console import bags
from web_console.api_members import MemberView
from web_console.api_merges import (
    DuplicatesView,
    LikeView,
    MergedView,
    MergeMembers,
    PairQuery,
    PairView,
    PartedView,
    PartMembers,
    ReviewView,
    SideView,
    SuspectView,
    TellApart,
)
from web_console.gate import Call
from web_console.members import fields_of, view
from web_console.routes import MANAGER, TILL, Routes

ROUTES = Routes()


@ROUTES.get(
    "/api/members/<ident:member_id>/like", TILL, LikeView, "Who a member may be too, and was made one with"
)
def show_like(call: Call, member_id: str) -> LikeView:
    member = people.find(member_id)
    return LikeView(
        suspects=tuple(
            SuspectView(member=view(call.shop, other), likeness=likeness)
            for other, likeness in flow.suspects(call.shop, member)
        ),
        merges=tuple(
            MergedView(
                absorbed=each.edge.absorbed,
                survivor=each.edge.survivor,
                at_ms=each.at_ms,
                until_ms=each.until_ms,
            )
            for each in flow.merges_of(member)
        ),
    )


@ROUTES.get("/api/member-duplicates", MANAGER, DuplicatesView, "Members who may be one person, in pairs")
def list_duplicates(call: Call) -> DuplicatesView:
    pairs = ((people.find(one), people.find(other)) for one, other in flow.duplicates())
    return DuplicatesView(pairs=tuple(_pair(call.shop, one, other) for one, other in pairs))


@ROUTES.get("/api/member-merges", TILL, ReviewView, "Two members side by side", query=PairQuery)
def review_merge(call: Call, query: PairQuery) -> ReviewView:
    shown = flow.review(call.shop, query.one, query.other)
    return ReviewView(
        one=_side(call.shop, shown.one, shown.sales[0]),
        other=_side(call.shop, shown.other, shown.sales[1]),
        likeness=shown.likeness,
        evidence=shown.evidence,
        reasons=shown.reasons,
        conflicts=shown.conflicts,
        outcome=fields_of(shown.outcome),
        consents=shown.consents,
        blocked=shown.blocked,
        refused=shown.refused,
    )


@ROUTES.post(
    "/api/member-merges",
    TILL,
    MemberView,
    "Make two members one; a repeat changes nothing",
    body=MergeMembers,
    keyed=True,
)
def merge_members(call: Call, body: MergeMembers) -> MemberView:
    member = flow.merge(
        call.shop,
        body.one,
        body.other,
        body.reason,
        body.approval,
        operator_id=call.session.staff_id,
        request_id=call.key,
    )
    bags.told_everywhere(call)
    return view(call.shop, member)


@ROUTES.post(
    "/api/member-merges/apart",
    TILL,
    PartedView,
    "Two who may be one person are two, and nobody is asked again; a repeat changes nothing",
    body=TellApart,
    keyed=True,
)
def tell_apart(call: Call, body: TellApart) -> PartedView:
    older, younger = flow.tell_apart(
        call.shop,
        body.one,
        body.other,
        body.reason,
        body.approval,
        operator_id=call.session.staff_id,
        request_id=call.key,
    )
    bags.told_everywhere(call)
    return PartedView(older=view(call.shop, older), younger=view(call.shop, younger))


@ROUTES.post(
    "/api/member-merges/part",
    TILL,
    PartedView,
    "Part a pair within 30 days; a repeat changes nothing",
    body=PartMembers,
    keyed=True,
)
def part_members(call: Call, body: PartMembers) -> PartedView:
    older, younger = flow.unmerge(
        call.shop,
        Edge(absorbed=body.absorbed, survivor=body.survivor),
        body.reason,
        body.approval,
        operator_id=call.session.staff_id,
        request_id=call.key,
    )
    bags.told_everywhere(call)
    return PartedView(older=view(call.shop, older), younger=view(call.shop, younger))


def _pair(shop: Shop, one: Member, other: Member) -> PairView:
    return PairView(
        one=view(shop, one),
        other=view(shop, other),
        likeness=flow.likeness(one, other),
        reasons=flow.reasons(one, other),
    )


def _side(shop: Shop, member: Member, sales: int) -> SideView:
    return SideView(member=view(shop, member), consents=consents.standing(member.ids), sales=sales)
