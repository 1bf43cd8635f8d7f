"""What an imported table may say: its columns, each row's form, and what it would change."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import date

import msgspec

from services.domain import gs1, identity, member_sheet, opening, sheet, workbook
from services.domain.errors import CodeMalformed, ImportUnreadable
from services.domain.money import minor_digits
from services.domain.stock import PIECES_MAX
from services.domain.tax import TAX_MAX_BP

ARTICLES, PRICES, STOCK, MEMBERS = "articles", "prices", "stock", "members"
CATALOGUE_KINDS = (ARTICLES, PRICES, STOCK)
KINDS = (*CATALOGUE_KINDS, MEMBERS)
BAD_MAX = 500  # bad rows that are named; how many there are is always told
PRICE_MAX_MINOR = 100_000_000  # a million yuan: beyond that somebody mistyped
SHOWN_MAX = 60  # characters of a wrong cell
UNSAID = -1  # a rate of tax that a row does not say

_LONGEST = {
    **{"sku": 64, "style": 32, "name": 80, "category": 40, "colour": 30, "size": 20},
    **{"garment": 20, "swatch": 20},
}
_CODE = re.compile(r"[A-Za-z0-9_.:-]+")
_ROUNDED = re.compile(r"[0-9][.,]?[0-9]*E\+?[0-9]+", re.IGNORECASE)  # a number Excel has shortened
_PRICE = re.compile(r"([0-9]{1,3}(?:,[0-9]{3})+|[0-9]+)(?:\.([0-9]+))?")
_RATE = re.compile(r"([0-9]{1,3})(?:\.([0-9]{1,2}))?%?")
_OF_THE_SHOP = ("默认", "店铺", "default", "shop")  # a style without a rate of its own
_CURRENCY_SIGNS = ("¥", "￥", "CNY", "RMB", "元")
_WHOLE = re.compile(r"-?[0-9]+")

_HEADS = {
    "sku": ("sku", "货号", "商品编码", "编码", "article", "article number", "item"),
    "style": ("style", "style no", "style number", "款号"),
    "name": ("name", "名称", "品名", "商品名称", "款名"),
    "category": ("category", "分类", "类别", "品类"),
    "colour": ("colour", "color", "颜色"),
    "size": ("size", "尺码", "规格"),
    "gtin": ("gtin", "barcode", "ean", "upc", "条码", "条形码", "商品条码"),
    "price": ("price", "价格", "售价", "零售价", "单价", "吊牌价"),
    "quantity": ("quantity", "stock", "on hand", "pieces", "库存", "数量", "库存数量"),
    "garment": ("garment", "图样"),
    "swatch": ("swatch", "色块"),
    "tax": ("tax", "tax rate", "vat", "税率", "增值税率"),
}
_FIELD_OF = {head: field for field, heads in _HEADS.items() for head in heads}
_MEMBER_HEADS = {**member_sheet.HEADS, **opening.HEADS}
_FIELD_OF_MEMBER = {head: field for field, heads in _MEMBER_HEADS.items() for head in heads}
_WANTED = {  # the columns a kind reads, and those without which it makes no sense
    ARTICLES: (set(_HEADS) - {"quantity"}, {"style", "name", "category", "price"}),
    PRICES: ({"sku", "gtin", "style", "colour", "size", "price"}, {"price"}),
    STOCK: ({"sku", "gtin", "style", "colour", "size", "quantity"}, {"quantity"}),
    MEMBERS: (set(_MEMBER_HEADS), set[str]()),
}
_NAMING = {  # one of them says which article, or who, a row means
    **{kind: {"sku", "gtin", "style"} for kind in CATALOGUE_KINDS},
    MEMBERS: set(identity.KINDS),
}


class Row(msgspec.Struct, array_like=True):
    """One row of a well-formed file. "" and -1: the row does not say."""

    line: int
    sku: str = ""
    style: str = ""
    name: str = ""
    category: str = ""
    colour: str = ""
    size: str = ""
    gtin: str = ""  # GTIN-14
    garment: str = ""
    swatch: str = ""
    price_minor: int = -1
    quantity: int = -1
    initials: str = ""  # pinyin of the name
    person: dict[str, str] = {}  # of a member: fields in their normal form
    opening: dict[str, str] = {}  # what they bring along, see opening
    tax_bp: int | None = UNSAID  # of the style; None: the shop's


class Bad(msgspec.Struct, array_like=True):
    """Why a row cannot be imported. `reason` is a code that the pages have words for."""

    line: int
    column: str  # a field's name; "" for the whole row
    reason: str
    value: str = ""
    other: str = ""  # what it collides with


class Table(msgspec.Struct):
    """A file as it was read, before anybody asked what the shop has."""

    kind: str
    encoding: str
    separator: str
    heads: list[str]  # the first row, as it stands
    fields: list[str]  # what each head is taken for; "" for nothing
    missing: list[str]  # fields without which no row was read
    rows: list[Row]
    bad: list[Bad]
    bad_rows: int

    @property
    def columns(self) -> list[str]:
        """The fields that were read."""
        return [field for field in self.fields if field]

    @property
    def ignored(self) -> list[str]:
        """The heads that mean nothing here."""
        return [head for head, field in zip(self.heads, self.fields, strict=True) if head and not field]


class _Wrong(Exception):
    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def read(
    data: bytes,
    kind: str,
    currency: str,
    told: Callable[[int], None] = lambda _: None,
    columns: Sequence[str] = (),
) -> Table:
    """The file's rows, good and bad. `told` hears now and then how many rows were read. `columns` says what
    each column is, "" for nothing; without it the heads are understood as well as can be.

    Raises ImportUnreadable as sheet.opened() does, and with reason column_twice.
    """
    assert kind in KINDS, kind
    opened = sheet.opened(data)
    _, head = next(opened.rows)
    fields = _fields(head, kind, columns)
    places = {field: n for n, field in enumerate(fields) if field}
    missing = _missing(places, kind)
    if missing:
        opened = replace(opened, rows=iter(()))
    rows: list[Row] = []
    bad: list[Bad] = []
    wrong_lines = 0
    for n, (line, cells) in enumerate(opened.rows, 1):
        row, faults = (_person if kind == MEMBERS else _row)(line, cells, places, currency)
        if faults:
            wrong_lines += 1
            bad += faults[: max(0, BAD_MAX - len(bad))]
        else:
            rows.append(row)
        if n % 1_000 == 0:
            told(n)
    repeated = list(_people_twice(rows) if kind == MEMBERS else _repeated(rows))
    lines = {fault.line for fault in repeated}
    return Table(
        kind,
        opened.encoding,
        opened.separator,
        [cell.strip()[:SHOWN_MAX] for cell in head],
        fields,
        missing,
        [row for row in rows if row.line not in lines],
        sorted([*bad, *repeated], key=lambda fault: fault.line)[:BAD_MAX],
        wrong_lines + len(lines),
    )


def choices(kind: str) -> tuple[str, ...]:
    """What a column of such a file may be, in the order in which people think of it."""
    known = _MEMBER_HEADS if kind == MEMBERS else _HEADS
    return tuple(field for field in known if field in _WANTED[kind][0])


def _fields(head: list[str], kind: str, columns: Sequence[str]) -> list[str]:
    """What each column is; "" for one that means nothing to this kind."""
    wanted, _ = _WANTED[kind]
    meaning = _FIELD_OF_MEMBER if kind == MEMBERS else _FIELD_OF
    said = list(columns) or [meaning.get(_bare(cell), "") for cell in head]
    fields = [field if field in wanted else "" for field in said[: len(head)]]
    fields += [""] * (len(head) - len(fields))
    for n, field in enumerate(fields):
        if field and field in fields[:n]:
            raise ImportUnreadable("two columns mean the same", reason="column_twice", line=1, column=field)
    return fields


def _missing(places: Collection[str], kind: str) -> list[str]:
    """What no file of this kind goes without: all of it, or one of what names an article or a person."""
    missing = sorted(_WANTED[kind][1] - set(places))
    return missing or ([] if _NAMING[kind] & set(places) else sorted(_NAMING[kind]))


def _bare(head: str) -> str:
    """A header as it is looked up: "Price (CNY)" and "price" are one."""
    text = unicodedata.normalize("NFKC", head).casefold()
    return " ".join(re.sub(r"[(\[].*?[)\]]|[_*:.]", " ", text).split())


def _row(line: int, cells: list[str], places: dict[str, int], currency: str) -> tuple[Row, list[Bad]]:
    row, faults = Row(line), []
    for field, place in places.items():
        if not (cell := _cell(cells, place)):
            continue
        try:
            _check_stored(cell)
            _set(row, field, cell, currency)
        except _Wrong as wrong:
            faults.append(Bad(line, field, wrong.reason, _shown(cell)))
    if not (row.sku or row.gtin or row.style) and not faults:
        faults.append(Bad(line, "", "unnamed"))
    return row, faults


def _person(line: int, cells: list[str], places: dict[str, int], currency: str) -> tuple[Row, list[Bad]]:
    """As _row(); what is wrong is told without the cell, which may be somebody's number."""
    row, faults = Row(line), []
    for field, place in places.items():
        if not (cell := _cell(cells, place)):
            continue
        try:
            _check_stored(cell)
            if field in opening.HEADS:
                _set_opening(row, field, cell, currency)
            elif held := member_sheet.normal(field, cell):
                row.person[field] = held
        except (_Wrong, member_sheet.WrongCell) as wrong:
            faults.append(Bad(line, field, wrong.reason))
    if not faults and member_sheet.unfindable(row.person):
        faults.append(Bad(line, "", "unfindable"))
    return row, faults


def _set_opening(row: Row, field: str, cell: str, currency: str) -> None:
    if field in (opening.POINTS_UNTIL, opening.BONUS_UNTIL):
        row.opening[field] = _whole_day(cell)
        return
    if not sheet.is_clean(cell):
        raise _Wrong("control")
    try:
        if held := opening.normal(field, cell, minor_digits(currency)):
            row.opening[field] = held
    except opening.WrongBalance as wrong:
        raise _Wrong(str(wrong)) from wrong


def _whole_day(cell: str) -> str:
    text = member_sheet.day(cell)
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError as error:
        raise _Wrong("day_form") from error


def _people_twice(rows: Iterable[Row]) -> Iterator[Bad]:
    for line, field, above in member_sheet.repeated((row.line, row.person) for row in rows):
        yield Bad(line, field, "twice", other=str(above))


def _cell(cells: list[str], place: int) -> str:
    return sheet.plain(cells[place].strip(" \t\r\n")).strip() if place < len(cells) else ""


def _check_stored(cell: str) -> None:
    if cell == workbook.CALCULATED:
        raise _Wrong("formula")


def _shown(cell: str) -> str:
    return "" if cell == workbook.CALCULATED else cell[:SHOWN_MAX]


def _set(row: Row, field: str, cell: str, currency: str) -> None:
    if not sheet.is_clean(cell):
        raise _Wrong("control")
    if field == "gtin":
        row.gtin = _gtin(cell)
    elif field == "price":
        row.price_minor = _price(cell, currency)
    elif field == "quantity":
        row.quantity = _quantity(cell)
    elif field == "tax":
        row.tax_bp = _rate(cell)
    else:
        setattr(row, field, _text(field, cell))


def _text(field: str, cell: str) -> str:
    text = unicodedata.normalize("NFC", cell)
    if len(text) > _LONGEST[field]:
        raise _Wrong("too_long")
    if field in ("sku", "style", "garment", "swatch") and not _CODE.fullmatch(text):
        raise _Wrong("code_form")
    return text


def _figures(cell: str) -> str:
    """A number's cell with plain digits, without what makes Excel take it for a text: '123 or ="123"."""
    text = unicodedata.normalize("NFKC", cell).replace(" ", "").removeprefix("'")
    return text[2:-1] if text.startswith('="') and text.endswith('"') else text


def _gtin(cell: str) -> str:
    text = _figures(cell).replace("-", "")
    if _ROUNDED.fullmatch(text):
        raise _Wrong("gtin_rounded")
    try:
        return gs1.gtin14(text)
    except CodeMalformed as error:
        raise _Wrong("gtin_digit" if "number" in error.details else "gtin_form") from error


def _price(cell: str, currency: str) -> int:
    text = _figures(cell)
    for sign in _CURRENCY_SIGNS:
        text = text.removeprefix(sign).removesuffix(sign)
    if text.startswith("-"):
        raise _Wrong("price_negative")
    match = _PRICE.fullmatch(text)
    digits = minor_digits(currency)
    if match is None:
        raise _Wrong("price_form")
    part = (match[2] or "").rstrip("0")
    if len(part) > digits:
        raise _Wrong("price_digits")
    whole = match[1].replace(",", "")
    minor = int(whole + part.ljust(digits, "0")) if len(whole) < 16 else PRICE_MAX_MINOR + 1
    if minor > PRICE_MAX_MINOR:
        raise _Wrong("price_huge")
    if minor == 0:
        raise _Wrong("price_zero")
    return minor


def _rate(cell: str) -> int | None:
    """Hundredths of a percent of "13%", 13 or 1.5; None for the shop's own."""
    text = _figures(cell)
    if text.casefold() in _OF_THE_SHOP:
        return None
    match = _RATE.fullmatch(text)
    if match is None:
        raise _Wrong("tax_form")
    found = int(match[1]) * 100 + int((match[2] or "").ljust(2, "0"))
    if found > TAX_MAX_BP:
        raise _Wrong("tax_form")
    return found


def _quantity(cell: str) -> int:
    text = _figures(cell).removesuffix(".0").replace(",", "")
    if not _WHOLE.fullmatch(text):
        raise _Wrong("quantity_form")
    if text.startswith("-"):
        raise _Wrong("quantity_negative")
    if len(text) > 9 or int(text) > PIECES_MAX:
        raise _Wrong("quantity_huge")
    return int(text)


def _repeated(rows: Iterable[Row]) -> Iterator[Bad]:
    """Rows that name what a row above has named already, or say something else of its style."""
    seen: dict[tuple[str, str], int] = {}
    styles: dict[str, Row] = {}
    rates: dict[str, int | None] = {}
    for row in rows:
        for field, value in (("sku", row.sku), ("gtin", row.gtin)):
            first = seen.setdefault((field, value), row.line) if value else row.line
            if first != row.line:
                yield Bad(row.line, field, "twice", value, str(first))
                break
        if row.style and row.name:
            head = styles.setdefault(row.style, row)
            rate = rates.setdefault(row.style, row.tax_bp) if row.tax_bp != UNSAID else row.tax_bp
            if (head.name, head.category, rate) != (row.name, row.category or head.category, row.tax_bp):
                yield Bad(row.line, "style", "style_differs", row.style, str(head.line))
