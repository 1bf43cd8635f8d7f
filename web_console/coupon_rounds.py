"""Rounds of coupons in the office: whom one would reach, beginning it, how far it is, taking it back."""

from __future__ import annotations

from services.domain.coupon_rounds import Audience
from services.domain.coupons import CANCELLED, EXPIRED, ISSUED, TRANSFERRED, USED
from services.domain.money import Money
from services.flows import coupon_moves, coupon_rounds, tags, tiers
from services.flows.coupon_rounds import View
from services.store import staff
from web_console.api_coupon_office import AudienceQuery, BeginRound, ReachView, RoundView
from web_console.gate import Call
from web_console.routes import MANAGER, Routes
from web_console.views import amount

ROUTES = Routes()


@ROUTES.get(
    "/api/office/coupons/<ident:template_id>/reach",
    MANAGER,
    ReachView,
    "How many members a round of this kind would come to",
    query=AudienceQuery,
)
def show_reach(call: Call, query: AudienceQuery, template_id: str) -> ReachView:
    found = coupon_rounds.reach(template_id, Audience(query.audience, query.key))
    face = coupon_moves.template(template_id).face_minor * (found.people - found.had)
    return ReachView(people=found.people, had=found.had, face=amount(Money(face, call.shop.currency)))


@ROUTES.get(
    "/api/office/coupons/<ident:template_id>/rounds",
    MANAGER,
    tuple[RoundView, ...],
    "The rounds of a kind, the newest first",
)
def list_rounds(call: Call, template_id: str) -> tuple[RoundView, ...]:
    return tuple(_round(each) for each in coupon_rounds.listed(template_id))


@ROUTES.post(
    "/api/office/coupons/<ident:template_id>/rounds",
    MANAGER,
    RoundView,
    "Give a coupon to everybody of an audience, to nobody twice",
    body=BeginRound,
    keyed=True,
)
def begin_round(call: Call, body: BeginRound, template_id: str) -> RoundView:
    begun = coupon_rounds.begin(
        *(call.shop, template_id, Audience(body.audience, body.key)),
        version=body.version,
        approval=body.approval,
        operator_id=call.session.staff_id,
        request_id=call.key,
    )
    call.box.wake_uplink()
    return _round(begun)


@ROUTES.post(
    "/api/office/coupon-rounds/<ident:round_id>/withdraw",
    MANAGER,
    RoundView,
    "Take back what nobody has used of a round",
    keyed=True,
)
def withdraw_round(call: Call, round_id: str) -> RoundView:
    operator_id = call.session.staff_id
    held = coupon_rounds.withdraw(call.shop, round_id, operator_id=operator_id, request_id=call.key)
    call.box.wake_uplink()
    return _round(held)


def _round(view: View) -> RoundView:
    held = view.held
    label_zh, label_en = _labels(held.audience)
    return RoundView(
        round_id=held.round_id,
        version=held.template_version,
        audience=held.audience.kind,
        key=held.audience.key,
        label_zh=label_zh,
        label_en=label_en,
        state=held.state,
        busy=view.busy,
        expected=held.expected,
        given=held.given,
        passed=held.passed,
        open=view.states.get(ISSUED, 0),
        used=view.states.get(USED, 0),
        ended=sum(view.states.get(state, 0) for state in (EXPIRED, CANCELLED, TRANSFERRED)),
        by=staff.name_of(held.operator_id),
        begun_at_ms=held.begun_at_ms,
        withdrawn_by=staff.name_of(held.withdrawn_by) if held.withdrawn_by else "",
    )


def _labels(audience: Audience) -> tuple[str, str]:
    if audience.kind == "tag":
        tag = tags.book().tag(audience.key)
        return (tag.label_zh, tag.label_en) if tag is not None else ("", "")
    tier = tiers.program().tier(audience.key) if audience.kind == "tier" else None
    return (tier.label_zh, tier.label_en) if tier is not None else ("", "")
