"""Closing a sale: the one transaction this product exists for."""

from __future__ import annotations

from collections.abc import Sequence

from services.domain import days, printing, settlement
from services.domain.basket import Basket
from services.domain.errors import (
    BasketChanged,
    BasketEmpty,
    PaymentOpen,
    SaleUnknown,
    TenderRefused,
)
from services.domain.events import SaleCompleted, SoldAdjustment, SoldLine, SoldTender
from services.domain.ledger import REVENUE, ROUNDING, Entry, Posting
from services.domain.money import Money
from services.domain.priced import PricedBag, PricedLine
from services.domain.settlement import Covered, Settlement, Tendered
from services.flows.baskets import current, fresh
from services.flows.prices import priced
from services.flows.record import record
from services.flows.shop import Shop
from services.flows.stock import sell
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
    BasketEmpty, TenderShort, TenderRefused, OutOfStock where the shop sells nothing that is not there, and
    OutcomeUnknown when the disk failed in the commit.
    """
    asked = requests.fingerprint("sale", till, basket_id, version, [list(t) for t in tendered])
    sale_id = shop.new_id()
    with db.write():
        if (done := requests.claim(request_id, asked, sale_id, shop.now_ms())) is not None:
            return find(done)
        head = journal.head()
        basket = _agreed(shop, current(shop, till), basket_id, version)
        sell(shop, [(line.sku, line.quantity) for line in basket.standing])
        bag = priced(shop, basket)
        settled = settlement.cover(bag.total, _tenders(shop, basket, tendered), shop.cash_rounding)
        sale = _closed(shop, till, basket, bag, settled, operator_id, sale_id, head[0] + 1)
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


def _tenders(shop: Shop, basket: Basket, handed_over: Sequence[tuple[str, int]]) -> list[Tendered]:
    """What was paid outside, and what is handed over now."""
    waiting = basket.open_payment
    if waiting is not None:
        raise PaymentOpen("a payment's end is not known yet", payment_id=waiting.payment_id)
    paid = [_tendered(shop, each.key, each.amount_minor, each.reference) for each in basket.paid]
    for key, _ in handed_over:
        if key not in shop.tenders or shop.tenders[key].outcome != "at_once":
            raise TenderRefused("this tender cannot be handed over", key=key)
    return [*paid, *(_tendered(shop, key, minor) for key, minor in handed_over)]


def _tendered(shop: Shop, key: str, minor: int, reference: str = "") -> Tendered:
    tender = shop.tenders[key]
    return Tendered(
        key, Money(minor, shop.currency), tender.gives_change, tender.rounds, tender.rank, reference
    )


def _closed(
    shop: Shop,
    till: str,
    basket: Basket,
    bag: PricedBag,
    settled: Settlement,
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
        total=bag.total,
        begun_at_ms=basket.begun_at_ms,
        ended_at_ms=now_ms,
        journal_seq=journal_seq,
        lines=bag.lines,
        tenders=settled.tenders,
        rounding=settled.rounding,
    )


def _entry(shop: Shop, sale: Sale) -> Entry:
    """What came in, what rounding gave away, against the revenue."""
    debits = [Posting(shop.tenders[t.key].account, t.amount) for t in sale.tenders]
    if sale.rounding.minor:
        debits.append(Posting(ROUNDING, -sale.rounding))
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
        line_items=tuple(_sold_line(line) for line in sale.lines),
        tenders=tuple(_sold_tender(tender) for tender in sale.tenders),
        total_minor=sale.total.minor,
        kind=sale.kind,
        rounding_minor=sale.rounding.minor,
        original_id=sale.original_id,
        reason=sale.reason,
        approver_id=sale.approver_id,
        adjustments=tuple(
            SoldAdjustment(
                line_number=each.line_id,
                layer=each.layer,
                source=each.source,
                source_version=each.source_version,
                amount_minor=each.amount.minor,
                label_zh=each.label_zh,
                label_en=each.label_en,
            )
            for line in sale.lines
            for each in line.adjustments
        ),
    )


def _sold_line(priced: PricedLine) -> SoldLine:
    line, back = priced.line, priced.line.returned
    return SoldLine(
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
        net_minor=None if priced.net == line.extended else priced.net.minor,
        category=line.category,
        seller_id=line.seller_id,
        list_price_minor=line.list_price.minor if line.list_price is not None else None,
        return_of=back.sale_id if back is not None else "",
        return_line=back.line_number if back is not None else 0,
    )


def _sold_tender(tender: Covered) -> SoldTender:
    return SoldTender(
        tender_type=tender.key,
        amount_minor=tender.amount.minor,
        tendered_minor=tender.tendered.minor,
        change_minor=tender.change.minor,
        exact_minor=None if tender.exact == tender.amount else tender.exact.minor,
        reference=tender.reference,
    )


def _queue_jobs(shop: Shop, sale: Sale) -> None:
    """Only for devices that the till has: others would wait for ever."""
    kick = printing.opens_drawer(
        shop.printing.drawer_opens, (shop.tenders[t.key].opens_drawer for t in sale.tenders)
    )
    kinds = [jobs.RECEIPT] if sale.till in shop.printers else []
    if kick and sale.till in shop.drawers:
        kinds.append(jobs.DRAWER)
    jobs.add_for_sale(sale.sale_id, sale.till, kinds, sale.ended_at_ms)
