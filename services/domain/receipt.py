"""What leaves on paper, as printable ops: pure functions of what was stored, so a reprint is the same."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from drivers.contracts import Align, Barcode, Cut, Feed, Op, Qr, Row, Rule, Text
from services.domain.basket import Line
from services.domain.money import Money, signed, written
from services.domain.priced import PricedLine
from services.domain.settlement import Covered

Paper = list[Op]  # from top to cut
CONSOLE_FACT = "控制台"  # the name under which the box hands in its console's address


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """What stands on the paper. Texts are as people wrote them; the printer's driver disarms them."""

    store_name: str
    number: str
    sold_at: str  # "2026-11-22 09:43"
    operator: str
    lines: Sequence[PricedLine]
    tenders: Sequence[tuple[str, Covered]]  # (label, what it covered)
    total: Money
    rounding: Money
    footer: str
    copy_number: int = 0  # 0 is the original
    copied_at: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SelfTest:
    """What a self-test ticket proves: who the box is and where, how its devices are, where its journal
    stands."""

    store_id: str
    store_name: str
    printed_at: str
    facts: Sequence[tuple[str, str]]
    console_url: str  # of the technician's page; "" where the box does not know its address
    journal_seq: int
    journal_hash: str  # hexadecimal


def self_test(ticket: SelfTest) -> Paper:
    """Every kind of thing the printer must be able to do, and a QR code to check it by."""
    return [
        Text("自检 SELF-TEST", Align.CENTER, bold=True, size=2),
        Text(ticket.store_name, Align.CENTER),
        Rule(),
        Row("时间", ticket.printed_at),
        *(Row(name, value) for name, value in ticket.facts),
        Row("日志序号", str(ticket.journal_seq)),
        Text(ticket.journal_hash),
        Rule(),
        Text("中文 ABC abc 0123456789 ¥ × –", Align.CENTER),
        Qr(ticket.console_url or f"{ticket.store_id}:{ticket.journal_seq}:{ticket.journal_hash[:16]}"),
        *([Text(ticket.console_url, Align.CENTER)] if ticket.console_url else []),
        Feed(),
        Cut(),
    ]


def ops(receipt: Receipt) -> Paper:
    """A sale's receipt, or a copy of it."""
    return [*_head(receipt), *_lines(receipt), *_sums(receipt), *_foot(receipt)]


def _head(receipt: Receipt) -> list[Op]:
    head: list[Op] = [Text(receipt.store_name, Align.CENTER, bold=True, size=2), Feed()]
    if receipt.copy_number:
        head.append(Text(f"副本 COPY {receipt.copy_number}", Align.CENTER, bold=True, size=2))
        head.append(Text(f"补打 {receipt.copied_at}", Align.CENTER))
    return [
        *head,
        Rule(),
        Row("单号", receipt.number),
        Row(receipt.sold_at, receipt.operator),
        Rule(),
    ]


def _lines(receipt: Receipt) -> list[Op]:
    printed: list[Op] = []
    for line in _standing(receipt):
        printed.append(Text(f"{line.name} {line.variant.replace(' / ', '/')}"))
        printed.append(Row(f" {line.quantity} × {written(line.unit_price)}", written(line.extended)))
    return [*printed, Rule()]


def _standing(receipt: Receipt) -> list[Line]:
    return [priced.line for priced in receipt.lines if not priced.line.voided]


def _sums(receipt: Receipt) -> list[Op]:
    pieces = sum(line.quantity for line in _standing(receipt))
    sums: list[Op] = [
        Row("件数", str(pieces)),
        Row("合计", signed(receipt.total), bold=True, size=2),
        Rule(),
    ]
    for label, covered in receipt.tenders:
        sums.append(Row(label, written(covered.tendered)))
        if covered.change.minor:
            sums.append(Row("找零", written(covered.change)))
    return sums


def _foot(receipt: Receipt) -> list[Op]:
    return [
        Rule(),
        Feed(),
        Qr(receipt.number),
        Text(receipt.footer, Align.CENTER),
        Feed(),
        Barcode(receipt.number),
        Cut(),
    ]


@dataclass(frozen=True, slots=True, kw_only=True)
class ParkTicket:
    """What a customer holds whose basket is parked."""

    store_name: str
    number: str  # "0042", as people say it
    code: str  # EAN-13 that a scanner resumes by; "" where the shop has none
    parked_at: str
    operator: str
    reason: str
    note: str
    pieces: int
    total: Money


def park_ticket(ticket: ParkTicket) -> Paper:
    """A big number, the code, and enough to know whose it is; no prices of single goods."""
    return [
        Text(ticket.store_name, Align.CENTER),
        Text("挂单 PARKED", Align.CENTER, bold=True, size=2),
        Text(ticket.number, Align.CENTER, bold=True, size=2),
        Rule(),
        Row(ticket.parked_at, ticket.operator),
        Row("原因", ticket.reason),
        *([Text(ticket.note)] if ticket.note else []),
        Row("件数", str(ticket.pieces)),
        Row("合计", signed(ticket.total), bold=True),
        Rule(),
        Feed(),
        *([Barcode(ticket.code)] if ticket.code else []),
        Feed(),
        Cut(),
    ]
