"""What the forms of tiers, tags and points rules are drawn from."""

from __future__ import annotations

from services.domain import days
from services.domain.money import Money, minor_digits, signed
from services.flows import coupon_templates, tiers
from services.store import catalogue
from web_console.api_catalogue import CategoryView
from web_console.api_loyalty import LoyaltyForm, NamedView
from web_console.api_reports import LanguageQuery
from web_console.gate import Call
from web_console.routes import MANAGER, Routes

ROUTES = Routes()


@ROUTES.get(
    "/api/office/loyalty-form",
    MANAGER,
    LoyaltyForm,
    "What the rules of members may name",
    query=LanguageQuery,
)
def show_loyalty_form(call: Call, query: LanguageQuery) -> LoyaltyForm:
    kinds = [each.template for each in coupon_templates.listed() if not each.until_ms]
    return LoyaltyForm(
        categories=tuple(
            CategoryView(key=key, name=name) for key, name in catalogue.categories(query.lang)
        ),
        tiers=tuple(_named(each.key, each.label_zh, each.label_en) for each in tiers.program().tiers),
        coupons=tuple(_named(each.template_id, each.label_zh, each.label_en) for each in kinds),
        decimals=minor_digits(call.shop.currency),
        zero=signed(Money(0, call.shop.currency)),
        today=days.local(call.shop.now_ms(), call.shop.zone).date().isoformat(),
    )


def _named(key: str, label_zh: str, label_en: str) -> NamedView:
    return NamedView(key=key, label_zh=label_zh, label_en=label_en)
