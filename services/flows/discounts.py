"""What people take off: a share or an amount of a line or the bag, or another price for a line."""

from __future__ import annotations

from dataclasses import replace

from services.domain.basket import Basket, Line, ManualDiscount
from services.domain.errors import BasketChanged, DiscountRefused
from services.domain.gift_cards import is_card
from services.domain.money import Money
from services.domain.tender_errors import GiftCardRefused
from services.flows.approvals import Approval, approve, granted
from services.flows.baskets import current
from services.flows.prices import priced
from services.flows.shop import Shop
from services.store import baskets, db

DISCOUNT, PRICE = "discount", "price_override"
WHOLE_BP = 10_000


def discount(
    shop: Shop,
    till: str,
    *,
    basket_id: str,
    line_id: int,  # 0: the whole bag
    percent_bp: int,
    amount_minor: int,
    reason: str,
    approval: Approval | None,
    operator_id: str,
) -> Basket:
    """Take a share or an amount off, in place of what was taken off there before; both 0 take it back.

    A repeat changes nothing. Raises ApprovalNeeded beyond what the operator may give, of a line and of the
    bag together, DiscountRefused for more than there is or goods that come back, BasketChanged,
    LineUnknown, PaymentOpen. Where goods leave the bag later, an amount is no larger share of the rest than
    it was of all.
    """
    given = ManualDiscount(line_id, percent_bp, amount_minor, reason)
    before = _meant(shop, till, basket_id)
    own = _share(shop, before, given)
    size = _together(before, given, own)
    approver = approve(shop, DISCOUNT, approval, operator_id=operator_id, size=size)
    given = replace(
        given,
        approver_id=approver if approver != operator_id else "",
        most_bp=own if amount_minor else WHOLE_BP,
    )
    with db.write():
        basket = _meant(shop, till, basket_id)
        if _together(basket, given, _share(shop, basket, given)) > size:
            raise BasketChanged("the bag has changed meanwhile", version=basket.version)
        after = basket.discounted(given)
        if after is not basket:
            granted(
                shop,
                DISCOUNT,
                approver,
                approval,
                operator_id=operator_id,
                subject=f"basket {basket_id} line {line_id}",
                size=size,
            )
            baskets.save(till, after)
    return after


def change_price(
    shop: Shop,
    till: str,
    *,
    basket_id: str,
    line_id: int,
    price_minor: int,
    approval: Approval | None,
    operator_id: str,
) -> Basket:
    """Set the unit price of a line by hand: no promotion works on it then. The list price takes it back.

    A repeat changes nothing. Raises ApprovalNeeded beyond what the operator may do, DiscountRefused for
    goods that come back, BasketChanged, LineUnknown, PaymentOpen.
    """
    price = Money(price_minor, shop.currency)
    size = _below(_bought(_meant(shop, till, basket_id), line_id), price)
    approver = approve(shop, PRICE, approval, operator_id=operator_id, size=size)
    with db.write():
        basket = _meant(shop, till, basket_id)
        if _below(_bought(basket, line_id), price) > size:
            raise BasketChanged("the bag has changed meanwhile", version=basket.version)
        after = basket.repriced(line_id, price)
        if after is not basket:
            granted(
                shop,
                PRICE,
                approver,
                approval,
                operator_id=operator_id,
                subject=f"basket {basket_id} line {line_id}",
                size=size,
            )
            baskets.save(till, after)
    return after


def _meant(shop: Shop, till: str, basket_id: str) -> Basket:
    basket = current(shop, till)
    if basket.basket_id != basket_id:
        raise BasketChanged("this change was meant for another basket", version=basket.version)
    return basket.unpaid()


def _bought(basket: Basket, line_id: int) -> Line:
    """Raises LineUnknown, DiscountRefused, GiftCardRefused."""
    line = basket.line(line_id)
    if line.voided or line.returned is not None:
        raise DiscountRefused("what comes back keeps its price", line_id=line_id)
    if is_card(line):
        raise GiftCardRefused("a gift card costs what is on it", line_id=line_id)
    return line


def _share(shop: Shop, basket: Basket, given: ManualDiscount) -> int:
    """How many basis points of what it costs without it are taken off. Raises DiscountRefused."""
    if given.line_id:
        _bought(basket, given.line_id)
    without = replace(
        basket, discounts=tuple(each for each in basket.discounts if each.line_id != given.line_id)
    )
    basis = sum(
        each.net.minor
        for each in priced(shop, without).standing
        if _reducible(each.line) and given.line_id in (0, each.line.line_id)
    )
    if given.percent_bp:
        return given.percent_bp
    if not 0 <= given.amount_minor <= basis:
        raise DiscountRefused("more than it costs", most_minor=basis)
    return _basis_points(given.amount_minor, basis)


def _together(basket: Basket, given: ManualDiscount, own_bp: int) -> int:
    """The basis points that hands take off in all where they take off most: `given` with that of its line
    or of the bag. Lines that were removed count too, since they can come back."""
    others = [
        each.percent_bp or each.most_bp
        for each in basket.discounts
        if own_bp and each.line_id != given.line_id and 0 in (each.line_id, given.line_id)
    ]
    left_bp = min((WHOLE_BP - other for other in others), default=WHOLE_BP)
    return WHOLE_BP - (WHOLE_BP - own_bp) * left_bp // WHOLE_BP


def _reducible(line: Line) -> bool:
    """Whether a discount works on it: not on what comes back, a gift card or a price set by hand."""
    return line.returned is None and line.list_price is None and not is_card(line)


def _below(line: Line, price: Money) -> int:
    """How many basis points a price is below the list's."""
    listed = line.list_price or line.unit_price
    return _basis_points(max(0, listed.minor - price.minor), listed.minor)


def _basis_points(part: int, whole: int) -> int:
    """Rounded up: what is a little more than a limit is beyond it."""
    return -(-part * WHOLE_BP // whole) if part else 0
