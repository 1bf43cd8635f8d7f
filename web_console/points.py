"""Points of a member, and the rules by which they are earned and spent."""

from __future__ import annotations

from datetime import date
from typing import Literal, cast

from services.domain import points as rules
from services.domain import points_words
from services.domain.earning import Bought, Purchase
from services.domain.errors import BadRequest
from services.domain.points_rules import Book
from services.flows import check_ins, members, points_rules, referrals
from services.flows import points as flow
from services.flows.shop import Shop
from services.store import staff
from web_console.api_points import (
    AdjustPoints,
    BookView,
    ChangeBook,
    LotView,
    PointsRow,
    PointsView,
    StatementQuery,
    TriedPoints,
    TriedReason,
    TryPoints,
)
from web_console.gate import Call
from web_console.routes import MANAGER, TILL, Routes

ROUTES = Routes()


@ROUTES.get(
    "/api/members/<ident:member_id>/points",
    TILL,
    PointsView,
    "What a member has, and every line of why",
    query=StatementQuery,
)
def show_points(call: Call, query: StatementQuery, member_id: str) -> PointsView:
    return _view(call.shop, member_id, flow.person(member_id), query.lang, query.before)


@ROUTES.post(
    "/api/members/<ident:member_id>/points",
    TILL,
    PointsView,
    "Correct a member's points by hand; a repeat changes nothing",
    body=AdjustPoints,
    keyed=True,
)
def adjust_points(call: Call, body: AdjustPoints, member_id: str) -> PointsView:
    flow.adjust(
        call.shop,
        member_id,
        body.points,
        reason=body.reason,
        approval=body.approval,
        operator_id=call.session.staff_id,
        request_id=call.key,
    )
    call.box.wake_uplink()
    return _view(call.shop, member_id, members.group(member_id), body.lang, 0)


@ROUTES.get("/api/office/points/rules", MANAGER, BookView, "The rules of the points as they hold now")
def show_book(call: Call) -> BookView:
    held = points_rules.newest()
    return _book(held.version, held.at_ms, held.operator_id, held.book)


@ROUTES.get("/api/office/points/rules/versions", MANAGER, tuple[BookView, ...], "All rules there ever were")
def show_books(call: Call) -> tuple[BookView, ...]:
    return tuple(_book(v.version, v.at_ms, v.operator_id, v.book) for v in points_rules.versions())


@ROUTES.put("/api/office/points/rules", MANAGER, BookView, "Other rules, from now on", body=ChangeBook)
def change_book(call: Call, body: ChangeBook) -> BookView:
    """Needs no key: a repeat finds the rules as it says and changes nothing."""
    held = points_rules.change(
        call.shop, body.book, seen_version=body.seen_version, operator_id=call.session.staff_id
    )
    call.box.wake_uplink()
    return _book(held.version, held.at_ms, held.operator_id, held.book)


@ROUTES.post(
    "/api/office/points-trial", MANAGER, TriedPoints, "What a purchase would earn, and why", body=TryPoints
)
def try_points(call: Call, body: TryPoints) -> TriedPoints:
    """Needs no key: it changes nothing, a repeat counts again. Raises BadRequest for no day."""
    try:
        weekday = date.fromisoformat(body.day).isoweekday()
    except ValueError as error:
        raise BadRequest("there is no such day", day=body.day) from error
    line = Bought(line_number=1, sku="", category=body.category, pieces=1, net_minor=body.amount_minor)
    purchase = Purchase(
        lines=(line,),
        day=body.day,
        weekday=weekday,
        minute=body.minute,
        tiers=frozenset((body.tier,) if body.tier else ()),
        birthday=body.day[5:] if body.birthday else "",
        first=body.first,
    )
    reasons = tuple(
        TriedReason(
            why=points_words.why(*flow.told(each.grant), call.shop.currency, body.lang), points=each.points
        )
        for each in points_rules.trial(body.book, purchase)
    )
    return TriedPoints(points=sum(each.points for each in reasons), reasons=reasons)


def _book(version: int, at_ms: int, operator_id: str, book: Book) -> BookView:
    return BookView(version=version, since_ms=at_ms, operator=staff.name_of(operator_id), book=book)


def _view(shop: Shop, member_id: str, group: flow.Group, language: str, before: int) -> PointsView:
    account = flow.look(shop, group)
    lines, more = flow.statement(group, before=before)
    others = [each for each in account.held if each.lot.state != rules.ACTIVE]
    others.sort(key=lambda each: (each.lot.pending_until, each.lot.expires))
    return PointsView(
        member_id=member_id,
        balance=account.balance,
        usable=0 if account.debt else account.active,
        pending=account.pending,
        visit=cast(Literal["off", "open", "done"], check_ins.today(shop, group)),
        referral=referrals.may_be_named(shop, member_id),
        lots=tuple(_lot(each) for each in [*account.in_order(), *others]),
        rows=tuple(_row(shop, line, language) for line in lines),
        next=more,
    )


def _lot(held: rules.Held) -> LotView:
    return LotView(
        points=held.points,
        state=cast(Literal["active", "pending", "debt"], held.lot.state),
        last_day=rules.last_day(held.lot.expires),
        pending_until=held.lot.pending_until,
    )


def _row(shop: Shop, line: flow.Line, language: str) -> PointsRow:
    entry = line.entry
    return PointsRow(
        seq=entry.seq,
        at_ms=entry.at_ms,
        why=points_words.why(entry.reason, entry.args, shop.currency, language),
        reason=entry.reason,
        points=entry.delta,
        pending=entry.lot.state == rules.PENDING,
        balance=line.balance,
        last_day=rules.last_day(entry.lot.expires),
        sale_id=entry.sale_id,
    )
