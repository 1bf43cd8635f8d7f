"""Sales with their lines, tenders and postings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from services.domain.basket import Line
from services.domain.ledger import Entry
from services.domain.money import Money
from services.domain.settlement import Covered
from services.store.db import LEDGER


@dataclass(frozen=True, slots=True)
class Sale:
    """A paid sale as it was stored. Results are final: nothing here is ever computed again."""

    sale_id: str
    till: str
    till_seq: int
    number: str
    business_day: str
    operator_id: str
    total: Money
    begun_at_ms: int
    ended_at_ms: int
    journal_seq: int
    lines: tuple[Line, ...]
    tenders: tuple[Covered, ...]


def next_sequence(till: str) -> tuple[int, str]:
    """(the till's next gapless number, its last business day or "")."""
    row = LEDGER.execute_sql(
        "SELECT till_seq, business_day FROM sale WHERE till = ? ORDER BY till_seq DESC LIMIT 1", (till,)
    ).fetchone()
    last, day = row or (0, "")
    return max(int(last), _used(till)) + 1, str(day)


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
    LEDGER.execute_sql(
        "INSERT INTO sale VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            sale.sale_id,
            sale.till,
            sale.till_seq,
            sale.number,
            sale.business_day,
            sale.operator_id,
            sale.total.currency,
            sale.total.minor,
            sale.begun_at_ms,
            sale.ended_at_ms,
            sale.journal_seq,
        ),
    )
    _insert_many("sale_line", [_line_row(sale.sale_id, line) for line in sale.lines])
    _insert_many(
        "tender",
        [
            (sale.sale_id, n, t.key, t.amount.minor, t.tendered.minor, t.change.minor)
            for n, t in enumerate(sale.tenders, 1)
        ],
    )
    _insert_many(
        "posting",
        [
            (sale.sale_id, n, p.account, p.amount.currency, p.amount.minor)
            for n, p in enumerate(entry.postings, 1)
        ],
    )


def number_of(sale_id: str) -> str:
    """The printed number; "" for no sale."""
    row = LEDGER.execute_sql("SELECT number FROM sale WHERE sale_id = ?", (sale_id,)).fetchone()
    return str(row[0]) if row else ""


def by_id(sale_id: str) -> Sale | None:
    row = LEDGER.execute_sql(
        "SELECT sale_id, till, till_seq, number, business_day, operator_id, currency, total_minor,"
        " begun_at_ms, ended_at_ms, journal_seq FROM sale WHERE sale_id = ?",
        (sale_id,),
    ).fetchone()
    if row is None:
        return None
    (sale_id, till, till_seq, number, day, operator, currency, minor, begun, ended, seq) = row
    return Sale(
        sale_id,
        till,
        till_seq,
        number,
        day,
        operator,
        Money(minor, currency),
        begun,
        ended,
        seq,
        _lines(sale_id, currency),
        _tenders(sale_id, currency),
    )


def _lines(sale_id: str, currency: str) -> tuple[Line, ...]:
    rows = LEDGER.execute_sql(
        "SELECT line_number, sku, gtin, name, variant, quantity, unit_price_minor, entry_method, voided"
        " FROM sale_line WHERE sale_id = ? ORDER BY line_number",
        (sale_id,),
    )
    return tuple(
        Line(n, sku, gtin, name, variant, pieces, Money(price, currency), entry, bool(voided))
        for n, sku, gtin, name, variant, pieces, price, entry, voided in rows
    )


def _tenders(sale_id: str, currency: str) -> tuple[Covered, ...]:
    rows = LEDGER.execute_sql(
        "SELECT key, amount_minor, tendered_minor, change_minor FROM tender WHERE sale_id = ? ORDER BY n",
        (sale_id,),
    )
    return tuple(
        Covered(key, Money(amount, currency), Money(tendered, currency), Money(change, currency))
        for key, amount, tendered, change in rows
    )


def _line_row(sale_id: str, line: Line) -> tuple[object, ...]:
    return (
        sale_id,
        line.line_id,
        line.sku,
        line.gtin,
        line.name,
        line.variant,
        line.quantity,
        line.unit_price.minor,
        line.extended.minor,
        line.entry_method,
        int(line.voided),
    )


def _insert_many(table: str, rows: Sequence[tuple[object, ...]]) -> None:
    """One statement for all rows of a sale's part."""
    if rows:
        LEDGER.execute_sql(_insertion(table, len(rows), len(rows[0])), [v for row in rows for v in row])


@cache
def _insertion(table: str, rows: int, columns: int) -> str:
    one = f"({', '.join('?' * columns)})"
    return f"INSERT INTO {table} VALUES {', '.join([one] * rows)}"
