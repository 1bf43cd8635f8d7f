"""Who sells what is in the bag, and what it earns."""

from __future__ import annotations

from services.domain.commission import Rule, Step
from services.flows import commission
from services.flows import sellers as flow
from services.store.commission import Plan
from web_console import bags, views
from web_console.api import BasketView, StaffCard
from web_console.api_sellers import ChangePlan, PlanView, RuleView, SetSeller, StepView
from web_console.gate import Call
from web_console.routes import MANAGER, TILL, Routes

ROUTES = Routes()


@ROUTES.get("/api/till/sellers", TILL, tuple[StaffCard, ...], "Who can be named as the seller")
def show_sellers(call: Call) -> tuple[StaffCard, ...]:
    return tuple(views.member(person) for person in flow.listed())


@ROUTES.put("/api/till/seller", TILL, BasketView, "Name the seller of the whole bag", body=SetSeller)
def set_seller(call: Call, body: SetSeller) -> BasketView:
    """Needs no key: the name itself is set, and a repeat sets it again."""
    return bags.told(call, flow.assign(call.shop, call.till, body.seller_id, basket_id=body.basket_id), 0)


@ROUTES.put(
    "/api/till/lines/<int:line_id>/seller", TILL, BasketView, "Name the seller of one line", body=SetSeller
)
def set_line_seller(call: Call, body: SetSeller, line_id: int) -> BasketView:
    """Needs no key: the name itself is set, and a repeat sets it again."""
    after = flow.assign(
        call.shop, call.till, body.seller_id, basket_id=body.basket_id, line_id=line_id or -1
    )
    return bags.told(call, after, line_id)


@ROUTES.get("/api/office/commission", MANAGER, PlanView, "What sellers earn")
def show_plan(call: Call) -> PlanView:
    return _plan(call, commission.newest())


@ROUTES.put("/api/office/commission", MANAGER, PlanView, "Another plan, from a month on", body=ChangePlan)
def change_plan(call: Call, body: ChangePlan) -> PlanView:
    """Needs no key: a repeat finds the plan as it says and changes nothing."""
    rules = tuple(
        Rule(
            rule.kind,
            rule.staff_id,
            rule.role,
            rule.category,
            rule.whole,
            tuple(Step(step.from_minor, step.rate) for step in rule.steps),
        )
        for rule in body.rules
    )
    plan = commission.change(
        call.shop,
        rules,
        from_month=body.from_month,
        seen_version=body.seen_version,
        operator_id=call.session.staff_id,
    )
    call.box.wake_uplink()
    return _plan(call, plan)


def _plan(call: Call, plan: Plan) -> PlanView:
    return PlanView(
        version=plan.version,
        from_month=plan.from_month,
        earliest=commission.this_month(call.shop),
        rules=tuple(
            RuleView(
                kind=rule.kind,
                staff_id=rule.staff_id,
                role=rule.role,
                category=rule.category,
                whole=rule.whole,
                steps=tuple(StepView(from_minor=step.from_minor, rate=step.rate) for step in rule.steps),
            )
            for rule in plan.rules
        ),
    )
