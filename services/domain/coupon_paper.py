"""What a coupon on paper says of itself: what it is worth, of which goods, when and where it holds."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from services.domain.coupons import Template
from services.domain.money import Money, signed
from services.domain.offers import Window
from services.domain.tax import percent

Line = tuple[str, str]  # in Chinese, in English
DAY_MINUTES = 1_440
_PIECE = {
    "exchange": ("兑换一件，最多抵 {face}", "One piece free, up to {face}"),
    "service": ("兑换一次服务，最多抵 {face}", "One service free, up to {face}"),
    "gift": ("赠一件，最多抵 {face}", "One piece as a gift, up to {face}"),
}
STACKS, ALONE = ("可与其他券同用", "Goes with other coupons"), ("不与其他券同用", "Not with other coupons")
BEARER, HOLDER = ("持券即可用", "For whoever holds it"), ("限会员本人", "For its member only")
_WEEKDAYS = ("周一 Mon", "周二 Tue", "周三 Wed", "周四 Thu", "周五 Fri", "周六 Sat", "周日 Sun")


def lines(template: Template, names: Mapping[str, Line], currency: str) -> tuple[Line, ...]:
    """The rules, what it is worth first. `names`: of categories, styles and articles, by their keys; a key
    without a name is printed itself."""
    return tuple(_lines(template, names, currency))


def _lines(template: Template, names: Mapping[str, Line], currency: str) -> Iterator[Line]:
    yield _worth(template, currency)
    goods = template.goods
    if not goods.everything:
        yield _named("限{}", "For {} only", [*goods.categories, *goods.styles, *goods.skus], names)
    if goods.excluded:
        yield _named("不含{}", "Not for {}", goods.excluded, names)
    yield from _when(template.window)
    if template.stores:
        yield _named("限门店 {}", "In {} only", template.stores, {})
    if template.sale_max > 1:
        yield f"一单最多 {template.sale_max} 张", f"At most {template.sale_max} in one sale"
    yield STACKS if template.stackable else ALONE
    yield BEARER if template.bearer else HOLDER


def _worth(template: Template, currency: str) -> Line:
    face = signed(Money(template.face_minor, currency))
    least = signed(Money(template.min_spend_minor, currency))
    if template.kind in _PIECE:
        zh, en = _PIECE[template.kind]
        return zh.format(face=face), en.format(face=face)
    from_zh, from_en = (f"满 {least} ", f" from {least} on") if template.min_spend_minor else ("", "")
    if template.kind == "amount":
        return f"{from_zh}减 {face}", f"{face} off{from_en}"
    most_zh, most_en = (f"，最多减 {face}", f", at most {face}") if template.face_minor else ("", "")
    whole, rest = divmod(10_000 - template.face_bp, 1_000)
    left = f"{whole}.{rest:03}".rstrip("0").rstrip(".")
    return f"{from_zh}{left} 折{most_zh}", f"{percent(template.face_bp)} off{from_en}{most_en}"


def _named(zh: str, en: str, keys: Sequence[str], names: Mapping[str, Line]) -> Line:
    found = [names.get(key, (key, key)) for key in keys]
    return (
        zh.format("、".join(one[0] for one in found)),
        en.format(", ".join(one[1] or one[0] for one in found)),
    )


def _when(window: Window) -> Iterator[Line]:
    if window.weekdays:
        days = [_WEEKDAYS[day - 1].split() for day in window.weekdays]
        yield "、".join(zh for zh, _ in days), ", ".join(en for _, en in days)
    if window.month_days:
        days_zh, days_en = "、".join(map(str, window.month_days)), ", ".join(map(str, window.month_days))
        yield f"每月 {days_zh} 号", f"On day {days_en} of the month"
    if window.from_minute or window.to_minute < DAY_MINUTES:
        hours = f"{_clock(window.from_minute)}–{_clock(window.to_minute)}"
        yield hours, hours


def _clock(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}"
