"""The shop that the settings describe: the one argument of every flow."""

from __future__ import annotations

import secrets
from zoneinfo import ZoneInfo

import msgspec

from device import identity, keyring, sheets
from device.clock import Clock
from device.config import Settings
from services.domain import parked, stored_value
from services.domain.barcodes import BarcodeRules, OwnRange
from services.domain.coupons import CouponRules
from services.domain.instalments import Terms
from services.domain.invoicing import Invoicing
from services.domain.printing import Printing
from services.domain.return_rules import ReturnRules
from services.domain.settlement import Rounding
from services.domain.shift import ShiftRules
from services.flows.shop import Shop
from services.registry import discover


def make_shop(settings: Settings, clock: Clock) -> Shop:
    """The argument of every flow, from the settings."""
    store = settings.store
    return Shop(
        store_id=store.id,
        store_name=store.name,
        currency=store.currency,
        tax_bp=store.tax_bp,
        zone=ZoneInfo(store.timezone),
        rollover_hour=store.rollover_hour,
        tills=tuple(till.key for till in settings.till),
        printers=frozenset(till.key for till in settings.till if till.printer),
        label_printers=frozenset(till.key for till in settings.till if till.labeller),
        drawers=frozenset(till.key for till in settings.till if till.drawer),
        barcode_rules=BarcodeRules(own=(_ticket_range(settings),)),
        tenders=discover("services.tenders", "TENDER"),
        cash_rounding=Rounding(store.cash_rounding_minor, store.cash_rounding_mode),
        receipt_footer=store.receipt_footer,
        printing=Printing(
            language=store.receipt_language,
            footer_en=store.receipt_footer_en,
            drawer_opens=store.drawer_opens,
            late_copy_approval=store.late_copy_approval,
            stocks=settings.label,
        ),
        park_tickets=settings.parking.print_tickets,
        parked_at_close=settings.parking.day_close,
        oversell=store.oversell,
        reorder_point=store.reorder_point,
        shift_rules=ShiftRules(
            required=settings.shift.required,
            reason_over_minor=settings.shift.reason_over_minor,
            drop_over_minor=settings.shift.drop_over_minor,
        ),
        now_ms=clock.now_ms,
        clock_quality=clock.quality,
        new_id=identity.new_id,
        random_bits=secrets.randbits,
        instalments=_terms(settings),
        coupons=CouponRules(**msgspec.structs.asdict(settings.coupons)),
        stored_value=stored_value.Terms(**msgspec.structs.asdict(settings.stored_value)),
        foreign_cash=store.foreign_cash,
        gift_card_max_minor=store.gift_card_max_minor,
        return_rules=ReturnRules(
            settings.returns.window_days, settings.returns.days_of, settings.returns.blind_max_minor
        ),
        invoicing=Invoicing(settings.invoice.url, settings.invoice.key),
        read_sheet=lambda data, kind, told, columns: sheets.read(data, kind, store.currency, told, columns),
        keyring=keyring.load(settings.data_dir),
        hash_pin=identity.hash_pin,
        check_pin=identity.check_pin,
    )


def _terms(settings: Settings) -> Terms:
    given = settings.instalments
    fees = tuple(given.fee_bp.get(str(months), 0) for months in given.months)  # type: ignore[call-overload]
    return Terms(given.provider, given.min_minor, given.months, fees)


def _ticket_range(settings: Settings) -> OwnRange:
    return OwnRange(settings.parking.ticket_prefix, parked.NAMESPACE, length=13, check_digit=True)
