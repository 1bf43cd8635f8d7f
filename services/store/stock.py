"""What is on hand of each article, and the documents that changed it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from services.domain.stock import Line
from services.store.db import LEDGER

PAGE = 50  # documents or movements of one look

_DOCUMENT = (
    "document_id, kind, state, number, other_store, direction, reason, note, operator_id, at_ms,"
    " moved_at_ms, reverses"
)


@dataclass(frozen=True, slots=True)
class Document:
    """A delivery, count, transfer or adjustment. `state` is one of domain/stock.py's."""

    document_id: str  # rises with time
    kind: str
    state: str
    number: str  # as on the paper; "" for none
    other_store: str  # the supplier or the other end of a transfer
    direction: str  # "in" | "out" of a transfer, otherwise ""
    reason: str
    note: str
    operator_id: str
    at_ms: int
    moved_at_ms: int  # when it changed what is on hand; 0: not yet
    reverses: str  # the document this one takes back, or ""


@dataclass(frozen=True, slots=True)
class Movement:
    """One change of what is on hand. `kind` is a document's, "sold" or "returned"."""

    at_ms: int
    kind: str
    quantity: int
    document_id: str  # of the stock document or sale
    number: str


def move(sold: Sequence[tuple[str, int]]) -> None:
    """Take pieces off what is on hand, inside the sale's transaction.

    Pieces below zero come back. An article that no document has named is not kept: nothing is moved.
    """
    LEDGER.execute_many("UPDATE stock SET on_hand = on_hand - ?2 WHERE sku = ?1", sold)


def add(lines: Sequence[Line]) -> None:
    """Put a document's changes on what is on hand, inside its transaction; from now on its articles are
    kept."""
    LEDGER.execute_many(
        "INSERT INTO stock (sku, on_hand) VALUES (?, ?)"
        " ON CONFLICT (sku) DO UPDATE SET on_hand = on_hand + excluded.on_hand",
        [(line.sku, line.quantity) for line in lines],
    )


def on_hand(skus: Iterable[str]) -> dict[str, int]:
    """The pieces of those articles that are kept."""
    rows = LEDGER.execute_sql(
        "SELECT sku, on_hand FROM stock WHERE sku IN (SELECT value FROM json_each(?))",
        (json.dumps(list(skus)),),
    )
    return dict(rows.fetchall())


def create(document: Document, lines: Sequence[Line]) -> None:
    d = document
    LEDGER.execute_sql(
        f"INSERT INTO stock_document ({_DOCUMENT}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            *(d.document_id, d.kind, d.state, d.number, d.other_store, d.direction, d.reason, d.note),
            *(d.operator_id, d.at_ms, d.moved_at_ms, d.reverses),
        ),
    )
    put_lines(document.document_id, lines)


def put_lines(document_id: str, lines: Sequence[Line], looked_seq: int = 0) -> None:
    """Add lines to a document, or set those that it has; new ones come last.

    `looked_seq` is the journal's newest row when a count looked at the articles.
    """
    taken = LEDGER.execute_sql(
        "SELECT COALESCE(MAX(n), 0) FROM stock_line WHERE document_id = ?", (document_id,)
    ).fetchone()[0]
    LEDGER.execute_many(
        "INSERT INTO stock_line (document_id, sku, n, quantity, expected, found, moved, looked_seq)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (document_id, sku) DO UPDATE SET"
        " quantity = excluded.quantity, expected = excluded.expected, found = excluded.found,"
        " moved = excluded.moved, looked_seq = excluded.looked_seq",
        [
            (
                *(document_id, line.sku, taken + n, line.quantity),
                *(line.expected, line.found, line.moved, looked_seq),
            )
            for n, line in enumerate(lines, 1)
        ],
    )


def by_id(document_id: str) -> Document | None:
    row = LEDGER.execute_sql(
        f"SELECT {_DOCUMENT} FROM stock_document WHERE document_id = ?", (document_id,)
    ).fetchone()
    return Document(*row) if row else None


def lines_of(document_id: str) -> list[Line]:
    rows = LEDGER.execute_sql(
        "SELECT sku, quantity, expected, found, moved FROM stock_line WHERE document_id = ? ORDER BY n",
        (document_id,),
    )
    return [Line(*row) for row in rows]


def line_of(document_id: str, sku: str) -> Line | None:
    row = LEDGER.execute_sql(
        "SELECT sku, quantity, expected, found, moved FROM stock_line WHERE document_id = ? AND sku = ?",
        (document_id, sku),
    ).fetchone()
    return Line(*row) if row else None


def standing(kind: str, number: str, other_store: str) -> Document | None:
    """The document of this paper that was not taken back."""
    row = LEDGER.execute_sql(
        f"SELECT {_DOCUMENT} FROM stock_document WHERE kind = ? AND number = ? AND other_store = ?"
        " AND state NOT IN ('cancelled', 'reversed') AND reverses = '' LIMIT 1",
        (kind, number, other_store),
    ).fetchone()
    return Document(*row) if row else None


def set_state(document_id: str, state: str, moved_at_ms: int = 0) -> None:
    """`moved_at_ms` where the new state has changed what is on hand."""
    LEDGER.execute_sql(
        "UPDATE stock_document SET state = ?, moved_at_ms = COALESCE(NULLIF(?, 0), moved_at_ms)"
        " WHERE document_id = ?",
        (state, moved_at_ms, document_id),
    )


def documents(*, state: str = "", before: str = "") -> list[tuple[Document, int, int]]:
    """(document, articles, pieces moved) of one page, newest first."""
    rows = LEDGER.execute_sql(
        f"SELECT {', '.join(f'd.{name}' for name in _DOCUMENT.split(', '))},"
        " COUNT(l.sku), COALESCE(SUM(l.quantity), 0) FROM stock_document d"
        " LEFT JOIN stock_line l ON l.document_id = d.document_id"
        " WHERE (? = '' OR d.state = ?) AND (? = '' OR d.document_id < ?)"
        f" GROUP BY d.document_id ORDER BY d.document_id DESC LIMIT {PAGE:d}",
        (state, state, before, before),
    )
    return [(Document(*row[:-2]), row[-2], row[-1]) for row in rows]


def movements(sku: str, limit: int = PAGE) -> list[Movement]:
    """The newest changes of one article, newest first: documents and sales."""
    papers = LEDGER.execute_sql(
        "SELECT d.moved_at_ms, d.kind, l.quantity, d.document_id, d.number FROM stock_line l"
        " JOIN stock_document d ON d.document_id = l.document_id"
        " WHERE l.sku = ? AND l.quantity <> 0 ORDER BY d.document_id DESC LIMIT ?",
        (sku, limit),
    )
    sales = LEDGER.execute_sql(
        "SELECT s.ended_at_ms, CASE WHEN SUM(l.quantity) < 0 THEN 'returned' ELSE 'sold' END,"
        " -SUM(l.quantity), s.sale_id, s.number FROM sale_line l JOIN sale s ON s.sale_id = l.sale_id"
        " WHERE l.sku = ? AND l.voided = 0 GROUP BY l.sale_id ORDER BY l.sale_id DESC LIMIT ?",
        (sku, limit),
    )
    found = [Movement(*row) for row in (*papers, *sales)]
    return sorted(found, key=lambda movement: movement.at_ms, reverse=True)[:limit]


def sold_since_look(count_id: str) -> dict[str, int]:
    """Pieces of a count's articles that were sold after it had looked at them, less those that came back.

    Ids rise with time: only sales after the count's beginning are read.
    """
    rows = LEDGER.execute_sql(
        "SELECT l.sku, SUM(s.quantity) FROM sale p JOIN sale_line s ON s.sale_id = p.sale_id"
        " JOIN stock_line l ON l.document_id = ? AND l.sku = s.sku"
        " WHERE p.sale_id > ? AND p.journal_seq > l.looked_seq AND s.voided = 0 GROUP BY l.sku",
        (count_id, count_id),
    )
    return dict(rows.fetchall())


def kept_beyond(document_id: str) -> list[tuple[str, int]]:
    """(sku, on hand) of the articles with anything on hand that this document does not name."""
    rows = LEDGER.execute_sql(
        "SELECT sku, on_hand FROM stock WHERE on_hand <> 0 AND sku NOT IN"
        " (SELECT sku FROM stock_line WHERE document_id = ?) ORDER BY sku",
        (document_id,),
    )
    return [(sku, pieces) for sku, pieces in rows]


class _Moved(msgspec.Struct):
    item_id: str
    quantity: int


class _Fact(msgspec.Struct):
    document_id: str
    line_items: tuple[_Moved, ...]
    direction: str = ""


class _Envelope(msgspec.Struct):
    data: _Fact


_read_fact = msgspec.json.Decoder(_Envelope).decode


def differences() -> list[str]:
    """Every article whose pieces on hand, and every document whose lines, are not the journal's.

    On hand is all that documents put there, less what was sold since the first of them. The sales' own
    lines are held against the journal elsewhere.
    """
    wrong: list[str] = []
    held: dict[str, int] = {}
    since: dict[str, int] = {}
    moved: dict[tuple[str, str], int] = {}
    for seq, body in LEDGER.execute_sql(
        "SELECT seq, body FROM journal WHERE type >= 'stock.' AND type < 'stock/' ORDER BY seq"
    ):
        try:
            fact = _read_fact(body).data
        except (msgspec.MsgspecError, TypeError) as error:
            wrong.append(f"journal {seq} tells of no stock: {error}")
            continue
        for line in fact.line_items:
            if fact.direction and not line.quantity:
                continue  # a transfer that is announced, or whose goods were counted elsewhere
            since.setdefault(line.item_id, seq)
            held[line.item_id] = held.get(line.item_id, 0) + line.quantity
            key = (fact.document_id, line.item_id)
            moved[key] = moved.get(key, 0) + line.quantity
    for sku, seq, pieces in LEDGER.execute_sql(
        "SELECT l.sku, s.journal_seq, l.quantity FROM sale_line l JOIN sale s ON s.sale_id = l.sale_id"
        " WHERE l.voided = 0"
    ):
        if seq > since.get(sku, seq):
            held[sku] -= pieces
    stored = dict(LEDGER.execute_sql("SELECT sku, on_hand FROM stock").fetchall())
    lines = {
        (document_id, sku): pieces
        for document_id, sku, pieces in LEDGER.execute_sql(
            "SELECT document_id, sku, quantity FROM stock_line"
            " WHERE quantity <> 0 OR document_id IN (SELECT document_id FROM stock_document"
            " WHERE moved_at_ms > 0 AND direction = '')"
        )
    }
    return wrong + _unlike("stock", stored, held) + _unlike("stock_line", lines, moved)


def _unlike(table: str, stored: Mapping[Any, int], told: Mapping[Any, int]) -> list[str]:
    return [
        f"{table} {key!r}: {stored.get(key)} but journal {told.get(key)}"
        for key in sorted({*stored, *told}, key=repr)
        if stored.get(key) != told.get(key)
    ]
