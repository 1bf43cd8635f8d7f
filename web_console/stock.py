"""Stock in the back office: the shelf, deliveries, transfers, adjustments, counts."""

from __future__ import annotations

import re

from services.domain.errors import BadRequest, NotFound
from services.flows import counts
from services.flows import stock as flow
from services.store import shelf, stock
from services.store.stock import Document
from web_console import stock_views
from web_console.api_stock import (
    AdjustmentIn,
    ArrivalIn,
    CountedIn,
    CountIn,
    CountLine,
    CountReview,
    DeliveryIn,
    DocumentPage,
    DocumentsQuery,
    DocumentView,
    FindQuery,
    PostIn,
    StockArticle,
    StockPage,
    StockQuery,
    StockRow,
    TransferIn,
)
from web_console.gate import Call
from web_console.routes import MANAGER, Routes

ROUTES = Routes()

_PLACE = re.compile(r"([0-9]{1,9})\.([0-9]{1,9})\.([0-9]{1,9})\.(.+)", re.ASCII)


@ROUTES.get("/api/stock", MANAGER, StockPage, "Articles with what is on hand", query=StockQuery)
def list_stock(call: Call, query: StockQuery) -> StockPage:
    rows = shelf.page(
        query=query.q.strip(),
        level=query.level,
        reorder_point=call.shop.reorder_point,
        after=_place(query.after),
    )
    articles, low, out = shelf.counts(call.shop.reorder_point)
    last = rows[-1] if len(rows) == shelf.PAGE else None
    return StockPage(
        rows=tuple(stock_views.row(call.shop, each) for each in rows),
        next=".".join(map(str, last.place)) if last else "",
        articles=articles,
        low=low,
        out=out,
    )


@ROUTES.get("/api/stock/find", MANAGER, StockRow, "The article that a code names", query=FindQuery)
def find_article(call: Call, query: FindQuery) -> StockRow:
    return stock_views.row(call.shop, _article(flow.article_of(call.shop, query.code)))


@ROUTES.get("/api/stock/articles/<ident:sku>", MANAGER, StockArticle, "One article and its movements")
def show_article(call: Call, sku: str) -> StockArticle:
    return StockArticle(
        article=stock_views.row(call.shop, _article(sku)),
        movements=tuple(map(stock_views.movement, stock.movements(sku))),
    )


@ROUTES.get("/api/stock/documents", MANAGER, DocumentPage, "Documents, newest first", query=DocumentsQuery)
def list_documents(call: Call, query: DocumentsQuery) -> DocumentPage:
    found = stock.documents(state=query.state, before=query.before)
    return DocumentPage(
        rows=tuple(stock_views.card(document, articles, pieces) for document, articles, pieces in found),
        next=found[-1][0].document_id if len(found) == stock.PAGE else "",
    )


@ROUTES.get("/api/stock/documents/<ident:document_id>", MANAGER, DocumentView, "A document with its lines")
def show_document(call: Call, document_id: str) -> DocumentView:
    return stock_views.document(flow.find(document_id))


@ROUTES.post(
    "/api/stock/deliveries", MANAGER, DocumentView, "Receive a delivery", body=DeliveryIn, keyed=True
)
def receive_delivery(call: Call, body: DeliveryIn) -> DocumentView:
    return _told(
        call,
        flow.receive(
            call.shop,
            [(line.code, line.quantity) for line in body.lines],
            number=body.number.strip(),
            supplier=body.supplier.strip(),
            operator_id=call.session.staff_id,
            request_id=call.key,
        ),
    )


@ROUTES.post(
    "/api/stock/adjustments", MANAGER, DocumentView, "Write pieces off or on", body=AdjustmentIn, keyed=True
)
def adjust_stock(call: Call, body: AdjustmentIn) -> DocumentView:
    if any(line.quantity == 0 for line in body.lines):
        raise BadRequest("a line without pieces changes nothing")
    return _told(
        call,
        flow.adjust(
            call.shop,
            [(line.code, line.quantity) for line in body.lines],
            reason=body.reason,
            note=body.note.strip(),
            operator_id=call.session.staff_id,
            request_id=call.key,
        ),
    )


@ROUTES.post(
    "/api/stock/transfers", MANAGER, DocumentView, "Send or announce goods", body=TransferIn, keyed=True
)
def begin_transfer(call: Call, body: TransferIn) -> DocumentView:
    return _told(
        call,
        flow.transfer(
            call.shop,
            [(line.code, line.quantity) for line in body.lines],
            direction=body.direction,
            other_store=body.other_store.strip(),
            number=body.number.strip(),
            operator_id=call.session.staff_id,
            request_id=call.key,
        ),
    )


@ROUTES.post(
    "/api/stock/transfers/<ident:document_id>/arrival",
    MANAGER,
    DocumentView,
    "A transfer has arrived",
    body=ArrivalIn,
    keyed=True,
)
def end_transfer(call: Call, body: ArrivalIn, document_id: str) -> DocumentView:
    return _told(
        call,
        flow.arrive(
            call.shop,
            document_id,
            [(line.code, line.quantity) for line in body.lines],
            operator_id=call.session.staff_id,
            request_id=call.key,
        ),
    )


@ROUTES.post(
    "/api/stock/documents/<ident:document_id>/take-back",
    MANAGER,
    DocumentView,
    "Undo a document by a counter document, or cancel what has moved nothing",
    keyed=True,
)
def take_back_document(call: Call, document_id: str) -> DocumentView:
    return _told(
        call,
        flow.take_back(call.shop, document_id, operator_id=call.session.staff_id, request_id=call.key),
    )


@ROUTES.post("/api/stock/counts", MANAGER, DocumentView, "Begin a count", body=CountIn, keyed=True)
def begin_count(call: Call, body: CountIn) -> DocumentView:
    operator = call.session.staff_id
    begun = counts.begin(call.shop, note=body.note.strip(), operator_id=operator, request_id=call.key)
    return stock_views.document(begun)


@ROUTES.post(
    "/api/stock/counts/<ident:count_id>/lines",
    MANAGER,
    CountLine,
    "Count pieces of an article",
    body=CountedIn,
    keyed=True,
)
def count_article(call: Call, body: CountedIn, count_id: str) -> CountLine:
    line = counts.enter(
        call.shop, count_id, body.code, body.quantity, instead=body.instead, request_id=call.key
    )
    return stock_views.counted(line)


@ROUTES.get(
    "/api/stock/counts/<ident:count_id>/review", MANAGER, CountReview, "What posting a count would change"
)
def review_count(call: Call, count_id: str) -> CountReview:
    return stock_views.review(counts.review(count_id))


@ROUTES.post(
    "/api/stock/counts/<ident:count_id>/post",
    MANAGER,
    DocumentView,
    "Put a count's differences on the shelf",
    body=PostIn,
    keyed=True,
)
def post_count(call: Call, body: PostIn, count_id: str) -> DocumentView:
    return _told(
        call,
        counts.post(
            call.shop,
            count_id,
            rest_is_gone=body.rest_is_gone,
            operator_id=call.session.staff_id,
            request_id=call.key,
        ),
    )


def _told(call: Call, document: Document) -> DocumentView:
    """The document for the page; the journal's news go to headquarters."""
    call.box.wake_uplink()
    return stock_views.document(document)


def _article(sku: str) -> shelf.Shelved:
    found = shelf.one(sku)
    if found is None:
        raise NotFound("no article has this number", sku=sku)
    return found


def _place(after: str) -> shelf.Place:
    """Where a page ended. Raises BadRequest for anything that was never a page's `next`."""
    if not after:
        return shelf.START
    match = _PLACE.fullmatch(after)
    if match is None:
        raise BadRequest("after: not a page's next")
    return int(match[1]), int(match[2]), int(match[3]), match[4]
