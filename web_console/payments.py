"""Payments on terminals and telephones: begun at the till, answered by the cashier."""

from __future__ import annotations

from services.flows import payments
from web_console import bags
from web_console.api import BasketView, BeginPayment, PaymentAnswer
from web_console.gate import Call
from web_console.routes import TILL, Routes

ROUTES = Routes()


@ROUTES.post(
    "/api/till/payments",
    TILL,
    BasketView,
    "Ask a terminal for an amount: the bag is held until somebody says how it ended",
    body=BeginPayment,
    keyed=True,
)
def begin_payment(call: Call, body: BeginPayment) -> BasketView:
    after = payments.begin(
        call.shop,
        call.till,
        basket_id=body.basket_id,
        version=body.version,
        tender=body.tender,
        amount_minor=body.amount_minor,
        operator_id=call.session.staff_id,
        request_id=call.key,
    )
    return bags.recorded(call, after)


@ROUTES.post(
    "/api/till/payments/<ident:payment_id>/answer",
    TILL,
    BasketView,
    "Say how a payment stands or ended",
    body=PaymentAnswer,
)
def answer_payment(call: Call, body: PaymentAnswer, payment_id: str) -> BasketView:
    """Needs no key: a repeat of the same answer changes nothing, another one is refused."""
    after = payments.answer(
        call.shop,
        call.till,
        payment_id,
        state=body.state,
        reference=body.reference.strip(),
        reason=body.reason.strip(),
        approval=body.approval,
        operator_id=call.session.staff_id,
    )
    return bags.recorded(call, after)
