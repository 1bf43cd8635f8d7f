"""Who sent a new member."""

from __future__ import annotations

from services.flows import referrals
from web_console.api_points import Refer, ReferralView
from web_console.gate import Call
from web_console.routes import TILL, Routes

ROUTES = Routes()


@ROUTES.put(
    "/api/members/<ident:member_id>/referrer", TILL, ReferralView, "Who sent this new member", body=Refer
)
def set_referrer(call: Call, body: Refer, member_id: str) -> ReferralView:
    """Needs no key: a repeat finds it written down and changes nothing."""
    held = referrals.refer(call.shop, member_id, body.referrer_id, operator_id=call.session.staff_id)
    call.box.wake_uplink()
    return ReferralView(newcomer_id=held.newcomer_id, referrer_id=held.referrer_id, state=held.state)
