"""The cashier's API: the catalogue, the basket and the sale."""

from __future__ import annotations

from msgspec.structs import replace

from services.domain.errors import BadRequest, NotFound, SaleUnknown
from services.flows import baskets, checkout, drawer_level, prices, proposals, returns
from services.store import catalogue
from services.store.sales import Sale
from web_console import bags, views
from web_console.api import (
    AddLine,
    BasketView,
    Pay,
    Quote,
    QuoteQuery,
    RestoreLine,
    SetQuantity,
)
from web_console.api_catalogue import (
    CataloguePage,
    CatalogueQuery,
    CategoryView,
    ProposalView,
    StyleView,
)
from web_console.api_sales import SaleView
from web_console.gate import Call
from web_console.routes import TILL, Routes

ROUTES = Routes()


@ROUTES.get("/api/categories", TILL, tuple[CategoryView, ...], "The tabs of the catalogue, in order")
def categories(call: Call) -> tuple[CategoryView, ...]:
    return tuple(CategoryView(key=key, name=name) for key, name in catalogue.categories(call.language))


@ROUTES.get(
    "/api/catalogue", TILL, CataloguePage, "A page of styles, best sellers first", query=CatalogueQuery
)
def find_styles(call: Call, query: CatalogueQuery) -> CataloguePage:
    after_rank = int(query.after) if query.after else -1
    found = catalogue.styles(
        category=query.category,
        query=query.q.strip(),
        after_rank=after_rank,
        at_ms=call.shop.now_ms(),
    )
    more = str(found[-1].rank) if len(found) == catalogue.PAGE else ""
    return CataloguePage(tiles=tuple(views.tile(call.shop, style) for style in found), next=more)


@ROUTES.get(
    "/api/till/proposals",
    TILL,
    tuple[ProposalView, ...],
    "What else whose bag it is may want, the best first; nothing for nobody known",
)
def show_proposals(call: Call) -> tuple[ProposalView, ...]:
    found = proposals.propose(call.shop, baskets.current(call.shop, call.till))
    return tuple(
        ProposalView(
            tile=views.tile(call.shop, each.style), reason=each.reason, beside=each.beside, size=each.size
        )
        for each in found
    )


@ROUTES.get("/api/styles/<style>", TILL, StyleView, "The variants of one style")
def show_style(call: Call, style: str) -> StyleView:
    variants = catalogue.variants(style, call.shop.now_ms())
    if not variants:
        raise NotFound("no article has this style number", style=style)
    return views.style(call.shop, variants)


@ROUTES.get("/api/till/basket", TILL, BasketView, "The basket of the session's till")
def show_basket(call: Call) -> BasketView:
    return views.basket(call.shop, call.till)


@ROUTES.post(
    "/api/till/lines",
    TILL,
    BasketView,
    "Add by sku or by code; a repeat adds nothing",
    body=AddLine,
    keyed=True,
)
def add_line(call: Call, body: AddLine) -> BasketView:
    if (body.sku is None) == (body.code is None):
        raise BadRequest("either sku or code")
    after, line = baskets.add(
        call.shop,
        call.till,
        sku=body.sku or "",
        code=body.code or "",
        quantity=body.quantity,
        request_id=call.key,
        basket_id=body.basket_id or "",
    )
    return bags.told(call, after, line.line_id if line else 0)


@ROUTES.put(
    "/api/till/lines/<int:line_id>", TILL, BasketView, "Set a line's pieces; 0 removes it", body=SetQuantity
)
def set_quantity(call: Call, body: SetQuantity, line_id: int) -> BasketView:
    """Needs no key: the number itself is set, and a repeat sets it again."""
    after = baskets.set_quantity(call.shop, call.till, line_id, body.quantity, basket_id=body.basket_id)
    return bags.told(call, after, line_id)


@ROUTES.post(
    "/api/till/lines/<int:line_id>/restore",
    TILL,
    BasketView,
    "Undo the removal of a line",
    body=RestoreLine,
)
def restore_line(call: Call, body: RestoreLine, line_id: int) -> BasketView:
    """Needs no key: a repeat finds the line standing."""
    return bags.told(
        call, baskets.restore(call.shop, call.till, line_id, basket_id=body.basket_id), line_id
    )


@ROUTES.get("/api/till/quote", TILL, Quote, "What paying with so much would mean", query=QuoteQuery)
def show_quote(call: Call, query: QuoteQuery) -> Quote:
    basket = baskets.current(call.shop, call.till)
    left, _ = returns.owed(call.shop, basket, prices.priced(call.shop, basket))
    return views.quote(call.shop, left, query.tendered_minor)


@ROUTES.post(
    "/api/sales",
    TILL,
    SaleView,
    "Pay the basket; a repeat answers with the first sale and changes nothing",
    body=Pay,
    keyed=True,
    answers={200: SaleView, 201: SaleView},
)
def pay(call: Call, body: Pay) -> tuple[SaleView, int]:
    status = 200 if _known(call.key) else 201
    sale = checkout.settle(
        call.shop,
        call.till,
        basket_id=body.basket_id,
        version=body.version,
        tendered=[(tender.key, tender.amount_minor) for tender in body.tenders],
        operator_id=call.session.staff_id,
        request_id=call.key,
        total_minor=body.total_minor,
    )
    call.box.wake_jobs(sale.till)
    call.box.wake_uplink()
    call.live.tell(call.till, "basket", views.basket(call.shop, call.till))
    return _done(call, sale), status


@ROUTES.get("/api/sales/by-key/<ident:key>", TILL, SaleView, "The sale that an Idempotency-Key led to")
def sale_by_key(call: Call, key: str) -> SaleView:
    return _done(call, checkout.find_by_request(key))


@ROUTES.get("/api/sales/<ident:sale_id>", TILL, SaleView, "A stored sale")
def show_sale(call: Call, sale_id: str) -> SaleView:
    return views.sale(call.shop, checkout.find(sale_id))


def _done(call: Call, sale: Sale) -> SaleView:
    """A sale that was just paid, with what the till is to do next."""
    return replace(views.sale(call.shop, sale), drop_due=drawer_level.drop_due(call.shop, sale.till))


def _known(key: str) -> bool:
    """Whether `key` has led to a sale before."""
    try:
        checkout.find_by_request(key)
    except SaleUnknown:
        return False
    return True
