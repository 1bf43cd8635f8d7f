"""What HQ hears of parked baskets."""

from __future__ import annotations

from typing import ClassVar

import msgspec

from services.domain.event import Event


class ParkedLine(msgspec.Struct, frozen=True, kw_only=True):
    """A standing line of a basket at the moment of parking."""

    line_number: int
    item_id: str
    quantity: int
    unit_price_minor: int


class BasketParked(Event, frozen=True, kw_only=True):
    """A basket was put aside for its customer. No money, points or stock move. The free note stays here."""

    type: ClassVar[str] = "basket.parked"
    version: ClassVar[str] = "1.0"

    parked_id: str
    ticket: int
    basket_id: str
    workstation_id: str
    operator_id: str
    reason: str  # fixed code: phone_call, choosing_more, ..., other
    business_day: str
    parked_at_ms: int
    currency: str
    pieces: int
    total_minor: int
    line_items: tuple[ParkedLine, ...]


class RepricedLine(msgspec.Struct, frozen=True, kw_only=True):
    """A unit price that followed the list after the price hold was over."""

    line_number: int
    before_minor: int
    after_minor: int


class BasketResumed(Event, frozen=True, kw_only=True):
    """A parked basket went on at a till, under a new basket id."""

    type: ClassVar[str] = "basket.resumed"
    version: ClassVar[str] = "1.0"

    parked_id: str
    ticket: int
    basket_id: str  # of the basket that it went on as
    workstation_id: str
    operator_id: str
    resumed_at_ms: int
    waited_s: int
    pieces: int
    repriced: tuple[RepricedLine, ...]


class BasketAbandoned(Event, frozen=True, kw_only=True):
    """A parked basket was given up: by people, or with reason day_close by the close of the day."""

    type: ClassVar[str] = "basket.abandoned"
    version: ClassVar[str] = "1.0"

    parked_id: str
    ticket: int
    workstation_id: str
    operator_id: str
    abandoned_at_ms: int
    waited_s: int
    reason: str
