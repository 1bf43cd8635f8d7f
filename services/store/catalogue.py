"""Articles: styles with their colour and size variants, prices, and how a cashier finds them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from peewee import IntegerField, TextField

from services.store import prices, stock
from services.store.db import LEDGER, Row, tuples

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
    category: str = ""
    tax_bp: int | None = None  # of its style; None: the shop's

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
    on_hand: tuple[int | None, ...]  # of each variant; None for one that is not kept
    sizes: tuple[str, ...]  # of each variant, in the same order


class CategoryRow(Row):
    key = TextField(primary_key=True)
    name = TextField()
    name_en = TextField()
    rank = IntegerField()

    class Meta:
        table_name = "category"
        without_rowid = True


class StyleRow(Row):
    style = TextField(primary_key=True)
    name = TextField()
    category = TextField()
    garment = TextField()
    initials = TextField()  # pinyin initials of the name, lower case, made at import
    rank = IntegerField()  # place in the grid; best sellers first
    tax_bp = IntegerField(null=True)  # None: the shop's rate

    class Meta:
        table_name = "style"
        without_rowid = True


class ArticleRow(Row):
    sku = TextField(primary_key=True)
    style = TextField()
    gtin = TextField()
    colour = TextField()
    swatch = TextField()
    size = TextField()
    colour_rank = IntegerField()
    size_rank = IntegerField()
    price_minor = IntegerField()

    class Meta:
        table_name = "article"
        without_rowid = True


# Every scan asks these two: fixed texts, prepared once; building the query costs ten times its run.
_ONE = (
    "SELECT a.sku, a.style, s.name, s.garment, a.colour, a.swatch, a.size, a.gtin, a.price_minor,"
    " s.category, s.tax_bp FROM article a JOIN style s ON s.style = a.style WHERE "
)


def by_gtin(gtin: str) -> Article | None:
    return _one(f"{_ONE} a.gtin = ? AND a.gtin <> ''", gtin)


def by_sku(sku: str) -> Article | None:
    return _one(f"{_ONE} a.sku = ?", sku)


def by_skus(skus: Iterable[str]) -> dict[str, Article]:
    """The articles with these numbers, in one query; one that is gone is left out."""
    found = _articles().where(ArticleRow.sku.in_(list(skus)))
    return {row[0]: Article(*row) for row in tuples(found)}


def variants(style: str, at_ms: int = 0) -> list[Article]:
    """All variants of one style, by colour, then size; with `at_ms` at the prices of that moment."""
    query = _articles().where(ArticleRow.style == style)
    rows = tuples(query.order_by(ArticleRow.colour_rank, ArticleRow.size_rank))
    found = [Article(*row) for row in rows]
    listed = prices.standing([article.sku for article in found], at_ms) if at_ms else {}
    return [replace(a, price_minor=listed.get(a.sku, a.price_minor)) for a in found] if listed else found


def categories(language: str = "zh") -> list[tuple[str, str]]:
    """(key, name) in the order of the tabs; a name in "en" where there is one."""
    columns = CategoryRow.key, CategoryRow.name, CategoryRow.name_en
    rows = tuples(CategoryRow.select(*columns).order_by(CategoryRow.rank))
    return [(key, english if english and language == "en" else name) for key, name, english in rows]


def styles(*, category: str = "", query: str = "", after_rank: int = -1, at_ms: int = 0) -> list[Style]:
    """One page of tiles by rank, with `at_ms` at the prices of that moment.

    `query` matches the style number's beginning, any part of the initials or of the name, or a whole
    article number or barcode; "" matches all.
    """
    found = StyleRow.select(
        StyleRow.style, StyleRow.name, StyleRow.category, StyleRow.garment, StyleRow.rank
    ).where(StyleRow.rank > after_rank)
    if category:
        found = found.where(StyleRow.category == category)
    if query:
        exact = ArticleRow.select(ArticleRow.style).where(
            (ArticleRow.sku == query) | ((ArticleRow.gtin == query.zfill(14)) & (ArticleRow.gtin != ""))
        )
        found = found.where(
            StyleRow.style.startswith(query)
            | StyleRow.initials.contains(query.lower())
            | StyleRow.name.contains(query)
            | StyleRow.style.in_(exact)
        )
    page = tuples(found.order_by(StyleRow.rank).limit(PAGE))
    members = _by_style([style for style, *_ in page], at_ms)
    return [_tile(row, members[row[0]]) for row in page if row[0] in members]


def tiles(wanted: Sequence[str], at_ms: int) -> dict[str, Style]:
    """By style, at the prices of that moment; one without a variant is left out."""
    columns = StyleRow.style, StyleRow.name, StyleRow.category, StyleRow.garment, StyleRow.rank
    rows = tuples(StyleRow.select(*columns).where(StyleRow.style.in_(list(wanted))))
    members = _by_style(list(wanted), at_ms)
    return {row[0]: _tile(row, members[row[0]]) for row in rows if row[0] in members}


def some(limit: int) -> list[Article]:
    """A few articles with barcodes, one of each style, for the counter page."""
    first = _articles().where(ArticleRow.gtin != "").group_by(ArticleRow.style).order_by(StyleRow.rank)
    return [Article(*row) for row in tuples(first.limit(limit))]


def put_category(key: str, name: str, rank: int, name_en: str = "") -> None:
    CategoryRow.insert(key=key, name=name, name_en=name_en, rank=rank).on_conflict_replace().execute()


def put_style(
    style: str,
    name: str,
    category: str,
    garment: str,
    initials: str,
    rank: int,
    tax_bp: int | None = None,
) -> None:
    StyleRow.insert(
        style=style,
        name=name,
        category=category,
        garment=garment,
        initials=initials,
        rank=rank,
        tax_bp=tax_bp,
    ).on_conflict_replace().execute()


def put_article(article: Article, colour_rank: int, size_rank: int) -> None:
    ArticleRow.insert(
        sku=article.sku,
        style=article.style,
        gtin=article.gtin,
        colour=article.colour,
        swatch=article.swatch,
        size=article.size,
        colour_rank=colour_rank,
        size_rank=size_rank,
        price_minor=article.price_minor,
    ).on_conflict_replace().execute()


def change_style(
    style: str, name: str, category: str, garment: str, initials: str, tax_bp: int | None
) -> None:
    """Change what a style is called, where it stands and how it is taxed; "" keeps the initials."""
    LEDGER.execute_sql(
        "UPDATE style SET name = ?, category = ?, garment = ?, tax_bp = ?,"
        " initials = CASE ? WHEN '' THEN initials ELSE ? END WHERE style = ?",
        (name, category, garment, tax_bp, initials, initials, style),
    )


def set_price(sku: str, price_minor: int) -> None:
    LEDGER.execute_sql("UPDATE article SET price_minor = ? WHERE sku = ?", (price_minor, sku))


def last_rank() -> int:
    """The place of the last style in the grid; 0 without any."""
    return int(LEDGER.execute_sql("SELECT COALESCE(MAX(rank), 0) FROM style").fetchone()[0])


def count() -> int:
    return int(ArticleRow.select().count())


def _articles() -> Any:
    """The query behind every Article, in the order of its fields."""
    return ArticleRow.select(
        ArticleRow.sku,
        ArticleRow.style,
        StyleRow.name,
        StyleRow.garment,
        ArticleRow.colour,
        ArticleRow.swatch,
        ArticleRow.size,
        ArticleRow.gtin,
        ArticleRow.price_minor,
        StyleRow.category,
        StyleRow.tax_bp,
    ).join(StyleRow, on=(StyleRow.style == ArticleRow.style))


def _one(sql: str, key: str) -> Article | None:
    row = LEDGER.execute_sql(sql, (key,)).fetchone()
    return Article(*row) if row else None


def _by_style(styles: list[str], at_ms: int) -> dict[str, list[tuple[Any, ...]]]:
    """style -> its variants as (sku, colour, swatch, size, size rank, price, on hand), by colour, then
    size."""
    rows = ArticleRow.select(
        ArticleRow.style,
        ArticleRow.sku,
        ArticleRow.colour,
        ArticleRow.swatch,
        ArticleRow.size,
        ArticleRow.size_rank,
        ArticleRow.price_minor,
    ).where(ArticleRow.style.in_(styles))
    members = tuples(rows.order_by(ArticleRow.colour_rank, ArticleRow.size_rank))
    skus = [sku for _, sku, *_ in members]
    held = stock.on_hand(skus)
    listed = prices.standing(skus, at_ms) if at_ms else {}
    found: dict[str, list[tuple[Any, ...]]] = {}
    for style, *variant, price_minor in members:
        sku = variant[0]
        now = listed.get(sku, price_minor)
        found.setdefault(style, []).append((*variant, now, held.get(sku)))
    return found


def _tile(row: tuple[Any, ...], members: list[tuple[Any, ...]]) -> Style:
    style, name, category, garment, rank = row
    by_size = sorted(members, key=lambda variant: int(variant[4]))
    return Style(
        style,
        name,
        category,
        garment,
        rank,
        members[0][2],
        len({variant[1] for variant in members}),
        by_size[0][3],
        by_size[-1][3],
        min(variant[5] for variant in members),
        members[0][0] if len(members) == 1 else "",
        tuple(variant[6] for variant in members),
        tuple(variant[3] for variant in members),
    )
