"""Sales with their lines, adjustments, tenders and postings."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from itertools import chain
from typing import Any

import msgspec

from services.domain.basket import Line, Returned
from services.domain.exchange import ForeignCash
from services.domain.ledger import Entry
from services.domain.money import Money
from services.domain.priced import Adjustment, PricedLine
from services.domain.returns import Drawn
from services.domain.settlement import Covered
from services.store.db import LEDGER

SALE, RETURN, EXCHANGE, VOID = "sale", "return", "exchange", "void"


class Sale(msgspec.Struct, frozen=True):
    """A paid sale as it was stored. Results are final: nothing here is ever computed again."""

    sale_id: str
    till: str
    till_seq: int
    number: str
    business_day: str
    operator_id: str
    total: Money  # negative where more came back than was bought
    begun_at_ms: int
    ended_at_ms: int
    journal_seq: int
    lines: tuple[PricedLine, ...]
    tenders: tuple[Covered, ...]
    rounding: Money  # total + rounding = the sum of the tenders
    kind: str = SALE
    original_id: str = ""  # the sale that lines come back from
    reason: str = ""
    approver_id: str = ""
    drawn: tuple[Drawn, ...] = ()  # of the original sale's tenders, by what comes back
    member_id: str = ""  # who bought


_SALE = (
    "sale_id, till, till_seq, number, business_day, operator_id, currency, total_minor, begun_at_ms,"
    " ended_at_ms, journal_seq, kind, rounding_minor, original_id, reason, approver_id, member_id"
)
_LINE = (
    "sale_id, line_number, sku, gtin, name, variant, quantity, unit_price_minor, extended_minor,"
    " entry_method, voided, net_minor, category, seller_id, list_price_minor, return_of, return_line,"
    " style, tax_bp, tax_minor, bonus_minor"
)
_TENDER = (
    "sale_id, n, key, amount_minor, tendered_minor, change_minor, exact_minor, reference, currency,"
    " foreign_minor, rate_e8, rate_id, bonus_minor"
)
_ADJUSTMENT = "sale_id, n, line_number, layer, source, source_version, amount_minor, label_zh, label_en"


def next_sequence(till: str) -> tuple[int, str]:
    """(the till's next gapless number, its last business day or "")."""
    row = LEDGER.execute_sql(
        "SELECT till_seq, business_day, (SELECT value FROM box WHERE key = 'used.' || ?1) FROM sale"
        " WHERE till = ?1 ORDER BY till_seq DESC LIMIT 1",
        (till,),
    ).fetchone()
    last, day, used = row or (0, "", _used(till))
    return max(int(last), int(used or 0)) + 1, str(day)


def skip_numbers(till: str, used: int) -> None:
    """Never give out a number of `till` up to `used`: another life of this box has."""
    LEDGER.execute_sql(
        "INSERT OR REPLACE INTO box (key, value) VALUES (?, ?)",
        (f"used.{till}", str(max(used, _used(till)))),
    )


def _used(till: str) -> int:
    row = LEDGER.execute_sql("SELECT value FROM box WHERE key = ?", (f"used.{till}",)).fetchone()
    return int(row[0]) if row else 0


def create(sale: Sale, entry: Entry) -> None:
    """Insert a new sale with everything that hangs on it, inside the caller's transaction."""
    _insert_many("sale", _SALE, [_sale_row(sale)])
    _insert_many("sale_line", _LINE, [_line_row(sale.sale_id, line) for line in sale.lines])
    _insert_many(
        "tender", _TENDER, [_tender_row(sale.sale_id, n, t) for n, t in enumerate(sale.tenders, 1)]
    )
    _insert_many(
        "posting",
        "sale_id, n, account, currency, amount_minor",
        [
            (sale.sale_id, n, p.account, p.amount.currency, p.amount.minor)
            for n, p in enumerate(entry.postings, 1)
        ],
    )
    _insert_many(
        "tender_draw",
        "sale_id, n, original_id, amount_minor, back_minor",
        [(sale.sale_id, d.n, sale.original_id, d.amount_minor, d.back_minor) for d in sale.drawn],
    )
    given = [each for line in sale.lines for each in line.adjustments]
    _insert_many(
        "adjustment",
        _ADJUSTMENT,
        [_adjustment_row(sale.sale_id, n, each) for n, each in enumerate(given, 1)],
    )


def number_of(sale_id: str) -> str:
    """The printed number; "" for no sale."""
    row = LEDGER.execute_sql("SELECT number FROM sale WHERE sale_id = ?", (sale_id,)).fetchone()
    return str(row[0]) if row else ""


def member_of(sale_id: str) -> str:
    """Who bought; "" for nobody known and for no sale."""
    row = LEDGER.execute_sql("SELECT member_id FROM sale WHERE sale_id = ?", (sale_id,)).fetchone()
    return str(row[0]) if row else ""


def by_id(sale_id: str) -> Sale | None:
    row = LEDGER.execute_sql(f"SELECT {_SALE} FROM sale WHERE sale_id = ?", (sale_id,)).fetchone()
    if row is None:
        return None
    (sale_id, till, till_seq, number, day, operator, currency, minor, begun, ended, seq) = row[:11]
    kind, rounding, original_id, reason, approver, member_id = row[11:]
    return Sale(
        sale_id=sale_id,
        till=till,
        till_seq=till_seq,
        number=number,
        business_day=day,
        operator_id=operator,
        total=Money(minor, currency),
        begun_at_ms=begun,
        ended_at_ms=ended,
        journal_seq=seq,
        lines=_lines(sale_id, original_id, currency),
        tenders=_tenders(sale_id, currency),
        rounding=Money(rounding, currency),
        kind=kind,
        original_id=original_id,
        reason=reason,
        approver_id=approver,
        drawn=_drawn(sale_id) if original_id else (),
        member_id=member_id,
    )


def _drawn(sale_id: str) -> tuple[Drawn, ...]:
    rows = LEDGER.execute_sql(
        "SELECT n, amount_minor, back_minor FROM tender_draw WHERE sale_id = ? ORDER BY n", (sale_id,)
    )
    return tuple(Drawn(*row) for row in rows)


def _lines(sale_id: str, original_id: str, currency: str) -> tuple[PricedLine, ...]:
    given = _adjustments(sale_id, currency)
    number = number_of(original_id) if original_id else ""
    rows = LEDGER.execute_sql(
        f"SELECT {_LINE} FROM sale_line WHERE sale_id = ? ORDER BY line_number", (sale_id,)
    )
    return tuple(_line(row, number, currency, given) for row in rows)


def _line(row: tuple[Any, ...], number: str, currency: str, given: Sequence[Adjustment]) -> PricedLine:
    (_, n, sku, gtin, name, variant, pieces, price, _, entry, voided, net, category, seller) = row[:14]
    list_price, return_of, return_line, style, tax_bp, tax_minor, bonus_minor = row[14:]
    line = Line(
        line_id=n,
        sku=sku,
        gtin=gtin,
        name=name,
        variant=variant,
        quantity=pieces,
        unit_price=Money(price, currency),
        entry_method=entry,
        voided=bool(voided),
        style=style,
        category=category,
        seller_id=seller,
        list_price=None if list_price is None else Money(list_price, currency),
        returned=Returned(return_of, number, return_line, net, tax_minor, bonus_minor)
        if pieces < 0
        else None,
        tax_bp=tax_bp,
    )
    own = tuple(each for each in given if each.line_id == n)
    return PricedLine(line, Money(net, currency), own, tax_minor, bonus_minor)


def _adjustments(sale_id: str, currency: str) -> list[Adjustment]:
    rows = LEDGER.execute_sql(
        f"SELECT {_ADJUSTMENT} FROM adjustment WHERE sale_id = ? ORDER BY n", (sale_id,)
    )
    return [
        Adjustment(line, layer, source, version, Money(minor, currency), zh, en)
        for _, _, line, layer, source, version, minor, zh, en in rows
    ]


def _tenders(sale_id: str, currency: str) -> tuple[Covered, ...]:
    rows = LEDGER.execute_sql(f"SELECT {_TENDER} FROM tender WHERE sale_id = ? ORDER BY n", (sale_id,))
    return tuple(
        Covered(
            key=key,
            amount=Money(amount, currency),
            tendered=Money(tendered, currency),
            change=Money(change, currency),
            exact=Money(exact, currency),
            reference=reference,
            foreign=ForeignCash(*notes) if notes[0] else None,
            bonus_minor=bonus_minor,
        )
        for _, _, key, amount, tendered, change, exact, reference, *notes, bonus_minor in rows
    )


def _sale_row(sale: Sale) -> tuple[object, ...]:
    return (
        *(sale.sale_id, sale.till, sale.till_seq, sale.number, sale.business_day, sale.operator_id),
        *(sale.total.currency, sale.total.minor, sale.begun_at_ms, sale.ended_at_ms, sale.journal_seq),
        *(sale.kind, sale.rounding.minor, sale.original_id, sale.reason, sale.approver_id),
        sale.member_id,
    )


def _line_row(sale_id: str, priced: PricedLine) -> tuple[object, ...]:
    line, back = priced.line, priced.line.returned
    return (
        *(sale_id, line.line_id, line.sku, line.gtin, line.name, line.variant, line.quantity),
        *(line.unit_price.minor, line.extended.minor, line.entry_method, int(line.voided)),
        *(priced.net.minor, line.category, line.seller_id),
        line.list_price.minor if line.list_price is not None else None,
        *((back.sale_id, back.line_number) if back is not None else ("", 0)),
        *(line.style, line.tax_bp, priced.tax_minor, priced.bonus_minor),
    )


def _tender_row(sale_id: str, n: int, t: Covered) -> tuple[object, ...]:
    notes = t.foreign
    return (
        *(sale_id, n, t.key, t.amount.minor, t.tendered.minor, t.change.minor, t.exact.minor, t.reference),
        *((notes.currency, notes.minor, notes.rate_e8, notes.rate_id) if notes else ("", 0, 0, "")),
        t.bonus_minor,
    )


def _adjustment_row(sale_id: str, n: int, each: Adjustment) -> tuple[object, ...]:
    return (
        *(sale_id, n, each.line_id, each.layer, each.source, each.source_version, each.amount.minor),
        *(each.label_zh, each.label_en),
    )


def _insert_many(table: str, columns: str, rows: Sequence[tuple[object, ...]]) -> None:
    """One statement for all rows of a sale's part."""
    if rows:
        LEDGER.execute_sql(_insertion(table, columns, len(rows)), list(chain.from_iterable(rows)))


@cache
def _insertion(table: str, columns: str, rows: int) -> str:
    one = f"({', '.join('?' * len(columns.split(',')))})"
    return f"INSERT INTO {table} ({columns}) VALUES {', '.join([one] * rows)}"
