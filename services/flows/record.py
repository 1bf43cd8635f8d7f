"""Puts an event into the journal, inside the transaction that makes it true."""

from __future__ import annotations

import msgspec

from services.domain import days
from services.domain.events import Event
from services.flows.shop import Shop
from services.store import journal


class Envelope(msgspec.Struct, frozen=True, kw_only=True):
    """An event as it goes to HQ. The names are CloudEvents attributes; source is the batch's store."""

    seq: int
    id: str
    type: str
    time: str  # RFC 3339 with the store's offset
    bizday: str
    cq: str  # quality of the clock that gave `time`
    dataschema: str  # "sale.completed/1.0"
    data: Event


def record(
    shop: Shop, event: Event, at_ms: int, business_day: str = "", head: tuple[int, bytes] | None = None
) -> int:
    """Append `event`; its seq. `business_day` defaults to the day of `at_ms`; `head` is the journal's,
    where the caller has just read it."""
    seq, before = head or journal.head()
    envelope = Envelope(
        seq=seq + 1,
        id=shop.new_id(),
        type=event.type,
        time=days.iso(at_ms, shop.zone),
        bizday=business_day or days.business_day(at_ms, shop.zone, shop.rollover_hour),
        cq=shop.clock_quality(),
        dataschema=f"{event.type}/{event.version}",
        data=event,
    )
    journal.append(seq + 1, event.type, at_ms, msgspec.json.encode(envelope), before)
    return seq + 1
