"""What becomes of parked baskets when their day ends."""

from __future__ import annotations

from services.domain import parked
from services.domain.errors import ParkedWaiting
from services.domain.parked import Parked
from services.flows import parking
from services.flows.shop import Shop
from services.store import parked as store


def close_day(shop: Shop, till: str, *, operator_id: str) -> list[Parked]:
    """Inside the transaction that closes the day of `till`: what becomes of the baskets parked there, as
    the settings say; those that expired. Raises ParkedWaiting where none may wait."""
    held = store.waiting_at(till)
    if not held or shop.parked_at_close == parked.CARRY:
        return []
    if shop.parked_at_close == parked.BLOCK:
        tickets = [parked.ticket_number(row.ticket) for row in held]
        raise ParkedWaiting("baskets are still parked", count=len(held), tickets=tickets)
    for row in held:
        parking.given_up(shop, till, row, parked.EXPIRED, parked.DAY_CLOSE, operator_id)
    return held


def day_over(shop: Shop, till: str, day: str) -> None:
    """Inside the transaction that ends a day which nobody closed: what was parked on it expires where the
    settings say so. Nobody is there to be held up, so whatever else they say, it waits on; and so does
    what waits for the end of a payment."""
    if shop.parked_at_close != parked.EXPIRE:
        return
    for row in store.waiting_at(till):
        if row.business_day <= day and row.reason != parked.PAYMENT_OPEN:
            parking.given_up(shop, till, row, parked.EXPIRED, parked.DAY_CLOSE, "", day)
