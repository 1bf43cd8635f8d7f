"""Instalments at the till: the plans for what is left, and agreeing one."""

from __future__ import annotations

from services.domain.money import Money
from services.flows import instalments
from services.flows.baskets import current
from web_console import bags, views
from web_console.api import Amount, BasketView
from web_console.api_instalments import AgreePlan, DueView, PlansView, PlanView
from web_console.gate import Call
from web_console.routes import TILL, Routes

ROUTES = Routes()


@ROUTES.get("/api/till/instalments", TILL, PlansView, "The instalment plans for what is left to pay")
def instalment_plans(call: Call) -> PlansView:
    def amount(minor: int) -> Amount:
        return views.amount(Money(minor, call.shop.currency))

    return PlansView(
        provider=call.shop.instalments.provider,
        least=amount(call.shop.instalments.min_minor),
        plans=tuple(
            PlanView(
                months=plan.months,
                fee=amount(plan.fee_minor),
                rows=tuple(DueView(day=row.day, amount=amount(row.amount_minor)) for row in plan.rows),
            )
            for plan in instalments.offered(call.shop, current(call.shop, call.till))
        ),
    )


@ROUTES.post(
    "/api/till/instalments",
    TILL,
    BasketView,
    "Let a plan pay what is left of the bag; it is taken back as a payment is",
    body=AgreePlan,
    keyed=True,
)
def agree_plan(call: Call, body: AgreePlan) -> BasketView:
    after = instalments.agree(
        call.shop,
        call.till,
        basket_id=body.basket_id,
        version=body.version,
        months=body.months,
        operator_id=call.session.staff_id,
        request_id=call.key,
    )
    return bags.recorded(call, after)
