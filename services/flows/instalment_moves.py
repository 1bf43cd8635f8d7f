"""What a closed document does to instalment plans, all in its own transaction."""

from __future__ import annotations

from dataclasses import replace

from services.domain import days, instalments
from services.domain.errors import TenderRefused
from services.domain.instalment_events import InstalmentChanged, PlannedDue
from services.domain.settlement import Covered
from services.flows.record import record
from services.flows.shop import Shop
from services.store import instalments as plans
from services.store.instalments import Plan
from services.store.sales import Sale


def follow(shop: Shop, sale: Sale) -> None:
    """Agree the plans it is paid with; cancel what is paid back of those before, the last months first.

    Raises TenderRefused for a plan that has not so much left.
    """
    for tender in sale.tenders:
        if tender.key == instalments.TENDER and tender.amount.minor:
            plan = _agreed(shop, sale, tender) if tender.amount.minor > 0 else _reduced(tender)
            _tell(shop, sale, plan, tender.amount.minor)


def _agreed(shop: Shop, sale: Sale, tender: Covered) -> Plan:
    months, plan_id = instalments.read(tender.reference)
    begins = days.local(sale.ended_at_ms, shop.zone).date()
    plan = Plan(
        plan_id=plan_id,
        sale_id=sale.sale_id,
        currency=sale.total.currency,
        provider=shop.instalments.provider,
        months=months,
        fee_bp=dict(zip(shop.instalments.months, shop.instalments.fee_bp, strict=True)).get(months, 0),
        rows=instalments.schedule(tender.amount.minor, months, begins),
    )
    plans.add(plan)
    return plan


def _reduced(tender: Covered) -> Plan:
    plan = plans.by_id(instalments.read(tender.reference)[1])
    if plan is None or plan.owed_minor < -tender.amount.minor:
        raise TenderRefused("there is not so much left of this plan", key=tender.key)
    after = replace(plan, rows=instalments.reduced(plan.rows, -tender.amount.minor))
    plans.keep(after.plan_id, after.rows)
    return after


def _tell(shop: Shop, sale: Sale, plan: Plan, amount_minor: int) -> None:
    event = InstalmentChanged(
        plan_id=plan.plan_id,
        sale_id=sale.sale_id,
        amount_minor=amount_minor,
        currency=plan.currency,
        provider=plan.provider,
        months=plan.months,
        fee_bp=plan.fee_bp,
        fee_minor=instalments.fee_minor(plan.owed_minor, plan.fee_bp),
        schedule=tuple(
            PlannedDue(number=row.n, due_day=row.day, amount_minor=row.amount_minor) for row in plan.rows
        ),
        operator_id=sale.operator_id,
    )
    record(shop, event, sale.ended_at_ms, sale.business_day)
