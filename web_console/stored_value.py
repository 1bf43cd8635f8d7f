"""Stored value: plans, a person's account with its statement, recharging, stopping, paying out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal

from flask import Response

from services.domain import days
from services.domain.money import Money, minor_digits
from services.domain.stored_value import Lot
from services.domain.stored_value_events import Plan
from services.flows import (
    members,
    stored_value,
    stored_value_accounts,
    stored_value_change,
    stored_value_moves,
    stored_value_plans,
)
from services.flows.members import group
from services.flows.shop import Shop
from services.flows.stored_value_plans import PlanDraft
from services.store.stored_value import MOVES_MAX, Move
from web_console import bags, views
from web_console.api import Amount
from web_console.api_stored_value import (
    AccountIn,
    HolderPin,
    KeepChange,
    PayOutIn,
    RechargeIn,
    RechargePlanIn,
    RechargePlanView,
    StatementQuery,
    StoredValueView,
    ValueLotView,
    ValueMoveView,
    WorthQuery,
    WorthView,
)
from web_console.downloads import CSV, Cell, csv_file
from web_console.gate import Call
from web_console.routes import MANAGER, TILL, Routes

ROUTES = Routes()

_HEADS = {
    "zh": ("时间", "业务", "本金", "赠送", "本金余额", "赠送余额", "退款", "单据"),
    "en": ("Time", "What", "Principal", "Bonus", "Principal left", "Bonus left", "Paid out", "Document"),
}
_KINDS = {
    "zh": {
        **{"recharged": "充值", "spent": "消费", "refunded": "退货"},
        **{"cashed_out": "退款", "expired": "赠送到期", "opened": "期初余额"},
    },
    "en": {
        **{"recharged": "Recharge", "spent": "Payment", "refunded": "Return"},
        **{"cashed_out": "Paid out", "expired": "Bonus ended", "opened": "Brought along"},
    },
}


@ROUTES.get(
    "/api/stored-value/plans", TILL, tuple[RechargePlanView, ...], "What a recharge costs and brings"
)
def list_recharge_plans(call: Call) -> tuple[RechargePlanView, ...]:
    return tuple(plan_view(call.shop, plan) for plan in stored_value_plans.standing())


@ROUTES.post(
    "/api/stored-value/plans",
    MANAGER,
    RechargePlanView,
    "Publish a plan, or the next version of one",
    body=RechargePlanIn,
    keyed=True,
)
def publish_recharge_plan(call: Call, body: RechargePlanIn) -> RechargePlanView:
    draft = PlanDraft(
        plan_id=body.plan_id,
        label_zh=body.label_zh,
        label_en=body.label_en,
        pays_minor=body.pays_minor,
        bonus_minor=body.bonus_minor,
        bonus_days=body.bonus_days,
    )
    made = stored_value_plans.publish(
        call.shop, draft, operator_id=call.session.staff_id, request_id=call.key
    )
    return plan_view(call.shop, made)


@ROUTES.post(
    "/api/stored-value/plans/<ident:plan_id>/withdraw",
    MANAGER,
    RechargePlanView,
    "Offer a plan no longer",
    keyed=True,
)
def withdraw_recharge_plan(call: Call, plan_id: str) -> RechargePlanView:
    last = stored_value_plans.withdraw(
        call.shop, plan_id, operator_id=call.session.staff_id, request_id=call.key
    )
    return plan_view(call.shop, last)


@ROUTES.get(
    "/api/members/<ident:member_id>/stored-value",
    TILL,
    StoredValueView,
    "A person's balance and statement",
    query=StatementQuery,
)
def show_stored_value(call: Call, query: StatementQuery, member_id: str) -> StoredValueView:
    return _account(call.shop, members.find(member_id).ids, query.before)


@ROUTES.get(
    "/api/members/<ident:member_id>/stored-value.csv",
    TILL,
    None,
    "A person's whole statement as CSV, the newest first",
    media=CSV,
)
def export_statement(call: Call, member_id: str) -> Response:
    """The customer may ask for it at any time. No name is in it, nor in the file's."""
    return csv_file("statement.csv", _lines(call.shop, call.language, members.find(member_id).ids))


@ROUTES.post(
    "/api/members/<ident:member_id>/stored-value/recharges",
    TILL,
    ValueMoveView,
    "Take a recharge, beside any sale",
    body=RechargeIn,
    keyed=True,
)
def recharge_stored_value(call: Call, body: RechargeIn, member_id: str) -> ValueMoveView:
    told = stored_value.recharge(
        *(call.shop, call.till, member_id),
        plan_id=body.plan_id,
        plan_version=body.plan_version,
        paid_minor=body.paid_minor,
        tender=body.tender,
        reference=body.reference,
        approval=body.approval,
        operator_id=call.session.staff_id,
        request_id=call.key,
    )
    return _move(call.shop, told)


@ROUTES.post(
    "/api/sales/<ident:sale_id>/kept-change",
    TILL,
    ValueMoveView,
    "Put a sale's change onto its member's account",
    body=KeepChange,
    keyed=True,
)
def keep_change(call: Call, body: KeepChange, sale_id: str) -> ValueMoveView:
    told = stored_value_change.keep(
        *(call.shop, sale_id),
        approval=body.approval,
        operator_id=call.session.staff_id,
        request_id=call.key,
    )
    return _move(call.shop, told)


@ROUTES.get(
    "/api/stored-value/recharges/<ident:recharge_id>/worth",
    TILL,
    WorthView,
    "What would be paid back of a recharge now",
    query=WorthQuery,
)
def recharge_worth(call: Call, query: WorthQuery, recharge_id: str) -> WorthView:
    out = stored_value.worth(call.shop, recharge_id, query.reason)
    return WorthView(
        pays=_amount(call.shop, out.pays_minor),
        deducted=_amount(call.shop, out.deducted_minor),
        cancelled=_amount(call.shop, out.cancelled_minor),
    )


@ROUTES.post(
    "/api/stored-value/recharges/<ident:recharge_id>/pay-out",
    TILL,
    ValueMoveView,
    "Pay a recharge out; its bonus is cancelled",
    body=PayOutIn,
    keyed=True,
)
def pay_out_recharge(call: Call, body: PayOutIn, recharge_id: str) -> ValueMoveView:
    told = stored_value.cash_out(
        *(call.shop, call.till, recharge_id),
        reason=body.reason,
        shown_minor=body.shown_minor,
        tender=body.tender,
        reference=body.reference,
        approval=body.approval,
        operator_id=call.session.staff_id,
        request_id=call.key,
    )
    return _move(call.shop, told)


@ROUTES.post(
    "/api/members/<ident:member_id>/stored-value/state",
    TILL,
    StoredValueView,
    "Stop an account, let it go again, or note that another card was given out for it",
    body=AccountIn,
    keyed=True,
)
def change_stored_value(call: Call, body: AccountIn, member_id: str) -> StoredValueView:
    stored_value_accounts.change(
        *(call.shop, member_id, body.change),
        reason=body.reason,
        approval=body.approval,
        operator_id=call.session.staff_id,
        request_id=call.key,
    )
    bags.told_everywhere(call)
    return _account(call.shop, group(member_id))


@ROUTES.post(
    "/api/members/<ident:member_id>/stored-value/pin",
    TILL,
    StoredValueView,
    "Set the PIN that the holder has chosen",
    body=HolderPin,
    keyed=True,
)
def set_holder_pin(call: Call, body: HolderPin, member_id: str) -> StoredValueView:
    stored_value_accounts.set_pin(
        *(call.shop, member_id, body.pin),
        approval=body.approval,
        operator_id=call.session.staff_id,
        request_id=call.key,
    )
    return _account(call.shop, group(member_id))


def _lines(shop: Shop, language: str, group: tuple[str, ...]) -> Iterator[tuple[Cell, ...]]:
    digits, kinds = minor_digits(shop.currency), _KINDS[language]
    yield _HEADS[language]
    moves = stored_value.statement(group)
    while moves:
        for move in moves:
            amounts = (
                *(move.principal_minor, move.bonus_minor),
                *(move.principal_balance_minor, move.bonus_balance_minor, move.pays_minor),
            )
            yield (
                *(days.minute(move.at_ms, shop.zone), kinds[move.kind]),
                *(Decimal(minor).scaleb(-digits) for minor in amounts),
                move.sale_id,
            )
        moves = stored_value.statement(group, moves[-1].move_id)


def _account(shop: Shop, ids: Sequence[str], before: str = "") -> StoredValueView:
    held = stored_value_accounts.held(ids)
    balance = stored_value_moves.balance(shop, ids)
    moves = stored_value.statement(ids, before)
    return StoredValueView(
        member_id=ids[0],
        state=held.state,
        cards=held.cards,
        has_pin=bool(held.pin_hash),
        principal=_amount(shop, balance.principal),
        bonus=_amount(shop, balance.bonus),
        lots=tuple(_lot(shop, lot) for lot in stored_value_accounts.lots(ids)),
        moves=tuple(_move(shop, move) for move in moves),
        next=moves[-1].move_id if len(moves) == MOVES_MAX else "",
    )


def _lot(shop: Shop, lot: Lot) -> ValueLotView:
    return ValueLotView(
        recharge_id=lot.recharge_id,
        day=stored_value.find(lot.recharge_id).business_day,
        kind=lot.kind,
        amount=_amount(shop, lot.amount_minor),
        left=_amount(shop, lot.left_minor),
        last_day=lot.expires,
    )


def _move(shop: Shop, move: Move) -> ValueMoveView:
    return ValueMoveView(
        move_id=move.move_id,
        member_id=move.member_id,
        kind=move.kind,
        reason=move.reason,
        at_ms=move.at_ms,
        business_day=move.business_day,
        principal=_amount(shop, move.principal_minor),
        bonus=_amount(shop, move.bonus_minor),
        principal_balance=_amount(shop, move.principal_balance_minor),
        bonus_balance=_amount(shop, move.bonus_balance_minor),
        balance=_amount(shop, move.principal_balance_minor + move.bonus_balance_minor),
        sale_id=move.sale_id,
        recharge_id=move.recharge_id,
        pays=_amount(shop, move.pays_minor),
    )


def plan_view(shop: Shop, plan: Plan) -> RechargePlanView:
    return RechargePlanView(
        plan_id=plan.plan_id,
        version=plan.version,
        label_zh=plan.label_zh,
        label_en=plan.label_en,
        pays=_amount(shop, plan.pays_minor),
        bonus=_amount(shop, plan.bonus_minor),
        bonus_days=plan.bonus_days,
    )


def _amount(shop: Shop, minor: int) -> Amount:
    return views.amount(Money(minor, shop.currency))
