"""The till's API of parked baskets: put aside, list, go on, give up."""

from __future__ import annotations

from typing import cast

from services.domain import days
from services.domain.money import Money
from services.domain.parked import Difference, Parked, ticket_number
from services.flows import member_papers, parking
from services.flows.parking import Resumed
from services.flows.shop import Shop
from services.store import parked, staff
from web_console import views
from web_console.api import JobView
from web_console.api_parked import (
    Abandon,
    DifferenceView,
    Park,
    ParkDone,
    ParkedPage,
    ParkedQuery,
    ParkedView,
    Resume,
    ResumeDone,
    State,
)
from web_console.box import Box
from web_console.gate import Call
from web_console.live import Live
from web_console.routes import TILL, Routes

ROUTES = Routes()
GOODS_SHOWN = 3


@ROUTES.post(
    "/api/till/park", TILL, ParkDone, "Put the bag aside; a repeat does it once", body=Park, keyed=True
)
def park_basket(call: Call, body: Park) -> ParkDone:
    row = parking.park(
        call.shop,
        call.till,
        basket_id=body.basket_id,
        version=body.version,
        reason=body.reason,
        note=body.note,
        operator_id=call.session.staff_id,
        request_id=call.key,
    )
    call.box.wake_jobs(call.till)
    basket = views.basket(call.shop, call.till)
    call.live.tell(call.till, "basket", basket)
    _news(call)
    return ParkDone(parked=view(call.shop, row), basket=basket)


@ROUTES.get("/api/parked", TILL, ParkedPage, "The baskets that wait, newest first", query=ParkedQuery)
def list_parked(call: Call, query: ParkedQuery) -> ParkedPage:
    rows = parked.waiting(query.q.strip(), int(query.before or "0"))
    more = str(rows[-1].ticket) if len(rows) == parked.PAGE else ""
    return ParkedPage(waiting=parked.count(), rows=tuple(view(call.shop, row) for row in rows), next=more)


@ROUTES.post(
    "/api/parked/<ident:parked_id>/resume",
    TILL,
    ResumeDone,
    "Go on with a parked basket at this till; a repeat changes nothing",
    body=Resume,
    keyed=True,
)
def resume_basket(call: Call, body: Resume, parked_id: str) -> ResumeDone:
    resumed = parking.resume(
        call.shop,
        call.till,
        parked_id,
        operator_id=call.session.staff_id,
        request_id=call.key,
        park_first=body.park_first,
        accepted_minor=body.accepted_minor,
    )
    call.box.wake_jobs(call.till)
    return tell_resumed(call.shop, call.live, call.box, call.till, resumed)


@ROUTES.post(
    "/api/parked/<ident:parked_id>/abandon",
    TILL,
    ParkedView,
    "Give a parked basket up for good",
    body=Abandon,
)
def abandon_basket(call: Call, body: Abandon, parked_id: str) -> ParkedView:
    """Needs no key: a repeat for the same reason finds it given up."""
    row = parking.abandon(
        call.shop, call.till, parked_id, reason=body.reason, operator_id=call.session.staff_id
    )
    _news(call)
    return view(call.shop, row)


@ROUTES.post("/api/parked/<ident:parked_id>/ticket", TILL, JobView, "Print its ticket again", keyed=True)
def print_ticket(call: Call, parked_id: str) -> JobView:
    job = parking.print_ticket(call.shop, call.till, parked_id, request_id=call.key)
    call.box.wake_jobs(call.till)
    return views.job(job)


def tell_resumed(shop: Shop, live: Live, box: Box, till: str, resumed: Resumed) -> ResumeDone:
    """A resumed basket for the caller, for the pages of its till, and its absence for all pages."""
    basket = views.basket(shop, till, resumed.basket)
    live.tell(till, "basket", basket)
    live.tell_all("parked", views.parked_news())
    box.wake_uplink()
    return ResumeDone(
        parked=view(shop, resumed.parked),
        basket=basket,
        differences=tuple(_difference(each) for each in resumed.differences if each.new is not None),
    )


def view(shop: Shop, row: Parked) -> ParkedView:
    basket, _ = parked.kept(row.parked_id)
    dearest = sorted(basket.standing, key=lambda line: -line.extended.minor)
    today = days.business_day(shop.now_ms(), shop.zone, shop.rollover_hour)
    return ParkedView(
        parked_id=row.parked_id,
        ticket=ticket_number(row.ticket),
        state=cast(State, row.state),
        reason=row.reason,
        note=row.note,
        customer=member_papers.named(basket.member_id) if basket.member_id else "",
        goods=tuple(dict.fromkeys(line.name for line in dearest))[:GOODS_SHOWN],
        pieces=row.pieces,
        total=views.amount(Money(row.total_minor, row.currency)),
        by=staff.name_of(row.operator_id),
        till=row.till,
        parked_at_ms=row.parked_at_ms,
        held=today <= row.business_day,
    )


def _difference(changed: Difference) -> DifferenceView:
    assert changed.new is not None, changed
    return DifferenceView(
        line_id=changed.line_id,
        name=changed.name,
        variant=changed.variant,
        old=views.amount(changed.old),
        new=views.amount(changed.new),
    )


def _news(call: Call) -> None:
    call.live.tell_all("parked", views.parked_news())
    call.box.wake_uplink()
