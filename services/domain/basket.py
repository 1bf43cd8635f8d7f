"""The basket a till is filling, as a value; every change gives a new one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from services.domain.errors import BasketFull, LineUnknown, PaymentOpen, ReturnRefused
from services.domain.money import Money
from services.domain.payment import PAID, Payment
from services.domain.tender_errors import VoidOpen

LINES_MAX = 300  # that stand
LINES_KEPT_MAX = 1_000  # with the voided ones, which the sale keeps
QUANTITY_MAX = 9_999  # pieces of one line


@dataclass(frozen=True, slots=True)
class Returned:
    """Which sold pieces a line brings back, and what they are worth: exactly what was paid for them."""

    sale_id: str
    number: str  # of the sale, as printed
    line_number: int
    net_minor: int  # negative: the share of the stored net that these pieces had
    tax_minor: int = 0  # in that; negative
    bonus_minor: int = 0  # in that, of stored value; negative


@dataclass(frozen=True, slots=True)
class Returning:
    """What a bag with returned goods hangs on: one sale, one reason."""

    sale_id: str
    number: str
    reason: str
    approver_id: str  # the operator's own id where nobody else was needed
    instead: tuple[tuple[int, str], ...] = ()  # (tender of that sale, the tender that pays back for it)
    agreed_minor: int = 0  # how much may come back in all, without asking again
    whole: bool = False  # the sale is undone: all of it comes back, and nothing else is done in this bag
    operator_id: str = ""  # who took it back


@dataclass(frozen=True, slots=True)
class ManualDiscount:
    """What a person took off, of one line or of the whole bag; either a share or an amount."""

    line_id: int  # 0: the whole bag
    percent_bp: int  # basis points; 0 when it is an amount
    amount_minor: int
    reason: str
    approver_id: str = ""  # "" where the operator's own right was enough
    most_bp: int = 10_000  # an amount is never a larger share than it was when it was agreed


@dataclass(frozen=True, slots=True)
class Line:
    """One article variant. The price is the one read when the line was added.

    A removed line stays with `voided` set and counts nothing (POSLog VoidFlag), so it can come back.
    A line that brings goods back has `returned` and a negative quantity.
    """

    line_id: int  # from 1, rising, never reused within one basket
    sku: str
    gtin: str  # GTIN-14, or "" for goods without a barcode
    name: str
    variant: str  # "雾蓝 / M"
    quantity: int  # pieces, 1 or more; -1 or less where goods come back
    unit_price: Money
    entry_method: str  # POSLog: "scanned" | "keyed" | "picked"
    voided: bool = False
    style: str = ""
    category: str = ""
    seller_id: str = ""  # whose sale it is; "" for the operator's
    list_price: Money | None = None  # what the price was before a person changed it
    returned: Returned | None = None
    tax_bp: int = 0  # in the price, by the rate that stood when the line was added

    @property
    def extended(self) -> Money:
        """Unit price times pieces, before any adjustment."""
        return self.unit_price.times(0 if self.voided else self.quantity)


@dataclass(frozen=True, slots=True)
class Basket:
    """Lines in the order they were added. `version` rises by one with every change."""

    basket_id: str
    currency: str
    version: int = 0
    begun_at_ms: int = 0  # when the first line was added; 0 before that
    lines: tuple[Line, ...] = ()
    discounts: tuple[ManualDiscount, ...] = ()
    payments: tuple[Payment, ...] = ()
    held_at_ms: int = 0  # parked then: on that business day the offers of then still count; 0: never
    held_tier: str = ""  # of its member when it was parked: as long as that counts, they have no lower one
    seller_id: str = ""  # who sells: of the lines still to come; each line has its own
    returning: Returning | None = None
    member_id: str = ""  # who buys; "": nobody known
    coupons: tuple[str, ...] = ()  # ids of those that shall be used, in the order they were added
    points: int = 0  # of the member that shall take something off

    @property
    def open_payment(self) -> Payment | None:
        """The payment whose end is not known: at most one."""
        return next((each for each in self.payments if each.open), None)

    @property
    def paid(self) -> tuple[Payment, ...]:
        return tuple(each for each in self.payments if each.state == PAID)

    @property
    def paid_minor(self) -> int:
        return sum(each.amount_minor for each in self.paid)

    def unpaid(self) -> Basket:
        """This basket, when its goods may change. Raises PaymentOpen while a payment is open or made: what
        was paid is paid back first; VoidOpen while it undoes a sale."""
        held = self.open_payment or next(iter(self.paid), None)
        if held is not None:
            raise PaymentOpen("this bag has a payment", payment_id=held.payment_id, state=held.state)
        if self.undoing:
            raise VoidOpen("this bag undoes a sale: finish that or leave it")
        return self

    @property
    def undoing(self) -> bool:
        """Whether this bag undoes a sale whole."""
        return self.returning is not None and self.returning.whole

    @property
    def standing(self) -> tuple[Line, ...]:
        """The lines that are not voided."""
        return tuple(line for line in self.lines if not line.voided)

    @property
    def gross(self) -> Money:
        """The sum of the lines' extended prices; what is to be paid is for the pricing to say."""
        return Money(
            sum(line.unit_price.minor * line.quantity for line in self.lines if not line.voided),
            self.currency,
        )

    @property
    def back_minor(self) -> int:
        """What the goods that come back are worth, zero or more."""
        return -sum(line.returned.net_minor for line in self.standing if line.returned is not None)

    @property
    def pieces(self) -> int:
        return sum(line.quantity for line in self.standing)

    def added(self, line: Line, at_ms: int) -> Basket:
        """With `line` at the end, or its pieces added to the standing line of the same article and price.

        The new line gets its own line_id. Raises BasketFull, PaymentOpen.
        """
        self.unpaid()
        assert line.unit_price.currency == self.currency, line
        if line.returned is None:
            line = replace(line, seller_id=line.seller_id or self.seller_id)
        standing = self.standing
        for held in standing:
            if _same_goods(held, line):
                more = _bounded(held.quantity + line.quantity)
                return self._with(replace(held, quantity=more))
        _room(standing)
        if len(self.lines) >= LINES_KEPT_MAX:
            raise BasketFull("too many lines were removed from this basket", lines_kept_max=LINES_KEPT_MAX)
        new = replace(line, line_id=len(self.lines) + 1, quantity=_bounded(line.quantity))
        return replace(
            self,
            version=self.version + 1,
            begun_at_ms=self.begun_at_ms or at_ms,
            lines=(*self.lines, new),
            returning=self._as_paid(),
        )

    def with_quantity(self, line_id: int, quantity: int) -> Basket:
        """With that line at `quantity` pieces; zero voids it and keeps its pieces for restored().

        Raises LineUnknown, BasketFull.
        """
        held = self.line(line_id)
        if quantity == 0:
            return self._with(replace(held, voided=True))
        return self._with(self._standing_again(held, quantity))

    def restored(self, line_id: int) -> Basket:
        """With a voided line standing again: the undo of a removal. Raises LineUnknown, BasketFull."""
        held = self.line(line_id)
        return self._with(self._standing_again(held, held.quantity))

    def sold_by(self, seller_id: str, line_id: int = 0) -> Basket:
        """With `seller_id` ("" for nobody in particular) on that line, or on all and those to come.

        What comes back stays with whoever sold it. Itself when nothing changed. Raises LineUnknown,
        PaymentOpen.
        """
        self.unpaid()
        if line_id and self.line(line_id).voided:
            raise LineUnknown("this line was removed", line_id=line_id)
        lines = tuple(
            replace(held, seller_id=seller_id)
            if held.returned is None and not held.voided and line_id in (0, held.line_id)
            else held
            for held in self.lines
        )
        after = replace(self, lines=lines, seller_id=self.seller_id if line_id else seller_id)
        return self if after == self else replace(after, version=self.version + 1)

    def bought_by(self, member_id: str) -> Basket:
        """With `member_id` as who buys, "" for nobody known; itself when that is so. Raises PaymentOpen."""
        if member_id == self.member_id:
            return self
        self.unpaid()
        return replace(
            self,
            version=self.version + 1,
            member_id=member_id,
            held_tier="",
            coupons=(),
            points=0,
            returning=self._as_paid(),
        )

    def rewarded(self, coupons: tuple[str, ...], points: int) -> Basket:
        """With these coupons and points; itself when they are what it has. Raises PaymentOpen."""
        if (coupons, points) == (self.coupons, self.points):
            return self
        self.unpaid()
        return replace(
            self, version=self.version + 1, coupons=coupons, points=points, returning=self._as_paid()
        )

    def line(self, line_id: int) -> Line:
        for held in self.lines:
            if held.line_id == line_id:
                return held
        raise LineUnknown("no such line", line_id=line_id)

    def discounted(self, given: ManualDiscount) -> Basket:
        """With `given` in place of what was taken off its line, or the bag, before. Raises PaymentOpen."""
        self.unpaid()
        kept = tuple(each for each in self.discounts if each.line_id != given.line_id)
        discounts = (*kept, given) if given.percent_bp or given.amount_minor else kept
        if set(discounts) == set(self.discounts):
            return self
        return replace(self, version=self.version + 1, discounts=discounts, returning=self._as_paid())

    def repriced(self, line_id: int, price: Money) -> Basket:
        """With another unit price for that line; its list price takes the change back. Raises LineUnknown,
        PaymentOpen."""
        held = self.line(line_id)
        listed = held.list_price or held.unit_price
        return self._with(replace(held, unit_price=price, list_price=None if price == listed else listed))

    def taking_back(self, lines: Sequence[Line], returning: Returning, at_ms: int) -> Basket:
        """With lines that come back of one sale; a line of the same sold line takes its place.

        Raises BasketFull, PaymentOpen.
        """
        self.unpaid()
        kept = list(self.lines)
        for line in lines:
            same = next((n for n, held in enumerate(kept) if _same_return(held, line)), None)
            if same is not None:
                kept[same] = replace(line, line_id=kept[same].line_id)
            elif len(kept) >= LINES_KEPT_MAX:
                raise BasketFull("too many lines", lines_kept_max=LINES_KEPT_MAX)
            else:
                kept.append(replace(line, line_id=len(kept) + 1))
        after = replace(
            self,
            version=self.version + 1,
            begun_at_ms=self.begun_at_ms or at_ms,
            lines=tuple(kept),
            returning=returning,
        )
        if len(after.standing) > LINES_MAX:
            raise BasketFull("the basket is full", lines_max=LINES_MAX)
        return after

    def _standing_again(self, held: Line, quantity: int) -> Line:
        if held.voided:
            _room(self.standing)
        if held.returned is not None:
            if quantity != held.quantity:
                raise BasketFull(
                    "pieces that come back are chosen from the receipt", quantity=held.quantity
                )
            if held.voided:
                self._back_again(held.returned)
            return replace(held, voided=False)
        return replace(held, voided=False, quantity=_bounded(quantity))

    def _back_again(self, returned: Returned) -> None:
        """Raises ReturnRefused for goods of another sale than the bag's now."""
        terms = self.returning
        if terms is None or terms.sale_id != returned.sale_id:
            raise ReturnRefused("one bag takes back goods of one sale", number=returned.number)

    def _as_paid(self) -> Returning | None:
        """Another tender was approved for what was paid back then; other goods are paid back otherwise."""
        return replace(self.returning, instead=()) if self.returning is not None else None

    def _with(self, line: Line) -> Basket:
        """This basket with one line replaced; itself when nothing changed. Raises PaymentOpen."""
        self.unpaid()
        lines = tuple(line if held.line_id == line.line_id else held for held in self.lines)
        if lines == self.lines:
            return self
        return replace(self, version=self.version + 1, lines=lines, returning=self._as_paid())


def _same_goods(held: Line, line: Line) -> bool:
    """Whether `line` is more of `held`. Goods that come back, prices set by hand, and what was added under
    another rate of tax stay on their own."""
    return (
        (held.sku, held.unit_price, held.seller_id, held.tax_bp)
        == (line.sku, line.unit_price, line.seller_id, line.tax_bp)
        and held.list_price is None
        and line.list_price is None
        and held.returned is None
        and line.returned is None
    )


def _same_return(held: Line, line: Line) -> bool:
    if held.returned is None or line.returned is None:
        return False
    return (held.returned.sale_id, held.returned.line_number) == (
        line.returned.sale_id,
        line.returned.line_number,
    )


def _room(standing: tuple[Line, ...]) -> None:
    """For one line more. Raises BasketFull."""
    if len(standing) >= LINES_MAX:
        raise BasketFull("the basket is full", lines_max=LINES_MAX)


def _bounded(quantity: int) -> int:
    if not 1 <= quantity <= QUANTITY_MAX:
        raise BasketFull("a line holds 1 to 9,999 pieces", quantity_max=QUANTITY_MAX)
    return quantity
