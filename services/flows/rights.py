"""The shop's own rules of who may do what alone."""

from __future__ import annotations

from collections.abc import Mapping

from services.domain.errors import BadRequest, NotFound
from services.domain.events import RightChanged
from services.domain.rights import DEFAULTS, Limits, Right
from services.flows.record import record
from services.flows.shop import Shop
from services.store import db, rights


def listed() -> Mapping[str, Right]:
    """Every right as it holds now."""
    return rights.listed()


def change(shop: Shop, key: str, *, four_eyes: bool, limits: Limits, operator_id: str) -> Right:
    """Set the shop's rule for one right. A repeat changes nothing. Raises NotFound, BadRequest."""
    if key not in DEFAULTS:
        raise NotFound("there is no such right", right=key)
    try:
        wanted = DEFAULTS[key].changed(four_eyes=four_eyes, limits=limits)
    except ValueError as error:
        raise BadRequest(str(error)) from error
    with db.write():
        if rights.by_key(key) != wanted:
            rights.put(wanted)
            event = RightChanged(
                right=key, four_eyes=four_eyes, limits=dict(sorted(limits.items())), operator_id=operator_id
            )
            record(shop, event, shop.now_ms())
    return wanted
