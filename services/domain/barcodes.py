"""What a scan or a typed number means in this shop: a GS1 number, one of its own, or an article number."""

from __future__ import annotations

import datetime
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from services.domain import gs1
from services.domain.errors import CodeMalformed, GoodsExpired

ARTICLE, MEASURED, OWN, SKU = "article", "measured", "own", "sku"

DATA_MAX = 512  # characters; the longest Digital Link seen on goods has about 200
SKU_MAX = 64  # characters of an article number printed or typed by the shop

_AIM = re.compile(r"\][A-Za-z][0-9A-Za-z]")
_ELEMENT_SYMBOLS = frozenset(("C1", "e0", "e1", "e2", "d2", "Q3", "J1"))
_EAN_SYMBOLS: Mapping[str, tuple[int, ...]] = {
    "E0": (13, 12, 8),
    "E3": (13, 12, 8),
    "E4": (8,),
    "I1": (14,),
}
_BARE_ELEMENTS = re.compile(r"01[0-9]{14}.+")  # from a reader that sends neither prefix nor FNC1
_LINKISH = re.compile(r"https?://[^?#]*/01/", re.IGNORECASE)
_DATED = ("11", "12", "13", "15", "16", "17")
_OWN_KEYS = ("8018", "8110", "8112")  # a member of a chain's scheme; coupons: no article beside them
_MEASURES = ("30", "31", "32")  # what a price in the code must stand beside


@dataclass(frozen=True, slots=True)
class Layout:
    """An in-store EAN-13: prefix, item, perhaps a verifier digit, the measure, the check digit."""

    prefix: str
    item_digits: int
    measure: str  # "weight" | "price"
    measure_digits: int
    decimals: int  # of the measure, in kilograms or in the main unit of the currency
    verifier: bool = False  # GS1 price verifier, for a measure of 4 or 5 digits

    def __post_init__(self) -> None:
        assert gs1.is_number(self.prefix), self
        assert self.measure in ("weight", "price"), self
        assert self.item_digits > 0 and self.measure_digits >= self.decimals >= 0, self
        assert not self.verifier or self.measure_digits in (4, 5), self
        assert len(self.prefix) + self.item_digits + self.verifier + self.measure_digits == 12, self


@dataclass(frozen=True, slots=True)
class OwnRange:
    """Codes the shop gives out itself: member cards, park tickets, article numbers without GS1."""

    prefix: str
    namespace: str
    length: int = 0  # of the whole code; 0 is any
    check_digit: bool = False  # the last digit is a GS1 check digit

    def __post_init__(self) -> None:
        assert self.prefix and self.prefix.isascii() and self.namespace, self


@dataclass(frozen=True, slots=True)
class BarcodeRules:
    """What is local about this shop's codes. The longest prefix decides between layouts and ranges."""

    layouts: tuple[Layout, ...] = ()
    own: tuple[OwnRange, ...] = ()
    currency_number: str = "156"  # ISO 4217 number of the shop's currency: yuan
    currency_decimals: int = 2

    def __post_init__(self) -> None:
        prefixes = [(layout.prefix, 13) for layout in self.layouts]
        prefixes += [(own.prefix, own.length) for own in self.own]
        assert len(set(prefixes)) == len(prefixes), f"two rules for one prefix: {sorted(prefixes)}"


@dataclass(frozen=True, slots=True)
class Identified:
    """What a code stands for. Fields that its form does not carry are "" or None."""

    kind: str  # ARTICLE: by `gtin`; MEASURED: by `gtin` or `item`; OWN: `namespace` and `item`; SKU: `item`
    data: str  # the code without its symbology prefix
    gtin: str = ""  # GTIN-14
    item: str = ""
    namespace: str = ""
    weight_g: int | None = None
    price_minor: int | None = None
    batch: str = ""
    serial: str = ""
    variant: str = ""  # AI 22
    expires: datetime.date | None = None  # AI 17; never before `today`
    best_before: datetime.date | None = None  # AI 15, or 16
    best_before_passed: bool = False  # warn, but sell
    elements: gs1.Elements = field(default=(), repr=False)  # all, in order


def identify(data: str, rules: BarcodeRules, today: datetime.date) -> Identified:
    """What `data`, as the reader sent it or a person typed it, means in this shop.

    Raises CodeMalformed for what no honest label holds, GoodsExpired when AI 17 lies before `today`.
    """
    symbol, text = _without_prefix(data)
    if symbol in _EAN_SYMBOLS:
        return _ean(text, symbol, rules)
    if _LINKISH.match(text):
        return _from_elements(text, gs1.elements_of_link(text), rules, today)
    if symbol in _ELEMENT_SYMBOLS or gs1.GS in text or _BARE_ELEMENTS.fullmatch(text):
        return _from_elements(text, gs1.elements_of_string(text), rules, today)
    if rule := _own_range(text, rules):
        return _own(text, rule)
    if gs1.is_number(text):
        return _number(text, (8, 12, 13, 14), rules)
    if len(text) > SKU_MAX:
        raise CodeMalformed("not a code of any known form", length=len(text))
    return Identified(SKU, text, item=text)


def _without_prefix(data: str) -> tuple[str, str]:
    """(AIM symbology such as "C1" or "", the rest), with only printable characters and GS in it."""
    if len(data) > DATA_MAX:
        raise CodeMalformed("longer than any code", length=len(data))
    text = data.strip(" ")
    symbol = ""
    if text.startswith("]"):
        if not _AIM.match(text):
            raise CodeMalformed("broken symbology prefix")
        symbol, text = text[1:3], text[3:].strip(" ")
    if not text.strip(gs1.GS):
        raise CodeMalformed("empty")
    if not text.replace(gs1.GS, "").isprintable():
        raise CodeMalformed("control characters")
    if any(c.isdigit() and not c.isascii() for c in text):
        raise CodeMalformed("digits other than 0 to 9")
    return symbol, text


def _ean(text: str, symbol: str, rules: BarcodeRules) -> Identified:
    """A symbol that can only hold a number. E3 carries two or five digits more, which sell nothing."""
    if symbol == "E3" and len(text) in (15, 18):
        text = text[:13]
    if gs1.is_number(text) and (rule := _own_range(text, rules)):
        return _own(text, rule)
    return _number(text, _EAN_SYMBOLS[symbol], rules, ean_8=symbol == "E4")


def _number(text: str, lengths: tuple[int, ...], rules: BarcodeRules, *, ean_8: bool = False) -> Identified:
    if not gs1.is_number(text) or len(text) not in lengths:
        raise CodeMalformed("a barcode number has 8, 12, 13 or 14 digits", length=len(text))
    from_zero = len(text) == 8 and text[0] == "0" and not ean_8
    gtin = _eight_from_zero(text) if from_zero else gs1.gtin14(text)
    layout = _layout(gtin[1:], rules) if gtin[0] == "0" else None
    return _measured(text, gtin[1:], layout, rules) if layout else Identified(ARTICLE, text, gtin=gtin)


def _eight_from_zero(text: str) -> str:
    """Eight digits that begin with 0 are a UPC-E, or else an in-company EAN-8."""
    try:
        return gs1.gtin14(gs1.upc_e_expanded(text))
    except CodeMalformed:
        return gs1.gtin14(text)


def _layout(number: str, rules: BarcodeRules) -> Layout | None:
    fitting = [layout for layout in rules.layouts if number.startswith(layout.prefix)]
    return max(fitting, key=lambda layout: len(layout.prefix), default=None)


def _own_range(text: str, rules: BarcodeRules) -> OwnRange | None:
    """The range of the longest prefix, unless a layout of in-store numbers has a longer one."""
    fitting = [r for r in rules.own if text.startswith(r.prefix) and r.length in (0, len(text))]
    best = max(fitting, key=lambda r: (len(r.prefix), r.length), default=None)
    layout = _layout(text, rules) if len(text) == 13 and gs1.is_number(text) else None
    return None if best and layout and len(layout.prefix) > len(best.prefix) else best


def _own(text: str, rule: OwnRange) -> Identified:
    """The item is what follows the prefix, without the check digit."""
    body = text
    if rule.check_digit:
        body = text[:-1]
        if not gs1.is_number(text) or text[-1] != gs1.check_digit(body):
            raise CodeMalformed("wrong check digit", namespace=rule.namespace)
    item = body[len(rule.prefix) :]
    if not item or len(text) > SKU_MAX:
        raise CodeMalformed("a prefix without a number, or too long", namespace=rule.namespace)
    return Identified(OWN, text, item=item, namespace=rule.namespace)


def _measured(text: str, number: str, layout: Layout, rules: BarcodeRules) -> Identified:
    start = len(layout.prefix)
    item, rest = number[start : start + layout.item_digits], number[start + layout.item_digits : -1]
    measure = rest[1:] if layout.verifier else rest
    if layout.verifier and rest[0] != gs1.verifier_digit(measure):
        raise CodeMalformed("wrong verifier digit of the price or weight", item=item)
    found = Identified(MEASURED, text, item=item)
    if layout.measure == "weight":
        return replace(found, weight_g=gs1.scaled(int(measure), layout.decimals, gs1.GRAM_DECIMALS))
    return replace(found, price_minor=gs1.scaled(int(measure), layout.decimals, rules.currency_decimals))


def _from_elements(
    text: str, elements: gs1.Elements, rules: BarcodeRules, today: datetime.date
) -> Identified:
    """An expired article is refused after all else has proved right; one past 15 or 16 is only marked."""
    values = dict(elements)
    dates = {ai: gs1.date_of(values[ai], today) for ai in _DATED if ai in values}
    if "01" not in values:
        return _own_key(text, values, elements)
    gtin, weight_g = gs1.gtin14(values["01"]), gs1.net_weight_g(values)
    price_minor = _price_minor(values, rules)
    best_before, expires = dates.get("15") or dates.get("16"), dates.get("17")
    if expires is not None and expires < today:
        raise GoodsExpired("past its expiry date", expires=expires.isoformat(), gtin=gtin)
    return Identified(
        ARTICLE if weight_g is None and price_minor is None else MEASURED,
        text,
        gtin=gtin,
        weight_g=weight_g,
        price_minor=price_minor,
        batch=values.get("10", ""),
        serial=values.get("21", ""),
        variant=values.get("22", ""),
        expires=expires,
        best_before=best_before,
        best_before_passed=best_before is not None and best_before < today,
        elements=elements,
    )


def _own_key(text: str, values: dict[str, str], elements: gs1.Elements) -> Identified:
    """A code without an article: a member of a chain's scheme (8018) or a GS1 coupon, by its AI."""
    for ai in _OWN_KEYS:
        if ai not in values:
            continue
        item = values[ai]
        if ai == "8018" and item[-1] != gs1.check_digit(item[:-1]):
            raise CodeMalformed("wrong check digit", ai=ai)
        return Identified(OWN, text, item=item, namespace=ai, elements=elements)
    raise CodeMalformed("an element string without an article number")


def _price_minor(values: dict[str, str], rules: BarcodeRules) -> int | None:
    """The price from 392n or 393n, which is that of the whole piece and so needs its measure beside it."""
    for ai, value in values.items():
        if ai[:3] not in ("392", "393"):
            continue
        if not any(other[:2] in _MEASURES for other in values):
            raise CodeMalformed("a price without a count or weight", ai=ai)
        if ai[:3] == "393" and value[:3] != rules.currency_number:
            raise CodeMalformed("a price in another currency", currency_number=value[:3])
        digits = value[3:] if ai[:3] == "393" else value
        return gs1.scaled(int(digits), int(ai[3]), rules.currency_decimals)
    return None
