"""Stored value in the office: what is on offer, and under which limits."""

from __future__ import annotations

from services.domain.money import Money, minor_digits
from services.domain.stored_value import COOLING_DAYS
from services.flows import stored_value_plans
from web_console import views
from web_console.api import Amount
from web_console.api_stored_office import PayWay, StoredValueOffice
from web_console.gate import Call
from web_console.routes import MANAGER, Routes
from web_console.stored_value import plan_view

ROUTES = Routes()
_WAYS = ("at_once", "asked")  # of paying back, with money that goes now: cash first


@ROUTES.get(
    "/api/office/stored-value", MANAGER, StoredValueOffice, "Recharge plans, and the limits of stored value"
)
def show_stored_value_office(call: Call) -> StoredValueOffice:
    shop, terms = call.shop, call.shop.stored_value
    able = [each for each in shop.tenders.values() if each.outcome in _WAYS]

    def amount(minor: int) -> Amount:
        return views.amount(Money(minor, shop.currency))

    return StoredValueOffice(
        plans=tuple(plan_view(shop, plan) for plan in stored_value_plans.standing()),
        ended=tuple(plan_view(shop, plan) for plan in stored_value_plans.ended()),
        ways=tuple(
            PayWay(
                key=each.key,
                label_zh=each.label_zh,
                label_en=each.label_en,
                reference=each.outcome == "asked",
            )
            for each in sorted(able, key=lambda each: _WAYS.index(each.outcome))
        ),
        named_max=amount(terms.named_max_minor),
        nameless_max=amount(terms.nameless_max_minor),
        cash_max=amount(terms.cash_max_minor),
        proof_above=amount(terms.proof_above_minor),
        spend=terms.spend,
        deduct_bonus=terms.deduct_bonus,
        cooling_days=COOLING_DAYS,
        reserve_bp=terms.reserve_bp,
        decimals=minor_digits(shop.currency),
    )
