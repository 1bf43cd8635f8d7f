"""Counting the shelf while the shop sells: blind, article by article, posted as one document."""

from __future__ import annotations

from dataclasses import dataclass, replace

from services.domain import stock as rules
from services.domain.errors import BadRequest
from services.domain.stock import Line
from services.flows.shop import Shop
from services.flows.stock import article_of, document_of, find, in_state, tell
from services.store import db, journal, requests, stock
from services.store.stock import Document

BY_HAND = "count"  # the source of the event; an import is the other


@dataclass(frozen=True, slots=True)
class Review:
    """A count as it would be posted now."""

    document: Document
    lines: tuple[Line, ...]  # quantity is the difference
    left_out: tuple[tuple[str, int], ...]  # (sku, on hand by the books) that nobody counted


def begin(shop: Shop, *, note: str, operator_id: str, request_id: str) -> Document:
    """Open a count. A repeat of `request_id` answers with the first one."""
    asked = requests.fingerprint("stock.count", note)
    document_id = shop.new_id()
    with db.write():
        if (done := requests.claim(request_id, asked, document_id, shop.now_ms())) is not None:
            return find(done)
        document = document_of(
            *(shop, document_id, rules.COUNTED, operator_id),
            state=rules.OPEN,
            reason=BY_HAND,
            note=note,
        )
        stock.create(document, [])
    return document


def enter(shop: Shop, count_id: str, code: str, pieces: int, *, instead: bool, request_id: str) -> Line:
    """Add pieces of an article to a count, or set them `instead`; the line as it stands.

    The books are looked at in the same moment. A repeat of `request_id` changes nothing. Raises
    DocumentUnknown, DocumentSettled, CodeUnknown and its kin, BadRequest for less than none.
    """
    asked = requests.fingerprint("stock.count.enter", count_id, code, pieces, instead)
    sku = article_of(shop, code)
    with db.write():
        document = find(count_id)
        repeated = requests.claim(request_id, asked, sku, shop.now_ms()) is not None
        held = stock.line_of(count_id, sku)
        if repeated and held is not None:
            return held
        _is_count(document)
        in_state(document, rules.OPEN)
        seq, _ = journal.head()
        line = _looked_at(held, sku, stock.on_hand([sku]).get(sku, 0))
        found = pieces if instead else line.found + pieces
        if not 0 <= found <= rules.PIECES_MAX:
            raise BadRequest("a count holds 0 to 99,999 pieces of an article", found=found)
        line = replace(line, found=found)
        stock.put_lines(count_id, [line], seq)
    return line


def review(count_id: str) -> Review:
    """What posting would change. Raises DocumentUnknown."""
    document = find(count_id)
    _is_count(document)
    if document.state != rules.OPEN:
        return Review(document, tuple(stock.lines_of(count_id)), ())
    return Review(document, tuple(_posted(count_id)), tuple(stock.kept_beyond(count_id)))


def post(shop: Shop, count_id: str, *, rest_is_gone: bool, operator_id: str, request_id: str) -> Document:
    """Put the count's differences on the shelf. `rest_is_gone`: what nobody counted is not there.

    What was sold after an article was looked at stays sold. A repeat of `request_id` answers with the
    posted count. Raises DocumentUnknown, DocumentSettled.
    """
    asked = requests.fingerprint("stock.count.post", count_id, rest_is_gone)
    with db.write():
        document = find(count_id)
        if requests.claim(request_id, asked, count_id, shop.now_ms()) is not None:
            return document
        _is_count(document)
        in_state(document, rules.OPEN)
        lines = _posted(count_id)
        if rest_is_gone:
            lines += [Line(sku, -on_hand, on_hand, 0) for sku, on_hand in stock.kept_beyond(count_id)]
        stock.put_lines(count_id, lines)
        stock.set_state(count_id, rules.POSTED, shop.now_ms())
        stock.add(lines)
        document = find(count_id)
        tell(shop, document, lines, operator_id)
    return document


def _is_count(document: Document) -> None:
    if document.kind != rules.COUNTED:
        raise BadRequest("this document is no count", document_id=document.document_id)


def _looked_at(held: Line | None, sku: str, on_hand: int) -> Line:
    """The line with what the books say now, and by how much they moved since the first look."""
    if held is None:
        return Line(sku, 0, on_hand, 0)
    return replace(held, expected=on_hand, moved=held.moved + on_hand - held.expected)


def _posted(count_id: str) -> list[Line]:
    """The lines with their differences. An article that was not kept so far has missed its sales since."""
    lines = stock.lines_of(count_id)
    kept = stock.on_hand([line.sku for line in lines])
    sold = stock.sold_since_look(count_id) if len(kept) < len(lines) else {}
    return [
        line if line.sku in kept else replace(line, quantity=line.quantity - sold.get(line.sku, 0))
        for line in map(rules.counted, lines)
    ]
