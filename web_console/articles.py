"""Articles in the back office: a style with its variants, its prices now and later, and new styles."""

from __future__ import annotations

from services.domain import days
from services.domain.errors import BadRequest, NotFound
from services.domain.money import Money, minor_digits
from services.flows import catalogue as flow
from services.flows.catalogue import NewStyle, StyleChange, Variant
from services.flows.shop import Shop
from services.store import catalogue, prices
from web_console import views
from web_console.api import Amount
from web_console.api_articles import (
    Choices,
    NewStyleIn,
    OfficeStyle,
    OfficeVariant,
    PlannedPrice,
    StyleChangeIn,
    StyleSaved,
)
from web_console.api_catalogue import CategoryView
from web_console.api_reports import LanguageQuery
from web_console.gate import Call
from web_console.routes import MANAGER, Routes

ROUTES = Routes()


@ROUTES.get(
    "/api/office/article-form", MANAGER, Choices, "What a style's form chooses from", query=LanguageQuery
)
def show_article_form(call: Call, query: LanguageQuery) -> Choices:
    return _choices(call.shop, query.lang)


@ROUTES.get(
    "/api/office/articles/<ident:style>", MANAGER, OfficeStyle, "A style for changing", query=LanguageQuery
)
def show_office_style(call: Call, query: LanguageQuery, style: str) -> OfficeStyle:
    held = catalogue.variants(style)
    if not held:
        raise NotFound("no article has this style number", style=style)
    shop, now_ms = call.shop, call.shop.now_ms()
    standing = prices.standing([article.sku for article in held], now_ms)
    planned = prices.planned([article.sku for article in held], now_ms)
    return OfficeStyle(
        style=style,
        name=held[0].name,
        category=held[0].category,
        garment=held[0].garment,
        tax_bp=held[0].tax_bp,
        variants=tuple(
            OfficeVariant(
                sku=article.sku,
                colour=article.colour,
                swatch=article.swatch,
                size=article.size,
                gtin=article.gtin,
                price=_amount(shop, standing.get(article.sku, article.price_minor)),
                planned=tuple(
                    PlannedPrice(since=_day(shop, from_ms), price=_amount(shop, minor))
                    for from_ms, minor in planned.get(article.sku, ())
                ),
            )
            for article in held
        ),
        choices=_choices(shop, query.lang),
    )


@ROUTES.post(
    "/api/office/articles",
    MANAGER,
    StyleSaved,
    "Add a style with its variants; a repeat adds nothing again",
    body=NewStyleIn,
    keyed=True,
)
def add_style(call: Call, body: NewStyleIn) -> StyleSaved:
    new = NewStyle(
        style=body.style,
        name=body.name.strip(),
        category=body.category,
        garment=body.garment,
        price_minor=body.price_minor,
        tax_bp=body.tax_bp,
        variants=tuple(
            Variant(each.colour.strip(), each.size.strip(), each.gtin, each.swatch)
            for each in body.variants
        ),
    )
    style = flow.add_style(call.shop, new, operator_id=call.session.staff_id, request_id=call.key)
    call.box.wake_uplink()
    return StyleSaved(style=style, changes=len(new.variants))


@ROUTES.post(
    "/api/office/articles/<ident:style>",
    MANAGER,
    StyleSaved,
    "Change a style and its prices; a repeat changes nothing",
    body=StyleChangeIn,
    keyed=True,
)
def change_style(call: Call, body: StyleChangeIn, style: str) -> StyleSaved:
    change = StyleChange(
        name=body.name.strip(),
        category=body.category,
        garment=body.garment,
        prices={each.sku: each.price_minor for each in body.prices},
        from_day=body.from_day,
        tax_bp=body.tax_bp,
    )
    try:
        changes = flow.change_style(
            call.shop, style, change, operator_id=call.session.staff_id, request_id=call.key
        )
    except (ValueError, OverflowError) as error:
        raise BadRequest(str(error)) from error
    call.box.wake_uplink()
    return StyleSaved(style=style, changes=len(changes))


def _choices(shop: Shop, lang: str) -> Choices:
    found = catalogue.categories(lang)
    today = days.business_day(shop.now_ms(), shop.zone, shop.rollover_hour)
    return Choices(
        categories=tuple(CategoryView(key=key, name=name) for key, name in found),
        decimals=minor_digits(shop.currency),
        tax_bp=shop.tax_bp,
        tomorrow=days.after(today),
    )


def _amount(shop: Shop, minor: int) -> Amount:
    return views.amount(Money(minor, shop.currency))


def _day(shop: Shop, at_ms: int) -> str:
    return days.business_day(at_ms, shop.zone, shop.rollover_hour)
