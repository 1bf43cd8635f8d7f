"""The shop's stock as the back office gets it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import cast

from services.domain import stock as rules
from services.domain.money import Money
from services.domain.stock import Line
from services.flows.counts import Review
from services.flows.shop import Shop
from services.store import shelf, staff, stock
from services.store.shelf import Shelved
from services.store.stock import Document, Movement
from web_console.api_catalogue import (
    StockLevel,
)
from web_console.api_stock import (
    CountLine,
    CountReview,
    DocumentCard,
    DocumentLine,
    DocumentView,
    LeftOut,
    MovementView,
    StockRow,
)
from web_console.views import amount

LINES_MAX = 500  # of a document that are shown
LEFT_OUT_MAX = 200  # of one review


def row(shop: Shop, held: Shelved) -> StockRow:
    return StockRow(
        sku=held.sku,
        style=held.style,
        name=held.name,
        variant=_variant(held),
        garment=held.garment,
        swatch=held.swatch,
        gtin=held.gtin,
        price=amount(Money(held.price_minor, shop.currency)),
        level=cast(StockLevel, rules.level(held.on_hand, shop.reorder_point)),
        pieces=held.on_hand or 0,
    )


def movement(held: Movement) -> MovementView:
    return MovementView(
        at_ms=held.at_ms,
        kind=held.kind,
        quantity=held.quantity,
        document_id=held.document_id,
        number=held.number,
    )


def card(held: Document, articles: int, pieces: int) -> DocumentCard:
    return DocumentCard(
        document_id=held.document_id,
        kind=held.kind,
        state=held.state,
        number=held.number,
        other_store=held.other_store,
        direction=held.direction,
        reason=held.reason,
        note=held.note,
        operator=staff.name_of(held.operator_id),
        at_ms=held.at_ms,
        reverses=held.reverses,
        articles=articles,
        pieces=pieces,
    )


def document(held: Document) -> DocumentView:
    lines = stock.lines_of(held.document_id)
    blind = held.state == rules.OPEN
    return DocumentView(
        card=card(held, len(lines), sum(line.quantity for line in lines)),
        lines=_lines(Line(line.sku, 0, 0, line.found) if blind else line for line in lines[:LINES_MAX]),
        can_take_back=not held.reverses and held.state not in (rules.CANCELLED, rules.REVERSED),
    )


def counted(line: Line) -> CountLine:
    (named,) = _lines([line])
    return CountLine(sku=line.sku, name=named.name, variant=named.variant, found=line.found)


def review(held: Review) -> CountReview:
    """Lines with a difference first, the largest on top."""
    ordered = sorted(held.lines, key=lambda line: (-abs(line.quantity), line.sku))
    left = held.left_out[:LEFT_OUT_MAX]
    articles = shelf.several([sku for sku, _ in left])
    return CountReview(
        document_id=held.document.document_id,
        lines=_lines(ordered[:LINES_MAX]),
        articles=len(ordered),
        left_out=tuple(
            LeftOut(sku=sku, name=name, variant=variant, pieces=pieces)
            for sku, pieces in left
            for name, variant in (_named(articles.get(sku), sku),)
        ),
        left_out_articles=len(held.left_out),
        missing=-sum(line.quantity for line in held.lines if line.quantity < 0),
        surplus=sum(line.quantity for line in held.lines if line.quantity > 0),
    )


def _lines(lines: Iterable[Line]) -> tuple[DocumentLine, ...]:
    held = list(lines)
    articles = shelf.several([line.sku for line in held])
    return tuple(
        DocumentLine(
            sku=line.sku,
            name=name,
            variant=variant,
            quantity=line.quantity,
            expected=line.expected,
            found=line.found,
            moved=line.moved,
        )
        for line in held
        for name, variant in (_named(articles.get(line.sku), line.sku),)
    )


def _named(held: Shelved | None, sku: str) -> tuple[str, str]:
    """(name, variant); the bare number of an article that has left the catalogue."""
    return (held.name, _variant(held)) if held else (sku, "")


def _variant(held: Shelved) -> str:
    return " / ".join(part for part in (held.colour, held.size) if part)
