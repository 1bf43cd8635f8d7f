"""The whole catalogue as one value, and many rows of it written at once."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass

import msgspec

from services.domain.import_plan import Held, HeldArticle, HeldStyle
from services.store.db import LEDGER

_CATEGORIES = "SELECT key, name FROM category ORDER BY rank, key"
_STYLES = "SELECT style, name, category, garment, initials, rank, tax_bp FROM style ORDER BY style"
_ARTICLES = (
    "SELECT sku, style, gtin, colour, swatch, size, colour_rank, size_rank, price_minor"
    " FROM article ORDER BY sku"
)


@dataclass(frozen=True, slots=True)
class Snapshot:
    """`version` changes with anything in the catalogue, and with nothing else."""

    held: Held
    version: str


def snapshot() -> Snapshot:
    rows = [LEDGER.execute_sql(query).fetchall() for query in (_CATEGORIES, _STYLES, _ARTICLES)]
    categories, styles, articles = rows
    held = Held(
        categories=tuple(categories),
        styles={row[0]: HeldStyle(*row) for row in styles},
        articles={row[0]: HeldArticle(*row) for row in articles},
        on_hand=dict(LEDGER.execute_sql("SELECT sku, on_hand FROM stock").fetchall()),
    )
    return Snapshot(held, _version(rows))


def version() -> str:
    """The catalogue's, as it is now; inside a transaction nobody changes it any more."""
    return _version([LEDGER.execute_sql(query).fetchall() for query in (_CATEGORIES, _STYLES, _ARTICLES)])


def _version(rows: list[list[tuple[object, ...]]]) -> str:
    return hashlib.sha256(msgspec.json.encode(rows)).hexdigest()


def put_styles(styles: Iterable[HeldStyle]) -> None:
    LEDGER.execute_many(
        "INSERT INTO style (style, name, category, garment, initials, rank, tax_bp)"
        " VALUES (?, ?, ?, ?, ?, ?, ?)"
        " ON CONFLICT (style) DO UPDATE SET name = excluded.name, category = excluded.category,"
        " garment = excluded.garment, initials = excluded.initials, rank = excluded.rank,"
        " tax_bp = excluded.tax_bp",
        list(styles),
    )


def put_articles(articles: Iterable[HeldArticle]) -> None:
    LEDGER.execute_many(
        "INSERT INTO article (sku, style, gtin, colour, swatch, size, colour_rank, size_rank, price_minor)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (sku) DO UPDATE SET style = excluded.style,"
        " gtin = excluded.gtin, colour = excluded.colour, swatch = excluded.swatch, size = excluded.size,"
        " colour_rank = excluded.colour_rank, size_rank = excluded.size_rank,"
        " price_minor = excluded.price_minor",
        list(articles),
    )
