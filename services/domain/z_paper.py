"""X and Z on paper, from the stored report: a reprint says the same."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from drivers.contracts import Align, Cut, Feed, Op, Qr, Row, Rule, Text
from services.domain import tax_paper, z_members_paper
from services.domain.money import Money, signed, written
from services.domain.paper_words import CHINESE, Words
from services.domain.z import Z, ZCash, ZForeign, ZOperator, ZTender

LAYERS = {
    1: ("会员价", "Member price"),
    2: ("单品优惠", "Item discount"),
    3: ("套装优惠", "Bundle"),
    4: ("整单优惠", "Order discount"),
    5: ("优惠券", "Coupon"),
    6: ("积分抵扣", "Points"),
}
REASONS = {
    "not_found": ("查不出", "not found"),
    "wrong_change": ("找错零", "wrong change"),
    "wrong_tender": ("收款方式记错", "wrong tender"),
    "other": ("其他", "other"),
}
HIDDEN = ("清点后显示", "after counting")
UNCOUNTED = ("未清点", "not counted")
SHORT, OVER, EXACT = ("短款", "Short"), ("长款", "Over"), ("差额", "Difference")


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
    times: Mapping[int, str] = field(default_factory=dict)  # of turns: "13:02"
    numbered: bool = True
    blind: bool = False
    z_hash: str = ""
    copy_number: int = 0
    words: Words = CHINESE

    def say(self, zh: str, en: str) -> str:
        return self.words.pick(zh, en)


def ops(paper: ZPaper) -> list[Op]:
    """Every label whole: on narrow paper, or in two languages, it takes two lines rather than be cut."""
    laid_out = [
        *(*_head(paper), *_sales(paper), *_tenders(paper), *_cash(paper)),
        *(*_members(paper), *_rest(paper), *_foot(paper)),
    ]
    return [replace(each, wraps=True) if isinstance(each, Row) else each for each in laid_out]


def _head(paper: ZPaper) -> list[Op]:
    z = paper.z
    title = f"Z {z.z_no}" if paper.numbered else "X"
    named = "日结" if paper.numbered else "中途"
    copy = f"COPY {paper.copy_number}"
    head: list[Op] = [
        Text(
            title if paper.words.language == "en" else f"{named} {title}", Align.CENTER, bold=True, size=2
        ),
        Text(paper.store_name, Align.CENTER),
    ]
    if paper.copy_number:
        named_copy = copy if paper.words.language == "en" else f"副本 {copy}"
        head.append(Text(named_copy, Align.CENTER, bold=True))
    head += [
        Rule(),
        Row(paper.say("收银台", "Till"), z.workstation_id),
        Row(paper.say("营业日", "Business day"), z.business_day),
        Row(paper.say("开班", "Opened"), f"{paper.opened_at} {_person(paper, z.opened_by)}"),
        Row(
            paper.say("交班", "Closed") if paper.numbered else paper.say("打印", "Printed"),
            f"{paper.closed_at} {_person(paper, z.closed_by)}",
        ),
    ]
    if z.unattended:
        head.append(Text(paper.say("无人交班，过营业日自动结", "UNATTENDED"), bold=True))
    return [*head, Rule()]


def _layer(paper: ZPaper, layer: int) -> str:
    return paper.say(*LAYERS[layer]) if layer in LAYERS else str(layer)


def _person(paper: ZPaper, operator_id: str) -> str:
    return paper.people.get(operator_id, operator_id)


def _sales(paper: ZPaper) -> list[Op]:
    z = paper.z
    rows: list[Op] = [
        Row(paper.say("销售笔数", "Sales"), str(z.sales)),
        Row(paper.say("件数", "Pieces"), str(z.pieces)),
        Row(paper.say("销售原价", "Gross"), _money(z, z.gross_minor)),
    ]
    rows += [
        Row(
            f" {_layer(paper, each.layer)} × {each.count}",
            _money(z, each.amount_minor),
        )
        for each in z.discounts
    ]
    if z.returns or z.returned_minor:
        rows.append(Row(f"{paper.say('退货', 'Returns')} × {z.returns}", _money(z, z.returned_minor)))
    rows.append(Row(paper.say("净销售", "Net sales"), signed(Money(z.net_minor, z.currency)), bold=True))
    if z.bonus_minor:
        rows.append(Row(f" {paper.words('bonus_off')}", _money(z, -z.bonus_minor)))
        rows.append(Row(paper.say("扣赠送金后", "After bonus"), _money(z, z.net_minor - z.bonus_minor)))
    rows += [Row(*each, wraps=True) for each in tax_paper.rows(z.taxes, z.currency, paper.words)]
    rows += _gift_cards(paper)
    if z.rounding_minor:
        rows.append(Row(paper.say("抹零", "Rounding"), _money(z, z.rounding_minor)))
    return [*rows, Rule()]


def _gift_cards(paper: ZPaper) -> list[Op]:
    """What the shop came to owe on cards, and what it no longer does: beside net sales, never in them."""
    cards = paper.z.gift_cards
    if cards is None:
        return []
    sold, back = (
        paper.say("售出礼品卡", "Gift cards sold"),
        paper.say("收回礼品卡", "Gift cards taken back"),
    )
    told = (
        (f"{sold} × {cards.sold}", cards.sold_minor),
        (f"{back} × {cards.taken_back}", -cards.taken_back_minor),
        (paper.say("礼品卡消费", "Paid by gift cards"), -cards.redeemed_minor),
        (paper.say("退回礼品卡", "Put back on gift cards"), cards.refunded_minor),
    )
    return [Row(label, _money(paper.z, minor)) for label, minor in told if minor]


def _tenders(paper: ZPaper) -> list[Op]:
    rows: list[Op] = []
    for tender in paper.z.tenders:
        label = f"{paper.tenders.get(tender.tender_type, tender.tender_type)} × {tender.count}"
        if paper.blind and tender.tender_type in paper.z.cash_tenders:
            rows.append(Row(label, paper.say(*HIDDEN)))
            continue
        rows.append(Row(label, written(Money(tender.amount_minor, tender.currency))))
        rows += _bonus_of(paper, tender.bonus_minor)
        if tender.refunds:
            rows.append(Row(f" {paper.say('退款', 'Refunds')} × {tender.refunds}", _refunded(tender)))
            rows += _bonus_of(paper, -tender.bonus_refunds_minor)
    rows += [op for each in paper.z.foreign for op in _foreign(paper, each)]
    return [*rows, Rule()] if rows else rows


def _bonus_of(paper: ZPaper, minor: int) -> list[Op]:
    return [Row(f"  {paper.words('bonus_of')}", _money(paper.z, minor))] if minor else []


def _foreign(paper: ZPaper, each: ZForeign) -> list[Op]:
    """The notes of one currency, and what they counted when they were taken."""
    label = f" {each.currency} × {each.count}"
    if paper.blind:
        return [Row(label, paper.say(*HIDDEN))]
    as_much, back = paper.say("折合", "worth"), paper.say("退回", "Handed back")
    rows: list[Op] = [
        Row(label, written(Money(each.foreign_minor, each.currency))),
        Row(f"  {as_much}", _money(paper.z, each.worth_minor)),
    ]
    if each.refunds:
        handed = written(Money(-each.refunds_foreign_minor, each.currency))
        rows += [
            Row(f" {back} {each.currency} × {each.refunds}", handed),
            Row(f"  {as_much}", _money(paper.z, -each.refunds_worth_minor)),
        ]
    return rows


def _refunded(tender: ZTender) -> str:
    return written(Money(-tender.refunds_minor, tender.currency))


def _cash(paper: ZPaper) -> list[Op]:
    if paper.blind:
        return [Row(paper.say("钱箱应有", "Expected cash"), paper.say(*HIDDEN)), Rule()]
    return [op for cash in paper.z.cash for op in _drawer(paper, cash)]


def _drawer(paper: ZPaper, cash: ZCash) -> list[Op]:
    def row(label: str, minor: int, *, bold: bool = False) -> Op:
        return Row(label, written(Money(minor, cash.currency)), bold=bold)

    moved = (
        (("现金销售", "Cash sales"), cash.sales_minor),
        (("现金退款", "Cash refunds"), -cash.refunds_minor),
        (("存入", "Paid in"), cash.pay_ins_minor),
        (("借入", "Loans"), cash.loans_minor),
        (("支出", "Paid out"), -cash.pay_outs_minor),
        (("缴款", "Drops"), -cash.drops_minor),
        (("外币找零", "Change for foreign cash"), -cash.change_minor),
    )
    unknown, float_ = paper.z.unknown_float, paper.say("备用金", "Float")
    rows: list[Op] = [
        Text(f"{paper.say('钱箱', 'Drawer')} {cash.currency}", bold=True),
        Row(f" {float_}", paper.say(*UNCOUNTED)) if unknown else row(f" {float_}", cash.float_minor),
        *(row(f" {paper.say(*label)}", minor) for label, minor in moved if minor),
        row(paper.say("应有", "Expected"), cash.expected_minor, bold=True),
    ]
    if cash.counted_minor is None or cash.variance_minor is None:
        rows.append(Row(paper.say("清点", "Counted"), paper.say(*UNCOUNTED) if paper.numbered else "—"))
    else:
        rows.append(row(paper.say("清点", "Counted"), cash.counted_minor, bold=True))
        if not unknown:
            short = SHORT if cash.variance_minor < 0 else OVER if cash.variance_minor else EXACT
            rows.append(row(paper.say(*short), cash.variance_minor, bold=True))
    return [*rows, Rule()]


def _members(paper: ZPaper) -> list[Op]:
    z = paper.z
    lines = z_members_paper.lines(z.members, z.currency, paper.words, blind=paper.blind)
    rows: list[Op] = [Row(label, text) if text else Text(label, bold=True) for label, text in lines]
    return [*rows, Rule()] if rows else []


def _rest(paper: ZPaper) -> list[Op]:
    z = paper.z
    counts = (
        (("整单作废", "Voided sales"), z.voids),
        (("删除的行", "Removed lines"), z.voided_lines),
        (("改价", "Changed prices"), z.changed_prices),
        (("开钱箱（无交易）", "No-sale openings"), z.no_sales),
        (("钥匙开钱箱", "Opened by key"), z.key_openings),
        (("补打小票", "Copies"), z.copies),
        (("挂单", "Parked"), z.parked),
        (("放弃的挂单", "Given up"), z.abandoned),
    )
    rows: list[Op] = [Row(paper.say(*label), str(number)) for label, number in counts]
    for each in z.operators:
        rows.append(Row(f"{_person(paper, each.operator_id)} × {each.sales}", _money(z, each.net_minor)))
        turns = [turn for turn in z.sub_shifts or () if turn.operator_id == each.operator_id]
        rows += [Row(f" {_span(paper, turn)} × {turn.sales}", _money(z, turn.net_minor)) for turn in turns]
        if each.no_sales:
            rows.append(Row(f" {paper.say('开钱箱', 'No-sale openings')}", str(each.no_sales)))
    if z.reason:
        rows.append(Text(f"{paper.say('差额原因', 'Reason')}: {_reason(paper)} {z.note}".rstrip()))
    if z.approver_id:
        rows.append(Row(paper.say("批准", "Approved"), _person(paper, z.approver_id)))
    return [*rows, Rule()]


def _span(paper: ZPaper, turn: ZOperator) -> str:
    first, last = (paper.times.get(at_ms, "") for at_ms in (turn.first_at_ms, turn.last_at_ms))
    return first if first == last else f"{first}–{last}"


def _reason(paper: ZPaper) -> str:
    known = REASONS.get(paper.z.reason)
    return paper.say(*known) if known else paper.z.reason


def _foot(paper: ZPaper) -> list[Op]:
    z = paper.z
    foot: list[Op] = [
        Row(paper.say("首单", "First sale"), z.first_number or "—"),
        Row(paper.say("末单", "Last sale"), z.last_number or "—"),
        Row(paper.say("日志", "Journal"), f"{z.first_seq}–{z.last_seq}"),
        Row(paper.say("累计净销售", "Grand total"), written(Money(z.grand_total_minor, z.currency))),
    ]
    if paper.z_hash:
        foot += [Text(paper.z_hash), Qr(f"Z:{z.workstation_id}:{z.z_no}:{paper.z_hash[:32]}")]
    return [*foot, Feed(), Cut()]


def _money(z: Z, minor: int) -> str:
    return written(Money(minor, z.currency))
