"""Closing a sale: the one transaction this product exists for."""

from __future__ import annotations

from collections.abc import Sequence

from services.domain import days, settlement
from services.domain.basket import Basket
from services.domain.errors import BasketChanged, BasketEmpty, SaleUnknown, TenderRefused
from services.domain.events import SaleCompleted, SoldLine, SoldTender
from services.domain.ledger import REVENUE, Entry, Posting
from services.domain.money import Money
from services.domain.settlement import Covered, Tendered
from services.flows.baskets import current, fresh
from services.flows.record import record
from services.flows.shop import Shop
from services.store import baskets, db, jobs, journal, requests, sales
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
) -> Sale:
    """Close the sale: rows, postings, jobs and journal commit together or not at all.

    Repeating a `request_id` returns the first sale and changes nothing; with other content it raises
    RequestReused. Raises BasketChanged when the till showed another basket than the stored one,
    BasketEmpty, TenderShort, TenderRefused, and OutcomeUnknown when the disk failed in the commit.
    """
    asked = requests.fingerprint("sale", till, basket_id, version, [list(t) for t in tendered])
    sale_id = shop.new_id()
    with db.write():
        if (done := requests.claim(request_id, asked, sale_id, shop.now_ms())) is not None:
            return find(done)
        head = journal.head()
        basket = _agreed(current(shop, till), basket_id, version)
        covered = settlement.cover(basket.total, [_tendered(shop, *tender) for tender in tendered])
        sale = _closed(shop, till, basket, covered, operator_id, sale_id, head[0] + 1)
        sales.create(sale, _entry(shop, sale))
        record(shop, _completed(shop, sale), sale.ended_at_ms, sale.business_day, head)
        _queue_jobs(shop, sale)
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


def _agreed(basket: Basket, basket_id: str, version: int) -> Basket:
    if (basket.basket_id, basket.version) != (basket_id, version):
        raise BasketChanged(
            "the basket has changed since it was shown",
            version=basket.version,
            total_minor=basket.total.minor,
        )
    if not basket.standing:
        raise BasketEmpty("the basket is empty")
    return basket


def _tendered(shop: Shop, key: str, minor: int) -> Tendered:
    tender = shop.tenders.get(key)
    if tender is None:
        raise TenderRefused("there is no such tender", key=key)
    return Tendered(key, Money(minor, shop.currency), tender.gives_change)


def _closed(
    shop: Shop,
    till: str,
    basket: Basket,
    covered: tuple[Covered, ...],
    operator_id: str,
    sale_id: str,
    journal_seq: int,
) -> Sale:
    now_ms = shop.now_ms()
    sequence, last_day = sales.next_sequence(till)
    return Sale(
        sale_id=sale_id,
        till=till,
        till_seq=sequence,
        number=f"{shop.store_id}-{till}-{sequence:06d}",
        business_day=days.business_day(now_ms, shop.zone, shop.rollover_hour, last_day),
        operator_id=operator_id,
        total=basket.total,
        begun_at_ms=basket.begun_at_ms,
        ended_at_ms=now_ms,
        journal_seq=journal_seq,
        lines=basket.lines,
        tenders=covered,
    )


def _entry(shop: Shop, sale: Sale) -> Entry:
    debits = [Posting(shop.tenders[t.key].account, t.amount) for t in sale.tenders]
    return Entry((*debits, Posting(REVENUE, -sale.total)))


def _completed(shop: Shop, sale: Sale) -> SaleCompleted:
    return SaleCompleted(
        sale_id=sale.sale_id,
        number=sale.number,
        retail_store_id=shop.store_id,
        workstation_id=sale.till,
        sequence_number=sale.till_seq,
        business_day=sale.business_day,
        operator_id=sale.operator_id,
        currency=sale.total.currency,
        begun_at_ms=sale.begun_at_ms,
        ended_at_ms=sale.ended_at_ms,
        line_items=tuple(
            SoldLine(
                line_number=line.line_id,
                item_id=line.sku,
                gtin=line.gtin,
                description=line.name,
                variant=line.variant,
                entry_method=line.entry_method,
                quantity=line.quantity,
                unit_price_minor=line.unit_price.minor,
                extended_minor=line.extended.minor,
                void_flag=line.voided,
            )
            for line in sale.lines
        ),
        tenders=tuple(
            SoldTender(
                tender_type=t.key,
                amount_minor=t.amount.minor,
                tendered_minor=t.tendered.minor,
                change_minor=t.change.minor,
            )
            for t in sale.tenders
        ),
        total_minor=sale.total.minor,
    )


def _queue_jobs(shop: Shop, sale: Sale) -> None:
    """Only for devices that the till has: others would wait for ever."""
    cash = any(shop.tenders[t.key].opens_drawer for t in sale.tenders)
    kinds = [jobs.RECEIPT] if sale.till in shop.printers else []
    if cash and sale.till in shop.drawers:
        kinds.append(jobs.DRAWER)
    jobs.add_for_sale(sale.sale_id, sale.till, kinds, sale.ended_at_ms)
