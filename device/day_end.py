"""Ends the shifts that the day's change has overtaken, and begins those that a sale has asked for."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable

from services.flows import business_day
from services.flows.shop import Shop
from services.store import journal

LOOK_S = 2.0  # between two looks; one is a few reads

_log = logging.getLogger(__name__)


class DayEnd:
    """One thread for all tills. `told` hears of each till whose shift has changed."""

    def __init__(self, shop: Shop, told: Callable[[str], None]) -> None:
        self._shop, self._told = shop, told
        self._failing = False

    def run(self, stop: threading.Event) -> None:
        """Until `stop`; a disk in trouble is said once and tried again."""
        while not stop.wait(LOOK_S):
            try:
                self.look()
            except journal.TROUBLE as error:
                if not self._failing:
                    _log.error("shifts cannot be kept: %s", error.__cause__ or error)
                self._failing = True
            else:
                self._failing = False

    def look(self) -> None:
        """Keep every till once."""
        for till in self._shop.tills:
            if business_day.keep(self._shop, till):
                self._told(till)
