"""What the shop gives for other currencies."""

from __future__ import annotations

from typing import ClassVar

from services.domain.event import Event


class ExchangeRateEntered(Event, frozen=True, kw_only=True):
    """Somebody wrote down a rate. It takes the place of the version before; what was sold keeps its own."""

    type: ClassVar[str] = "exchange_rate.entered"
    version: ClassVar[str] = "1.0"

    rate_id: str
    foreign_currency: str
    currency: str  # the shop's
    rate_version: int  # rising by one for each currency, from 1
    buy_e8: int  # what one foreign unit counts, in hundred-millionths of the shop's unit
    valid_from_ms: int
    source: str
    operator_id: str
