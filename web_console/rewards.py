"""What a member can have for points, having it, and giving it back."""

from __future__ import annotations

from services.domain.money import Money
from services.flows import points, rewards
from services.flows.members import group
from services.flows.shop import Shop
from web_console import views
from web_console.api_points import ExchangeView, RewardQuery, RewardView, UndoExchange
from web_console.gate import Call
from web_console.routes import TILL, Routes

ROUTES = Routes()


@ROUTES.get(
    "/api/members/<ident:member_id>/rewards",
    TILL,
    tuple[RewardView, ...],
    "The catalogue of rewards for a member, and why one cannot be had",
    query=RewardQuery,
)
def show_rewards(call: Call, query: RewardQuery, member_id: str) -> tuple[RewardView, ...]:
    offers = rewards.offers(call.shop, points.person(member_id))
    return tuple(
        RewardView(
            reward_id=each.reward.reward_id,
            kind=each.reward.kind,
            label=each.reward.label_en if query.lang == "en" else each.reward.label_zh,
            points=each.reward.points,
            pay=views.amount(Money(each.reward.pay_minor, call.shop.currency)),
            item=each.reward.item,
            missing=each.missing,
        )
        for each in offers
    )


@ROUTES.post(
    "/api/members/<ident:member_id>/rewards/<ident:reward_id>",
    TILL,
    ExchangeView,
    "Take the points for a reward; a repeat takes them once",
    keyed=True,
)
def redeem_reward(call: Call, member_id: str, reward_id: str) -> ExchangeView:
    exchange_id = rewards.redeem(
        *(call.shop, member_id, reward_id),
        till=call.till,
        operator_id=call.session.staff_id,
        request_id=call.key,
    )
    call.box.wake_uplink()
    return _exchange(call.shop, exchange_id, member_id)


@ROUTES.post(
    "/api/points/exchanges/<ident:exchange_id>/undo",
    TILL,
    ExchangeView,
    "Give the points of a reward back; a repeat changes nothing",
    body=UndoExchange,
    keyed=True,
)
def undo_exchange(call: Call, body: UndoExchange, exchange_id: str) -> ExchangeView:
    member_id = rewards.give_back(
        *(call.shop, exchange_id, body.approval),
        till=call.till,
        operator_id=call.session.staff_id,
        request_id=call.key,
    )
    call.box.wake_uplink()
    return _exchange(call.shop, exchange_id, member_id)


def _exchange(shop: Shop, exchange_id: str, member_id: str) -> ExchangeView:
    return ExchangeView(
        exchange_id=exchange_id,
        balance=points.look(shop, group(member_id)).balance,
        coupon_id=rewards.coupon_of(exchange_id),
    )
