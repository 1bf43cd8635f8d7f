"""The tiers of the shop's members, for those who may change them."""

from __future__ import annotations

from services.domain.tier_presets import PRESETS
from services.domain.tiers import Program
from services.flows import tiers
from web_console.api_tiers import PublishTiers, TiersView
from web_console.gate import Call
from web_console.routes import MANAGER, Routes

ROUTES = Routes()


@ROUTES.get("/api/office/tiers", MANAGER, TiersView, "The tiers of members")
def show_tiers(call: Call) -> TiersView:
    return TiersView(program=tiers.program(), presets=PRESETS)


@ROUTES.put("/api/office/tiers", MANAGER, TiersView, "Other tiers from now on", body=PublishTiers)
def publish_tiers(call: Call, body: PublishTiers) -> TiersView:
    """Needs no key: a repeat finds the tiers as it says and changes nothing."""
    wanted = Program(
        tiers=body.tiers,
        downgrade=body.downgrade,
        period_months=body.period_months,
        warn_days=body.warn_days,
    )
    operator_id = call.session.staff_id
    made = tiers.publish(call.shop, wanted, seen_version=body.seen_version, operator_id=operator_id)
    call.box.wake_uplink()
    return TiersView(program=made, presets=PRESETS)
