"""A sale as printable ops: a pure function of what was stored, so a reprint is the same paper."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from drivers.contracts import Align, Barcode, Cut, Feed, Op, Qr, Row, Rule, Text
from services.domain.basket import Line
from services.domain.money import Money, written
from services.domain.settlement import Covered


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """What stands on the paper. Texts are as people wrote them; the printer's driver disarms them."""

    store_name: str
    number: str
    sold_at: str  # "2026-11-22 09:43"
    operator: str
    lines: Sequence[Line]
    tenders: Sequence[tuple[str, Covered]]  # (label, what it covered)
    total: Money
    footer: str
    copy_number: int = 0  # 0 is the original
    copied_at: str = ""


def ops(receipt: Receipt) -> list[Op]:
    """The paper from top to cut."""
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
    for line in receipt.lines:
        if not line.voided:
            printed.append(Text(f"{line.name} {line.variant.replace(' / ', '/')}"))
            printed.append(Row(f" {line.quantity} × {written(line.unit_price)}", written(line.extended)))
    return [*printed, Rule()]


def _sums(receipt: Receipt) -> list[Op]:
    pieces = sum(line.quantity for line in receipt.lines if not line.voided)
    sums: list[Op] = [
        Row("件数", str(pieces)),
        Row("合计", f"¥{written(receipt.total)}", bold=True, size=2),
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
