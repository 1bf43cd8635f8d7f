"""Paying what is left by instalments: what is offered, and a plan that shall pay for a bag."""

from __future__ import annotations

from dataclasses import dataclass, replace

from services.domain import days, payment
from services.domain import instalments as rules
from services.domain.basket import Basket
from services.domain.errors import BasketChanged, BasketEmpty, TenderRefused
from services.domain.instalments import Due
from services.domain.payment import Payment
from services.flows import payments, returns
from services.flows.baskets import current
from services.flows.prices import priced
from services.flows.shop import Shop
from services.store import db, requests


@dataclass(frozen=True, slots=True)
class Offered:
    """One plan for what is left to pay."""

    months: int
    fee_minor: int  # that the provider keeps
    rows: tuple[Due, ...]


def offered(shop: Shop, basket: Basket) -> tuple[Offered, ...]:
    """The plans for what is left to pay of a bag; none below the shop's minimum."""
    left = _left_minor(shop, basket)
    terms = shop.instalments
    if left < max(terms.min_minor, max(rules.MONTHS)):
        return ()
    begins = days.local(shop.now_ms(), shop.zone).date()
    return tuple(
        Offered(months, rules.fee_minor(left, fee_bp), rules.schedule(left, months, begins))
        for months, fee_bp in zip(terms.months, terms.fee_bp, strict=True)
    )


def agree(
    shop: Shop,
    till: str,
    *,
    basket_id: str,
    version: int,
    months: int,
    operator_id: str,
    request_id: str,
) -> Basket:
    """Let a plan pay all that is left; it is taken back like a payment, with "reversed", until the sale.

    A repeat changes nothing. Raises TenderRefused for a plan that is not offered, BasketChanged,
    BasketEmpty, PaymentOpen.
    """
    asked = requests.fingerprint("instalment", till, basket_id, version, months)
    with db.write():
        basket = current(shop, till)
        if requests.answer(request_id, asked) is not None:
            return basket
        if (basket.basket_id, basket.version) != (basket_id, version):
            raise BasketChanged("the basket has changed since it was shown", version=basket.version)
        if not basket.standing:
            raise BasketEmpty("the basket is empty")
        payments.ended(basket)
        if months not in [plan.months for plan in offered(shop, basket)]:
            raise TenderRefused(
                "this plan is not offered", months=months, min_minor=shop.instalments.min_minor
            )
        plan = rules.reference(months, shop.new_id())
        amount = _left_minor(shop, basket)
        paid = Payment(shop.new_id(), rules.TENDER, amount, payment.PAID, shop.now_ms(), plan)
        after = replace(basket, version=version + 1, payments=(*basket.payments, paid))
        payments.keep(shop, till, after, paid, operator_id, "")
        requests.remember(request_id, asked, paid.payment_id, shop.now_ms())
    return after


def _left_minor(shop: Shop, basket: Basket) -> int:
    left, back = returns.owed(shop, basket, priced(shop, basket))
    return 0 if back else left.minor
