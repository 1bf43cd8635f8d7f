"""Notes of other currencies at the till, and their rates in the back office."""

from __future__ import annotations

from services.domain import attendance, exchange
from services.domain.errors import AttendanceRefused
from services.domain.exchange import Rate
from services.domain.money import Money, minor_digits
from services.domain.tender_errors import RateRefused
from services.flows import exchange_rates, foreign_cash
from services.flows.baskets import current
from services.flows.foreign_cash import Offer
from services.flows.shop import Shop
from services.store import staff
from web_console import bags, views
from web_console.api import BasketView
from web_console.api_foreign_cash import (
    EnterRate,
    ForeignCashView,
    NotesQuery,
    NotesView,
    OfferView,
    RatesQuery,
    RatesView,
    RateView,
    TakeNotes,
    TakenView,
)
from web_console.gate import Call
from web_console.routes import MANAGER, TILL, Routes

ROUTES = Routes()
EVER_MS = 2**53


@ROUTES.get("/api/till/foreign-cash", TILL, ForeignCashView, "What is left to pay in other currencies")
def show_foreign_cash(call: Call) -> ForeignCashView:
    found = foreign_cash.offered(call.shop, current(call.shop, call.till))
    return ForeignCashView(offers=tuple(_offer(call.shop, each) for each in found))


@ROUTES.get(
    "/api/till/foreign-cash/quote",
    TILL,
    NotesView,
    "What taking so many notes would mean",
    query=NotesQuery,
)
def quote_notes(call: Call, query: NotesQuery) -> NotesView:
    notes = Money(query.minor, query.currency)
    quote = foreign_cash.quote(call.shop, current(call.shop, call.till), notes)
    return NotesView(
        notes=views.cash(call.shop, notes),
        worth=views.amount(quote.worth),
        change=views.amount(quote.change),
        short=views.amount(quote.short),
    )


@ROUTES.post(
    "/api/till/foreign-cash",
    TILL,
    BasketView,
    "Let notes of another currency pay; they are taken back as a payment is",
    body=TakeNotes,
    keyed=True,
)
def take_notes(call: Call, body: TakeNotes) -> BasketView:
    after = foreign_cash.take(
        call.shop,
        call.till,
        basket_id=body.basket_id,
        version=body.version,
        notes=Money(body.minor, body.currency),
        approval=body.approval,
        operator_id=call.session.staff_id,
        request_id=call.key,
    )
    return bags.recorded(call, after)


@ROUTES.get(
    "/api/office/exchange-rates",
    MANAGER,
    RatesView,
    "The rates that count now, and every version before",
    query=RatesQuery,
)
def show_rates(call: Call, query: RatesQuery) -> RatesView:
    history = exchange_rates.history(int(query.before) if query.before else EVER_MS)
    return RatesView(
        currency=call.shop.currency,
        taken=tuple(_taken(call, currency) for currency in call.shop.foreign_cash),
        history=tuple(_rate(each) for each in history),
        next=str(history[-1].entered_at_ms) if len(history) == exchange_rates.PAGE else "",
    )


@ROUTES.post(
    "/api/office/exchange-rates",
    MANAGER,
    RateView,
    "Enter a rate; a repeat answers with the first one",
    body=EnterRate,
    keyed=True,
)
def enter_rate(call: Call, body: EnterRate) -> RateView:
    rate = exchange_rates.enter(
        call.shop,
        currency=body.currency,
        rate=body.rate,
        valid_from_ms=_begins_ms(call, body.valid_from),
        source=body.source.strip(),
        sure=body.sure,
        operator_id=call.session.staff_id,
        request_id=call.key,
    )
    call.box.wake_uplink()
    return _rate(rate)


def _begins_ms(call: Call, text: str) -> int:
    """Raises RateRefused for a time that the shop's clock never shows."""
    if not text:
        return 0
    try:
        return attendance.wall_ms(text, call.shop.zone)
    except AttendanceRefused as error:
        raise RateRefused("the clock never shows this", why="time") from error


def _offer(shop: Shop, held: Offer) -> OfferView:
    step = Money(exchange.SMALLEST_NOTE[held.currency], held.currency)
    return OfferView(
        currency=held.currency,
        decimals=minor_digits(held.currency),
        zero=views.cash(shop, Money(0, held.currency)),
        step=views.cash(shop, step),
        rate=_rate(held.rate) if held.rate is not None else None,
        stale=held.stale,
        due=views.cash(shop, held.due) if held.due is not None else None,
        quick=tuple(views.cash(shop, each) for each in exchange.quick_amounts(held.due))
        if held.due
        else (),
    )


def _taken(call: Call, currency: str) -> TakenView:
    rate, stale = exchange_rates.standing(call.shop, currency)
    return TakenView(currency=currency, rate=_rate(rate) if rate is not None else None, stale=stale)


def _rate(held: Rate) -> RateView:
    return RateView(
        rate_id=held.rate_id,
        currency=held.currency,
        version=held.version,
        text=exchange.rate_written(held.buy_e8),
        valid_from_ms=held.valid_from_ms,
        source=held.source,
        by=staff.name_of(held.entered_by),
        entered_at_ms=held.entered_at_ms,
    )
