"""Setting what sellers earn, from this month or a later one on."""

from __future__ import annotations

from services.domain import commission as rules
from services.domain import days
from services.domain.commission import Rule
from services.domain.errors import CommissionRefused
from services.domain.events import CommissionChanged
from services.flows.record import record
from services.flows.shop import Shop
from services.store import commission, db
from services.store.commission import Plan


def change(
    shop: Shop, wanted: tuple[Rule, ...], *, from_month: str, seen_version: int, operator_id: str
) -> Plan:
    """Write down a new plan. A repeat, and one that says the same as before, change nothing.

    Raises CommissionRefused (details.why: past, version, many, steps, rate, twice): months that are over
    stay as they were paid, and `seen_version` is the plan that the page showed.
    """
    rules.check(wanted)
    with db.write():
        held = commission.newest()
        if (held.rules, held.from_month) == (wanted, from_month):
            return held
        if held.version != seen_version:
            raise CommissionRefused(
                "somebody has changed it meanwhile", why="version", version=held.version
            )
        if from_month < this_month(shop):
            raise CommissionRefused("a month that is over stays as it was", why="past", n=0)
        plan = Plan(held.version + 1, from_month, wanted)
        commission.add(plan, operator_id, shop.now_ms())
        event = CommissionChanged(
            plan_version=plan.version, from_month=from_month, rules=wanted, operator_id=operator_id
        )
        record(shop, event, shop.now_ms())
    return plan


def newest() -> Plan:
    return commission.newest()


def this_month(shop: Shop) -> str:
    """YYYY-MM of the business day."""
    return days.business_day(shop.now_ms(), shop.zone, shop.rollover_hour)[:7]
