"""The tiers of the shop's members, for those who may change them."""

from __future__ import annotations

from services.domain.tier_presets import PRESETS
from services.domain.tiers import Program
from services.flows import tiers
from web_console.api_tiers import PublishTiers, TiersView, TriedRule, TryTier
from web_console.gate import Call
from web_console.routes import MANAGER, Routes

ROUTES = Routes()


@ROUTES.get("/api/office/tiers", MANAGER, TiersView, "The tiers of members")
def show_tiers(call: Call) -> TiersView:
    return _view(tiers.program())


@ROUTES.put("/api/office/tiers", MANAGER, TiersView, "Other tiers from now on", body=PublishTiers)
def publish_tiers(call: Call, body: PublishTiers) -> TiersView:
    """Needs no key: a repeat finds the tiers as it says and changes nothing."""
    wanted = Program(
        tiers=body.tiers,
        downgrade=body.downgrade,
        period_months=body.period_months,
        warn_days=body.warn_days,
        same_sale=body.same_sale,
    )
    operator_id = call.session.staff_id
    made = tiers.publish(call.shop, wanted, seen_version=body.seen_version, operator_id=operator_id)
    call.box.wake_uplink()
    return _view(made)


@ROUTES.post(
    "/api/office/tier-trial", MANAGER, TriedRule, "How many a tier's rule would take today", body=TryTier
)
def try_tier(call: Call, body: TryTier) -> TriedRule:
    """Needs no key: it changes nothing, a repeat counts again."""
    found = tiers.trial(call.shop, body.rule, body.after)
    return TriedRule(members=found.holds, of=found.people, next=found.next)


def _view(program: Program) -> TiersView:
    return TiersView(program=program, presets=PRESETS, members=tiers.counts())
