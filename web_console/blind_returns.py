"""Goods that come back without a receipt: what the shop gives for them, and taking them back."""

from __future__ import annotations

from services.domain.money import Money
from services.domain.return_rules import LOWEST_DAYS
from services.flows import blind_returns
from web_console import views
from web_console.api_returns import BlindOffer, BlindQuery, BlindWorth, BlindWorthQuery, TakeBackBlind
from web_console.api_sales import SaleView
from web_console.gate import Call
from web_console.routes import TILL, Routes

ROUTES = Routes()


@ROUTES.get(
    "/api/till/blind-returns/offer",
    TILL,
    BlindOffer,
    "What the shop gives for an article without a receipt",
    query=BlindQuery,
)
def blind_offer(call: Call, query: BlindQuery) -> BlindOffer:
    found = blind_returns.offer(call.shop, code=query.code.strip())
    article = found.article
    return BlindOffer(
        sku=article.sku,
        name=article.name,
        variant=article.variant,
        unit=views.amount(Money(found.unit_minor, call.shop.currency)),
        days=LOWEST_DAYS,
        most=views.amount(Money(blind_returns.most_minor(call.shop), call.shop.currency)),
    )


@ROUTES.get(
    "/api/till/blind-returns/worth",
    TILL,
    BlindWorth,
    "What the shop gives for these goods without a receipt",
    query=BlindWorthQuery,
)
def blind_worth(call: Call, query: BlindWorthQuery) -> BlindWorth:
    named = [part.split("*") for part in query.pieces.split(",")]
    given = blind_returns.worth(call.shop, [(sku, int(count)) for sku, count in named])
    currency = call.shop.currency
    return BlindWorth(
        lines=tuple(views.amount(Money(minor, currency)) for minor in given),
        total=views.amount(Money(sum(given), currency)),
        over=sum(given) > blind_returns.most_minor(call.shop),
    )


@ROUTES.post(
    "/api/till/blind-returns",
    TILL,
    SaleView,
    "Take goods back without a receipt, for a new gift card",
    body=TakeBackBlind,
    keyed=True,
)
def take_back_blind(call: Call, body: TakeBackBlind) -> SaleView:
    document = blind_returns.take_back(
        call.shop,
        call.till,
        pieces=[(line.sku, line.quantity) for line in body.lines],
        total_minor=body.total_minor,
        reason=body.reason.strip(),
        approval=body.approval,
        operator_id=call.session.staff_id,
        request_id=call.key,
    )
    call.box.wake_jobs(document.till)
    call.box.wake_uplink()
    return views.sale(call.shop, document)
