"""Who buys what is in the bag, and where they stand."""

from __future__ import annotations

from collections.abc import Sequence

from services.domain.money import Money
from services.domain.tiers import Lack
from services.flows import bag_rewards, customers, members, stored_value_payments, tiers
from services.flows.members import group
from services.flows.shop import Shop
from services.store import catalogue
from services.store.catalogue import Article
from web_console import bags
from web_console.api import BasketView
from web_console.api_customers import (
    BoughtView,
    LackView,
    NameCustomer,
    PayStored,
    PurchasesView,
    SpendPoints,
    StandingView,
    UseCoupon,
)
from web_console.api_tiers import GrantTier
from web_console.gate import Call
from web_console.routes import MANAGER, TILL, Routes
from web_console.views import amount

ROUTES = Routes()

BOUGHT_MAX = 20  # lines in a member's drawer


@ROUTES.put("/api/till/member", TILL, BasketView, "Say who buys", body=NameCustomer)
def name_customer(call: Call, body: NameCustomer) -> BasketView:
    """Needs no key: the member itself is set, and a repeat sets it again."""
    after = customers.name(call.shop, call.till, body.member_id, basket_id=body.basket_id)
    return bags.told(call, after)


@ROUTES.put("/api/till/points", TILL, BasketView, "Let points take something off", body=SpendPoints)
def spend_points(call: Call, body: SpendPoints) -> BasketView:
    """Needs no key: the number itself is set, and a repeat sets it again."""
    after = bag_rewards.use_points(call.shop, call.till, body.points, basket_id=body.basket_id)
    return bags.told(call, after)


@ROUTES.put("/api/till/coupon", TILL, BasketView, "Let a coupon take something off", body=UseCoupon)
def use_coupon(call: Call, body: UseCoupon) -> BasketView:
    """Needs no key: a repeat finds the coupon in the bag, or out of it, and changes nothing."""
    where = (call.shop, call.till)
    if body.coupon_id:
        after = bag_rewards.use_coupon(*where, body.coupon_id, basket_id=body.basket_id, wanted=body.wanted)
    else:
        operator_id = call.session.staff_id
        after = bag_rewards.show_coupon(
            *where, body.code, basket_id=body.basket_id, wanted=body.wanted, operator_id=operator_id
        )
    return bags.recorded(call, after)


@ROUTES.post(
    "/api/till/stored-value",
    TILL,
    BasketView,
    "Let the bag's member pay a part of it with stored value; it is taken back as a payment is",
    body=PayStored,
    keyed=True,
)
def pay_stored(call: Call, body: PayStored) -> BasketView:
    after = stored_value_payments.redeem(
        call.shop,
        call.till,
        basket_id=body.basket_id,
        version=body.version,
        amount_minor=body.amount_minor,
        pin=body.pin,
        present=body.present,
        operator_id=call.session.staff_id,
        request_id=call.key,
    )
    return bags.recorded(call, after)


@ROUTES.get("/api/members/<ident:member_id>/tier", TILL, StandingView, "Where a member stands")
def show_standing(call: Call, member_id: str) -> StandingView:
    return _standing(call.shop, members.find(member_id).ids)


@ROUTES.post(
    "/api/office/members/<ident:member_id>/tier",
    MANAGER,
    StandingView,
    "Give a member a tier by hand, until a day",
    body=GrantTier,
    keyed=True,
)
def grant_tier(call: Call, body: GrantTier, member_id: str) -> StandingView:
    tiers.grant(
        *(call.shop, member_id),
        tier=body.tier,
        until=body.until,
        note=body.reason,
        operator_id=call.session.staff_id,
        request_id=call.key,
    )
    call.box.wake_uplink()
    return _standing(call.shop, group(member_id))


def _standing(shop: Shop, ids: Sequence[str]) -> StandingView:
    held = tiers.view(shop, ids)
    return StandingView(
        tier=held.standing.tier,
        tier_zh=held.tier.label_zh if held.tier is not None else "",
        tier_en=held.tier.label_en if held.tier is not None else "",
        until=held.standing.until,
        next_zh=held.next.label_zh if held.next is not None else "",
        next_en=held.next.label_en if held.next is not None else "",
        to_next=tuple(_lack(shop, lack) for lack in held.to_next),
        to_stay=tuple(_lack(shop, lack) for lack in held.to_stay),
    )


@ROUTES.get(
    "/api/members/<ident:member_id>/purchases", TILL, PurchasesView, "What a member bought here last"
)
def show_purchases(call: Call, member_id: str) -> PurchasesView:
    lines = customers.bought(member_id, BOUGHT_MAX)
    articles = catalogue.by_skus(line.sku for line in lines)
    return PurchasesView(purchases=tuple(_bought(line, articles.get(line.sku)) for line in lines))


def _bought(line: customers.Bought, article: Article | None) -> BoughtView:
    return BoughtView(
        sale_id=line.sale_id,
        number=line.number,
        at_ms=line.at_ms,
        sku=line.sku,
        name=line.name,
        variant=line.variant,
        garment=article.garment if article is not None else "",
        swatch=article.swatch if article is not None else "",
        pieces=line.pieces,
        amount=amount(line.amount),
    )


def _lack(shop: Shop, lack: Lack) -> LackView:
    def text(count: int) -> str:
        return amount(Money(count, shop.currency)).text if lack.metric == "spend_minor" else str(count)

    return LackView(
        metric=lack.metric,
        least=lack.least,
        have=lack.have,
        missing=text(lack.least - lack.have),
        least_text=text(lack.least),
        have_text=text(lack.have),
    )
