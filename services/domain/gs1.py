"""GS1 arithmetic: check digits, GTIN-14, dates, and the elements of a string or a Digital Link.

Only the elements need biip, loaded with the first of them: see `_first_element`.
"""

from __future__ import annotations

import calendar
import datetime
import re

from services.domain.errors import CodeMalformed

GS = "\x1d"  # what a reader sends for the FNC1 between two elements
GRAM_DECIMALS = 3  # of a kilogram

Elements = tuple[tuple[str, str], ...]  # (application identifier, value) in the order of the code

_LENGTHS = (8, 12, 13, 14)
_LINK = re.compile(r"https?://[^/?#]+/(?:[^?#]*/)?01/(?:[0-9]{8}|[0-9]{12,14})(?:[/?#]|$)", re.IGNORECASE)
_POUND, _POUND_DECIMALS = 45_359_237, 5  # grams
_CENTURY_BACK, _CENTURY_AHEAD = 49, 50  # years around today that two digits can mean

_DOUBLE = "0246891357"  # weighting tables of the verifier digit: 2-, 3, 5+ and 5-
_TRIPLE = "0369258147"
_FIVE_PLUS = "0516273849"
_FIVE_MINUS = "0594837261"
_OF_FOUR = (_DOUBLE, _DOUBLE, _TRIPLE, _FIVE_MINUS)
_OF_FIVE = (_FIVE_PLUS, _DOUBLE, _FIVE_MINUS, _FIVE_PLUS, _DOUBLE)


def is_number(text: str) -> bool:
    """Nothing but 0 to 9, and at least one of them; digits of other scripts are none."""
    return text.isascii() and text.isdigit()


def check_digit(digits: str) -> str:
    """The GS1 mod-10 check digit that follows `digits`."""
    total = sum(int(digit) * (3, 1)[i % 2] for i, digit in enumerate(reversed(digits)))
    return str(-total % 10)


def gtin14(number: str) -> str:
    """An EAN-8, UPC-A, EAN-13 or GTIN-14 number as 14 digits. Raises CodeMalformed."""
    if not is_number(number) or len(number) not in _LENGTHS or not number.strip("0"):
        raise CodeMalformed("a barcode number has 8, 12, 13 or 14 digits", length=len(number))
    if number[-1] != check_digit(number[:-1]):
        raise CodeMalformed("wrong check digit", number=number)
    return number.zfill(14)


def upc_e_expanded(number: str) -> str:
    """The UPC-A of an eight-digit UPC-E; its check digit is taken over, not verified."""
    system, code, last, check = number[0], number[1:6], number[6], number[7]
    if last in "012":
        return f"{system}{code[:2]}{last}0000{code[2:]}{check}"
    if last == "3":
        return f"{system}{code[:3]}00000{code[3:]}{check}"
    if last == "4":
        return f"{system}{code[:4]}00000{code[4:]}{check}"
    return f"{system}{code}0000{last}{check}"


def verifier_digit(measure: str) -> str:
    """The digit that proves a price or weight of four or five digits within an in-store number."""
    tables = _OF_FOUR if len(measure) == 4 else _OF_FIVE
    total = sum(int(table[int(digit)]) for digit, table in zip(measure, tables, strict=True))
    return str(total * 3 % 10) if len(measure) == 4 else str(_FIVE_MINUS.index(str(-total % 10)))


def scaled(value: int, decimals: int, wanted: int) -> int:
    """`value`, which has `decimals`, with `wanted` ones. It is never negative: halves go up."""
    if decimals <= wanted:
        return int(value * 10 ** (wanted - decimals))
    divisor = 10 ** (decimals - wanted)
    return int((2 * value + divisor) // (2 * divisor))


def net_weight_g(values: dict[str, str]) -> int | None:
    """Net weight from 310n (kilograms) or 320n (pounds), rounded to grams."""
    for ai, value in values.items():
        if ai[:3] == "310":
            return scaled(int(value), int(ai[3]), GRAM_DECIMALS)
        if ai[:3] == "320":
            return scaled(int(value) * _POUND, int(ai[3]) + _POUND_DECIMALS, 0)
    return None


def date_of(yymmdd: str, today: datetime.date) -> datetime.date:
    """A GS1 date: day 00 is the month's end, the century the one within 49 years back and 50 ahead.

    Raises CodeMalformed for a day that no calendar has.
    """
    month, day = int(yymmdd[2:4]), int(yymmdd[4:])
    year = today.year - today.year % 100 + int(yymmdd[:2])
    if year > today.year + _CENTURY_AHEAD:
        year -= 100
    elif year < today.year - _CENTURY_BACK:
        year += 100
    try:
        return datetime.date(year, month, day or calendar.monthrange(year, month)[1])
    except ValueError as error:
        raise CodeMalformed("a date that no calendar has", date=yymmdd) from error


def elements_of_link(uri: str) -> Elements:
    """The elements of a Digital Link of any domain. Raises CodeMalformed.

    Parameters that are no application identifiers belong to the web and are skipped.
    """
    if not _LINK.match(uri):
        raise CodeMalformed("a link with a broken article number")
    from biip import ParseConfig, ParseError
    from biip.gs1_digital_link_uris import GS1DigitalLinkURI

    try:
        link = GS1DigitalLinkURI.parse(uri, config=ParseConfig(gs1_element_strings_verify_date=False))
    except (ParseError, ValueError) as error:  # ValueError is urllib's, for a broken host
        raise CodeMalformed("a broken GS1 link") from error
    return _checked([(element.ai.ai, element.value) for element in link.element_strings])


def elements_of_string(text: str) -> Elements:
    """The elements of GS1-128, DataBar or Data Matrix. Raises CodeMalformed.

    A value of variable length must end with GS or the code, or the next one would be read into it.
    """
    elements: list[tuple[str, str]] = []
    for part in text.split(GS):
        rest = part
        while rest:
            ai, value, must_end = _first_element(rest)
            elements.append((ai, value))
            rest = rest[len(ai) + len(value) :]
            if rest and must_end:
                raise CodeMalformed("an element that does not end", ai=ai)
    return _checked(elements)


def _first_element(text: str) -> tuple[str, str, bool]:
    """(identifier, value, whether a GS must follow) of what stands first.

    biip knows the 541 identifiers and the form of each value. Not taken from it: dates, whose century it
    takes from the clock, and numbers, which it would make decimals of. Loading it costs 70 ms and 20 MB
    on a PC, so a till that reads only plain numbers never does.
    """
    from biip import ParseConfig, ParseError
    from biip.gs1_element_strings import GS1ElementString

    try:
        element = GS1ElementString.extract(text, config=ParseConfig(gs1_element_strings_verify_date=False))
    except ParseError as error:
        raise CodeMalformed("a broken element string") from error
    return element.ai.ai, element.value, element.ai.separator_required


def _checked(elements: list[tuple[str, str]]) -> Elements:
    """biip lets pass an element twice, an empty count, and percent-encoded digits of other scripts."""
    values = dict(elements)
    for ai, value in elements:
        if not value or not value.isascii() or values[ai] != value:
            raise CodeMalformed("an element that is empty, there twice, or not ASCII", ai=ai)
    return tuple(elements)
