"""What a scan or a typed number means: GS1 numbers, the shop's own numbers, or an article number.

Plain EAN, UPC and ITF numbers are checked here in a few microseconds. Element strings and Digital Links
go through biip, loaded with the first of them: 70 ms and 20 MB that most shops never spend.
"""

from __future__ import annotations

import calendar
import datetime
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from services.domain.errors import CodeMalformed, GoodsExpired

ARTICLE, MEASURED, OWN, SKU = "article", "measured", "own", "sku"

DATA_MAX = 512  # characters; the longest Digital Link seen on goods has about 200
SKU_MAX = 64  # characters of an article number printed or typed by the shop
GS = "\x1d"

_GRAMS = 3  # decimals of a kilogram in whole grams
_POUND_NUMERATOR, _POUND_DENOMINATOR = 45_359_237, 100_000  # grams of one pound
_AIM = re.compile(r"\][A-Za-z][0-9A-Za-z]")
_ELEMENT_SYMBOLS = frozenset(("C1", "e0", "e1", "e2", "d2", "Q3", "J1"))
_EAN_SYMBOLS: Mapping[str, tuple[int, ...]] = {
    "E0": (13, 12, 8),
    "E3": (13, 12, 8),
    "E4": (8,),
    "I1": (14,),
}
_BARE_ELEMENTS = re.compile(r"01[0-9]{14}.+", re.ASCII)
_LINKISH = re.compile(r"https?://[^?#]*/01/", re.IGNORECASE)
_LINK = re.compile(r"https?://[^/?#]+/(?:[^?#]*/)?01/(?:[0-9]{8}|[0-9]{12,14})(?:[/?#]|$)", re.IGNORECASE)
_DATED = frozenset(("11", "12", "13", "15", "16", "17"))
_OWN_KEYS = ("8018", "8110", "8112")  # a member of a chain's scheme; coupons: no article beside them
_MEASURES = ("30", "31", "32")  # what a price in the code must stand beside

_DOUBLE = "0246891357"  # GS1 weighting tables of the price verifier: 2-, 3, 5+ and 5-
_TRIPLE = "0369258147"
_FIVE_PLUS = "0516273849"
_FIVE_MINUS = "0594837261"


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
        assert _is_number(self.prefix), self
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
    elements: tuple[tuple[str, str], ...] = field(default=(), repr=False)  # every (AI, value) in order


def identify(data: str, rules: BarcodeRules, today: datetime.date) -> Identified:
    """What `data`, as the reader sent it or a person typed it, means in this shop.

    Raises CodeMalformed for what no honest label holds, GoodsExpired when AI 17 lies before `today`.
    """
    symbol, text = _without_prefix(data)
    if symbol in _EAN_SYMBOLS:
        return _ean(text, symbol, rules)
    if _LINKISH.match(text):
        return _link(text, rules, today)
    if symbol in _ELEMENT_SYMBOLS or GS in text or _BARE_ELEMENTS.fullmatch(text):
        return _element_string(text, rules, today)
    if rule := _own_range(text, rules):
        return _own(text, rule)
    if _is_number(text):
        return _number(text, (8, 12, 13, 14), rules)
    if len(text) > SKU_MAX:
        raise CodeMalformed("not a code of any known form", length=len(text))
    return Identified(SKU, text, item=text)


def check_digit(digits: str) -> str:
    """The GS1 mod-10 check digit that follows `digits`."""
    total = sum(int(d) * (3, 1)[i % 2] for i, d in enumerate(reversed(digits)))
    return str(-total % 10)


def gtin14(number: str) -> str:
    """An EAN-8, UPC-A, EAN-13 or GTIN-14 number as 14 digits. Raises CodeMalformed."""
    if not _is_number(number) or len(number) not in (8, 12, 13, 14) or not number.strip("0"):
        raise CodeMalformed("not a GTIN of 8, 12, 13 or 14 digits", length=len(number))
    if number[-1] != check_digit(number[:-1]):
        raise CodeMalformed("wrong check digit", gtin=number)
    return number.zfill(14)


def upc_e_expanded(number: str) -> str:
    """The UPC-A of an eight-digit UPC-E; the check digit is taken over, not verified."""
    system, code, last, check = number[0], number[1:6], number[6], number[7]
    if last in "012":
        return f"{system}{code[:2]}{last}0000{code[2:]}{check}"
    if last == "3":
        return f"{system}{code[:3]}00000{code[3:]}{check}"
    if last == "4":
        return f"{system}{code[:4]}00000{code[4:]}{check}"
    return f"{system}{code}0000{last}{check}"


def price_verifier(measure: str) -> str:
    """The GS1 verifier digit of a price or weight of four or five digits."""
    if len(measure) == 4:
        return str(_weighted(measure, (_DOUBLE, _DOUBLE, _TRIPLE, _FIVE_MINUS)) * 3 % 10)
    total = _weighted(measure, (_FIVE_PLUS, _DOUBLE, _FIVE_MINUS, _FIVE_PLUS, _DOUBLE))
    return str(_FIVE_MINUS.index(str(-total % 10)))


def date_of(yymmdd: str, today: datetime.date) -> datetime.date:
    """A GS1 date: day 00 is the month's end, the century is the one within 49 years back, 50 ahead.

    Raises ValueError for a day that no calendar has.
    """
    year, month, day = int(yymmdd[:2]), int(yymmdd[2:4]), int(yymmdd[4:])
    distance = year - today.year % 100
    year += today.year - today.year % 100
    if distance >= 51:
        year -= 100
    elif distance <= -50:
        year += 100
    if day == 0 and 1 <= month <= 12:
        day = calendar.monthrange(year, month)[1]
    return datetime.date(year, month, day)


def _without_prefix(data: str) -> tuple[str, str]:
    """(AIM symbology such as "C1" or "", the rest), with only printable characters and GS in it."""
    if len(data) > DATA_MAX:
        raise CodeMalformed("longer than any code", length=len(data))
    text = data.strip(" ")
    symbol = ""
    if text.startswith("]"):
        if not _AIM.match(text):
            raise CodeMalformed("broken symbology prefix")
        symbol, text = text[1:3], text[3:]
    if not text.strip(f" {GS}"):
        raise CodeMalformed("empty")
    if not text.replace(GS, "").isprintable():
        raise CodeMalformed("control characters")
    if any(c.isdigit() and not c.isascii() for c in text):
        raise CodeMalformed("digits other than 0 to 9")
    return symbol, text


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit()


def _ean(text: str, symbol: str, rules: BarcodeRules) -> Identified:
    """A symbol that can only hold a number. E3 carries two or five digits more, which sell nothing."""
    if symbol == "E3" and len(text) in (15, 18):
        text = text[:13]
    if rule := _own_range(text, rules):
        return _own(text, rule)
    return _number(text, _EAN_SYMBOLS[symbol], rules, ean_8=symbol == "E4")


def _number(text: str, lengths: tuple[int, ...], rules: BarcodeRules, *, ean_8: bool = False) -> Identified:
    if not _is_number(text) or len(text) not in lengths:
        raise CodeMalformed("a barcode number has 8, 12, 13 or 14 digits", length=len(text))
    from_zero = len(text) == 8 and text[0] == "0" and not ean_8
    gtin = _eight_from_zero(text) if from_zero else gtin14(text)
    layout = _layout(gtin[1:], rules) if gtin[0] == "0" else None
    return _measured(text, gtin[1:], layout, rules) if layout else Identified(ARTICLE, text, gtin=gtin)


def _eight_from_zero(text: str) -> str:
    """Eight digits that begin with 0 are a UPC-E, or else an in-company EAN-8."""
    try:
        return gtin14(upc_e_expanded(text))
    except CodeMalformed:
        return gtin14(text)


def _layout(number: str, rules: BarcodeRules) -> Layout | None:
    fitting = [layout for layout in rules.layouts if number.startswith(layout.prefix)]
    return max(fitting, key=lambda layout: len(layout.prefix), default=None)


def _own_range(text: str, rules: BarcodeRules) -> OwnRange | None:
    """The range of the longest prefix, unless a layout of in-store numbers has a longer one."""
    fitting = [r for r in rules.own if text.startswith(r.prefix) and r.length in (0, len(text))]
    best = max(fitting, key=lambda r: (len(r.prefix), r.length), default=None)
    layout = _layout(text, rules) if len(text) == 13 and _is_number(text) else None
    return None if best and layout and len(layout.prefix) > len(best.prefix) else best


def _own(text: str, rule: OwnRange) -> Identified:
    """The item is what follows the prefix, without the check digit."""
    body = text
    if rule.check_digit:
        body = text[:-1]
        if not _is_number(text) or text[-1] != check_digit(body):
            raise CodeMalformed("wrong check digit", namespace=rule.namespace)
    item = body[len(rule.prefix) :]
    if not item or len(text) > SKU_MAX:
        raise CodeMalformed("a prefix without a number, or too long", namespace=rule.namespace)
    return Identified(OWN, text, item=item, namespace=rule.namespace)


def _measured(text: str, number: str, layout: Layout, rules: BarcodeRules) -> Identified:
    start = len(layout.prefix)
    item, rest = number[start : start + layout.item_digits], number[start + layout.item_digits : -1]
    measure = rest[1:] if layout.verifier else rest
    if layout.verifier and rest[0] != price_verifier(measure):
        raise CodeMalformed("wrong verifier digit of the price or weight", item=item)
    found = Identified(MEASURED, text, item=item)
    if layout.measure == "weight":
        return replace(found, weight_g=_scaled(int(measure), layout.decimals, _GRAMS))
    return replace(found, price_minor=_scaled(int(measure), layout.decimals, rules.currency_decimals))


def _weighted(measure: str, tables: tuple[str, ...]) -> int:
    return sum(int(table[int(digit)]) for digit, table in zip(measure, tables, strict=True))


def _scaled(value: int, decimals: int, wanted: int) -> int:
    """`value` with `decimals` as an integer with `wanted` decimals, halves rounded up; never negative."""
    if decimals <= wanted:
        return int(value * 10 ** (wanted - decimals))
    divisor = 10 ** (decimals - wanted)
    return int((2 * value + divisor) // (2 * divisor))


def _link(text: str, rules: BarcodeRules, today: datetime.date) -> Identified:
    """A GS1 Digital Link URI of any domain; parameters that are no AIs are the web's and skipped."""
    if not _LINK.match(text):
        raise CodeMalformed("a link with a broken article number")
    from biip import ParseConfig
    from biip.gs1_digital_link_uris import GS1DigitalLinkURI

    try:
        link = GS1DigitalLinkURI.parse(text, config=ParseConfig(gs1_element_strings_verify_date=False))
    except _refusals() as error:
        raise CodeMalformed("a broken GS1 link") from error
    return _from_elements(text, [(e.ai.ai, e.value) for e in link.element_strings], rules, today)


def _element_string(text: str, rules: BarcodeRules, today: datetime.date) -> Identified:
    """AIs one after the other; a value of variable length ends with GS or the code."""
    from biip import ParseConfig
    from biip.gs1_element_strings import GS1ElementString

    config = ParseConfig(gs1_element_strings_verify_date=False)
    elements: list[tuple[str, str]] = []
    for part in filter(None, text.split(GS)):
        rest = part
        while rest:
            try:
                element = GS1ElementString.extract(rest, config=config)
            except _refusals() as error:
                raise CodeMalformed("a broken element string", after=len(elements)) from error
            elements.append((element.ai.ai, element.value))
            rest = rest[len(element) :]
            if rest and element.ai.separator_required:
                raise CodeMalformed("an element that does not end", ai=element.ai.ai)
    return _from_elements(text, elements, rules, today)


def _refusals() -> tuple[type[Exception], ...]:
    """What biip answers a broken code with; ValueError is urllib's for a broken host."""
    from biip import ParseError

    return ParseError, ValueError


def _from_elements(
    text: str, elements: list[tuple[str, str]], rules: BarcodeRules, today: datetime.date
) -> Identified:
    values = dict(elements)
    if any(values[ai] != value or not value or not value.isascii() for ai, value in elements):
        raise CodeMalformed("an element twice, empty, or not in ASCII")
    dates = {ai: _date(ai, value, today) for ai, value in values.items() if ai in _DATED}
    if "01" not in values:
        return _own_key(text, values, tuple(elements))
    if "17" in dates and dates["17"] < today:
        raise GoodsExpired("past its expiry date", expires=dates["17"].isoformat())
    weight_g, price_minor = _weight_g(values), _price_minor(values, rules)
    best_before = dates.get("15") or dates.get("16")
    return Identified(
        ARTICLE if weight_g is None and price_minor is None else MEASURED,
        text,
        gtin=gtin14(values["01"]),
        weight_g=weight_g,
        price_minor=price_minor,
        batch=values.get("10", ""),
        serial=values.get("21", ""),
        variant=values.get("22", ""),
        expires=dates.get("17"),
        best_before=best_before,
        best_before_passed=best_before is not None and best_before < today,
        elements=tuple(elements),
    )


def _date(ai: str, value: str, today: datetime.date) -> datetime.date:
    try:
        return date_of(value, today)
    except ValueError as error:
        raise CodeMalformed("a date that no calendar has", ai=ai, value=value) from error


def _own_key(text: str, values: dict[str, str], elements: tuple[tuple[str, str], ...]) -> Identified:
    """A code without an article: a member of a chain's scheme (8018) or a GS1 coupon, by its AI."""
    for ai in _OWN_KEYS:
        if ai in values:
            if ai == "8018" and values[ai][-1] != check_digit(values[ai][:-1]):
                raise CodeMalformed("wrong check digit", ai=ai)
            return Identified(OWN, text, item=values[ai], namespace=ai, elements=elements)
    raise CodeMalformed("an element string without an article number")


def _weight_g(values: dict[str, str]) -> int | None:
    """Net weight from 310n (kilograms) or 320n (pounds), rounded to grams, halves up."""
    for ai, value in values.items():
        if ai[:3] == "310":
            return _scaled(int(value), int(ai[3]), _GRAMS)
        if ai[:3] == "320":
            divisor = _POUND_DENOMINATOR * 10 ** int(ai[3])
            return int((2 * int(value) * _POUND_NUMERATOR + divisor) // (2 * divisor))
    return None


def _price_minor(values: dict[str, str], rules: BarcodeRules) -> int | None:
    """The price from 392n or 393n, which mean the whole piece and so need its measure beside them."""
    for ai, value in values.items():
        if ai[:3] not in ("392", "393"):
            continue
        if not any(other[:2] in _MEASURES for other in values):
            raise CodeMalformed("a price without a count or weight", ai=ai)
        if ai[:3] == "393":
            if value[:3] != rules.currency_number:
                raise CodeMalformed("a price in another currency", currency_number=value[:3])
            value = value[3:]
        return _scaled(int(value), int(ai[3]), rules.currency_decimals)
    return None
