"""Articles with what is on hand of each, as the back office lists, searches and exports them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass

from services.store.db import LEDGER

PAGE = 50  # articles of one look

_COLUMNS = (
    "a.sku, a.style, s.name, s.category, s.garment, a.colour, a.swatch, a.size, a.gtin, a.price_minor,"
    " k.on_hand, s.rank, a.colour_rank, a.size_rank, s.tax_bp"
)
_FROM = "FROM article a JOIN style s ON s.style = a.style LEFT JOIN stock k ON k.sku = a.sku"
Place = tuple[int, int, int, str]  # by the rank of the style, then colour, size, number
START: Place = (-1, -1, -1, "")
_LEVELS = {  # a filter -> its condition; the bound value is the reorder point
    "": "?1 IS NOT NULL",
    "low": "k.on_hand <= ?1",
    "out": "k.on_hand <= 0 AND ?1 IS NOT NULL",
    "kept": "k.on_hand IS NOT NULL AND ?1 IS NOT NULL",
}
LEVELS = tuple(_LEVELS)


@dataclass(frozen=True, slots=True)
class Shelved:
    """One article and its place in the list."""

    sku: str
    style: str
    name: str
    category: str
    garment: str
    colour: str
    swatch: str
    size: str
    gtin: str
    price_minor: int
    on_hand: int | None  # None: no stock is kept of it
    rank: int
    colour_rank: int
    size_rank: int
    tax_bp: int | None  # of its style; None: the shop's

    @property
    def place(self) -> Place:
        return self.rank, self.colour_rank, self.size_rank, self.sku


def page(
    *, query: str, level: str, reorder_point: int, after: Place = START, limit: int = PAGE
) -> list[Shelved]:
    """Articles in the catalogue's order, after the place `after`.

    `query` is matched like the catalogue's: the beginning of a style or article number, a barcode, any
    part of the name or of its initials; "" matches all.
    """
    where = (
        "(?2 = '' OR substr(a.sku, 1, length(?2)) = ?2 OR substr(a.style, 1, length(?2)) = ?2"
        " OR instr(s.name, ?2) > 0 OR instr(s.initials, lower(?2)) > 0"
        " OR (a.gtin <> '' AND a.gtin = ?3))"
    )
    rows = LEDGER.execute_sql(
        f"SELECT {_COLUMNS} {_FROM} WHERE {_LEVELS[level]} AND {where}"
        " AND (s.rank, a.colour_rank, a.size_rank, a.sku) > (?4, ?5, ?6, ?7)"
        " ORDER BY s.rank, a.colour_rank, a.size_rank, a.sku LIMIT ?8",
        (reorder_point, query, query.zfill(14), *after, limit),
    )
    return [Shelved(*row) for row in rows]


def one(sku: str) -> Shelved | None:
    row = LEDGER.execute_sql(f"SELECT {_COLUMNS} {_FROM} WHERE a.sku = ?", (sku,)).fetchone()
    return Shelved(*row) if row else None


def several(skus: list[str]) -> dict[str, Shelved]:
    """Those of these articles that are in the catalogue."""
    rows = LEDGER.execute_sql(
        f"SELECT {_COLUMNS} {_FROM} WHERE a.sku IN (SELECT value FROM json_each(?))", (json.dumps(skus),)
    )
    return {row[0]: Shelved(*row) for row in rows}


def everything() -> Iterator[Shelved]:
    """All articles in the catalogue's order: by style, colour, size."""
    rows = LEDGER.execute_sql(
        f"SELECT {_COLUMNS} {_FROM} ORDER BY s.rank, s.style, a.colour_rank, a.size_rank, a.sku"
    )
    for row in rows:
        yield Shelved(*row)


def counts(reorder_point: int) -> tuple[int, int, int]:
    """(articles, of which running out or gone, of which gone)."""
    row = LEDGER.execute_sql(
        "SELECT COUNT(*), SUM(k.on_hand <= ?), SUM(k.on_hand <= 0) FROM article a"
        " LEFT JOIN stock k ON k.sku = a.sku",
        (reorder_point,),
    ).fetchone()
    return row[0], row[1] or 0, row[2] or 0
