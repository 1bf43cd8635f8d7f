"""What leaves on paper, as printable ops: pure functions of what was stored, so a reprint is the same."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from drivers.contracts import Align, Barcode, Cut, Ean13, Feed, Op, Qr, Row, Rule, Text
from services.domain import coupon_codes, gift_cards, receipt_member, tax_paper
from services.domain.basket import Line
from services.domain.exchange import ForeignCash, rate_written
from services.domain.money import Money, signed, total, written
from services.domain.paper_words import CHINESE, Words
from services.domain.priced import PricedLine, taxes
from services.domain.receipt_member import MemberOnPaper
from services.domain.settlement import Covered

Paper = list[Op]  # from top to cut
OF_THE_BAG = 4  # the first layer of adjustments that are not of one line alone
CONSOLE_FACT = "console"  # the name under which the box hands in its console's address


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
    rounding: Money  # total + rounding = the sum of the tenders
    footer: Sequence[str]  # lines
    kind: str = "sale"  # "return" | "exchange" | "void": said at the top
    words: Words = CHINESE
    copy_number: int = 0  # 0 is the original
    copied_at: str = ""
    cards: Sequence[CardOnPaper] = ()  # gift cards that were sold, or paid
    invoice: str = ""  # where the QR leads its customer for a tax invoice; "": the QR is the number
    member: MemberOnPaper | None = None
    coupons: Sequence[CouponOnPaper] = ()  # that came with the sale
    dues: Sequence[tuple[str, Money]] = ()  # (day, amount) of what is paid by instalments


@dataclass(frozen=True, slots=True)
class CardOnPaper:
    """A gift card. Its code is printed on the paper that hands it over, and masked on all others."""

    kind: str  # of gift_cards: "issued", "redeemed" ...
    code: str
    amount: Money  # what this sale did to it
    balance: Money  # after it
    hands_over: bool


@dataclass(frozen=True, slots=True)
class CouponOnPaper:
    label: tuple[str, str]  # in Chinese, in English
    code: str
    first_day: str
    last_day: str  # "": no end
    rules: tuple[tuple[str, str], ...] = ()  # what it is worth and when it holds, in both languages


@dataclass(frozen=True, slots=True, kw_only=True)
class SelfTest:
    """What a self-test ticket proves: who the box is and where, how its devices are, where its journal
    stands."""

    store_id: str
    store_name: str
    printed_at: str
    facts: Sequence[tuple[str, str]]  # (a word of the papers, or a name of its own; the value)
    console_url: str  # of the technician's page; "" where the box does not know its address
    journal_seq: int
    journal_hash: str  # hexadecimal
    words: Words = CHINESE


def self_test(ticket: SelfTest) -> Paper:
    """Every kind of thing the printer must be able to do, and a QR code to check it by."""
    words = ticket.words
    return [
        *(Text(line, Align.CENTER, bold=True, size=2) for line in words.lines_of("self_test")),
        Text(ticket.store_name, Align.CENTER),
        Rule(),
        Row(words("time"), ticket.printed_at),
        *(Row(words.named(name), value) for name, value in ticket.facts),
        Row(words("journal_seq"), str(ticket.journal_seq)),
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
    return [
        *_head(receipt),
        *_lines(receipt),
        *_sums(receipt),
        *_paid(receipt),
        *_taxes(receipt),
        *_cards(receipt),
        *_member(receipt),
        *_coupons(receipt),
        *_foot(receipt),
    ]


def gift(receipt: Receipt) -> Paper:
    """What was bought, without a word about money, and the number by which it can be exchanged."""
    words = receipt.words
    bought: list[Op] = []
    for line in _standing(receipt):
        if line.quantity > 0:
            bought.append(Row(_goods(line), f"× {line.quantity}", wraps=True))
    return [
        Text(receipt.store_name, Align.CENTER, bold=True, size=2),
        Feed(),
        Text(words("gift"), Align.CENTER, bold=True, size=2),
        Rule(),
        Row(words("number"), receipt.number),
        Text(receipt.sold_at),
        Rule(),
        *bought,
        Rule(),
        *(Text(line, Align.CENTER, bold=True) for line in words.lines_of("gift_use")),
        *_foot(replace(receipt, invoice=""))[1:],
    ]


def _head(receipt: Receipt) -> list[Op]:
    words = receipt.words
    head: list[Op] = [Text(receipt.store_name, Align.CENTER, bold=True, size=2), Feed()]
    if receipt.copy_number:  # in both languages whatever the rest is in: nobody takes it for the original
        head.append(Text(f"副本 COPY {receipt.copy_number}", Align.CENTER, bold=True, size=2))
        head.append(Text(f"{words('copied')} {receipt.copied_at}", Align.CENTER))
    if receipt.kind in ("return", "exchange", "void"):
        head.append(Text(words(receipt.kind), Align.CENTER, bold=True, size=2))
    came_from = dict.fromkeys(line.returned.number for line in _standing(receipt) if line.returned)
    originals = [number or words("no_receipt") for number in came_from]
    return [
        *head,
        Rule(),
        Row(words("number"), receipt.number),
        *(Row(words("original"), number) for number in originals),
        Row(receipt.sold_at, receipt.operator),
        Rule(),
    ]


def _lines(receipt: Receipt) -> list[Op]:
    """Every line with its price, and below it why less was paid for it alone."""
    printed: list[Op] = []
    for priced in receipt.lines:
        line = priced.line
        if line.voided:
            continue
        printed.append(Text(_goods(line)))
        printed.append(Row(f" {line.quantity} × {written(line.unit_price)}", written(line.extended)))
        printed += [
            _less(receipt.words.pick(each.label_zh, each.label_en), each.amount)
            for each in priced.adjustments
            if each.layer < OF_THE_BAG
        ]
        if (then := _as_paid(priced)).minor:
            printed.append(_less(receipt.words("as_paid"), then))
    return [*printed, Rule()]


def _less(label: str, amount: Money) -> Row:
    return Row(f"   {label}", written(amount), wraps=True)


def _as_paid(priced: PricedLine) -> Money:
    """What goods that come back were worth less than their price when they were bought."""
    given = total((each.amount for each in priced.adjustments), priced.net.currency)
    return priced.net - priced.line.extended - given


def _goods(line: Line) -> str:
    return f"{line.name} {line.variant.replace(' / ', '/')}".rstrip()


def _standing(receipt: Receipt) -> list[Line]:
    return [priced.line for priced in receipt.lines if not priced.line.voided]


def _sums(receipt: Receipt) -> list[Op]:
    """How the lines come to the total: what was taken off the whole bag, each offer once."""
    words, currency = receipt.words, receipt.total.currency
    given = [each for priced in receipt.lines for each in priced.adjustments]
    offers: dict[str, Money] = {}
    for each in given:
        if each.layer >= OF_THE_BAG:
            label = words.pick(each.label_zh, each.label_en)
            offers[label] = offers.get(label, Money(0, currency)) + each.amount
    before = receipt.total - total(offers.values(), currency)
    saved = -total((each.amount for each in given), currency)
    due = words("refund" if receipt.total.minor < 0 else "total")
    pieces = [line.quantity for line in _standing(receipt)]
    return [
        *([Row(words("pieces"), str(sum(pieces)))] if min(pieces, default=0) > 0 else []),
        *([Row(words("subtotal"), written(before))] if offers else []),
        *(Row(label, written(amount), wraps=True) for label, amount in offers.items()),
        Row(due, signed(receipt.total), bold=True, size=2),
        *([Row(words("saved"), signed(saved), bold=True)] if saved.minor > 0 else []),
        Rule(),
    ]


def _paid(receipt: Receipt) -> list[Op]:
    words = receipt.words
    paid: list[Op] = []
    if receipt.rounding.minor:
        paid.append(Row(words("rounding"), written(receipt.rounding)))
    for label, covered in receipt.tenders:
        back = f"{words('paid_back')} " if covered.tendered.minor < 0 else ""
        if covered.foreign is None:
            paid.append(Row(f"{back}{label}", written(covered.tendered), wraps=True))
        else:
            paid += _exchanged(f"{back}{label}", covered.foreign, covered.tendered)
        if covered.bonus_minor:
            bonus = Money(covered.bonus_minor, receipt.total.currency)
            paid.append(Row(f" {words('bonus_of')}", written(bonus), wraps=True))
        if covered.change.minor:
            paid.append(Row(words("change"), written(covered.change)))
    paid += [Row(f" {words('due')} {day}", written(amount)) for day, amount in receipt.dues]
    return paid


def _taxes(receipt: Receipt) -> list[Op]:
    """With what bonus paid before them, of what is bought and of what comes back: that is not taxed."""
    words, currency = receipt.words, receipt.total.currency
    told = tax_paper.rows(taxes(receipt.lines), currency, words)
    if not told:
        return []
    for what, back in (("bonus_back", True), ("bonus_off", False)):
        lines = (each for each in receipt.lines if (each.line.returned is not None) == back)
        if minor := sum(each.bonus_minor for each in lines):
            told.insert(0, (words(what), written(Money(-minor, currency))))
    return [Rule(), *(Row(what, much, wraps=True) for what, much in told)]


def _exchanged(label: str, notes: ForeignCash, worth: Money) -> list[Op]:
    """The notes in their own currency, and what they counted at which rate."""
    rate = f"1 {notes.currency} = {rate_written(notes.rate_e8)} {worth.currency}"
    return [
        Row(f"{label} {notes.currency}", written(Money(notes.minor, notes.currency)), wraps=True),
        Row(f" {rate}", written(worth), wraps=True),
    ]


def _cards(receipt: Receipt) -> list[Op]:
    """The cards that were sold, each with its code, and what is left on those that paid."""
    words = receipt.words
    printed: list[Op] = []
    for card in receipt.cards:
        if not card.hands_over:
            printed.append(Row(f"{words('gift_card')} {gift_cards.masked(card.code)}", "", wraps=True))
            printed.append(Row(f" {words('balance')}", signed(card.balance)))
            continue
        printed += [
            Rule(),
            Text(words("gift_card"), Align.CENTER, bold=True, size=2),
            Text(signed(card.balance), Align.CENTER, bold=True, size=2),
            Barcode(card.code),
            Text(gift_cards.grouped(card.code), Align.CENTER, bold=True),
            Text(words("gift_card_use"), Align.CENTER),
        ]
    return printed


def _member(receipt: Receipt) -> list[Op]:
    if receipt.member is None:
        return []
    told = receipt_member.rows(receipt.member, receipt.words)
    return [Rule(), *(Row(what, much, wraps=True) for what, much in told)]


def _coupons(receipt: Receipt) -> list[Op]:
    return [op for each in receipt.coupons for op in coupon_part(each, receipt.words)]


def coupon_part(coupon: CouponOnPaper, words: Words) -> Paper:
    """One coupon, as it stands under the sale that it came with."""
    days = f"{coupon.first_day} – {coupon.last_day}" if coupon.last_day else coupon.first_day
    rules = [line for rule in coupon.rules for line in words.lines(*rule)]
    return [
        Rule(),
        Text(words("coupon"), Align.CENTER),
        Text(words.pick(*coupon.label), Align.CENTER, bold=True, size=2),
        Qr(coupon.code),
        Text(coupon_codes.grouped(coupon.code), Align.CENTER, bold=True),
        Text(days, Align.CENTER),
        *(Text(line, Align.CENTER) for line in rules),
    ]


def _foot(receipt: Receipt) -> list[Op]:
    return [
        Rule(),
        Feed(),
        Qr(receipt.invoice or receipt.number),
        *(Text(line, Align.CENTER) for line in receipt.words.lines_of("invoice") if receipt.invoice),
        *(Text(line, Align.CENTER) for line in receipt.footer),
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
    reason: tuple[str, str]  # in Chinese, in English
    note: str
    pieces: int
    total: Money
    words: Words = CHINESE


def park_ticket(ticket: ParkTicket) -> Paper:
    """A big number, the code, and enough to know whose it is; no prices of single goods."""
    words = ticket.words
    return [
        Text(ticket.store_name, Align.CENTER),
        *(Text(line, Align.CENTER, bold=True, size=2) for line in words.lines_of("parked")),
        Text(ticket.number, Align.CENTER, bold=True, size=2),
        Rule(),
        Row(ticket.parked_at, ticket.operator),
        Row(words("reason"), words.pick(*ticket.reason), wraps=True),
        *([Text(ticket.note)] if ticket.note else []),
        Row(words("pieces"), str(ticket.pieces)),
        Row(words("total"), signed(ticket.total), bold=True),
        Rule(),
        Feed(),
        *([Ean13(ticket.code)] if ticket.code else []),
        Feed(),
        Cut(),
    ]
