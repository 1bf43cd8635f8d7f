"""Gift cards at the till: what is on one, and a card that shall pay for a bag."""

from __future__ import annotations

from dataclasses import replace

from services.domain import gift_cards as rules
from services.domain import payment
from services.domain.basket import Basket
from services.domain.errors import (
    BasketChanged,
    BasketEmpty,
    TenderRefused,
)
from services.domain.payment import Payment
from services.domain.priced import PricedBag
from services.domain.tender_errors import GiftCardShort, GiftCardUnknown
from services.flows import payments, returns
from services.flows.baskets import current
from services.flows.prices import priced
from services.flows.shop import Shop
from services.store import db, gift_cards, requests
from services.store.gift_cards import GiftCard


def find(code: str) -> GiftCard:
    """The card with a code, as scanned or typed. Raises CodeMalformed, GiftCardUnknown."""
    card = gift_cards.by_code(rules.read(code))
    if card is None or card.cancelled:
        raise GiftCardUnknown("no gift card has this code")
    return card


def usable_minor(shop: Shop, basket: Basket, card: GiftCard) -> int:
    """How much of what is left to pay a card can take over."""
    promised = sum(each.amount_minor for each in basket.paid if each.reference == card.card_id)
    return max(0, min(open_minor(shop, basket, priced(shop, basket)), card.balance_minor - promised))


def open_minor(shop: Shop, basket: Basket, bag: PricedBag) -> int:
    """How much of what is left to pay balances that this box keeps may pay: never what gift cards in the
    bag cost."""
    left, back = returns.owed(shop, basket, bag)
    if back or not basket.standing:
        return 0
    cards_minor = sum(each.net.minor for each in bag.standing if rules.is_card(each.line))
    others_minor = sum(p.amount_minor for p in basket.paid if shop.tenders[p.key].outcome != "stored")
    return max(0, left.minor - max(0, cards_minor - others_minor))


def redeem(
    shop: Shop,
    till: str,
    *,
    basket_id: str,
    version: int,
    code: str,
    amount_minor: int,
    operator_id: str,
    request_id: str,
) -> Basket:
    """Let a card pay so much of the bag, 0 for as much as it can; its balance falls when the sale closes.

    It is taken back like a payment, with "reversed". A repeat changes nothing. Raises CodeMalformed,
    GiftCardUnknown, GiftCardShort, TenderRefused for more than it may pay here, BasketChanged, BasketEmpty,
    PaymentOpen.
    """
    card_id = find(code).card_id
    asked = requests.fingerprint("gift_card", till, basket_id, version, card_id, amount_minor)
    with db.write():
        basket = current(shop, till)
        if requests.answer(request_id, asked) is not None:
            return basket
        if (basket.basket_id, basket.version) != (basket_id, version):
            raise BasketChanged("the basket has changed since it was shown", version=basket.version)
        if not basket.standing:
            raise BasketEmpty("the basket is empty")
        payments.ended(basket)
        card = find(code)
        amount = _agreed(amount_minor, usable_minor(shop, basket, card), card)
        paid = Payment(shop.new_id(), rules.TENDER, amount, payment.PAID, shop.now_ms(), card_id)
        after = replace(basket, version=version + 1, payments=(*basket.payments, paid))
        payments.keep(shop, till, after, paid, operator_id, "")
        requests.remember(request_id, asked, paid.payment_id, shop.now_ms())
    return after


def _agreed(wanted: int, usable: int, card: GiftCard) -> int:
    if wanted > card.balance_minor or not card.balance_minor:
        raise GiftCardShort("there is not so much on the card", balance_minor=card.balance_minor)
    if not usable or not 0 <= wanted <= usable:
        raise TenderRefused("a gift card may not pay so much here", most_minor=usable)
    return wanted or usable
