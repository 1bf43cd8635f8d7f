"""Articles: styles with their colour and size variants, prices, and how a cashier finds them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from services.store.db import LEDGER

PAGE = 50  # styles of one page


@dataclass(frozen=True, slots=True)
class Article:
    """One variant with the name of its style."""

    sku: str
    style: str
    name: str
    garment: str
    colour: str
    swatch: str
    size: str
    gtin: str  # GTIN-14 or ""
    price_minor: int

    @property
    def variant(self) -> str:
        return f"{self.colour} / {self.size}"


@dataclass(frozen=True, slots=True)
class Style:
    """One tile: a style with what its variants have in common."""

    style: str
    name: str
    category: str
    garment: str
    rank: int
    swatch: str  # of its first colour
    colours: int
    first_size: str
    last_size: str
    price_minor: int  # the lowest
    only_sku: str  # "" when there is more than one variant


_ARTICLE = (
    "SELECT a.sku, a.style, s.name, s.garment, a.colour, a.swatch, a.size, a.gtin, a.price_minor"
    " FROM article a JOIN style s ON s.style = a.style"
)


def by_gtin(gtin: str) -> Article | None:
    return _one(f"{_ARTICLE} WHERE a.gtin = ?", gtin)


def by_sku(sku: str) -> Article | None:
    return _one(f"{_ARTICLE} WHERE a.sku = ?", sku)


def variants(style: str) -> list[Article]:
    """All variants of one style, by colour, then size."""
    rows = LEDGER.execute_sql(f"{_ARTICLE} WHERE a.style = ? ORDER BY colour_rank, size_rank", (style,))
    return [Article(*row) for row in rows]


def drawings(skus: Iterable[str]) -> dict[str, tuple[str, str]]:
    """sku -> (garment, swatch), for the lines of a basket."""
    wanted = list(skus)
    marks = ", ".join("?" * len(wanted))
    rows = LEDGER.execute_sql(
        f"SELECT a.sku, s.garment, a.swatch FROM article a JOIN style s ON s.style = a.style"
        f" WHERE a.sku IN ({marks})",
        wanted,
    )
    return {sku: (garment, swatch) for sku, garment, swatch in rows}


def categories() -> list[tuple[str, str]]:
    """(key, name) in the order of the tabs."""
    return [(str(k), str(n)) for k, n in LEDGER.execute_sql("SELECT key, name FROM category ORDER BY rank")]


def styles(*, category: str = "", query: str = "", after_rank: int = -1) -> list[Style]:
    """One page of tiles by rank. `query` matches the style number's or initials' beginning, any part of
    the name, or a whole sku or barcode; "" matches all."""
    where, values = ["s.rank > ?"], [str(after_rank)]
    if category:
        where.append("s.category = ?")
        values.append(category)
    if query:
        where.append(
            "(s.style LIKE ? ESCAPE '!' OR s.initials LIKE ? ESCAPE '!' OR s.name LIKE ? ESCAPE '!'"
            " OR s.style IN (SELECT style FROM article WHERE sku = ? OR gtin = ?))"
        )
        plain = _escaped(query)
        values += [f"{plain}%", f"%{plain.lower()}%", f"%{plain}%", query, query.zfill(14)]
    rows = LEDGER.execute_sql(
        "SELECT s.style, s.name, s.category, s.garment, s.rank,"
        " (SELECT swatch FROM article WHERE style = s.style ORDER BY colour_rank LIMIT 1),"
        " (SELECT COUNT(DISTINCT colour) FROM article WHERE style = s.style),"
        " (SELECT size FROM article WHERE style = s.style ORDER BY size_rank LIMIT 1),"
        " (SELECT size FROM article WHERE style = s.style ORDER BY size_rank DESC LIMIT 1),"
        " (SELECT MIN(price_minor) FROM article WHERE style = s.style),"
        " (SELECT CASE COUNT(*) WHEN 1 THEN MIN(sku) ELSE '' END FROM article WHERE style = s.style)"
        f" FROM style s WHERE {' AND '.join(where)}"
        " AND EXISTS (SELECT 1 FROM article WHERE style = s.style) ORDER BY s.rank LIMIT ?",
        [int(values[0]), *values[1:], PAGE],
    )
    return [Style(*row) for row in rows]


def some(limit: int) -> list[Article]:
    """A few articles with barcodes, one of each style, for the counter page."""
    rows = LEDGER.execute_sql(
        f"{_ARTICLE} WHERE a.gtin <> '' GROUP BY a.style HAVING MIN(a.colour_rank * 100 + a.size_rank) >= 0"
        " ORDER BY s.rank LIMIT ?",
        (limit,),
    )
    return [Article(*row) for row in rows]


def put_category(key: str, name: str, rank: int) -> None:
    LEDGER.execute_sql("INSERT OR REPLACE INTO category VALUES (?, ?, ?)", (key, name, rank))


def put_style(style: str, name: str, category: str, garment: str, initials: str, rank: int) -> None:
    LEDGER.execute_sql(
        "INSERT OR REPLACE INTO style VALUES (?, ?, ?, ?, ?, ?)",
        (style, name, category, garment, initials, rank),
    )


def put_article(article: Article, colour_rank: int, size_rank: int) -> None:
    LEDGER.execute_sql(
        "INSERT OR REPLACE INTO article VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            article.sku,
            article.style,
            article.gtin,
            article.colour,
            article.swatch,
            article.size,
            colour_rank,
            size_rank,
            article.price_minor,
        ),
    )


def count() -> int:
    return int(LEDGER.execute_sql("SELECT COUNT(*) FROM article").fetchone()[0])


def _one(sql: str, key: str) -> Article | None:
    row = LEDGER.execute_sql(sql, (key,)).fetchone()
    return Article(*row) if row else None


def _escaped(query: str) -> str:
    for special in "!%_":
        query = query.replace(special, f"!{special}")
    return query
