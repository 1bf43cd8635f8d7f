"""Watches for the end of the day: closes what people have left open, writes off what has ended."""

from __future__ import annotations

import logging
import threading

from services.flows import attendance, coupons, points, stored_value, tags, tiers
from services.flows.shop import Shop
from services.store import journal

LOOK_S = 60.0

_log = logging.getLogger(__name__)


class Rollover:
    def __init__(self, shop: Shop) -> None:
        self._shop = shop
        self._failing = False

    def run(self, stop: threading.Event) -> None:
        """Look at once, since the box may have been off, and then every LOOK_S until `stop`."""
        self.look()
        while not stop.wait(LOOK_S):
            self.look()

    def look(self) -> None:
        """Close hours of an earlier business day, end the periods of tiers, look at tags, write off
        bonus, coupons and points. A disk in trouble is told of once, and tried again."""
        try:
            closed = attendance.close_forgotten(self._shop)
            looked_at = tiers.sweep(self._shop)
            tagged = tags.sweep(self._shop)
            ended = stored_value.expire_all(self._shop)
            over = coupons.expire_all(self._shop)
            due = points.catch_up_all(self._shop)
        except journal.TROUBLE as error:
            if not self._failing:
                _log.error("the business day cannot be ended: %s", error.__cause__ or error)
            self._failing = True
            return
        self._failing = False
        if closed:
            _log.info("closed %d hours that nobody had clocked out of", closed)
        if looked_at:
            _log.info("looked at the tiers of %d members whose period has ended", looked_at)
        if tagged:
            _log.info("looked at the tags of %d members", tagged)
        if ended:
            _log.info("wrote off bonus that had ended in %d accounts", ended)
        if over:
            _log.info("wrote off %d coupons that had ended", over)
        if due:
            _log.info("points of %d members have ended or can be used now", due)
