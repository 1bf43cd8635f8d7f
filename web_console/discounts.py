"""Prices that people change: a discount on a line or the bag, another price for a line."""

from __future__ import annotations

from services.domain.errors import BadRequest
from services.flows import discounts
from web_console import bags
from web_console.api import BasketView
from web_console.api_discounts import ChangePrice, GiveDiscount
from web_console.gate import Call
from web_console.routes import TILL, Routes

ROUTES = Routes()


@ROUTES.put(
    "/api/till/discount", TILL, BasketView, "Take something off a line or the bag", body=GiveDiscount
)
def give_discount(call: Call, body: GiveDiscount) -> BasketView:
    """Needs no key: the discount itself is set, and a repeat sets it again."""
    if body.percent_bp and body.amount_minor:
        raise BadRequest("either a share or an amount")
    after = discounts.discount(
        call.shop,
        call.till,
        basket_id=body.basket_id,
        line_id=body.line_id,
        percent_bp=body.percent_bp,
        amount_minor=body.amount_minor,
        reason=body.reason.strip(),
        approval=body.approval,
        operator_id=call.session.staff_id,
    )
    return bags.recorded(call, after, body.line_id)


@ROUTES.put(
    "/api/till/lines/<int:line_id>/price", TILL, BasketView, "Set a line's unit price", body=ChangePrice
)
def change_price(call: Call, body: ChangePrice, line_id: int) -> BasketView:
    """Needs no key: the price itself is set, and a repeat sets it again."""
    after = discounts.change_price(
        call.shop,
        call.till,
        basket_id=body.basket_id,
        line_id=line_id,
        price_minor=body.price_minor,
        approval=body.approval,
        operator_id=call.session.staff_id,
    )
    return bags.recorded(call, after, line_id)
