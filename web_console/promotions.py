"""Promotions in the back office: the list, the form, the trial on a sample bag, publishing."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Literal

import msgspec

from services.domain import days, forms
from services.domain.errors import CodeUnknown, PromotionUnknown
from services.domain.explanation import Explanation
from services.domain.money import Money, minor_digits, signed
from services.domain.offers import Definition, Item, Terms
from services.domain.pricing import Priced
from services.flows import backtest, baskets
from services.flows import promotions as flow
from services.flows.promotions import Draft
from services.flows.shop import Shop
from services.store import catalogue, promotions
from services.store.catalogue import Article
from services.store.promotions import STORE, Version
from web_console import views
from web_console.api_catalogue import CategoryView
from web_console.api_promotions import (
    DraftIn,
    FormView,
    InputView,
    KindView,
    LookBack,
    NearestView,
    PromotionRow,
    PromotionVersion,
    PromotionView,
    SampleLine,
    TriedLine,
    TriedOffer,
    TriedView,
    TryOut,
)
from web_console.api_reports import LanguageQuery
from web_console.gate import Call
from web_console.routes import MANAGER, Routes

ROUTES = Routes()

SAMPLE = 3  # articles to begin with


@ROUTES.get(
    "/api/office/promotions", MANAGER, tuple[PromotionRow, ...], "All promotions", query=LanguageQuery
)
def list_promotions(call: Call, query: LanguageQuery) -> tuple[PromotionRow, ...]:
    return tuple(_row(call.shop, version, query.lang) for version in promotions.newest_of_all())


@ROUTES.get(
    "/api/office/promotion-form", MANAGER, FormView, "What the form is made of", query=LanguageQuery
)
def show_promotion_form(call: Call, query: LanguageQuery) -> FormView:
    kinds = flow.kinds().values()
    return FormView(
        kinds=tuple(
            KindView(
                key=kind.key,
                label_zh=kind.label_zh,
                label_en=kind.label_en,
                layers=kind.layers,
                inputs=_inputs(forms.fields(kind.params)),
            )
            for kind in kinds
        ),
        terms=_inputs(forms.fields(Terms)),
        categories=tuple(
            CategoryView(key=key, name=name) for key, name in catalogue.categories(query.lang)
        ),
        decimals=minor_digits(call.shop.currency),
        sample=tuple(_sample(article) for article in catalogue.some(SAMPLE)),
        today=days.local(call.shop.now_ms(), call.shop.zone).date().isoformat(),
    )


@ROUTES.get(
    "/api/office/promotions/<ident:promotion_id>",
    MANAGER,
    PromotionView,
    "One promotion and its versions",
    query=LanguageQuery,
)
def show_promotion(call: Call, query: LanguageQuery, promotion_id: str) -> PromotionView:
    versions = promotions.versions(promotion_id)
    if not versions:
        raise PromotionUnknown("no promotion has this id", promotion_id=promotion_id)
    return _view(call.shop, versions, query.lang)


@ROUTES.post(
    "/api/office/promotion-trial",
    MANAGER,
    TriedView,
    "Price a sample bag with a draft and all that is live",
    body=TryOut,
    query=LanguageQuery,
)
def try_promotion(call: Call, body: TryOut, query: LanguageQuery) -> TriedView:
    """Needs no key: it changes nothing, a repeat prices again."""
    articles = catalogue.by_skus(each.sku for each in body.sample)
    missing = [each.sku for each in body.sample if each.sku not in articles]
    if missing:
        raise CodeUnknown("no article has this number", data=missing[0])
    shop, now_ms = call.shop, call.shop.now_ms()
    items = [
        Item(
            line_id=n,
            sku=each.sku,
            style=articles[each.sku].style,
            category=articles[each.sku].category,
            quantity=each.quantity,
            unit_minor=baskets.base_minor(shop, articles[each.sku]),
        )
        for n, each in enumerate(body.sample, 1)
    ]
    priced = flow.preview(shop, _draft(body.draft), items, now_ms)
    held = [articles[each.sku] for each in body.sample]
    return _tried(shop, body.draft.promotion_id or "draft", priced, items, held, query.lang)


@ROUTES.post(
    "/api/office/promotion-history",
    MANAGER,
    LookBack,
    "What a draft would have given on the sales of the last weeks",
    body=DraftIn,
)
def look_back(call: Call, body: DraftIn) -> LookBack:
    """Needs no key: it changes nothing, a repeat looks again."""
    found = backtest.backtest(call.shop, _draft(body))
    return LookBack(
        days=backtest.DAYS,
        sales=found.sales,
        reduced=found.reduced,
        given=views.amount(Money(found.given_minor, call.shop.currency)),
        near=found.near,
    )


@ROUTES.post(
    "/api/office/promotions",
    MANAGER,
    PromotionView,
    "Publish a promotion, or its next version; a repeat publishes nothing again",
    body=DraftIn,
    query=LanguageQuery,
    keyed=True,
)
def publish_promotion(call: Call, body: DraftIn, query: LanguageQuery) -> PromotionView:
    published = flow.publish(
        call.shop, _draft(body), operator_id=call.session.staff_id, request_id=call.key
    )
    call.box.wake_uplink()
    return _view(call.shop, promotions.versions(published.promotion_id), query.lang)


@ROUTES.post(
    "/api/office/promotions/<ident:promotion_id>/withdraw",
    MANAGER,
    PromotionView,
    "Let a promotion stand no longer; a repeat changes nothing",
    query=LanguageQuery,
    keyed=True,
)
def withdraw_promotion(call: Call, query: LanguageQuery, promotion_id: str) -> PromotionView:
    flow.withdraw(call.shop, promotion_id, operator_id=call.session.staff_id, request_id=call.key)
    call.box.wake_uplink()
    return _view(call.shop, promotions.versions(promotion_id), query.lang)


def _draft(body: DraftIn) -> Draft:
    return Draft(
        promotion_id=body.promotion_id,
        kind=body.kind,
        layer=body.layer,
        label_zh=body.label_zh,
        label_en=body.label_en,
        terms=body.terms,
        params=body.params,
    )


def _label(held: Definition, lang: str) -> str:
    return held.label_en if lang == "en" else held.label_zh


def _row(shop: Shop, version: Version, lang: str) -> PromotionRow:
    held = version.definition
    window = held.terms.window
    used, spent_minor = promotions.used(held.promotion_id, STORE)
    return PromotionRow(
        promotion_id=held.promotion_id,
        version=held.version,
        kind=held.kind,
        label=_label(held, lang),
        state=_state(version, days.local(shop.now_ms(), shop.zone).date().isoformat()),
        from_day=window.from_day,
        to_day=window.to_day,
        used=used,
        spent=views.amount(Money(spent_minor, shop.currency)),
    )


def _state(version: Version, today: str) -> Literal["live", "planned", "ended", "withdrawn"]:
    window = version.definition.terms.window
    if version.until_ms:
        return "withdrawn"
    if window.to_day and window.to_day < today:
        return "ended"
    return "planned" if window.from_day and window.from_day > today else "live"


def _view(shop: Shop, versions: Sequence[Version], lang: str) -> PromotionView:
    newest = versions[0].definition
    draft = msgspec.to_builtins(newest)
    del draft["version"]
    return PromotionView(
        row=_row(shop, versions[0], lang),
        draft=draft,
        versions=tuple(
            PromotionVersion(
                version=each.definition.version,
                label=_label(each.definition, lang),
                since=days.minute(each.from_ms, shop.zone),
                until=days.minute(each.until_ms, shop.zone) if each.until_ms else "",
            )
            for each in versions
        ),
    )


def _inputs(fields: Iterable[forms.Field]) -> tuple[InputView, ...]:
    return tuple(
        InputView(
            key=field.key,
            label_zh=field.label_zh,
            label_en=field.label_en,
            unit=field.unit,
            minimum=field.minimum,
            maximum=field.maximum,
            required=field.required,
            value=field.default,
            choices=field.choices,
            inputs=_inputs(field.fields),
        )
        for field in fields
    )


def _sample(article: Article) -> SampleLine:
    return SampleLine(
        sku=article.sku,
        name=article.name,
        variant=article.variant,
        garment=article.garment,
        swatch=article.swatch,
    )


def _tried(
    shop: Shop, mine: str, priced: Priced, items: Sequence[Item], held: Sequence[Article], lang: str
) -> TriedView:
    def money(minor: int) -> Money:
        return Money(minor, shop.currency)

    nearest = priced.nearest
    ordered = sorted(priced.explanations, key=lambda each: each.promotion_id != mine)
    labels = {each.promotion_id: _said(each, lang) for each in priced.explanations}
    return TriedView(
        lines=tuple(
            TriedLine(
                **msgspec.to_builtins(_sample(article)),
                quantity=item.quantity,
                was=views.amount(money(line.gross_minor)),
                net=views.amount(money(line.net_minor)),
                cheaper=line.net_minor < line.gross_minor,
            )
            for line, item, article in zip(priced.lines, items, held, strict=True)
        ),
        gross=views.amount(money(priced.gross_minor)),
        total=views.amount(money(priced.total_minor)),
        offers=tuple(
            TriedOffer(
                label=_said(each, lang),
                mine=each.promotion_id == mine,
                applied=each.applied,
                amount=views.amount(money(each.amount_minor)),
                code=each.code,
                needed=_measured(shop, each.unit, each.needed),
                have=_measured(shop, each.unit, each.have),
                winner=labels.get(each.winner, each.winner),
            )
            for each in ordered
        ),
        nearest=NearestView(
            label=nearest.label_en if lang == "en" else nearest.label_zh,
            missing=_measured(shop, nearest.unit, nearest.missing),
            unit=nearest.unit,
            saves=views.amount(money(nearest.saves_minor)),
        )
        if nearest
        else None,
    )


def _said(each: Explanation, lang: str) -> str:
    return each.label_en if lang == "en" else each.label_zh


def _measured(shop: Shop, unit: str, value: int) -> str:
    return signed(Money(value, shop.currency)) if unit == "minor" else str(value) if value else ""
