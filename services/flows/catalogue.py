"""Changing what the shop sells: a new style with its variants, other names, categories and prices."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from services.domain import days, gs1, import_plan, imports
from services.domain.errors import ArticleRefused, CodeMalformed, CodeUnknown
from services.domain.events import CatalogueChanged, FieldChange, NewVariant
from services.flows.record import record
from services.flows.shop import Shop
from services.store import catalogue, db, prices, requests
from services.store.catalogue import Article

VARIANTS_MAX = 300  # of one style


@dataclass(frozen=True, slots=True)
class Variant:
    """A place of the grid: `gtin` is an EAN-8 to GTIN-14 number, or "" for goods without a barcode."""

    colour: str
    size: str
    gtin: str = ""
    swatch: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewStyle:
    style: str
    name: str
    category: str
    garment: str
    price_minor: int
    variants: tuple[Variant, ...]
    tax_bp: int | None = None  # None: the shop's rate


@dataclass(frozen=True, slots=True, kw_only=True)
class StyleChange:
    """What is to be other than it is. `prices` are by article number; with `from_day` they begin on that
    business day, otherwise at once."""

    name: str
    category: str
    garment: str
    prices: Mapping[str, int]
    from_day: str = ""
    tax_bp: int | None = None  # at once, whatever the prices do; None: the shop's rate


def add_style(shop: Shop, new: NewStyle, *, operator_id: str, request_id: str) -> str:
    """Add a style with all its variants; its number. A repeat of `request_id` adds nothing again.

    Raises ArticleRefused, `reason` says why: style_known, category_unknown, variants_missing,
    variant_twice, gtin_bad, gtin_twice, gtin_known, sku_known.
    """
    asked = requests.fingerprint("add_style", repr(new))
    if (done := requests.answer(request_id, asked)) is not None:
        return done
    articles = _articles(new)
    initials = _initials(shop, new.name)
    with db.write():
        if (done := requests.answer(request_id, asked)) is not None:
            return done
        _check_free(new, articles)
        catalogue.put_style(
            *(new.style, new.name, new.category, new.garment, initials, catalogue.last_rank() + 1),
            new.tax_bp,
        )
        colours = list(dict.fromkeys(article.colour for article in articles))
        sizes = sorted({article.size for article in articles}, key=import_plan.size_order)
        for article in articles:
            catalogue.put_article(article, colours.index(article.colour), sizes.index(article.size))
        now_ms = shop.now_ms()
        event = CatalogueChanged(
            style=new.style,
            name=new.name,
            category=new.category,
            tax_bp=new.tax_bp,
            operator_id=operator_id,
            added=tuple(
                NewVariant(
                    sku=article.sku,
                    gtin=article.gtin,
                    variant=article.variant,
                    price_minor=article.price_minor,
                )
                for article in articles
            ),
        )
        record(shop, event, now_ms)
        requests.remember(request_id, asked, new.style, now_ms)
    return new.style


def change_style(
    shop: Shop, style: str, change: StyleChange, *, operator_id: str, request_id: str
) -> tuple[FieldChange, ...]:
    """Change a style; what was changed. An article in an open bag keeps the price and the rate of tax it
    had there.

    A repeat of `request_id` changes nothing. Raises CodeUnknown for a style or an article that is not
    there, ArticleRefused (`reason` category_unknown or day_past).
    """
    asked = requests.fingerprint("change_style", style, repr(change))
    if requests.answer(request_id, asked) is not None:
        return ()
    held = _held(style)
    initials = _initials(shop, change.name) if change.name != held[0].name else ""
    with db.write():
        if requests.answer(request_id, asked) is not None:
            return ()
        now_ms = shop.now_ms()
        changes = _renamed(style, change, initials) + _repriced(shop, style, change, now_ms)
        if changes:
            event = CatalogueChanged(
                style=style,
                name=change.name,
                category=change.category,
                tax_bp=change.tax_bp,
                operator_id=operator_id,
                changed=changes,
            )
            record(shop, event, now_ms)
        requests.remember(request_id, asked, style, now_ms)
    return changes


def _articles(new: NewStyle) -> tuple[Article, ...]:
    if not 0 < len(new.variants) <= VARIANTS_MAX:
        raise ArticleRefused("a style has 1 to 300 variants", reason="variants_missing")
    places = [(each.colour, each.size) for each in new.variants]
    if len(set(places)) < len(places):
        raise ArticleRefused("a colour and size twice", reason="variant_twice")
    articles = tuple(_article(new, each) for each in new.variants)
    gtins = [article.gtin for article in articles if article.gtin]
    twice = next((gtin for gtin in gtins if gtins.count(gtin) > 1), "")
    if twice:
        raise ArticleRefused("a barcode twice", reason="gtin_twice", gtin=twice)
    return articles


def _article(new: NewStyle, variant: Variant) -> Article:
    try:
        gtin = gs1.gtin14(variant.gtin) if variant.gtin else ""
    except CodeMalformed as error:
        raise ArticleRefused("this is no barcode number", reason="gtin_bad", gtin=variant.gtin) from error
    return Article(
        sku=import_plan.new_sku(new.style, variant.colour, variant.size),
        style=new.style,
        name=new.name,
        garment=new.garment,
        colour=variant.colour,
        swatch=variant.swatch or import_plan.swatch_of(variant.colour),
        size=variant.size,
        gtin=gtin,
        price_minor=new.price_minor,
        category=new.category,
    )


def _check_free(new: NewStyle, articles: Sequence[Article]) -> None:
    """Inside the transaction: nobody has taken the numbers meanwhile."""
    if catalogue.variants(new.style):
        raise ArticleRefused("there is a style of this number", reason="style_known", style=new.style)
    _check_category(new.category)
    for article in articles:
        if catalogue.by_sku(article.sku) is not None:
            raise ArticleRefused("there is an article of this number", reason="sku_known", sku=article.sku)
        if article.gtin and (other := catalogue.by_gtin(article.gtin)) is not None:
            raise ArticleRefused(
                "another article has this barcode", reason="gtin_known", gtin=article.gtin, sku=other.sku
            )


def _check_category(key: str) -> None:
    if key not in {known for known, _ in catalogue.categories()}:
        raise ArticleRefused("there is no such category", reason="category_unknown", category=key)


def _held(style: str) -> list[Article]:
    held = catalogue.variants(style)
    if not held:
        raise CodeUnknown("no article has this style number", data=style)
    return held


def _renamed(style: str, change: StyleChange, initials: str) -> tuple[FieldChange, ...]:
    held = _held(style)[0]
    if change.category != held.category:
        _check_category(change.category)
    pairs = (
        ("name", held.name, change.name),
        ("category", held.category, change.category),
        ("garment", held.garment, change.garment),
        ("tax_bp", _rate(held.tax_bp), _rate(change.tax_bp)),
    )
    changes = tuple(FieldChange(field=name, old=old, new=new) for name, old, new in pairs if old != new)
    if changes:
        catalogue.change_style(style, change.name, change.category, change.garment, initials, change.tax_bp)
    return changes


def _rate(tax_bp: int | None) -> str:
    return "" if tax_bp is None else str(tax_bp)


def _repriced(shop: Shop, style: str, change: StyleChange, now_ms: int) -> tuple[FieldChange, ...]:
    held = {article.sku: article for article in _held(style)}
    from_ms = 0
    if change.from_day:
        from_ms = days.begin_ms(change.from_day, shop.zone, shop.rollover_hour)
        if from_ms <= now_ms:
            raise ArticleRefused("this day has begun already", reason="day_past", day=change.from_day)
    changes = []
    standing = prices.standing(held, now_ms)
    for sku, minor in change.prices.items():
        if sku not in held:
            raise CodeUnknown("this style has no such article", data=sku)
        old = standing.get(sku, held[sku].price_minor)
        if from_ms:
            prices.put(sku, "", from_ms, 0, minor)
        elif minor == old:
            continue
        else:
            prices.end((sku,), now_ms)
            catalogue.set_price(sku, minor)
        changes.append(
            FieldChange(
                sku=sku, field="price_minor", old=str(old), new=str(minor), from_day=change.from_day
            )
        )
    return tuple(changes)


def _initials(shop: Shop, name: str) -> str:
    """Of a Chinese name, from the reader of files: its dictionary is too large for this process."""
    table = io.StringIO()
    writer = csv.writer(table)
    writer.writerows((("style", "name", "category", "price"), ("x", name, "x", "1")))
    rows = shop.read_sheet(table.getvalue().encode(), imports.ARTICLES, lambda _: None, ()).rows
    return rows[0].initials if rows else ""
