"""Whether a drawer holds so much that some of it belongs into the safe."""

from __future__ import annotations

import threading

from services.domain.z_fold import Fold
from services.flows.business_day import new_fold
from services.flows.shop import Shop
from services.store import db, shifts, stretch

_lock = threading.Lock()
_kept: dict[tuple[str, str], tuple[Fold, int]] = {}  # (database, till) -> its shift so far, and up to where


def drop_due(shop: Shop, till: str) -> bool:
    """Asked after each sale, so the shift is not read from its beginning each time. It says no amount: what
    ought to be in a drawer is told after it was counted."""
    most_minor = shop.shift_rules.drop_over_minor
    shift = shifts.open_of(till)
    if not most_minor or shift is None:
        return False
    key = (str(db.LEDGER.database), till)
    with _lock:
        fold, seen = _kept.pop(key, (None, 0))  # put back once it is read to the end
        if fold is None or fold.shift_id != shift.shift_id:
            fold, seen = new_fold(shop, till, shift.shift_id), shift.first_seq - 1
        _kept[key] = fold, stretch.read(fold, seen)
        return fold.expected[shop.currency] > most_minor
