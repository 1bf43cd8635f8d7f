"""Carries on rounds of coupons, a piece at a time, with room between for whoever sells."""

from __future__ import annotations

import logging
import threading

from services.flows import coupon_rounds
from services.flows.shop import Shop
from services.store import journal

LOOK_S = 1.0
PAUSE_S = 0.02  # between two pieces: about as long as one takes

_log = logging.getLogger(__name__)


class Rounds:
    def __init__(self, shop: Shop) -> None:
        self._shop = shop
        self._failing = False

    def run(self, stop: threading.Event) -> None:
        """Go on with what is not at its end, also from before a restart, until `stop`."""
        while not stop.wait(PAUSE_S if self.look() else LOOK_S):
            pass

    def look(self) -> bool:
        """Whether a piece was done. A disk in trouble is told of once, and tried again."""
        try:
            found = coupon_rounds.go_on(self._shop)
        except journal.TROUBLE as error:
            if not self._failing:
                _log.error("a round of coupons cannot go on: %s", error.__cause__ or error)
            self._failing = True
            return False
        self._failing = False
        return found
