"""A coupon as it is printed: its rules in words, with the names of goods as they are now."""

from __future__ import annotations

from services.domain import coupon_paper
from services.domain.coupons import Template
from services.domain.receipt import CouponOnPaper
from services.store import catalogue


def on_paper(template: Template, code: str, first_day: str, last_day: str, currency: str) -> CouponOnPaper:
    return CouponOnPaper(
        label=(template.label_zh, template.label_en),
        code=code,
        first_day=first_day,
        last_day=last_day,
        rules=coupon_paper.lines(template, _names(template), currency),
    )


def _names(template: Template) -> dict[str, tuple[str, str]]:
    """Of the goods that a template names, in Chinese and in English."""
    goods = template.goods
    if goods.everything and not goods.excluded:
        return {}
    english = dict(catalogue.categories("en"))
    names = {key: (name, english.get(key, "")) for key, name in catalogue.categories()}
    for style in {*goods.styles, *goods.excluded}:
        if variants := catalogue.variants(style):
            names[style] = (variants[0].name, "")
    for sku, article in catalogue.by_skus({*goods.skus, *goods.excluded}).items():
        named = f"{article.name} {article.variant}".strip()
        names[sku] = (named, "")
    return names
