"""Closing a sale: the one transaction this product exists for."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import structs

from services.domain import days, settlement
from services.domain.basket import Basket
from services.domain.errors import (
    BasketChanged,
    BasketEmpty,
    SaleUnknown,
    TenderRefused,
)
from services.domain.money import Money, total
from services.domain.payment import Payment
from services.domain.priced import PricedBag
from services.domain.returns import Drawn
from services.domain.settlement import Settlement, Tendered
from services.flows import customers, payments, promotions, returns, stored_value_payments, voids
from services.flows.baskets import current, fresh
from services.flows.completed import complete
from services.flows.prices import priced
from services.flows.shop import Shop
from services.store import baskets, db, journal, requests, sales
from services.store.sales import Sale


def settle(
    shop: Shop,
    till: str,
    *,
    basket_id: str,
    version: int,
    tendered: Sequence[tuple[str, int]],  # (tender key, minor units)
    operator_id: str,
    request_id: str,
    total_minor: int | None = None,  # what the till showed
) -> Sale:
    """Close the sale: rows, postings, jobs and journal commit together or not at all.

    Repeating a `request_id` returns the first sale and changes nothing; with other content it raises
    RequestReused. Raises BasketChanged when the till showed another basket than the stored one, or another
    total (an offer has ended since), PromotionUsedUp,
    BasketEmpty, TenderShort, TenderRefused, OutOfStock where the shop sells nothing that is not there, and
    OutcomeUnknown when the disk failed in the commit.
    """
    parts = ("sale", till, basket_id, version, [list(t) for t in tendered], total_minor)
    asked = requests.fingerprint(*parts)
    sale_id = shop.new_id()
    with db.write():
        if (done := requests.claim(request_id, asked, sale_id, shop.now_ms())) is not None:
            return find(done)
        head = journal.head()
        basket = _agreed(shop, current(shop, till), basket_id, version)
        bag = priced(shop, basket)
        _as_shown(bag, total_minor)
        settled, drawn = _settled(shop, till, basket, bag, tendered)
        sale = _closed(shop, till, basket, bag, settled, operator_id, sale_id, head[0] + 1, drawn)
        sale = stored_value_payments.parted(shop, sale)
        if bag.engine is not None:
            promotions.consume(shop, bag.engine, sale.ended_at_ms, basket.member_id)
        complete(shop, sale, head, customers.used(shop, basket, bag))
        baskets.save(till, fresh(shop))
    return sale


def find(sale_id: str) -> Sale:
    """The stored sale. Raises SaleUnknown."""
    sale = sales.by_id(sale_id)
    if sale is None:
        raise SaleUnknown("no sale has this id", sale_id=sale_id)
    return sale


def find_by_request(request_id: str) -> Sale:
    """The sale a `request_id` led to. Raises SaleUnknown: nothing was charged under this key, for sure;
    OutcomeUnknown while the disk cannot say so."""
    sale_id = requests.find(request_id)
    sale = sales.by_id(sale_id) if sale_id else None
    if sale is None:
        db.LEDGER.settle_doubt()
        raise SaleUnknown("nothing was charged under this key", key=request_id)
    return sale


def _agreed(shop: Shop, basket: Basket, basket_id: str, version: int) -> Basket:
    if (basket.basket_id, basket.version) != (basket_id, version):
        raise BasketChanged(
            "the basket has changed since it was shown",
            version=basket.version,
            total_minor=priced(shop, basket).total.minor,
        )
    if not basket.standing:
        raise BasketEmpty("the basket is empty")
    return basket


def _as_shown(bag: PricedBag, total_minor: int | None) -> None:
    if total_minor is not None and total_minor != bag.total.minor:
        raise BasketChanged("the prices have changed since they were shown", total_minor=bag.total.minor)


def _settled(
    shop: Shop, till: str, basket: Basket, bag: PricedBag, handed_over: Sequence[tuple[str, int]]
) -> tuple[Settlement, tuple[Drawn, ...]]:
    """The tenders of a bag, in either direction, and what returned goods use up of those before."""
    returns.check(shop, basket)
    if basket.undoing:
        voids.finishing(shop, till, basket)
    plan = returns.plan(shop, basket, bag)
    due = bag.total if plan is None else Money(plan.left_minor, shop.currency)
    if plan is None or not plan.back:
        settled = settlement.cover(due, _tenders(shop, basket, handed_over), shop.cash_rounding)
    else:
        if handed_over:
            raise TenderRefused("nothing is to be paid, it is paid back", back_minor=-bag.total.minor)
        settled = payments.paid_back(shop, basket, plan.back)
    if plan is None:
        return settled, ()
    moved = total((each.amount for each in settled.tenders), shop.currency)
    return Settlement(settled.tenders, moved - bag.total), plan.drawn


def _tenders(shop: Shop, basket: Basket, handed_over: Sequence[tuple[str, int]]) -> list[Tendered]:
    """What was paid outside, and what is handed over now."""
    payments.ended(basket)
    paid = [_paid(shop, each) for each in basket.paid]
    for key, _ in handed_over:
        if key not in shop.tenders or shop.tenders[key].outcome != "at_once":
            raise TenderRefused("this tender cannot be handed over", key=key)
    return [*paid, *(_tendered(shop, key, minor) for key, minor in handed_over)]


def _paid(shop: Shop, made: Payment) -> Tendered:
    tendered = _tendered(shop, made.key, made.amount_minor)
    return structs.replace(tendered, reference=made.reference, foreign=made.foreign)


def _tendered(shop: Shop, key: str, minor: int) -> Tendered:
    tender = shop.tenders[key]
    return Tendered(key, Money(minor, shop.currency), tender.gives_change, tender.rounds, tender.rank)


def _closed(
    shop: Shop,
    till: str,
    basket: Basket,
    bag: PricedBag,
    settled: Settlement,
    operator_id: str,
    sale_id: str,
    journal_seq: int,
    drawn: tuple[Drawn, ...],
) -> Sale:
    now_ms = shop.now_ms()
    sequence, last_day = sales.next_sequence(till)
    terms = basket.returning if _kind(basket) != sales.SALE else None
    return Sale(
        sale_id=sale_id,
        till=till,
        till_seq=sequence,
        number=f"{shop.store_id}-{till}-{sequence:06d}",
        business_day=days.business_day(now_ms, shop.zone, shop.rollover_hour, last_day),
        operator_id=operator_id,
        total=bag.total,
        begun_at_ms=basket.begun_at_ms,
        ended_at_ms=now_ms,
        journal_seq=journal_seq,
        lines=bag.lines,
        tenders=settled.tenders,
        rounding=settled.rounding,
        kind=_kind(basket),
        original_id=terms.sale_id if terms is not None else "",
        reason=terms.reason if terms is not None else "",
        approver_id=terms.approver_id if terms is not None and terms.approver_id != operator_id else "",
        drawn=drawn,
        member_id=_whose(basket),
    )


def _whose(basket: Basket) -> str:
    """Whose document it is: where goods only come back, their buyer's, whoever stands there with them."""
    if basket.returning is not None and _kind(basket) in (sales.RETURN, sales.VOID):
        return sales.member_of(basket.returning.sale_id)
    return basket.member_id


def _kind(basket: Basket) -> str:
    if basket.returning is None:
        return sales.SALE
    if basket.undoing:
        return sales.VOID
    back = [line.returned is not None for line in basket.standing]
    return sales.SALE if not any(back) else sales.RETURN if all(back) else sales.EXCHANGE
