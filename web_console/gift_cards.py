"""Gift cards at the till: what is on one, and paying with it."""

from __future__ import annotations

from services.domain.money import Money
from services.flows import gift_cards
from services.flows.baskets import current
from web_console import bags, views
from web_console.api import BasketView
from web_console.api_gift_cards import GiftCardCode, GiftCardView, RedeemCard
from web_console.gate import Call
from web_console.routes import TILL, Routes

ROUTES = Routes()


@ROUTES.post(
    "/api/till/gift-cards/balance",
    TILL,
    GiftCardView,
    "What is on the gift card with a code, and how much of the bag it can pay",
    body=GiftCardCode,
)
def gift_card_balance(call: Call, body: GiftCardCode) -> GiftCardView:
    """Needs no key: a repeat is told the same. No log of addresses keeps what is in a body."""
    card = gift_cards.find(body.code)
    usable = gift_cards.usable_minor(call.shop, current(call.shop, call.till), card)
    return GiftCardView(
        balance=views.amount(Money(card.balance_minor, card.currency)),
        usable=views.amount(Money(usable, card.currency)),
    )


@ROUTES.post(
    "/api/till/gift-cards",
    TILL,
    BasketView,
    "Let a gift card pay a part of the bag; it is taken back as a payment is",
    body=RedeemCard,
    keyed=True,
)
def redeem_card(call: Call, body: RedeemCard) -> BasketView:
    after = gift_cards.redeem(
        call.shop,
        call.till,
        basket_id=body.basket_id,
        version=body.version,
        code=body.code,
        amount_minor=body.amount_minor,
        operator_id=call.session.staff_id,
        request_id=call.key,
    )
    return bags.recorded(call, after)
