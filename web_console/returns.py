"""Goods that come back: find their sale, put them into the bag, choose what pays back."""

from __future__ import annotations

from services.domain import returns as rules
from services.domain.money import Money
from services.flows import returns, voids
from services.flows.coming_back import (
    Returnable,
    anew_for,
    gave_used_minor,
    is_late,
    last_day,
    returnable,
)
from services.store import staff
from web_console import bags, views
from web_console.api import BasketView
from web_console.api_returns import (
    LeaveVoid,
    NameView,
    PaidView,
    PayBackWith,
    ReceiptQuery,
    RecentQuery,
    ReturnableLine,
    ReturnableView,
    SoldView,
    TakeBack,
    Void,
    WorthQuery,
    WorthView,
)
from web_console.api_sales import SaleView
from web_console.gate import Call
from web_console.routes import TILL, Routes

ROUTES = Routes()
WORTH_MAX = 20  # pieces of a line whose worth the page knows without asking


@ROUTES.get("/api/receipts", TILL, ReturnableView, "The sale of a receipt's number", query=ReceiptQuery)
def find_receipt(call: Call, query: ReceiptQuery) -> ReturnableView:
    return _view(call, returns.find(call.shop, query.number))


@ROUTES.get(
    "/api/till/sales", TILL, tuple[SoldView, ...], "A till's sales, newest first", query=RecentQuery
)
def list_sales(call: Call, query: RecentQuery) -> tuple[SoldView, ...]:
    return tuple(
        SoldView(
            sale_id=each.sale_id,
            number=each.number,
            kind=each.kind,
            at_ms=each.ended_at_ms,
            total=views.amount(Money(each.total_minor, call.shop.currency)),
            pieces=each.pieces,
        )
        for each in returns.recent(call.shop, call.till, query.before_ms)
    )


@ROUTES.get("/api/sales/<ident:sale_id>/returnable", TILL, ReturnableView, "What may still come back")
def show_returnable(call: Call, sale_id: str) -> ReturnableView:
    return _view(call, returnable(sale_id))


@ROUTES.get(
    "/api/sales/<ident:sale_id>/worth", TILL, WorthView, "What pieces of a sale pay back", query=WorthQuery
)
def show_worth(call: Call, query: WorthQuery, sale_id: str) -> WorthView:
    named = [part.split("*") for part in query.pieces.split(",")]
    pieces = [(int(line), int(count)) for line, count in named]
    minor, found = returns.worth(call.shop, call.till, sale_id, pieces)
    currency = call.shop.currency
    return WorthView(
        back=views.amount(Money(minor, currency)),
        anew=found is not None,
        kept=views.amount(Money(found.price_minor if found else 0, currency)),
        less=views.amount(Money(found.plain_minor - found.back_minor if found else 0, currency)),
        offers=tuple(
            NameView(label_zh=each.label_zh, label_en=each.label_en)
            for each in (anew_for(returnable(sale_id).sale) if found else ())
        ),
    )


@ROUTES.post(
    "/api/till/returns",
    TILL,
    BasketView,
    "Put pieces of a sale into the bag as goods that come back",
    body=TakeBack,
    keyed=True,
)
def take_back(call: Call, body: TakeBack) -> BasketView:
    after = returns.take_back(
        call.shop,
        call.till,
        basket_id=body.basket_id,
        sale_id=body.sale_id,
        pieces=[(line.line_number, line.quantity) for line in body.lines],
        reason=body.reason.strip(),
        approval=body.approval,
        operator_id=call.session.staff_id,
        request_id=call.key,
    )
    return bags.recorded(call, after)


@ROUTES.put("/api/till/returns/tender", TILL, BasketView, "Let another tender pay back", body=PayBackWith)
def pay_back_with(call: Call, body: PayBackWith) -> BasketView:
    """Needs no key: the choice itself is set, and a repeat changes nothing."""
    after = returns.pay_back_with(
        call.shop,
        call.till,
        basket_id=body.basket_id,
        tender_number=body.tender_number,
        key=body.key,
        approval=body.approval,
        operator_id=call.session.staff_id,
    )
    return bags.recorded(call, after)


@ROUTES.post(
    "/api/sales/<ident:sale_id>/void",
    TILL,
    SaleView,
    "Undo a sale of this till and day whole",
    body=Void,
    keyed=True,
)
def void_sale(call: Call, body: Void, sale_id: str) -> SaleView:
    document = voids.void(
        call.shop,
        call.till,
        sale_id,
        reason=body.reason.strip(),
        approval=body.approval,
        operator_id=call.session.staff_id,
        request_id=call.key,
    )
    call.box.wake_jobs(document.till)
    call.box.wake_uplink()
    return views.sale(call.shop, document)


@ROUTES.post(
    "/api/sales/<ident:sale_id>/undo",
    TILL,
    BasketView,
    "Put a whole sale into the empty bag, to be undone once its terminals have paid back",
    body=Void,
    keyed=True,
)
def begin_void(call: Call, body: Void, sale_id: str) -> BasketView:
    after = voids.begin(
        call.shop,
        call.till,
        sale_id,
        reason=body.reason.strip(),
        approval=body.approval,
        operator_id=call.session.staff_id,
        request_id=call.key,
    )
    return bags.recorded(call, after)


@ROUTES.post("/api/till/undo/leave", TILL, BasketView, "Undo no sale after all", body=LeaveVoid)
def leave_void(call: Call, body: LeaveVoid) -> BasketView:
    """Needs no key: a repeat finds another bag, and changes nothing."""
    return bags.told(call, voids.leave(call.shop, call.till, basket_id=body.basket_id))


def _view(call: Call, held: Returnable) -> ReturnableView:
    sale, used_minor = held.sale, gave_used_minor(held.sale)
    return ReturnableView(
        sale_id=sale.sale_id,
        number=sale.number,
        at_ms=sale.ended_at_ms,
        operator=staff.name_of(sale.operator_id),
        total=views.amount(sale.total),
        lines=tuple(_line(call, held, line_number) for line_number in held.left),
        tenders=tuple(PaidView(key=t.key, amount=views.amount(t.amount)) for t in sale.tenders),
        same_day=voids.possible(call.shop, call.till, held),
        anew=bool(anew_for(sale)),
        coupons_used=views.amount(Money(used_minor, sale.total.currency)) if used_minor else None,
    )


def _line(call: Call, held: Returnable, line_number: int) -> ReturnableLine:
    sold = next(each for each in held.sale.lines if each.line.line_id == line_number)
    left, pieces = held.left[line_number], sold.line.quantity
    worth = [
        rules.line_credit(sold.net.minor, pieces, pieces - left, count)
        for count in range(1, min(left, WORTH_MAX) + 1)
    ]
    return ReturnableLine(
        line_number=line_number,
        sku=sold.line.sku,
        name=sold.line.name,
        variant=sold.line.variant,
        quantity=pieces,
        left=left,
        net=views.amount(sold.net),
        worth=tuple(views.amount(Money(minor, sold.net.currency)) for minor in worth),
        adjustments=tuple(views.adjustment(each) for each in sold.adjustments),
        last_day=last_day(call.shop, held.sale, sold.line.category),
        late=is_late(call.shop, held.sale, sold.line.category),
    )
