"""The coupons and points that let a bag cost its member least: shown, and taken with one tap."""

from __future__ import annotations

from services.domain.best_choice import Choice
from services.domain.money import Money
from services.flows import baskets, best_choice, coupon_moves, coupons
from services.flows.shop import Shop
from web_console import bags
from web_console.api import BasketView
from web_console.api_customers import BestView, ChoiceView, PickView, TakeBest
from web_console.gate import Call
from web_console.routes import TILL, Routes
from web_console.views import amount

ROUTES = Routes()


@ROUTES.get("/api/till/best-choice", TILL, BestView, "What would cost the member least, and why")
def show_best_choice(call: Call) -> BestView:
    basket = baskets.current(call.shop, call.till)
    proposed = best_choice.propose(call.shop, basket)
    if proposed is None:
        return BestView(basket_id=basket.basket_id, version=basket.version)
    found = proposed.found
    return BestView(
        basket_id=basket.basket_id,
        version=basket.version,
        taken=proposed.taken,
        best=_choice(call.shop, found.best, found.plain_minor),
        others=tuple(_choice(call.shop, each, found.plain_minor) for each in found.others),
        reason=found.reason,
        bounded=found.bounded,
    )


@ROUTES.put("/api/till/best-choice", TILL, BasketView, "Let just these take something off", body=TakeBest)
def take_best_choice(call: Call, body: TakeBest) -> BasketView:
    """Needs no key: all of it is set at once, and a repeat finds it so."""
    after = best_choice.take(
        *(call.shop, call.till, body.coupons, body.points), basket_id=body.basket_id, version=body.version
    )
    return bags.told(call, after)


def _choice(shop: Shop, choice: Choice, plain_minor: int) -> ChoiceView:
    return ChoiceView(
        coupons=tuple(_pick(each.coupon_id) for each in choice.coupons),
        points=choice.points,
        points_worth=amount(Money(choice.points_minor, shop.currency)),
        saves=amount(Money(plain_minor - choice.pays_minor, shop.currency)),
    )


def _pick(coupon_id: str) -> PickView:
    coupon = coupon_moves.find(coupon_id)
    kind = coupons.template_of(coupon)
    return PickView(
        coupon_id=coupon_id, label_zh=kind.label_zh, label_en=kind.label_en, last_day=coupon.last_day
    )
