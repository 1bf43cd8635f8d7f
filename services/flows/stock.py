"""Stock documents: receive, transfer, adjust, take back; and what a sale takes off the shelf."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from services.domain import stock as rules
from services.domain.errors import (
    DocumentKnown,
    DocumentSettled,
    DocumentUnknown,
    OutOfStock,
)
from services.domain.events import (
    StockAdjusted,
    StockCounted,
    StockDocument,
    StockLine,
    StockReceived,
    StockTransferred,
)
from services.domain.stock import Line
from services.flows.baskets import resolve
from services.flows.record import record
from services.flows.shop import Shop
from services.store import catalogue, db, requests, stock
from services.store.stock import Document

LINES_OF_EVENT = 500  # a message on the stream stays small; a longer document goes in parts

Pieces = Sequence[tuple[str, int]]  # (sku or barcode, pieces)


def sell(shop: Shop, pieces: Pieces) -> None:
    """Take the pieces of a sale off what is on hand, inside its transaction; negative ones come back.

    Raises OutOfStock where the shop refuses to sell what is not there.
    """
    stock.move(rules.gathered(pieces))
    if shop.oversell == rules.REFUSE:
        taken = {sku for sku, quantity in pieces if quantity > 0}
        _all_there(list(stock.on_hand(taken).items()), taken)


def find(document_id: str) -> Document:
    """Raises DocumentUnknown."""
    document = stock.by_id(document_id)
    if document is None:
        raise DocumentUnknown("no stock document has this id", document_id=document_id)
    return document


def receive(
    shop: Shop, pieces: Pieces, *, number: str, supplier: str, operator_id: str, request_id: str
) -> Document:
    """A delivery came in. A repeat of `request_id` answers with the first document.

    Raises CodeUnknown and its kin for a line, DocumentKnown for a delivery note that was entered before.
    """
    asked = requests.fingerprint("stock.receive", number, supplier, [list(line) for line in pieces])
    if (known := requests.answer(request_id, asked)) is not None:
        return find(known)
    document_id = shop.new_id()
    named = named_lines(shop, pieces)
    with db.write():
        if (done := requests.claim(request_id, asked, document_id, shop.now_ms())) is not None:
            return find(done)
        _is_new(rules.RECEIVED, number, supplier)
        document = document_of(
            shop, document_id, rules.RECEIVED, operator_id, number=number, other_store=supplier
        )
        lines = [Line(sku, quantity, quantity, quantity) for sku, quantity in named]
        post(shop, document, lines)
    return document


def adjust(
    shop: Shop, pieces: Pieces, *, reason: str, note: str, operator_id: str, request_id: str
) -> Document:
    """Write pieces off (below zero) or on. A repeat of `request_id` answers with the first document.

    Raises CodeUnknown and its kin, and OutOfStock where the shop refuses what is not there.
    """
    assert reason in rules.REASONS, reason
    asked = requests.fingerprint("stock.adjust", reason, note, [list(line) for line in pieces])
    if (known := requests.answer(request_id, asked)) is not None:
        return find(known)
    document_id = shop.new_id()
    named = named_lines(shop, pieces)
    with db.write():
        if (done := requests.claim(request_id, asked, document_id, shop.now_ms())) is not None:
            return find(done)
        document = document_of(shop, document_id, rules.ADJUSTED, operator_id, reason=reason, note=note)
        post(shop, document, [Line(sku, quantity) for sku, quantity in named])
    return document


def transfer(
    shop: Shop,
    pieces: Pieces,
    *,
    direction: str,
    other_store: str,
    number: str,
    operator_id: str,
    request_id: str,
) -> Document:
    """Send goods to another store, or announce what it sends: both are on their way from now on.

    What goes out leaves the shelf now; what comes in is on hand when it has arrived. A repeat of
    `request_id` answers with the first document. Raises CodeUnknown and its kin, DocumentKnown, and
    OutOfStock where the shop refuses what is not there.
    """
    assert direction in (rules.IN, rules.OUT), direction
    asked = requests.fingerprint(
        "stock.transfer", direction, other_store, number, [list(line) for line in pieces]
    )
    if (known := requests.answer(request_id, asked)) is not None:
        return find(known)
    document_id = shop.new_id()
    named = named_lines(shop, pieces)
    with db.write():
        if (done := requests.claim(request_id, asked, document_id, shop.now_ms())) is not None:
            return find(done)
        _is_new(rules.TRANSFERRED, number, other_store)
        document = document_of(
            *(shop, document_id, rules.TRANSFERRED, operator_id),
            state=rules.IN_TRANSIT,
            number=number,
            other_store=other_store,
            direction=direction,
        )
        leaving = direction == rules.OUT
        lines = [Line(sku, -quantity if leaving else 0, quantity) for sku, quantity in named]
        if leaving:
            post(shop, document, lines)
        else:
            stock.create(document, lines)
            tell(shop, document, lines)
    return document


def arrive(shop: Shop, document_id: str, pieces: Pieces, *, operator_id: str, request_id: str) -> Document:
    """A transfer has arrived, with these pieces; an article that is not named has none.

    At its destination they are on hand now. At the sender nothing moves: what was lost on the way had
    left the shelf. A repeat of `request_id` answers with the first result. Raises DocumentUnknown,
    DocumentSettled, CodeUnknown and its kin.
    """
    asked = requests.fingerprint("stock.arrive", document_id, [list(line) for line in pieces])
    if (known := requests.answer(request_id, asked)) is not None:
        return find(known)
    arrived = dict(named_lines(shop, pieces))
    with db.write():
        if (done := requests.claim(request_id, asked, document_id, shop.now_ms())) is not None:
            return find(done)
        document = find(document_id)
        in_state(document, rules.IN_TRANSIT)
        sent = {line.sku: line for line in stock.lines_of(document_id)}
        incoming = document.direction == rules.IN
        changes = [
            Line(
                sku,
                arrived.get(sku, 0) if incoming else 0,
                sent[sku].expected if sku in sent else 0,
                arrived.get(sku, 0),
            )
            for sku in dict.fromkeys((*sent, *arrived))
        ]
        stock.put_lines(
            document_id, changes if incoming else [_with_found(sent.get(c.sku), c) for c in changes]
        )
        now_ms = shop.now_ms()
        stock.set_state(document_id, rules.ARRIVED, now_ms if incoming else 0)
        if incoming:
            stock.add([change for change in changes if change.quantity])
        tell(shop, find(document_id), changes, operator_id)
        return find(document_id)


def take_back(shop: Shop, document_id: str, *, operator_id: str, request_id: str) -> Document:
    """Undo a document by a counter document, which is the answer; or cancel what is announced or open.

    A repeat of `request_id` answers with the first result. Raises DocumentUnknown, DocumentSettled, and
    OutOfStock where the shop refuses what is not there.
    """
    asked = requests.fingerprint("stock.take_back", document_id)
    counter_id = shop.new_id()
    with db.write():
        document = find(document_id)
        moved = document.moved_at_ms > 0
        answer = counter_id if moved else document_id
        if (done := requests.claim(request_id, asked, answer, shop.now_ms())) is not None:
            return find(done)
        if document.reverses:
            raise DocumentSettled("a counter document stands", state=document.state)
        if not moved:
            in_state(document, rules.OPEN, rules.IN_TRANSIT)
            stock.set_state(document_id, rules.CANCELLED)
            if document.kind == rules.TRANSFERRED:
                tell(shop, find(document_id), stock.lines_of(document_id), operator_id)
            return find(document_id)
        counter = reverse(shop, document, counter_id, operator_id)
    return counter


def reverse(shop: Shop, document: Document, counter_id: str, operator_id: str) -> Document:
    """Inside a transaction: the counter document of one that has moved pieces. Raises DocumentSettled,
    OutOfStock."""
    in_state(document, rules.POSTED, rules.IN_TRANSIT, rules.ARRIVED)
    stock.set_state(document.document_id, rules.REVERSED)
    counter = document_of(
        *(shop, counter_id, document.kind, operator_id),
        number=document.number,
        other_store=document.other_store,
        direction=document.direction,
        reason=document.reason,
        note=document.note,
        reverses=document.document_id,
        state=rules.CANCELLED if document.kind == rules.TRANSFERRED else rules.POSTED,
    )
    post(shop, counter, [rules.taken_back(line) for line in stock.lines_of(document.document_id)])
    return counter


def named_lines(shop: Shop, pieces: Pieces) -> list[tuple[str, int]]:
    """(sku, pieces) of lines that name an article by number or barcode, each article once.

    Raises CodeMalformed, GoodsExpired or CodeUnknown for the first line that names none.
    """
    known = catalogue.by_skus({code for code, _ in pieces})
    return rules.gathered(
        (code if code in known else resolve(shop, code)[0].sku, quantity) for code, quantity in pieces
    )


def article_of(shop: Shop, code: str) -> str:
    """The sku that a number or barcode names. Raises as named_lines() does."""
    return named_lines(shop, [(code, 1)])[0][0]


def post(shop: Shop, document: Document, lines: Sequence[Line]) -> None:
    """Inside a transaction: a new document with its effect and its events. Raises OutOfStock."""
    stock.create(document, lines)
    stock.add(lines)
    taken = [line.sku for line in lines if line.quantity < 0]
    if taken and shop.oversell == rules.REFUSE and document.kind != rules.COUNTED:
        _all_there(list(stock.on_hand(taken).items()), set(taken))
    tell(shop, document, lines)


def _all_there(after: Sequence[tuple[str, int]], taken: set[str]) -> None:
    short = [(sku, on_hand) for sku, on_hand in after if on_hand < 0 and sku in taken]
    if short:
        raise OutOfStock(
            "more than is on hand",
            articles=[{"sku": sku, "short": -on_hand} for sku, on_hand in short],
        )


def _is_new(kind: str, number: str, other_store: str) -> None:
    known = stock.standing(kind, number, other_store) if number else None
    if known is not None:
        raise DocumentKnown("this paper was entered before", number=number, document_id=known.document_id)


def in_state(document: Document, *states: str) -> None:
    """Raises DocumentSettled."""
    if document.state not in states:
        raise DocumentSettled("the document is not in a state for this", state=document.state)


def _with_found(sent: Line | None, arrived: Line) -> Line:
    """The sender's own line, with what the other store has found."""
    quantity = sent.quantity if sent else 0
    return Line(arrived.sku, quantity, arrived.expected, arrived.found)


def document_of(
    shop: Shop,
    document_id: str,
    kind: str,
    operator_id: str,
    *,
    state: str = rules.POSTED,
    number: str = "",
    other_store: str = "",
    direction: str = "",
    reason: str = "",
    note: str = "",
    reverses: str = "",
) -> Document:
    """A new document as of now."""
    now_ms = shop.now_ms()
    announced = state == rules.OPEN or (state, direction) == (rules.IN_TRANSIT, rules.IN)
    return Document(
        *(document_id, kind, state, number, other_store, direction, reason, note, operator_id),
        at_ms=now_ms,
        moved_at_ms=0 if announced else now_ms,
        reverses=reverses,
    )


def tell(shop: Shop, document: Document, lines: Sequence[Line], operator_id: str = "") -> None:
    """Inside a transaction: journal what a document has done, in as many parts as it takes."""
    parts = [lines[n : n + LINES_OF_EVENT] for n in range(0, len(lines), LINES_OF_EVENT)] or [()]
    for n, part in enumerate(parts, 1):
        told = tuple(
            StockLine(item_id=line.sku, quantity=line.quantity, expected=line.expected, found=line.found)
            for line in part
        )
        event = _event(document, told, n, len(parts), operator_id or document.operator_id)
        record(shop, event, shop.now_ms())


def _event(
    document: Document, lines: tuple[StockLine, ...], part: int, parts: int, operator_id: str
) -> StockDocument:
    told: dict[str, Any] = {
        "document_id": document.document_id,
        "operator_id": operator_id,
        "line_items": lines,
        "part": part,
        "parts": parts,
        "reverses": document.reverses,
    }
    match document.kind:
        case rules.RECEIVED:
            return StockReceived(number=document.number, supplier=document.other_store, **told)
        case rules.COUNTED:
            return StockCounted(source=document.reason, **told)
        case rules.TRANSFERRED:
            return StockTransferred(
                number=document.number,
                direction=document.direction,
                other_store=document.other_store,
                state=document.state,
                **told,
            )
    assert document.kind == rules.ADJUSTED, document.kind
    return StockAdjusted(reason=document.reason, note=document.note, **told)
