"""Parked baskets: why they wait, how they end, what their ticket says, and what became of their prices."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from services.domain import gs1
from services.domain.barcodes import BarcodeRules
from services.domain.basket import Basket, Line
from services.domain.errors import BadRequest, PaymentUnknown
from services.domain.money import Money
from services.domain.payment import UNKNOWN

NAMESPACE = "parked"  # of the in-store barcodes on park tickets
OPEN_MAX = 500  # baskets that wait at one time in one store
NOTE_MAX = 200  # characters

# Why a basket is parked, and what the ticket says of it.
REASONS = {
    "phone_call": ("接电话", "Phone call"),
    "choosing_more": ("再选选", "Choosing more"),
    "fetching_money": ("去取钱", "Fetching money"),
    "waiting_companion": ("等同伴", "Waiting for companion"),
    "size_missing": ("缺尺码", "Size missing"),
    "price_doubt": ("价格疑问", "Price in doubt"),
    "child": ("照看孩子", "Child or emergency"),
    "queue": ("让后面先结", "Queue"),
    "other": ("其他", "Other"),
    "payment_open": ("付款待确认", "Payment to confirm"),
}
# Nobody knows how its payment ended: it waits, with its payments, until somebody resumes it to say so.
PAYMENT_OPEN = "payment_open"
# Why a parked basket is given up by people.
GIVE_UP_REASONS = ("customer_left", "changed_mind", "mistake", "other")
DAY_CLOSE = "day_close"  # given up by the close of the day

# State: parked, then one of the others for good. Parking again begins a new one.
PARKED, RESUMED, EXPIRED, ABANDONED = "parked", "resumed", "expired", "abandoned"
# What the close of a day does to baskets that still wait.
CARRY, EXPIRE, BLOCK = "carry", "expire", "block"

_BLANKS = re.compile(r"\s+")


@dataclass(frozen=True, slots=True)
class Parked:
    """A basket that waits, or how it ended. Amounts and pieces are those at the moment of parking."""

    parked_id: str
    ticket: int  # from 1, rising, never used twice
    state: str
    basket_id: str
    till: str
    operator_id: str
    reason: str
    note: str  # free text; stays on this box
    business_day: str  # YYYY-MM-DD: until its end the prices are held
    parked_at_ms: int
    currency: str
    pieces: int
    total_minor: int
    ended_at_ms: int = 0  # 0 while it waits
    ended_till: str = ""
    ended_by: str = ""
    end_reason: str = ""  # of a basket that was given up
    resumed_as: str = ""  # id of the basket that it went on as


@dataclass(frozen=True, slots=True)
class Difference:
    """A line whose price is another one now. `new` is None when the article is no longer sold."""

    line_id: int
    name: str
    variant: str
    quantity: int
    old: Money
    new: Money | None

    @property
    def favours_customer(self) -> bool:
        return self.new is not None and self.new.minor < self.old.minor


def reason_of(code: str, among: Iterable[str]) -> str:
    """`code`, when it is one of the fixed reasons. Raises BadRequest."""
    if code not in among:
        raise BadRequest("no such reason", reason=code)
    return code


def may_wait(basket: Basket, reason: str) -> None:
    """Whether the basket may be parked for this reason: free of payments, or with one whose end nobody
    knows. Raises PaymentOpen, PaymentUnknown."""
    held = basket.open_payment
    if reason != PAYMENT_OPEN:
        basket.unpaid()
    elif held is None or held.state != UNKNOWN:
        raise PaymentUnknown("no payment of this bag has an unknown end", state=held.state if held else "")


def tidy_note(note: str) -> str:
    """One line without control characters, at most NOTE_MAX characters."""
    spaced = _BLANKS.sub(" ", note)
    return "".join(c for c in spaced if c.isprintable()).strip()[:NOTE_MAX]


def list_priced(
    basket: Basket, prices: Mapping[str, int], before: frozenset[int] = frozenset()
) -> frozenset[int]:
    """The ids of the lines that cost what the list `prices` (sku -> minor) says: these follow it later.

    A price from the barcode, one changed by a person, and goods that come back keep theirs. `before` are
    those of an earlier parking: a price that was held since then is still one of the list.
    """
    return frozenset(
        line.line_id
        for line in basket.standing
        if line.returned is None
        and line.list_price is None
        and (line.line_id in before or prices.get(line.sku) == line.unit_price.minor)
    )


def repriced(
    basket: Basket, follow: frozenset[int], prices: Mapping[str, int]
) -> tuple[Basket, tuple[Difference, ...]]:
    """The basket with the list `prices` of now on the lines that `follow` it, and what that changed.

    A line whose article is no longer sold keeps its price, and is listed.
    """
    changed: dict[int, Line] = {}
    found: list[Difference] = []
    for line in basket.standing:
        price = prices.get(line.sku)
        if line.line_id not in follow or price == line.unit_price.minor:
            continue
        new = None if price is None else Money(price, basket.currency)
        found.append(Difference(line.line_id, line.name, line.variant, line.quantity, line.unit_price, new))
        if new is not None:
            changed[line.line_id] = replace(line, unit_price=new)
    lines = tuple(changed.get(line.line_id, line) for line in basket.lines)
    return replace(basket, lines=lines), tuple(found)


def needs_tap(differences: Iterable[Difference]) -> bool:
    """Whether people must say yes: anything that is not in the customer's favour."""
    return any(not difference.favours_customer for difference in differences)


def ticket_code(rules: BarcodeRules, ticket: int) -> str:
    """The in-store EAN-13 of a park ticket, or "" where the shop has no prefix for them."""
    prefix = next((own.prefix for own in rules.own if own.namespace == NAMESPACE), "")
    if not prefix:
        return ""
    digits = f"{prefix}{ticket:0{12 - len(prefix)}d}"
    assert len(digits) == 12, f"ticket {ticket} does not fit behind {prefix}"
    return digits + gs1.check_digit(digits)


def ticket_number(ticket: int) -> str:
    """The number that people say: at least four digits."""
    return f"{ticket:04d}"
