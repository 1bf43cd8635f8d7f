"""Price and hang-tag labels, as printable ops: what a label says was fixed when it was asked for."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from drivers.contracts import Barcode, Cut, Ean13, Form, Op, Row, Text
from services.domain.money import Money, signed
from services.domain.paper_words import Words

Layout = Literal["price", "hang"]

PIECES_MAX = 1_000  # labels of one request
SHEET_PIECES = 20  # labels of one job: what is printed again when nobody knows whether it came out
SMALL_BARS, BARS = 40, 64  # dots


class Stock(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What labels are printed on. Without a height it is the receipt printer's roll, cut after each."""

    key: Annotated[str, Meta(pattern="^[A-Za-z0-9_-]{1,32}$")]
    width_mm: Annotated[int, Meta(ge=0, le=108)] = 0
    height_mm: Annotated[int, Meta(ge=0, le=300)] = 0

    def __post_init__(self) -> None:
        if (self.width_mm > 0) != (self.height_mm > 0):
            raise ValueError("a label has a width and a height, a roll neither")


ROLL = Stock(key="roll")
USUAL_STOCKS = (
    ROLL,
    Stock(key="40x30", width_mm=40, height_mm=30),
    Stock(key="40x60", width_mm=40, height_mm=60),
)


class Label(msgspec.Struct, frozen=True, kw_only=True):
    """One article's label and how many of it."""

    sku: str
    style: str
    name: str
    variant: str
    price_minor: int
    currency: str
    gtin: str  # GTIN-14, or ""
    copies: int


class Sheet(msgspec.Struct, frozen=True, kw_only=True):
    """What one job prints."""

    layout: Layout
    stock: Stock
    store_name: str
    language: str
    labels: tuple[Label, ...]


def sheets(whole: Sheet) -> list[Sheet]:
    """The same labels in the same order, at most SHEET_PIECES to a sheet."""
    found: list[list[Label]] = [[]]
    room = SHEET_PIECES
    for label in whole.labels:
        left = label.copies
        while left:
            if not room:
                found.append([])
                room = SHEET_PIECES
            some = min(left, room)
            found[-1].append(msgspec.structs.replace(label, copies=some))
            left, room = left - some, room - some
    return [msgspec.structs.replace(whole, labels=tuple(labels)) for labels in found if labels]


def ops(sheet: Sheet) -> list[Op]:
    """Every label of a sheet, one after the other, cut from a roll or to the end of its own height."""
    printed: list[Op] = []
    for label in sheet.labels:
        one = (_hang if sheet.layout == "hang" else _price)(sheet, label)
        if sheet.stock.height_mm:
            one = [Form(sheet.stock.width_mm, sheet.stock.height_mm), *one]
        else:
            one = [*one, Cut()]
        printed += one * label.copies
    return printed


def _price(sheet: Sheet, label: Label) -> list[Op]:
    """For a shelf or a sticker: fits 40 x 30 mm."""
    return [
        Text(label.name, lines_max=2),
        Row(label.variant.replace(" / ", "/"), label.style),
        Text(signed(Money(label.price_minor, label.currency)), bold=True, size=2),
        _code(label, SMALL_BARS),
    ]


def _hang(sheet: Sheet, label: Label) -> list[Op]:
    """For the garment: fits 40 x 60 mm."""
    words = Words(sheet.language)
    colour, _, size = label.variant.partition(" / ")
    return [
        Text(sheet.store_name, bold=True, lines_max=1),
        Text(label.name, lines_max=2),
        Row(words("style"), label.style),
        Row(words("colour"), colour) if size else Row(words("size"), colour),
        *([Row(words("size"), size, bold=True)] if size else []),
        Row(words("price"), signed(Money(label.price_minor, label.currency)), bold=True, size=2),
        _code(label, BARS),
    ]


def _code(label: Label, height_dots: int) -> Op:
    """EAN-13 for goods that have one; otherwise the article's number in bars."""
    if len(label.gtin) == 14 and label.gtin[0] == "0":
        return Ean13(label.gtin[1:], height_dots)
    return Barcode(label.sku[:40], height_dots)
