"""All around one member: preferences, visits, the path between tiers, who sent whom, what was noted."""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast

from flask import Response

from services.domain.money import Money
from services.domain.preferences import Liked, Preferences
from services.domain.referrals import REWARDED, WAITING
from services.domain.tiers import Program, Standing
from services.flows import around, member_notes, members, tiers
from services.flows.around import Around, Day
from services.flows.member_notes import Note
from services.flows.shop import Shop
from services.store import catalogue, staff
from web_console.api_around import (
    AroundQuery,
    AroundView,
    CorrectNote,
    LikedView,
    LikesView,
    NoteKind,
    NoteView,
    StepView,
    VisitDay,
    WriteNote,
)
from web_console.gate import Call
from web_console.routes import TILL, Routes
from web_console.views import amount

ROUTES = Routes()
_NOTES = "/api/members/<ident:member_id>/notes"
VISITS_MAX = 12  # days on a page


@ROUTES.get(
    "/api/members/<ident:member_id>/around",
    TILL,
    AroundView,
    "What a member likes, when they came, how they rose, what was noted",
    query=AroundQuery,
)
def show_around(call: Call, query: AroundQuery, member_id: str) -> AroundView:
    member = members.find(member_id)
    return _view(call.shop, around.around(call.shop, member.ids), member_notes.notes(member), query.lang)


@ROUTES.post(
    _NOTES,
    TILL,
    NoteView,
    "Write down an event that a member took part in, or what they said",
    body=WriteNote,
    keyed=True,
)
def write_note(call: Call, body: WriteNote, member_id: str) -> NoteView:
    made = member_notes.note(
        *(call.shop, member_id, body.kind, body.day, body.text),
        operator_id=call.session.staff_id,
        request_id=call.key,
    )
    call.box.wake_uplink()
    return _note(made)


@ROUTES.put(
    f"{_NOTES}/<ident:note_id>",
    TILL,
    NoteView,
    "Put one note right; a repeat changes nothing",
    body=CorrectNote,
    keyed=True,
)
def correct_note(call: Call, body: CorrectNote, member_id: str, note_id: str) -> NoteView:
    after = member_notes.correct(
        *(call.shop, member_id, note_id, body.day, body.text),
        operator_id=call.session.staff_id,
        request_id=call.key,
    )
    call.box.wake_uplink()
    return _note(after)


@ROUTES.delete(
    f"{_NOTES}/<ident:note_id>", TILL, None, "Take one note away; a repeat changes nothing", keyed=True
)
def remove_note(call: Call, member_id: str, note_id: str) -> Response:
    member_notes.remove(
        call.shop, member_id, note_id, operator_id=call.session.staff_id, request_id=call.key
    )
    call.box.wake_uplink()
    return Response(status=204)


def _view(shop: Shop, held: Around, notes: list[Note], lang: str) -> AroundView:
    program, last = tiers.program(), next(iter(held.check_ins), None)
    return AroundView(
        likes=_likes(held.likes, dict(catalogue.categories(lang))) if held.likes is not None else None,
        visits=tuple(_visit(shop, each) for each in held.visits[:VISITS_MAX]),
        visits_all=len(held.visits),
        path=tuple(_step(program, each) for each in held.path),
        check_in_day=last.day if last is not None else "",
        check_in_streak=last.streak if last is not None else 0,
        brought=sum(each.state == REWARDED for each in held.brought),
        brought_waiting=sum(each.state == WAITING for each in held.brought),
        came_by=held.came_by.referrer_id if held.came_by is not None else "",
        notes=tuple(_note(each) for each in notes),
    )


def _likes(likes: Preferences, categories: Mapping[str, str]) -> LikesView:
    return LikesView(
        categories=tuple(_liked(each, categories.get(each.key, each.key)) for each in likes.categories),
        colours=tuple(_liked(each, each.key) for each in likes.colours),
        sizes=tuple(_liked(each, each.key) for each in likes.sizes),
        hours=tuple(_liked(each, each.key) for each in likes.hours),
        weekdays=tuple(_liked(each, each.key) for each in likes.weekdays),
    )


def _liked(held: Liked, label: str) -> LikedView:
    return LikedView(label=label, pieces=held.pieces, share_bp=held.share_bp)


def _visit(shop: Shop, held: Day) -> VisitDay:
    spend = amount(Money(held.net_minor, shop.currency))
    return VisitDay(day=held.day, orders=held.orders, pieces=held.pieces, spend=spend)


def _step(program: Program, step: Standing) -> StepView:
    tier, before = program.tier(step.tier), program.tier(step.before)
    return StepView(
        since=step.since,
        until=step.until,
        tier_zh=tier.label_zh if tier is not None else step.tier,
        tier_en=tier.label_en if tier is not None else step.tier,
        before_zh=before.label_zh if before is not None else step.before,
        before_en=before.label_en if before is not None else step.before,
        reason=step.reason,
        gifted=step.gifted,
    )


def _note(held: Note) -> NoteView:
    return NoteView(
        note_id=held.note_id,
        kind=cast(NoteKind, held.kind),
        day=held.day,
        text=held.text,
        operator=staff.name_of(held.operator_id),
        at_ms=held.at_ms,
        corrected_by=staff.name_of(held.corrected_by) if held.corrected_by else "",
        corrected_ms=held.corrected_ms,
    )
