"""What a report declares: its columns, its rows for a period, and what of it is drawn."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Literal

from services.domain.periods import Period

# A gift card is owed, not sold: no sales figure counts it. Of lines `l`, and of documents `s`.
GOODS = "l.category <> 'gift_cards' AND NOT l.voided"
NET = f"COALESCE((SELECT SUM(l.net_minor) FROM sale_line l WHERE l.sale_id = s.sale_id AND {GOODS}), 0)"
# Net sales are what goods were sold for, whoever paid: stored-value bonus is known to be a discount only
# when a bag is paid, and what a piece, an hour or a seller sold does not hang on the customer's purse. What
# it took off the shop's income stands beside net sales where money and tax are told: by rate and by tender.
# Customers who bought goods. A void says that its sale never was, so its customer goes too.
CUSTOMERS = (
    f"CASE WHEN EXISTS (SELECT 1 FROM sale_line l WHERE l.sale_id = s.sale_id AND {GOODS})"
    " THEN CASE s.kind WHEN 'void' THEN -1 WHEN 'return' THEN 0 ELSE 1 END ELSE 0 END"
)
# Of coupons' moves `m` and the version `t` they were issued under: one more or less that is out; its face.
COUPON_OUT = "CASE WHEN m.kind IN ('issued', 'reinstated') THEN 1 ELSE -1 END"
COUPON_FACE = "json_extract(CAST(t.body AS TEXT), '$.face_minor')"
COUPON_MOVES = (
    "coupon_move m JOIN coupon c USING (coupon_id) JOIN coupon_template t"
    " ON t.template_id = c.template_id AND t.version = c.template_version"
)
ROWS_MAX = 200  # of a ranking; more would be read by nobody
Cell = str | int | None  # a text, or a whole number in the column's unit; None: nothing to say
Row = tuple[Cell, ...]
# money: minor units; hundredths: 192 is 1.92; share: basis points
Kind = Literal["text", "count", "money", "hundredths", "share"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """Of which business days, for whom."""

    period: Period
    zone: tzinfo
    lang: Literal["zh", "en"]
    tenders: Mapping[str, str]  # key -> its words in `lang`
    reserve_bp: int = 0  # of what is owed on prepaid cards, that must lie in the bank

    def midnight_ms(self, day: str) -> int:
        """When a day of the calendar begins here, as UTC milliseconds."""
        return int(datetime.fromisoformat(day).replace(tzinfo=self.zone).timestamp()) * 1000

    def word(self, zh: str, en: str) -> str:
        return en if self.lang == "en" else zh


@dataclass(frozen=True, slots=True)
class Column:
    """A column's number is summed at the foot unless `sums` is off.

    A ratio is left as None in the rows, and is worked out there and at the foot from two other columns:
    (numerator, denominator, factor). So is a share, of the named column's sum.
    """

    key: str
    label_zh: str
    label_en: str
    kind: Kind = "count"
    sums: bool = True
    ratio: tuple[str, str, int] | None = None
    share_of: str = ""
    wide: bool = False  # a phone leaves it out


@dataclass(frozen=True, slots=True)
class Chart:
    """Draws the column `value` over the first column: "time" keeps the order and shows the period before
    beside it, "rank" shows the first ten as bars."""

    kind: Literal["time", "rank"]
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """`rows` are what was stored, in the order in which they are shown; the first cell names the row.

    With `matched` a row is compared with the row of the same name in the period before, otherwise with
    the one in the same place.
    """

    key: str
    label_zh: str
    label_en: str
    place: int  # rising from the top of the list
    columns: tuple[Column, ...]
    rows: Callable[[Question], Sequence[Row]]
    chart: Chart | None = None
    matched: bool = True
    figures: tuple[str, ...] = ()  # the columns shown large, at most four
