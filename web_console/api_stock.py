"""What the back office says and hears of stock."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta

from web_console.api import (
    Amount,
    Answer,
    Code,
    Request,
)
from web_console.api_catalogue import (
    StockLevel,
)

Short = Annotated[str, Meta(max_length=40)]  # a paper's number, a store, a supplier
Note = Annotated[str, Meta(max_length=200)]
Pieces = Annotated[int, Meta(ge=1, le=99_999)]
Reason = Literal["damaged", "lost", "found", "own_use", "sample", "other"]


class StockQuery(Request, frozen=True, kw_only=True):
    q: Annotated[str, Meta(max_length=64)] = ""
    level: Literal["", "low", "out", "kept"] = ""
    after: Annotated[str, Meta(max_length=100)] = ""  # a page's `next`


class StockRow(Answer, frozen=True, kw_only=True):
    sku: str
    style: str
    name: str
    variant: str
    garment: str
    swatch: str
    gtin: str
    price: Amount
    level: StockLevel
    pieces: int  # on hand; 0 where no stock is kept


class StockPage(Answer, frozen=True, kw_only=True):
    rows: tuple[StockRow, ...]
    next: str = ""
    articles: int  # in the whole catalogue
    low: int  # running out or gone
    out: int


class MovementView(Answer, frozen=True, kw_only=True):
    """`kind`: received, counted, transferred, adjusted, sold, returned."""

    at_ms: int
    kind: str
    quantity: int
    document_id: str  # of the stock document, or of the sale
    number: str


class StockArticle(Answer, frozen=True, kw_only=True):
    article: StockRow
    movements: tuple[MovementView, ...]  # newest first, at most 50


class FindQuery(Request, frozen=True, kw_only=True):
    code: Code


class PiecesIn(Request, frozen=True, kw_only=True):
    code: Code  # an article number or a barcode
    quantity: Pieces


class ChangeIn(Request, frozen=True, kw_only=True):
    code: Code
    quantity: Annotated[int, Meta(ge=-99_999, le=99_999)]


LinesIn = Annotated[tuple[PiecesIn, ...], Meta(min_length=1, max_length=1000)]


class DeliveryIn(Request, frozen=True, kw_only=True):
    number: Short = ""
    supplier: Short = ""
    lines: LinesIn


class AdjustmentIn(Request, frozen=True, kw_only=True):
    reason: Reason
    note: Note = ""
    lines: Annotated[tuple[ChangeIn, ...], Meta(min_length=1, max_length=1000)]


class TransferIn(Request, frozen=True, kw_only=True):
    direction: Literal["out", "in"]
    other_store: Annotated[str, Meta(min_length=1, max_length=40)]
    number: Short = ""
    lines: LinesIn


class ArrivalIn(Request, frozen=True, kw_only=True):
    """What was counted at the destination; an article that is not named has not arrived."""

    lines: Annotated[tuple[PiecesIn, ...], Meta(max_length=1000)]


class CountIn(Request, frozen=True, kw_only=True):
    note: Note = ""


class CountedIn(Request, frozen=True, kw_only=True):
    """One scan, or a number that was counted; `instead` replaces what the line had."""

    code: Code
    quantity: Annotated[int, Meta(ge=-99_999, le=99_999)] = 1
    instead: bool = False


class PostIn(Request, frozen=True, kw_only=True):
    rest_is_gone: bool = False  # what nobody counted is not there


class DocumentsQuery(Request, frozen=True, kw_only=True):
    state: Literal["", "open", "in_transit"] = ""
    before: Annotated[str, Meta(max_length=64)] = ""


class DocumentLine(Answer, frozen=True, kw_only=True):
    """`quantity`, `expected` and `moved` are 0 while the document is an open count: it is blind."""

    sku: str
    name: str
    variant: str
    quantity: int
    expected: int
    found: int
    moved: int


class DocumentCard(Answer, frozen=True, kw_only=True):
    """`kind`: received, counted, transferred, adjusted. `state`: open, in_transit, posted, arrived,
    cancelled, reversed."""

    document_id: str
    kind: str
    state: str
    number: str
    other_store: str
    direction: str
    reason: str
    note: str
    operator: str
    at_ms: int
    reverses: str
    articles: int
    pieces: int  # the change of what is on hand


class DocumentView(Answer, frozen=True, kw_only=True):
    """At most 500 lines; `card.articles` says how many there are."""

    card: DocumentCard
    lines: tuple[DocumentLine, ...]
    can_take_back: bool


class DocumentPage(Answer, frozen=True, kw_only=True):
    rows: tuple[DocumentCard, ...]
    next: str = ""


class CountLine(Answer, frozen=True, kw_only=True):
    """One article of an open count, without what the books say."""

    sku: str
    name: str
    variant: str
    found: int


class LeftOut(Answer, frozen=True, kw_only=True):
    sku: str
    name: str
    variant: str
    pieces: int


class CountReview(Answer, frozen=True, kw_only=True):
    """What posting would change: lines with a difference first."""

    document_id: str
    lines: tuple[DocumentLine, ...]  # at most 500
    articles: int  # that were counted
    left_out: tuple[LeftOut, ...]  # at most 200, the rest is in `left_out_articles`
    left_out_articles: int
    missing: int  # pieces fewer than the books say
    surplus: int  # pieces more
