"""X and Z: what a shift did, folded from its events. The same events give the same report for ever."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from services.domain.cash import Drawer
from services.domain.coupon_events import CouponMoved
from services.domain.events import (
    Event,
    OperatorSignedOff,
    ReceiptCopied,
    SaleCompleted,
    SoldLine,
    SoldTender,
)
from services.domain.gift_cards import CATEGORY
from services.domain.member_events import MemberJoined
from services.domain.parked_events import BasketAbandoned, BasketParked
from services.domain.points_events import PointsMoved
from services.domain.shift_events import CashMoved, DrawerOpened, DrawerReleased, ShiftOpened
from services.domain.stored_value_events import StoredValueMoved
from services.domain.tax import RateTax, together
from services.domain.z_loyalty import Fact, Loyalty, Rate, money

# Kind of a document that goods are on -> how many customers it makes.
CUSTOMERS = {"sale": 1, "exchange": 1, "void": -1}


@dataclass(slots=True)
class Fold:
    """The running totals of one shift. Events go in with add(), in the order of the journal.

    `cash` names the tenders that are notes and coins. `cards_apart`: a gift card is a debt and no sale, as
    in every Z since 1.2. `turns`: whoever comes back after signing off begins a row of their own, as in
    every Z since 1.3. `members`: what they do counts, and money for stored value is in the tenders, as in
    every Z since 1.4; `rate` is what their points were worth.
    """

    till: str
    shift_id: str
    currency: str
    cash: Collection[str]
    cards_apart: bool = True
    turns: bool = True
    members: bool = True
    rate: Rate = (0, 0)
    sums: dict[str, int] = field(default_factory=dict)
    tenders: dict[tuple[str, str], dict[str, int]] = field(default_factory=dict)
    layers: dict[int, tuple[int, int]] = field(default_factory=dict)  # discounts: how many, how much
    operators: dict[str, dict[str, int]] = field(default_factory=dict)
    sub_shifts: list[tuple[str, dict[str, int]]] = field(default_factory=list)
    here: dict[str, dict[str, int]] = field(default_factory=dict)  # the turns that have not ended
    drawers: dict[str, Drawer] = field(default_factory=dict)
    foreign: dict[str, dict[str, int]] = field(default_factory=dict)  # notes of other currencies
    taxes: tuple[RateTax, ...] = ()
    numbers: list[str] = field(default_factory=list)  # the first and the last sale's
    sale_ids: set[str] = field(default_factory=set)
    loyalty: Loyalty = field(default_factory=Loyalty)

    def add(self, event: Event) -> None:
        """One event of this till or, for those that name no till, of any; unknown ones change nothing."""
        folded = FOLDS.get(event.type)
        if folded is not None:
            folded(self, event)

    def count(self, name: str, by: int = 1) -> None:
        self.sums[name] = self.sums.get(name, 0) + by

    def of_operator(self, operator_id: str, at_ms: int, **more: int) -> None:
        if operator_id not in self.here:
            self.here[operator_id] = {"first_at_ms": at_ms}
            self.sub_shifts.append((operator_id, self.here[operator_id]))
        for known in (
            self.operators.setdefault(operator_id, {"first_at_ms": at_ms}),
            self.here[operator_id],
        ):
            known["last_at_ms"] = at_ms
            for name, by in more.items():
                known[name] = known.get(name, 0) + by

    def discount(self, layer: int, amount_minor: int) -> None:
        count, minor = self.layers.get(layer, (0, 0))
        self.layers[layer] = count + 1, minor + amount_minor

    def drawer(self, currency: str) -> Drawer:
        return self.drawers.setdefault(currency, Drawer(currency))

    @property
    def expected(self) -> dict[str, int]:
        """What ought to be in the drawer, by currency; always the shop's own."""
        self.drawer(self.currency)
        return {currency: drawer.expected_minor for currency, drawer in sorted(self.drawers.items())}


def _opened(fold: Fold, event: ShiftOpened) -> None:
    if event.shift_id == fold.shift_id:
        for count in event.float_counted:
            fold.drawer(count.currency).move("float", count.total_minor)


def _moved(fold: Fold, event: CashMoved) -> None:
    if event.shift_id == fold.shift_id:
        fold.drawer(event.currency).move(event.kind, event.amount_minor)


def _sold(fold: Fold, sale: SaleCompleted) -> None:
    fold.count("sales", sale.kind in ("sale", "exchange"))
    fold.count("returns", sale.kind in ("return", "exchange"))
    fold.count("voids", sale.kind == "void")
    cards_minor = sum(_net(line) for line in sale.line_items if _is_card(fold, line))
    net_minor = sale.total_minor - cards_minor
    fold.count("net_minor", net_minor)
    fold.count("rounding_minor", sale.rounding_minor)
    fold.count("bonus_minor", sale.bonus_minor)
    cash_minor = sum(_own_cash(fold, tender) for tender in sale.tenders if sale.currency == fold.currency)
    fold.of_operator(
        sale.operator_id, sale.ended_at_ms, sales=1, net_minor=net_minor, cash_minor=cash_minor
    )
    fold.numbers[1:] = [sale.number]
    fold.sale_ids.add(sale.sale_id)
    goods = any(not line.void_flag and line.category != CATEGORY for line in sale.line_items)
    fold.loyalty.sold(sale.member_id, CUSTOMERS.get(sale.kind, 0) if goods else 0, net_minor)
    fold.taxes = together(fold.taxes, sale.taxes)
    back = {line.line_number for line in sale.line_items if line.quantity < 0}
    for line in sale.line_items:
        _line(fold, line)
    for each in sale.adjustments:
        if each.line_number not in back:
            fold.discount(each.layer, each.amount_minor)
    for tender in sale.tenders:
        _tendered(fold, tender, sale.currency)


def _own_cash(fold: Fold, tender: SoldTender) -> int:
    """What a tender brought into the drawer of the sale's own currency."""
    if tender.currency:
        return -tender.change_minor
    return tender.amount_minor if tender.tender_type in fold.cash else 0


def _line(fold: Fold, line: SoldLine) -> None:
    if line.void_flag:
        fold.count("voided_lines")
        return
    if _is_card(fold, line):
        name = "cards_sold" if line.quantity > 0 else "cards_taken_back"
        fold.count(name, abs(line.quantity))
        fold.count(f"{name}_minor", abs(_net(line)))
        return
    fold.count("pieces", line.quantity)
    fold.count("changed_prices", line.list_price_minor is not None)
    if line.quantity < 0:
        fold.count("returned_minor", _net(line))
    else:
        fold.count("gross_minor", line.extended_minor)


def _net(line: SoldLine) -> int:
    return line.extended_minor if line.net_minor is None else line.net_minor


def _is_card(fold: Fold, line: SoldLine) -> bool:
    return fold.cards_apart and line.category == CATEGORY and not line.void_flag


def _tendered(fold: Fold, tender: SoldTender, currency: str) -> None:
    back = tender.amount_minor < 0
    _took(fold, tender.tender_type, currency, tender.amount_minor, tender.bonus_minor)
    if tender.currency:
        _exchanged(fold, tender, currency)
    elif tender.tender_type in fold.cash:
        drawer = fold.drawer(currency)
        if back:
            drawer.refunds_minor -= tender.amount_minor
        else:
            drawer.sales_minor += tender.amount_minor


def _took(fold: Fold, key: str, currency: str, minor: int, bonus_minor: int = 0) -> None:
    sums = fold.tenders.setdefault((key, currency), {})
    for name, by in zip(
        ("refunds", "refunds_minor", "bonus_refunds_minor")
        if minor < 0
        else ("count", "amount_minor", "bonus_minor"),
        (1, abs(minor), abs(bonus_minor)),
        strict=True,
    ):
        sums[name] = sums.get(name, 0) + by


def _exchanged(fold: Fold, tender: SoldTender, currency: str) -> None:
    """Notes of another currency lie in a drawer of their own; their change came out of the shop's."""
    notes, change = fold.drawer(tender.currency), fold.drawer(currency)
    change.change_minor += tender.change_minor
    back = tender.foreign_minor < 0
    if back:
        notes.refunds_minor -= tender.foreign_minor
    else:
        notes.sales_minor += tender.foreign_minor
    sums = fold.foreign.setdefault(tender.currency, {})
    names = (
        ("refunds", "refunds_foreign_minor", "refunds_worth_minor")
        if back
        else ("count", "foreign_minor", "worth_minor")
    )
    for name, by in zip(names, (1, abs(tender.foreign_minor), abs(tender.tendered_minor)), strict=True):
        sums[name] = sums.get(name, 0) + by


def _loyal(fold: Fold, event: Fact) -> None:
    """Of the till that it names; where an older program named none, of the one whose document it is."""
    mine = event.workstation_id == fold.till or getattr(event, "sale_id", "") in fold.sale_ids
    if not mine or not fold.members:
        return
    fold.loyalty.add(event)
    if isinstance(event, StoredValueMoved) and (minor := money(event)):
        cash_minor = minor if event.tender_type in fold.cash else 0
        _took(fold, event.tender_type, event.currency, minor)
        fold.count("value_cash_minor", cash_minor)
        fold.of_operator(event.operator_id, event.moved_at_ms, cash_minor=cash_minor)


def _copied(fold: Fold, event: ReceiptCopied) -> None:
    """Of the shift whose till printed it; where nobody said which, of the shift that sold."""
    if event.workstation_id == fold.till or (not event.workstation_id and event.sale_id in fold.sale_ids):
        fold.count("copies")


def _released(fold: Fold, event: DrawerReleased) -> None:
    fold.count("no_sales")
    fold.of_operator(event.operator_id, event.released_at_ms, no_sales=1)


def _signed_off(fold: Fold, event: OperatorSignedOff) -> None:
    fold.here.pop(event.operator_id, None)


def _opened_by_hand(fold: Fold, event: DrawerOpened) -> None:
    fold.count("key_openings")


def _parked(fold: Fold, event: BasketParked) -> None:
    fold.count("parked")


def _abandoned(fold: Fold, event: BasketAbandoned) -> None:
    fold.count("abandoned")


# Event type -> what it adds to a shift. A new kind of fact gets its line here, and counts from then on.
FOLDS: Mapping[str, Callable[[Fold, Any], None]] = {
    ShiftOpened.type: _opened,
    CashMoved.type: _moved,
    SaleCompleted.type: _sold,
    ReceiptCopied.type: _copied,
    DrawerReleased.type: _released,
    DrawerOpened.type: _opened_by_hand,
    OperatorSignedOff.type: _signed_off,
    BasketParked.type: _parked,
    BasketAbandoned.type: _abandoned,
    **{kind.type: _loyal for kind in (StoredValueMoved, PointsMoved, CouponMoved, MemberJoined)},
}


def belongs(event: Event, till: str) -> bool:
    """Whether `event` can be of `till`; one that names no till can be of any."""
    return getattr(event, "workstation_id", till) in (till, "")
