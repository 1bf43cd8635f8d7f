"""X and Z on paper, from the stored report: a reprint says the same."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from drivers.contracts import Align, Cut, Feed, Op, Qr, Row, Rule, Text
from services.domain.money import Money, signed, written
from services.domain.z import Z, ZCash, ZTender

LAYERS = {1: "会员价", 2: "单品优惠", 3: "套装优惠", 4: "整单优惠", 5: "优惠券", 6: "积分抵扣"}
HIDDEN = "清点后显示"


@dataclass(frozen=True, slots=True, kw_only=True)
class ZPaper:
    """What stands on the paper. `numbered` is false for an X; a `blind` one keeps back what would tell the
    drawer's content to whoever is about to count it."""

    z: Z
    store_name: str
    opened_at: str  # "2026-11-22 09:43"
    closed_at: str
    people: Mapping[str, str]  # operator id -> name
    tenders: Mapping[str, str]  # key -> label
    numbered: bool = True
    blind: bool = False
    z_hash: str = ""
    copy_number: int = 0


def ops(paper: ZPaper) -> list[Op]:
    return [*_head(paper), *_sales(paper), *_tenders(paper), *_cash(paper), *_rest(paper), *_foot(paper)]


def _head(paper: ZPaper) -> list[Op]:
    z = paper.z
    title = f"日结 Z {z.z_no}" if paper.numbered else "中途 X"
    head: list[Op] = [Text(title, Align.CENTER, bold=True, size=2), Text(paper.store_name, Align.CENTER)]
    if paper.copy_number:
        head.append(Text(f"副本 COPY {paper.copy_number}", Align.CENTER, bold=True))
    head += [
        Rule(),
        Row("收银台", z.workstation_id),
        Row("营业日", z.business_day),
        Row("开班", f"{paper.opened_at} {_person(paper, z.opened_by)}"),
        Row("交班" if paper.numbered else "打印", f"{paper.closed_at} {_person(paper, z.closed_by)}"),
    ]
    if z.unattended:
        head.append(Text("无人交班，过营业日自动结 UNATTENDED", bold=True))
    return [*head, Rule()]


def _person(paper: ZPaper, operator_id: str) -> str:
    return paper.people.get(operator_id, operator_id)


def _sales(paper: ZPaper) -> list[Op]:
    z = paper.z
    rows: list[Op] = [
        Row("销售笔数", str(z.sales)),
        Row("件数", str(z.pieces)),
        Row("销售原价", _money(z, z.gross_minor)),
    ]
    rows += [
        Row(f" {LAYERS.get(each.layer, str(each.layer))} × {each.count}", _money(z, each.amount_minor))
        for each in z.discounts
    ]
    if z.returns or z.returned_minor:
        rows.append(Row(f"退货 × {z.returns}", _money(z, z.returned_minor)))
    rows.append(Row("净销售", signed(Money(z.net_minor, z.currency)), bold=True))
    if z.rounding_minor:
        rows.append(Row("抹零", _money(z, z.rounding_minor)))
    return [*rows, Rule()]


def _tenders(paper: ZPaper) -> list[Op]:
    rows: list[Op] = []
    for tender in paper.z.tenders:
        label = f"{paper.tenders.get(tender.tender_type, tender.tender_type)} × {tender.count}"
        if paper.blind and tender.tender_type in paper.z.cash_tenders:
            rows.append(Row(label, HIDDEN))
            continue
        rows.append(Row(label, written(Money(tender.amount_minor, tender.currency))))
        if tender.refunds:
            rows.append(Row(f" 退款 × {tender.refunds}", _refunded(tender)))
    return [*rows, Rule()] if rows else rows


def _refunded(tender: ZTender) -> str:
    return written(Money(-tender.refunds_minor, tender.currency))


def _cash(paper: ZPaper) -> list[Op]:
    if paper.blind:
        return [Row("钱箱应有", HIDDEN), Rule()]
    return [op for cash in paper.z.cash for op in _drawer(paper, cash)]


def _drawer(paper: ZPaper, cash: ZCash) -> list[Op]:
    def row(label: str, minor: int, *, bold: bool = False) -> Op:
        return Row(label, written(Money(minor, cash.currency)), bold=bold)

    moved = (
        ("现金销售", cash.sales_minor),
        ("现金退款", -cash.refunds_minor),
        ("存入", cash.pay_ins_minor),
        ("借入", cash.loans_minor),
        ("支出", -cash.pay_outs_minor),
        ("缴款", -cash.drops_minor),
    )
    unknown = paper.z.unknown_float
    rows: list[Op] = [
        Text(f"钱箱 {cash.currency}", bold=True),
        Row(" 备用金", "未清点") if unknown else row(" 备用金", cash.float_minor),
        *(row(f" {label}", minor) for label, minor in moved if minor),
        row("应有", cash.expected_minor, bold=True),
    ]
    if cash.counted_minor is None or cash.variance_minor is None:
        rows.append(Row("清点", "未清点" if paper.numbered else "—"))
    else:
        rows.append(row("清点", cash.counted_minor, bold=True))
        if not unknown:
            short = "短款" if cash.variance_minor < 0 else "长款" if cash.variance_minor else "差额"
            rows.append(row(short, cash.variance_minor, bold=True))
    return [*rows, Rule()]


def _rest(paper: ZPaper) -> list[Op]:
    z = paper.z
    counts = (
        ("整单作废", z.voids),
        ("删除的行", z.voided_lines),
        ("改价", z.changed_prices),
        ("开钱箱（无交易）", z.no_sales),
        ("补打小票", z.copies),
    )
    rows: list[Op] = [Row(label, str(number)) for label, number in counts]
    for each in z.operators:
        rows.append(Row(f"{_person(paper, each.operator_id)} × {each.sales}", _money(z, each.net_minor)))
        if each.no_sales:
            rows.append(Row(" 开钱箱", str(each.no_sales)))
    if z.reason:
        rows.append(Text(f"差额原因 {z.reason}"))
    if z.approver_id:
        rows.append(Row("批准", _person(paper, z.approver_id)))
    return [*rows, Rule()]


def _foot(paper: ZPaper) -> list[Op]:
    z = paper.z
    foot: list[Op] = [
        Row("首单", z.first_number or "—"),
        Row("末单", z.last_number or "—"),
        Row("日志", f"{z.first_seq}–{z.last_seq}"),
        Row("累计净销售", written(Money(z.grand_total_minor, z.currency))),
    ]
    if paper.z_hash:
        foot += [Text(paper.z_hash), Qr(f"Z:{z.workstation_id}:{z.z_no}:{paper.z_hash[:32]}")]
    return [*foot, Feed(), Cut()]


def _money(z: Z, minor: int) -> str:
    return written(Money(minor, z.currency))
