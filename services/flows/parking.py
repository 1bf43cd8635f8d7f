"""Putting a basket aside and going on with it, at any till of the store."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from services.domain import days, parked
from services.domain.basket import Basket
from services.domain.errors import (
    BagInUse,
    BasketChanged,
    BasketEmpty,
    DeviceAbsent,
    NotSignedIn,
    ParkedFull,
    ParkedOver,
    ParkedRepriced,
    ParkedTaken,
    ParkedUnknown,
    PaymentOpen,
)
from services.domain.money import signed
from services.domain.parked import Difference, Parked
from services.domain.parked_events import (
    BasketAbandoned,
    BasketParked,
    BasketResumed,
    ParkedLine,
    RepricedLine,
)
from services.flows import customers, park_tickets, prices
from services.flows.baskets import base_minor, current, fresh
from services.flows.record import record
from services.flows.shop import Shop
from services.store import baskets, catalogue, coupons, db, jobs, requests, staff
from services.store import parked as store
from services.store.jobs import Job

SIGNED_ON_MS = 12 * 60_000  # without a sign of life for so long nobody is at the till


@dataclass(frozen=True, slots=True)
class Resumed:
    """A parked basket, the basket that the till has now, and the prices that changed on the way."""

    parked: Parked
    basket: Basket
    differences: tuple[Difference, ...] = ()


def park(
    shop: Shop,
    till: str,
    *,
    basket_id: str,
    version: int,
    reason: str,
    note: str,
    operator_id: str,
    request_id: str,
) -> Parked:
    """Put the basket of `till` aside, give the till a fresh one and print a ticket; the parked basket.

    A repeat of `request_id` gives the first one and changes nothing. Raises BasketChanged when the till
    showed another basket than the stored one, BasketEmpty, PaymentOpen (what was paid is paid back first),
    ParkedFull, BadRequest for an unknown reason. With the reason `payment_open` a payment whose end nobody
    knows goes along, and the basket waits until somebody says it; PaymentUnknown where there is none.
    """
    asked = requests.fingerprint("park", till, basket_id, version, reason, note)
    with db.write():
        if (done := requests.answer(request_id, asked)) is not None:
            return find(done)
        basket = current(shop, till)
        if (basket.basket_id, basket.version) != (basket_id, version):
            raise BasketChanged("the basket has changed since it was shown", version=basket.version)
        row = _put_aside(shop, till, basket, reason, note, operator_id)
        baskets.save(till, fresh(shop))
        requests.remember(request_id, asked, row.parked_id, row.parked_at_ms)
    return row


def resume(
    shop: Shop,
    till: str,
    parked_id: str,
    *,
    operator_id: str,
    request_id: str,
    park_first: bool = False,
    accepted_minor: int | None = None,
) -> Resumed:
    """Go on with a parked basket at `till`: same lines, sellers and discounts, under a new basket id.

    Only one till gets it; every other one hears ParkedTaken or ParkedOver. `park_first` puts aside what is
    in the till's bag, which is BagInUse otherwise. After the price hold the list's prices count; where one
    is not in the customer's favour, ParkedRepriced shows them until `accepted_minor` is the new gross.
    A repeat of `request_id` changes nothing. Raises ParkedUnknown.
    """
    asked = requests.fingerprint("resume", till, parked_id)
    with db.write():
        if requests.answer(request_id, asked) is not None:
            return Resumed(find(parked_id), current(shop, till))
        resumed = _taken_up(shop, till, find(parked_id), operator_id, park_first, accepted_minor)
        requests.remember(request_id, asked, resumed.basket.basket_id, shop.now_ms())
    return resumed


def resume_ticket(shop: Shop, till: str, ticket: int) -> Resumed:
    """The same for a ticket under the scanner, in the name of whoever used the till last.

    A ticket whose basket is in the bag already changes nothing, so a second scan does no harm. Raises
    what resume() raises.
    """
    with db.write():
        row = by_ticket(ticket)
        now = current(shop, till)
        if row.state == parked.RESUMED and row.resumed_as == now.basket_id:
            return Resumed(row, now)
        operator_id = staff.last_at(till, shop.now_ms() - SIGNED_ON_MS)
        if not operator_id:
            raise NotSignedIn("nobody is signed on at this till", till=till)
        return _taken_up(shop, till, row, operator_id, False, None)


def abandon(shop: Shop, till: str, parked_id: str, *, reason: str, operator_id: str) -> Parked:
    """Give a parked basket up for good; nobody can resume it. A repeat for the same reason changes nothing.

    Raises ParkedUnknown, ParkedTaken, ParkedOver, PaymentOpen where a payment's end is still to be said,
    BadRequest for an unknown reason.
    """
    parked.reason_of(reason, parked.GIVE_UP_REASONS)
    with db.write():
        row = find(parked_id)
        if (row.state, row.end_reason) != (parked.ABANDONED, reason):
            given_up(shop, till, row, parked.ABANDONED, reason, operator_id)
    return find(parked_id)


def asked_about(till: str = "") -> list[Parked]:
    """The baskets that wait for the end of a payment, oldest first; of one till, or of all."""
    return [row for row in store.for_reason(parked.PAYMENT_OPEN) if till in ("", row.till)]


def print_ticket(shop: Shop, till: str, parked_id: str, *, request_id: str) -> Job:
    """Queue the ticket of a basket that waits once more. A repeat gives the first one's job.

    Raises ParkedUnknown, ParkedTaken, ParkedOver, DeviceAbsent for a till without a printer.
    """
    asked = requests.fingerprint("park_ticket", till, parked_id)
    if till not in shop.printers:
        raise DeviceAbsent("this till has no printer", till=till)
    with db.write():
        done = requests.answer(request_id, asked)
        if done is None:
            _waits(find(parked_id))
            done = park_tickets.queue(shop, till, parked_id)
            requests.remember(request_id, asked, done, shop.now_ms())
        job = jobs.by_id(done)
    assert job is not None, done
    return job


def find(parked_id: str) -> Parked:
    """Raises ParkedUnknown."""
    row = store.by_id(parked_id)
    if row is None:
        raise ParkedUnknown("no parked basket has this id", parked_id=parked_id)
    return row


def by_ticket(ticket: int) -> Parked:
    """What a ticket stands for now. Raises ParkedUnknown."""
    row = store.by_ticket(ticket)
    if row is None:
        raise ParkedUnknown("no parked basket has this ticket", ticket=ticket)
    return row


def _put_aside(shop: Shop, till: str, basket: Basket, reason: str, note: str, operator_id: str) -> Parked:
    """Inside a transaction: the row, its event and its ticket. The till's bag is for the caller."""
    parked.reason_of(reason, parked.REASONS)
    parked.may_wait(basket, reason)
    if not basket.standing:
        raise BasketEmpty("there is nothing to park")
    if store.count() >= parked.OPEN_MAX:
        raise ParkedFull("too many baskets are parked", open_max=parked.OPEN_MAX)
    now_ms = shop.now_ms()
    coupons.release(basket.basket_id)  # others may use them meanwhile; the bag still knows them
    row = Parked(
        parked_id=shop.new_id(),
        ticket=store.next_ticket(),
        state=parked.PARKED,
        basket_id=basket.basket_id,
        till=till,
        operator_id=operator_id,
        reason=reason,
        note=parked.tidy_note(note),
        business_day=days.business_day(now_ms, shop.zone, shop.rollover_hour),
        parked_at_ms=now_ms,
        currency=basket.currency,
        pieces=basket.pieces,
        total_minor=prices.priced(shop, basket).total.minor,
    )
    follow = parked.list_priced(basket, _list_prices(shop, basket), store.followed(basket.basket_id))
    store.create(row, replace(basket, held_tier=customers.of(shop, basket).tier), follow)
    record(shop, _parked(row, basket), now_ms)
    if till in shop.printers and shop.park_tickets:
        park_tickets.queue(shop, till, row.parked_id)
    return row


def _taken_up(
    shop: Shop,
    till: str,
    row: Parked,
    operator_id: str,
    park_first: bool,
    accepted_minor: int | None,
) -> Resumed:
    """Inside a transaction: the basket moves to the till, or a refusal and nothing has changed."""
    _waits(row)
    _room(shop, till, row.parked_id, operator_id, park_first)
    now_ms = shop.now_ms()
    basket, differences = _at_todays_prices(shop, row, now_ms)
    if parked.needs_tap(differences) and basket.gross.minor != accepted_minor:
        raise ParkedRepriced(
            "prices have changed since it was parked",
            parked_id=row.parked_id,
            total_minor=basket.gross.minor,
            total=signed(basket.gross),
            differences=[_shown(difference) for difference in differences],
        )
    basket = replace(basket, basket_id=shop.new_id())
    moved = store.end(
        row.parked_id,
        parked.RESUMED,
        at_ms=now_ms,
        till=till,
        by=operator_id,
        resumed_as=basket.basket_id,
    )
    assert moved, row
    baskets.save(till, basket)
    park_tickets.cancel(row.parked_id, now_ms)
    record(shop, _resumed(row, basket, differences, till, operator_id, now_ms), now_ms)
    return Resumed(find(row.parked_id), current(shop, till), differences)


def _waits(row: Parked) -> None:
    """Raises ParkedTaken or ParkedOver, which name who was faster."""
    if row.state == parked.PARKED:
        return
    told: dict[str, object] = {
        "parked_id": row.parked_id,
        "ticket": parked.ticket_number(row.ticket),
        "till": row.ended_till,
        "by": staff.name_of(row.ended_by),
        "at_ms": row.ended_at_ms,
    }
    if row.state == parked.RESUMED:
        raise ParkedTaken("this basket was resumed before", **told)
    raise ParkedOver("this basket was given up", reason=row.end_reason, **told)


def _shown(difference: Difference) -> dict[str, object]:
    """A changed price as the refusal tells it; `new` is "" for an article that is no longer sold."""
    return {
        "line_id": difference.line_id,
        "name": difference.name,
        "variant": difference.variant,
        "quantity": difference.quantity,
        "old": signed(difference.old),
        "new": signed(difference.new) if difference.new is not None else "",
        "favours_customer": difference.favours_customer,
    }


def _room(shop: Shop, till: str, parked_id: str, operator_id: str, park_first: bool) -> None:
    """The till's bag holds nothing, or is put aside. Raises BagInUse."""
    present = current(shop, till)
    if not present.standing:
        return
    if not park_first:
        raise BagInUse("the bag of this till is not empty", parked_id=parked_id, pieces=present.pieces)
    _put_aside(shop, till, present, "queue", "", operator_id)


def _at_todays_prices(shop: Shop, row: Parked, now_ms: int) -> tuple[Basket, tuple[Difference, ...]]:
    """The basket exactly as it was on the business day of its parking; after it at the list's prices,
    unless so much was asked of its customer already."""
    basket, follow = store.kept(row.parked_id)
    if row.reason == parked.PAYMENT_OPEN:
        return replace(basket, held_at_ms=basket.held_at_ms or row.parked_at_ms), ()
    if not days.same_business_day(row.parked_at_ms, now_ms, shop.zone, shop.rollover_hour):
        return parked.repriced(replace(basket, held_at_ms=0), follow, _list_prices(shop, basket))
    held_ms = basket.held_at_ms  # of an earlier parking of this day
    if not days.same_business_day(row.parked_at_ms, held_ms, shop.zone, shop.rollover_hour):
        held_ms = row.parked_at_ms
    return replace(basket, held_at_ms=held_ms), ()


def _list_prices(shop: Shop, basket: Basket) -> Mapping[str, int]:
    articles = catalogue.by_skus(line.sku for line in basket.standing)
    return {sku: base_minor(shop, article) for sku, article in articles.items()}


def given_up(
    shop: Shop, till: str, row: Parked, state: str, reason: str, operator_id: str, day: str = ""
) -> None:
    """Inside a transaction: a basket that waits does so no longer; `day` is the business day of that, today
    without it. Raises ParkedOver, PaymentOpen."""
    _waits(row)
    if row.reason == parked.PAYMENT_OPEN:
        raise PaymentOpen("say how its payment ended first", ticket=parked.ticket_number(row.ticket))
    now_ms = shop.now_ms()
    ended = store.end(row.parked_id, state, at_ms=now_ms, till=till, by=operator_id, reason=reason)
    assert ended, row
    park_tickets.cancel(row.parked_id, now_ms)
    event = BasketAbandoned(
        parked_id=row.parked_id,
        ticket=row.ticket,
        workstation_id=till,
        operator_id=operator_id,
        abandoned_at_ms=now_ms,
        waited_s=_waited_s(row, now_ms),
        reason=reason,
    )
    record(shop, event, now_ms, day)


def _waited_s(row: Parked, now_ms: int) -> int:
    """A clock that was set back meanwhile makes no wait negative."""
    return max(0, now_ms - row.parked_at_ms) // 1000


def _parked(row: Parked, basket: Basket) -> BasketParked:
    return BasketParked(
        parked_id=row.parked_id,
        ticket=row.ticket,
        basket_id=row.basket_id,
        workstation_id=row.till,
        operator_id=row.operator_id,
        reason=row.reason,
        business_day=row.business_day,
        parked_at_ms=row.parked_at_ms,
        currency=row.currency,
        pieces=row.pieces,
        total_minor=row.total_minor,
        line_items=tuple(
            ParkedLine(
                line_number=line.line_id,
                item_id=line.sku,
                quantity=line.quantity,
                unit_price_minor=line.unit_price.minor,
            )
            for line in basket.standing
        ),
    )


def _resumed(
    row: Parked,
    basket: Basket,
    differences: tuple[Difference, ...],
    till: str,
    operator_id: str,
    now_ms: int,
) -> BasketResumed:
    return BasketResumed(
        parked_id=row.parked_id,
        ticket=row.ticket,
        basket_id=basket.basket_id,
        workstation_id=till,
        operator_id=operator_id,
        resumed_at_ms=now_ms,
        waited_s=_waited_s(row, now_ms),
        pieces=basket.pieces,
        repriced=tuple(
            RepricedLine(line_number=each.line_id, before_minor=each.old.minor, after_minor=each.new.minor)
            for each in differences
            if each.new is not None
        ),
    )
