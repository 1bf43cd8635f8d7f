"""Kinds of coupons in the office: how many of each there are, and how one looks on paper before it is."""

from __future__ import annotations

import msgspec

from services.domain import coupons as rules
from services.domain import days, receipt
from services.domain.coupon_codes import BODY
from services.domain.coupons import CANCELLED, EXPIRED, ISSUED, TRANSFERRED, USED, Template
from services.domain.paper_words import Words
from services.flows import coupon_papers, coupon_templates
from services.store import coupons
from web_console.api_coupon_office import CouponCounts, CouponKindView, CouponPreview
from web_console.api_coupons import CouponTemplateIn
from web_console.api_reports import LanguageQuery
from web_console.coupons import drafted
from web_console.gate import Call
from web_console.paper_views import paper_lines
from web_console.routes import MANAGER, Routes

ROUTES = Routes()
CODE = "0" * (BODY + 1)  # of no coupon


@ROUTES.get(
    "/api/office/coupons", MANAGER, tuple[CouponKindView, ...], "All kinds of coupons, and how many of each"
)
def list_coupon_kinds(call: Call) -> tuple[CouponKindView, ...]:
    counted = coupons.counts()
    return tuple(
        _kind(each.template, counted.get(each.template.template_id, {}), issued=not each.until_ms)
        for each in coupon_templates.listed()
    )


@ROUTES.post(
    "/api/office/coupon-preview",
    MANAGER,
    CouponPreview,
    "How a coupon of a draft that is given today looks on paper",
    body=CouponTemplateIn,
    query=LanguageQuery,
)
def preview_coupon(call: Call, body: CouponTemplateIn, query: LanguageQuery) -> CouponPreview:
    """Needs no key: it changes nothing, a repeat draws again."""
    draft = drafted(body)
    definition = coupon_templates.check(draft)
    valid = rules.validity(draft, days.local(call.shop.now_ms(), call.shop.zone).date().isoformat())
    currency = call.shop.currency
    paper = coupon_papers.on_paper(draft, CODE, valid.first_day, valid.last_day, currency)
    part = receipt.coupon_part(paper, Words(query.lang))
    promotion = msgspec.to_builtins(definition)
    del promotion["promotion_id"], promotion["version"]
    return CouponPreview(
        first_day=valid.first_day,
        last_day=valid.last_day,
        paper=tuple(paper_lines(part)),
        promotion=promotion,
    )


def _kind(template: Template, counted: dict[str, int], *, issued: bool) -> CouponKindView:
    draft = msgspec.to_builtins(template)
    del draft["version"], draft["number"]
    return CouponKindView(
        template_id=template.template_id,
        version=template.version,
        issued=issued,
        draft=draft,
        counts=CouponCounts(
            issued=sum(counted.values()),
            open=counted.get(ISSUED, 0),
            used=counted.get(USED, 0),
            ended=sum(counted.get(state, 0) for state in (EXPIRED, CANCELLED, TRANSFERRED)),
        ),
    )
