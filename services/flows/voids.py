"""Undoing a sale whole, on the till and the day it was made on; later it is a return."""

from __future__ import annotations

from dataclasses import replace

from msgspec import structs

from services.domain import days
from services.domain.basket import Basket, Returned, Returning
from services.domain.errors import AlreadyReturned, BagInUse, PaymentOpen, ReturnRefused, TenderRefused
from services.domain.priced import PricedLine
from services.domain.returns import Drawn
from services.domain.settlement import mirrored
from services.flows import returns
from services.flows.approvals import Approval, approve, granted
from services.flows.baskets import current, fresh
from services.flows.coming_back import Returnable, returnable
from services.flows.completed import complete
from services.flows.shop import Shop
from services.store import baskets, db, journal, requests, sales, shifts
from services.store.sales import Sale

RIGHT = "void_sale"


def possible(shop: Shop, till: str, held: Returnable) -> bool:
    """Whether this sale may still be undone at this till: all of it is there, its day is not over, and no Z
    tells of it yet."""
    sale = held.sale
    z = shifts.last_z(till)
    if z is not None and sale.journal_seq <= z.last_seq:
        return False
    today = days.business_day(shop.now_ms(), shop.zone, shop.rollover_hour)
    whole = all(
        held.left.get(each.line.line_id) == each.line.quantity
        for each in sale.lines
        if not each.line.voided
    )
    return sale.kind == sales.SALE and sale.till == till and sale.business_day >= today and whole


def void(
    shop: Shop,
    till: str,
    sale_id: str,
    *,
    reason: str,
    approval: Approval | None,
    operator_id: str,
    request_id: str,
) -> Sale:
    """A document that takes back the whole sale and pays back each tender as it was paid.

    A repeat gives the first one. Raises ApprovalNeeded and what approve() raises, AlreadyReturned when some
    of it came back, ReturnRefused when its till, day or kind forbids it, TenderRefused where a terminal
    must pay back, which begin() is for, SaleUnknown.
    """
    asked = requests.fingerprint("void", till, sale_id, reason)
    first = requests.answer(request_id, asked)
    if first is not None:
        return returnable(first).sale
    held = returnable(sale_id)
    size = abs(held.sale.total.minor)
    approver = approve(shop, RIGHT, approval, operator_id=operator_id, size=size)
    document_id = shop.new_id()
    with db.write():
        if (done := requests.claim(request_id, asked, document_id, shop.now_ms())) is not None:
            return returnable(done).sale
        held = returnable(sale_id)
        _check(shop, till, held)
        if asks(shop, held.sale):
            raise TenderRefused("a terminal is to pay back first", number=held.sale.number)
        subject = f"sale {held.sale.number}"
        granted(shop, RIGHT, approver, approval, operator_id=operator_id, subject=subject, size=size)
        head = journal.head()
        document = _reversed(shop, held.sale, document_id, head[0] + 1)
        document = structs.replace(
            document,
            operator_id=operator_id,
            reason=reason,
            approver_id=approver if approver != operator_id else "",
        )
        complete(shop, document, head)
    return document


def begin(
    shop: Shop,
    till: str,
    sale_id: str,
    *,
    reason: str,
    approval: Approval | None,
    operator_id: str,
    request_id: str,
) -> Basket:
    """Put the whole sale into the till's empty bag, to be undone there: each terminal is asked to pay back
    as for a return, noted before it is asked, and paying the bag makes the document.

    A repeat changes nothing. Raises ApprovalNeeded and what approve() raises, BagInUse, AlreadyReturned,
    ReturnRefused, GiftCardRefused where the sale sold a card that was used, SaleUnknown.
    """
    asked = requests.fingerprint("undo", till, sale_id, reason)
    if requests.answer(request_id, asked) is not None:
        return current(shop, till)
    sale = returnable(sale_id).sale
    size, subject = abs(sale.total.minor), f"sale {sale.number}"
    approver = approve(shop, RIGHT, approval, operator_id=operator_id, size=size)
    with db.write():
        basket = current(shop, till)
        if requests.answer(request_id, asked) is not None:
            return basket
        if basket.standing:
            raise BagInUse("pay or park what is in the bag first", till=till)
        _check(shop, till, returnable(sale_id))
        granted(shop, RIGHT, approver, approval, operator_id=operator_id, subject=subject, size=size)
        terms = Returning(sale_id, sale.number, reason, approver, agreed_minor=size, whole=True)
        lines = [replace(_line(sale, each).line, entry_method="picked") for each in _sold(sale)]
        after = basket.taking_back(lines, terms, shop.now_ms())
        returns.check(shop, after)
        baskets.save(till, after)
        requests.remember(request_id, asked, str(after.version), shop.now_ms())
    return after


def leave(shop: Shop, till: str, *, basket_id: str) -> Basket:
    """Undo nothing after all: an empty bag. A repeat changes nothing. Raises PaymentOpen when a terminal
    was asked and did not refuse; what it paid back is reversed first."""
    with db.write():
        basket = current(shop, till)
        if basket.basket_id != basket_id or not basket.undoing:
            return basket
        held = basket.open_payment or next(iter(basket.paid), None)
        if held is not None:
            raise PaymentOpen("this bag has a payment", payment_id=held.payment_id, state=held.state)
        after = fresh(shop)
        baskets.save(till, after)
    return after


def finishing(shop: Shop, till: str, basket: Basket) -> None:
    """Inside the transaction that pays a bag which undoes a sale. Once a terminal has paid back the books
    must say so, though the day or the shift has ended meanwhile. Raises ReturnRefused, AlreadyReturned."""
    assert basket.returning is not None, basket
    if not basket.paid:
        _check(shop, till, returnable(basket.returning.sale_id))


def asks(shop: Shop, sale: Sale) -> bool:
    """Whether a terminal must pay back some of it."""
    return any(t.key in shop.tenders and shop.tenders[t.key].outcome == "asked" for t in sale.tenders)


def _sold(sale: Sale) -> list[PricedLine]:
    return [each for each in sale.lines if not each.line.voided]


def _check(shop: Shop, till: str, held: Returnable) -> None:
    sale = held.sale
    if sale.kind == sales.SALE and any(
        held.left.get(each.line.line_id) != each.line.quantity
        for each in sale.lines
        if not each.line.voided
    ):
        raise AlreadyReturned("some of this sale came back before", number=sale.number)
    if not possible(shop, till, held):
        raise ReturnRefused("only a sale of this till and day is undone whole", number=sale.number)


def _reversed(shop: Shop, sale: Sale, document_id: str, journal_seq: int) -> Sale:
    now_ms = shop.now_ms()
    sequence, last_day = sales.next_sequence(sale.till)
    return structs.replace(
        sale,
        sale_id=document_id,
        till_seq=sequence,
        number=f"{shop.store_id}-{sale.till}-{sequence:06d}",
        business_day=days.business_day(now_ms, shop.zone, shop.rollover_hour, last_day),
        total=-sale.total,
        begun_at_ms=now_ms,
        ended_at_ms=now_ms,
        journal_seq=journal_seq,
        lines=tuple(_line(sale, each) for each in _sold(sale)),
        tenders=tuple(mirrored(t, t.reference if _stored(shop, t.key) else "") for t in sale.tenders),
        rounding=-sale.rounding,
        kind=sales.VOID,
        original_id=sale.sale_id,
        drawn=tuple(Drawn(n, t.amount.minor, t.amount.minor) for n, t in enumerate(sale.tenders, 1)),
    )


def _line(sale: Sale, each: PricedLine) -> PricedLine:
    worth = -each.net.minor, -each.tax_minor, -each.bonus_minor
    back = Returned(sale.sale_id, sale.number, each.line.line_id, *worth)
    line = replace(each.line, quantity=-each.line.quantity, returned=back, list_price=None)
    return PricedLine(line, -each.net, tax_minor=-each.tax_minor, bonus_minor=-each.bonus_minor)


def _stored(shop: Shop, key: str) -> bool:
    """Whether it goes back to where the sale's reference says, and no terminal is asked."""
    return key in shop.tenders and shop.tenders[key].outcome in ("stored", "planned")
