"""What a table that was read would change in the catalogue or on the shelf, or why it cannot."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from services.domain.imports import ARTICLES, BAD_MAX, PRICES, UNSAID, Bad, Row, Table
from services.domain.money import Money, written
from services.domain.tax import percent

_LETTERS = ("XXXS", "XXS", "XS", "S", "M", "L", "XL", "XXL", "2XL", "XXXL", "3XL", "4XL", "5XL")
_NUMBER = re.compile(r"[0-9]{1,4}")
_SHORT = re.compile(r"[A-Za-z0-9.]{1,8}")
# The last letter of a colour's name -> its token; a new article can be seen before anybody chooses one.
_SWATCHES = {
    **{"白": "white", "杏": "sand", "米": "sand", "驼": "sand", "卡": "sand", "麦": "sand"},
    **{"黑": "black", "灰": "mist", "蓝": "denim", "青": "denim", "红": "brick", "橙": "brick"},
    **{"粉": "rose", "紫": "rose", "绿": "olive", "黄": "sand", "棕": "brick", "咖": "brick"},
}


class HeldStyle(NamedTuple):
    style: str
    name: str
    category: str  # a key
    garment: str
    initials: str
    rank: int
    tax_bp: int | None = None  # None: the shop's rate


class HeldArticle(NamedTuple):
    sku: str
    style: str
    gtin: str
    colour: str
    swatch: str
    size: str
    colour_rank: int
    size_rank: int
    price_minor: int


@dataclass(frozen=True, slots=True)
class Held:
    """The catalogue as it is, and what is on hand of the articles that are kept."""

    categories: tuple[tuple[str, str], ...]  # (key, name)
    styles: Mapping[str, HeldStyle]
    articles: Mapping[str, HeldArticle]
    on_hand: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Created:
    line: int
    sku: str
    name: str
    variant: str
    price_minor: int


@dataclass(frozen=True, slots=True)
class Change:
    """One field of one article, or of a style: then `sku` is the style's number."""

    line: int
    sku: str
    name: str
    field: str
    old: str
    new: str


@dataclass(slots=True)
class Plan:
    """What to write, and what to tell people before."""

    created: list[Created] = field(default_factory=list)
    changed: list[Change] = field(default_factory=list)
    unchanged: int = 0  # rows that say what is so already
    bad: list[Bad] = field(default_factory=list)
    bad_rows: int = 0
    styles: dict[str, HeldStyle] = field(default_factory=dict)
    articles: dict[str, HeldArticle] = field(default_factory=dict)
    stock: dict[str, int] = field(default_factory=dict)  # sku -> pieces to be on hand


class _Refused(Exception):
    def __init__(self, column: str, reason: str, value: str = "", other: str = "") -> None:
        super().__init__(reason)
        self.column, self.reason, self.value, self.other = column, reason, value, other


def plan(table: Table, held: Held, currency: str) -> Plan:
    """Compare every row with what the shop has. A plan with bad rows is never carried out."""
    made = Plan(bad=list(table.bad), bad_rows=table.bad_rows)
    take: _Articles | _Prices | _Pieces
    if table.kind == ARTICLES:
        take = _Articles(made, held, currency)
    else:
        take = (_Prices if table.kind == PRICES else _Pieces)(made, held, currency)
    for row in table.rows:
        try:
            take.row(row)
        except _Refused as refused:
            made.bad_rows += 1
            if len(made.bad) < BAD_MAX:
                made.bad.append(Bad(row.line, refused.column, refused.reason, refused.value, refused.other))
    take.finish()
    made.bad.sort(key=lambda bad: bad.line)
    return made


class _Taking:
    """What every kind needs: finding the articles a row means."""

    def __init__(self, made: Plan, held: Held, currency: str) -> None:
        self.plan, self.held, self.currency = made, held, currency
        self.by_gtin = {a.gtin: a.sku for a in held.articles.values() if a.gtin}
        self.by_style: dict[str, list[HeldArticle]] = {}
        for article in held.articles.values():
            self.by_style.setdefault(article.style, []).append(article)
        self.touched: dict[str, int] = {}  # sku -> the line that named it

    def finish(self) -> None:
        """After the last row."""

    def meant(self, row: Row) -> list[HeldArticle]:
        """The articles that number, barcode, or style with colour and size name. Raises _Refused."""
        if row.sku:
            found = [self.held.articles[row.sku]] if row.sku in self.held.articles else []
        elif row.gtin:
            sku = self.by_gtin.get(row.gtin)
            found = [self.held.articles[sku]] if sku else []
        else:
            found = [
                article
                for article in self.by_style.get(row.style, ())
                if row.colour in ("", article.colour) and row.size in ("", article.size)
            ]
        if not found:
            raise _Refused("", "article_unknown", row.sku or row.gtin or row.style)
        return found

    def touch(self, sku: str, line: int) -> None:
        first = self.touched.setdefault(sku, line)
        if first != line:
            raise _Refused("", "twice", sku, str(first))

    def price(self, minor: int) -> str:
        return written(Money(minor, self.currency))

    def name(self, article: HeldArticle) -> str:
        style = self.plan.styles.get(article.style) or self.held.styles.get(article.style)
        variant = " / ".join(part for part in (article.colour, article.size) if part)
        return " ".join(part for part in (style.name if style else "", variant) if part)

    def changed(self, line: int, article: HeldArticle, what: str, old: str, new: str) -> None:
        self.plan.changed.append(Change(line, article.sku, self.name(article), what, old, new))


class _Prices(_Taking):
    def row(self, row: Row) -> None:
        if row.price_minor < 0:
            raise _Refused("price", "required")
        found = self.meant(row)
        for article in found:
            self.touch(article.sku, row.line)
        for article in found:
            if article.price_minor != row.price_minor:
                old, new = self.price(article.price_minor), self.price(row.price_minor)
                self.changed(row.line, article, "price", old, new)
                self.plan.articles[article.sku] = article._replace(price_minor=row.price_minor)
        self.plan.unchanged += all(article.price_minor == row.price_minor for article in found)


class _Pieces(_Taking):
    def row(self, row: Row) -> None:
        if row.quantity < 0:
            raise _Refused("quantity", "required")
        found = self.meant(row)
        if len(found) > 1:
            raise _Refused("", "ambiguous", row.style)
        (article,) = found
        self.touch(article.sku, row.line)
        on_hand = self.held.on_hand.get(article.sku)
        if on_hand == row.quantity:
            self.plan.unchanged += 1
            return
        old = "" if on_hand is None else str(on_hand)
        self.changed(row.line, article, "quantity", old, str(row.quantity))
        self.plan.stock[article.sku] = row.quantity


class _Articles(_Taking):
    def __init__(self, made: Plan, held: Held, currency: str) -> None:
        super().__init__(made, held, currency)
        self.by_variant = {(a.style, a.colour, a.size): a.sku for a in held.articles.values()}
        self.categories = {each: key for key, name in held.categories for each in (name, key)}
        self.rank = max((style.rank for style in held.styles.values()), default=-1)
        self.sizes: dict[str, list[str]] = {}  # of a style that gets new articles, in the file's order
        self.colours: dict[str, list[str]] = {}

    def row(self, row: Row) -> None:
        sku = self._sku(row)
        self.touch(sku, row.line)
        self._free(row, sku)
        before = len(self.plan.changed)
        article = self.held.articles.get(sku)
        style = self._style(row)
        if article is None:
            if row.price_minor < 0:
                raise _Refused("price", "required")
            self._create(row, sku, style)
        else:
            self._update(row, article, style)
            self.plan.unchanged += len(self.plan.changed) == before

    def _sku(self, row: Row) -> str:
        """The row's article: by number, barcode, or variant; a new number for one that is new."""
        if not row.style:
            raise _Refused("style", "required")
        variant = self.by_variant.get((row.style, row.colour, row.size))
        named = row.sku or self.by_gtin.get(row.gtin, "") or variant
        sku = named or new_sku(row.style, row.colour, row.size)
        held = self.held.articles.get(sku)
        if held and not named:
            raise _Refused("sku", "number_taken", sku)
        if held and held.style != row.style:
            raise _Refused("style", "other_style", row.style, held.style)
        return sku

    def _free(self, row: Row, sku: str) -> None:
        """Neither the barcode nor the variant is another article's."""
        owner = self.by_gtin.get(row.gtin, sku) if row.gtin else sku
        if owner != sku:
            raise _Refused("gtin", "gtin_taken", row.gtin, owner)
        held = self.held.articles.get(sku)
        colour, size = (
            (row.colour or held.colour, row.size or held.size) if held else (row.colour, row.size)
        )
        owner = self.by_variant.setdefault((row.style, colour, size), sku)
        if owner != sku:
            raise _Refused("size", "variant_taken", f"{colour} / {size}", owner)

    def _style(self, row: Row) -> HeldStyle:
        """The row's style as it shall be; its changes are told once."""
        held = self.plan.styles.get(row.style) or self.held.styles.get(row.style)
        category = self._category(row, held)
        name = row.name or (held.name if held else "")
        if not name:
            raise _Refused("name", "required")
        garment = row.garment or (held.garment if held else "")
        if held is None:
            self.rank += 1
            rate = None if row.tax_bp == UNSAID else row.tax_bp
            made = HeldStyle(row.style, name, category, garment, row.initials, self.rank, rate)
        else:
            initials = row.initials if name != held.name else held.initials
            rate = held.tax_bp if row.tax_bp == UNSAID else row.tax_bp
            made = HeldStyle(row.style, name, category, garment, initials, held.rank, rate)
            for what, old, new in (
                ("name", held.name, name),
                ("category", held.category, category),
                ("garment", held.garment, garment),
                ("tax", _rate(held.tax_bp), _rate(rate)),
            ):
                if old != new:
                    self.plan.changed.append(Change(row.line, row.style, name, what, old, new))
        if made != held:
            self.plan.styles[row.style] = made
        return made

    def _category(self, row: Row, held: HeldStyle | None) -> str:
        if held and row.category in ("", held.category):
            return held.category
        if not row.category:
            raise _Refused("category", "required")
        key = self.categories.get(row.category)
        if key is None:
            raise _Refused("category", "category_unknown", row.category)
        return key

    def _create(self, row: Row, sku: str, style: HeldStyle) -> None:
        swatch = row.swatch or swatch_of(row.colour)
        made = HeldArticle(*(sku, row.style, row.gtin, row.colour, swatch, row.size, 0, 0, row.price_minor))
        self._seen(row.style, row.colour, row.size)
        self.plan.articles[sku] = made
        variant = " / ".join(part for part in (row.colour, row.size) if part)
        self.plan.created.append(Created(row.line, sku, style.name, variant, row.price_minor))

    def _update(self, row: Row, held: HeldArticle, style: HeldStyle) -> None:
        made = held._replace(
            gtin=row.gtin or held.gtin,
            colour=row.colour or held.colour,
            swatch=row.swatch or held.swatch,
            size=row.size or held.size,
            price_minor=row.price_minor if row.price_minor >= 0 else held.price_minor,
        )
        if made == held:
            return
        for what in ("gtin", "colour", "swatch", "size"):
            old, new = getattr(held, what), getattr(made, what)
            if old != new:
                self.changed(row.line, made, what, old, new)
        if made.price_minor != held.price_minor:
            old, new = self.price(held.price_minor), self.price(made.price_minor)
            self.changed(row.line, made, "price", old, new)
        if (made.colour, made.size) != (held.colour, held.size):
            self._seen(row.style, made.colour, made.size)
        self.plan.articles[made.sku] = made

    def _seen(self, style: str, colour: str, size: str) -> None:
        """Remember that the style's colours and sizes are to be put in order."""
        for places, value in ((self.colours, colour), (self.sizes, size)):
            known = places.setdefault(style, [])
            if value not in known:
                known.append(value)

    def finish(self) -> None:
        """Order the colours and sizes of styles that got others: colours as they came, sizes by size."""
        new: dict[str, list[HeldArticle]] = {}
        for article in self.plan.articles.values():
            new.setdefault(article.style, []).append(article)
        for style in self.sizes:
            members = {a.sku: a for a in (*self.by_style.get(style, ()), *new[style])}
            kept = sorted(self.by_style.get(style, ()), key=lambda article: article.colour_rank)
            colours = list(dict.fromkeys([*(a.colour for a in kept), *self.colours[style]]))
            sizes = sorted({a.size for a in members.values()}, key=size_order)
            for sku, article in members.items():
                ranked = article._replace(
                    colour_rank=colours.index(article.colour), size_rank=sizes.index(article.size)
                )
                if ranked != self.held.articles.get(sku):
                    self.plan.articles[sku] = ranked


def _rate(tax_bp: int | None) -> str:
    return "" if tax_bp is None else percent(tax_bp)


def size_order(size: str) -> tuple[int, int, str]:
    upper = size.upper()
    if upper in _LETTERS:
        return 0, _LETTERS.index(upper), ""
    return (1, int(size), "") if _NUMBER.fullmatch(size) else (2, 0, size)


def swatch_of(colour: str) -> str:
    """The token of a colour by its name's last telling letter."""
    return next((_SWATCHES[letter] for letter in reversed(colour) if letter in _SWATCHES), "mist")


def new_sku(style: str, colour: str, size: str) -> str:
    """The same number for the same variant whenever it is made: style, colour, size."""
    parts = [style, _code(colour), _code(size)]
    return "-".join(part for part in parts if part)[:64]


def _code(text: str) -> str:
    if not text or _SHORT.fullmatch(text):
        return text
    return base64.b32encode(hashlib.sha256(text.encode()).digest())[:4].decode()
