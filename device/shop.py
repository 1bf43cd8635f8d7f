"""This box's shop, from its settings: the argument of every flow."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from device import identity
from device.clock import Clock
from device.config import Settings
from services.domain.barcodes import BarcodeRules
from services.flows.shop import Shop
from services.registry import discover


def make_shop(settings: Settings, clock: Clock) -> Shop:
    """The argument of every flow, from the settings."""
    store = settings.store
    return Shop(
        store_id=store.id,
        store_name=store.name,
        currency=store.currency,
        zone=ZoneInfo(store.timezone),
        rollover_hour=store.rollover_hour,
        tills=tuple(till.key for till in settings.till),
        printers=frozenset(till.key for till in settings.till if till.printer),
        drawers=frozenset(till.key for till in settings.till if till.drawer),
        barcode_rules=BarcodeRules(),
        tenders=discover("services.tenders", "TENDER"),
        receipt_footer=store.receipt_footer,
        oversell=store.oversell,
        reorder_point=store.reorder_point,
        now_ms=clock.now_ms,
        clock_quality=clock.quality,
        new_id=identity.new_id,
        hash_pin=identity.hash_pin,
        check_pin=identity.check_pin,
    )
