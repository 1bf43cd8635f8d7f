"""The tables against the journal: fold it again and name every difference."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime

import msgspec

from services.domain.events import SaleCompleted
from services.domain.gift_cards import CATEGORY, TENDER
from services.domain.ledger import BONUS, GIFT_CARDS, REVENUE
from services.domain.tax import RateTax, by_rate
from services.store import (
    attendance,
    check_ins,
    commission,
    coupon_books,
    exchange_rates,
    gift_cards,
    instalments,
    journal,
    member_books,
    parked,
    points,
    points_rules,
    promotions,
    referrals,
    rights,
    roster,
    shift_books,
    stock,
    stored_value_books,
    tags,
    tiers,
)
from services.store.db import LEDGER

FAULTS_MAX = 20
WRONG_MAX = 1_000  # lines of one answer

# Every other part of the shop that the journal proves: what it is, and the differences it finds.
FOLDS: dict[str, Callable[[], list[str]]] = {
    "stock": stock.differences,
    "parked baskets": parked.differences,
    "promotion": promotions.differences,
    "attendance": attendance.differences,
    "staff": roster.differences,
    "rights": rights.differences,
    "commission": commission.differences,
    "shifts": shift_books.differences,
    "gift cards": gift_cards.differences,
    "instalments": instalments.differences,
    "stored value": stored_value_books.differences,
    "coupons": coupon_books.differences,
    "exchange rates": exchange_rates.differences,
    "members": member_books.differences,
    "tags": tags.differences,
    "tiers": tiers.differences,
    "points": points.differences,
    "points rules": points_rules.differences,
    "check-ins": check_ins.differences,
    "referrals": referrals.differences,
}

_Row = tuple[object, ...]

_PARTS = {  # what a sale has in each table; every column but the tenders' accounts is in the journal too
    "sale": "till, till_seq, number, business_day, operator_id, currency, total_minor, begun_at_ms,"
    " ended_at_ms, journal_seq, kind, rounding_minor, original_id, reason, approver_id,"
    " member_id",
    "sale_line": "line_number, sku, gtin, name, variant, quantity, unit_price_minor, extended_minor,"
    " entry_method, voided, net_minor, category, seller_id, list_price_minor, return_of, return_line,"
    " style, tax_bp, tax_minor, bonus_minor",
    "tender": "n, key, amount_minor, tendered_minor, change_minor, exact_minor, reference, currency,"
    " foreign_minor, rate_e8, rate_id, bonus_minor",
    "adjustment": "n, line_number, layer, source, source_version, amount_minor, label_zh, label_en",
    "tender_draw": "n, original_id, amount_minor, back_minor",
    "posting": "n, currency, amount_minor,"
    f" CASE WHEN account IN ('{REVENUE}', '{GIFT_CARDS}', '{BONUS}') THEN account ELSE '' END",
}


class _Envelope(msgspec.Struct):
    seq: int
    type: str
    time: str
    data: msgspec.Raw


_read_envelope = msgspec.json.Decoder(_Envelope).decode
_read_sale = msgspec.json.Decoder(SaleCompleted).decode


def faults() -> list[str]:
    """What SQLite finds wrong with its own file; at most FAULTS_MAX lines."""
    try:
        rows = LEDGER.execute_sql(f"PRAGMA integrity_check({FAULTS_MAX:d})").fetchall()
    except journal.UNREADABLE as error:
        if not journal.is_damage(error):
            raise
        return [str(error)]
    return [str(row[0]) for row in rows if row[0] != "ok"]


def differences() -> list[str]:
    """Every sale, stock or shift in which journal and tables disagree, and all that cannot be read: at most
    WRONG_MAX lines. Each line names one row or one table."""
    wrong: list[str] = []
    told: set[object] = set()
    for row in _scan("SELECT seq, type, at_ms, body FROM journal ORDER BY seq", wrong):
        wrong += _row_differences(row, told)
    for table in _PARTS:
        for (sale_id,) in _scan(f"SELECT DISTINCT sale_id FROM {table}", wrong):
            if sale_id not in told:
                wrong.append(f"{table} {sale_id!r} is not in the journal")
    for name, fold in FOLDS.items():
        wrong += _folded(name, fold)
    return wrong[:WRONG_MAX]


def _folded(name: str, fold: Callable[[], list[str]]) -> list[str]:
    """What another part of the books says of itself, or that it cannot be read."""
    try:
        return fold()
    except msgspec.MsgspecError as error:  # the journal's row is named above
        return [f"{name} cannot be compared: {error}"]
    except journal.UNREADABLE as error:
        if not journal.is_damage(error):
            raise
        return [f"{name} cannot be read: {error}"]


def _scan(query: str, wrong: list[str], *values: object) -> Iterator[_Row]:
    """The rows, as far as they can be read; what ends them goes to `wrong`."""
    try:
        yield from LEDGER.execute_sql(query, values)
    except journal.UNREADABLE as error:
        if not journal.is_damage(error):
            raise
        wrong.append(f"{query.split(' FROM ')[1].split()[0]} cannot be read: {error}")


def _row_differences(row: _Row, told: set[object]) -> list[str]:
    """Of one journal row; the sale it tells of goes to `told`."""
    seq, kind, at_ms, body = row
    try:
        event = _read_envelope(body)  # type: ignore[arg-type]
        recorded_ms = round(datetime.fromisoformat(event.time).timestamp() * 1000)
        sale = _read_sale(event.data) if event.type == SaleCompleted.type else None
    except (msgspec.MsgspecError, ValueError, TypeError) as error:
        return [f"journal {seq} cannot be read: {error}"]
    wrong = []
    if (event.seq, event.type, recorded_ms) != (seq, kind, at_ms):
        wrong.append(f"journal {seq}: {kind!r} at {at_ms} but {event.type!r} at {recorded_ms} in its body")
    if sale is not None:
        told.add(sale.sale_id)
        wrong += _sale_differences(sale, event.seq)
    return wrong


def _sale_differences(sale: SaleCompleted, seq: int) -> list[str]:
    wrong: list[str] = []
    if sale.taxes != (taxes := _taxes(sale)):
        wrong.append(f"sale {sale.sale_id} taxes: {sale.taxes!r} but its lines {taxes!r}")
    if sale.bonus_minor != (bonus_minor := sum(line.bonus_minor for line in sale.line_items)):
        wrong.append(f"sale {sale.sale_id} bonus: {sale.bonus_minor} but its lines {bonus_minor}")
    for table, expected in _expected(sale, seq).items():
        query = f"SELECT {_PARTS[table]} FROM {table} WHERE sale_id = ? ORDER BY 1"
        stored = list(_scan(query, wrong, sale.sale_id))
        if stored != expected:
            wrong.append(f"sale {sale.sale_id} {table}: {stored!r} but journal {expected!r}")
    return wrong


def _expected(sale: SaleCompleted, seq: int) -> dict[str, list[_Row]]:
    """The rows that _PARTS must find."""
    return {
        "sale": [
            (
                *(sale.workstation_id, sale.sequence_number, sale.number, sale.business_day),
                *(sale.operator_id, sale.currency, sale.total_minor, sale.begun_at_ms, sale.ended_at_ms),
                *(seq, sale.kind, sale.rounding_minor, sale.original_id, sale.reason, sale.approver_id),
                sale.member_id,
            )
        ],
        "sale_line": [
            (
                *(i.line_number, i.item_id, i.gtin, i.description, i.variant, i.quantity),
                *(i.unit_price_minor, i.extended_minor, i.entry_method, int(i.void_flag)),
                i.extended_minor if i.net_minor is None else i.net_minor,
                *(i.category, i.seller_id, i.list_price_minor, i.return_of, i.return_line, i.style),
                *(i.tax_bp, i.tax_minor, i.bonus_minor),
            )
            for i in sale.line_items
        ],
        "tender": [
            (
                *(n, t.tender_type, t.amount_minor, t.tendered_minor, t.change_minor),
                *(t.amount_minor if t.exact_minor is None else t.exact_minor, t.reference),
                *(t.currency, t.foreign_minor, t.rate_e8, t.rate_id, t.bonus_minor),
            )
            for n, t in enumerate(sale.tenders, 1)
        ],
        "adjustment": [
            (
                *(n, a.line_number, a.layer, a.source, a.source_version, a.amount_minor),
                *(a.label_zh, a.label_en),
            )
            for n, a in enumerate(sale.adjustments, 1)
        ],
        "tender_draw": [
            (d.tender_number, sale.original_id, d.amount_minor, d.back_minor) for d in sale.drawn
        ],
        "posting": [
            (n, sale.currency, minor, account) for n, (account, minor) in enumerate(_postings(sale), 1)
        ],
    }


def _taxes(sale: SaleCompleted) -> tuple[RateTax, ...]:
    return by_rate(
        (
            line.quantity < 0,
            line.tax_bp,
            line.extended_minor if line.net_minor is None else line.net_minor,
            line.tax_minor,
            line.bonus_minor,
        )
        for line in sale.line_items
        if not line.void_flag
    )


def _postings(sale: SaleCompleted) -> list[tuple[str, int]]:
    """(account, amount); "" for one that only the shop's tenders and rules name."""
    moved = []
    for t in sale.tenders:  # change for notes of another currency is another drawer's
        change = t.change_minor if t.currency else 0
        account = GIFT_CARDS if t.tender_type == TENDER else ""
        moved.append((account, t.amount_minor + change - t.bonus_minor))
        moved += [("", -change)] if change else []
        moved += [(BONUS, t.bonus_minor)] if t.bonus_minor else []
    if sale.rounding_minor:
        moved.append(("", -sale.rounding_minor))
    cards = sum(
        line.extended_minor if line.net_minor is None else line.net_minor
        for line in sale.line_items
        if line.category == CATEGORY and not line.void_flag
    )
    if cards:
        moved.append((GIFT_CARDS, -cards))
    return [*moved, (REVENUE, cards - sale.total_minor)]
