"""Recharge plans ("pay 500, get 60"): published in versions, withdrawn, looked up."""

from __future__ import annotations

import msgspec

from services.domain.stored_value_events import Plan, StoredValuePlanPublished, StoredValuePlanWithdrawn
from services.domain.tender_errors import StoredValueUnknown
from services.flows.record import record
from services.flows.shop import Shop
from services.store import db, requests, stored_value_plans


class PlanDraft(msgspec.Struct, frozen=True, kw_only=True):
    """A plan as somebody has written it. `plan_id` "": a new one."""

    plan_id: str = ""
    label_zh: str
    label_en: str
    pays_minor: int
    bonus_minor: int
    bonus_days: int = 0


def standing() -> list[Plan]:
    """What is on offer, the smallest recharge first."""
    return [version.plan for version in stored_value_plans.standing()]


def ended() -> list[Plan]:
    """What was on offer and is no longer, the one that ended last first."""
    return [version.plan for version in stored_value_plans.ended()]


def find(plan_id: str) -> Plan:
    """The version of a plan that stands. Raises StoredValueUnknown."""
    version = stored_value_plans.newest(plan_id)
    if version is None or version.until_ms:
        raise StoredValueUnknown("no such plan stands", plan_id=plan_id)
    return version.plan


def publish(shop: Shop, draft: PlanDraft, *, operator_id: str, request_id: str) -> Plan:
    """Make `draft` the next version of its plan, on offer from now on. A repeat gives the first one's
    version. Raises StoredValueUnknown for an id that was never published."""
    asked = requests.fingerprint("stored_value.plan", msgspec.to_builtins(draft))
    new_id, now_ms = shop.new_id(), shop.now_ms()
    with db.write():
        done = requests.answer(request_id, asked)
        plan_id = done or draft.plan_id or new_id
        before = stored_value_plans.newest(plan_id)
        if done is not None and before is not None:
            return before.plan
        if draft.plan_id and before is None:
            raise StoredValueUnknown("no plan has this id", plan_id=draft.plan_id)
        facts = {**msgspec.to_builtins(draft), "plan_id": plan_id}
        plan = Plan(**facts, version=before.plan.version + 1 if before else 1)
        stored_value_plans.put(plan, now_ms)
        record(shop, StoredValuePlanPublished(plan=plan, operator_id=operator_id), now_ms)
        requests.remember(request_id, asked, plan_id, now_ms)
    return plan


def withdraw(shop: Shop, plan_id: str, *, operator_id: str, request_id: str) -> Plan:
    """Offer a plan no longer; its last version. A repeat changes nothing. Raises StoredValueUnknown when
    it does not stand."""
    asked = requests.fingerprint("stored_value.plan_end", plan_id)
    now_ms = shop.now_ms()
    with db.write():
        done = requests.answer(request_id, asked)
        last = stored_value_plans.newest(plan_id)
        if last is None or (last.until_ms and done is None):
            raise StoredValueUnknown("this plan does not stand", plan_id=plan_id)
        if done is None:
            stored_value_plans.end(plan_id, now_ms)
            event = StoredValuePlanWithdrawn(
                plan_id=plan_id, plan_version=last.plan.version, operator_id=operator_id
            )
            record(shop, event, now_ms)
            requests.remember(request_id, asked, plan_id, now_ms)
    return last.plan
