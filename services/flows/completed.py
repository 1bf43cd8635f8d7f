"""A closed sale and all that hangs on it: rows, postings, stock, journal, paper and drawer."""

from __future__ import annotations

from collections.abc import Iterator

from services.domain import printing
from services.domain.events import DrawnTender, SaleCompleted, SoldAdjustment, SoldLine, SoldTender
from services.domain.gift_cards import is_card
from services.domain.ledger import BONUS, DRAWER, GIFT_CARDS, REVENUE, ROUNDING, Entry, Posting
from services.domain.money import Money, total
from services.domain.priced import PricedLine, taxes
from services.domain.rewards import NOTHING, Used
from services.domain.settlement import Covered
from services.flows import gift_moves, instalment_moves, loyalty, promotions
from services.flows.record import record
from services.flows.shop import Shop
from services.flows.stock import sell
from services.store import jobs, sales
from services.store.sales import Sale


def complete(shop: Shop, sale: Sale, head: tuple[int, bytes], used: Used = NOTHING) -> None:
    """Inside a transaction: the document with all that follows from it, whole or not at all. `head` is the
    journal's. Raises OutOfStock where the shop refuses to sell what is not there, and what
    gift_moves.follow(), instalment_moves.follow() and loyalty.follow() raise."""
    standing = [each.line for each in sale.lines if not each.line.voided]
    sell(shop, [(line.sku, line.quantity) for line in standing])
    sales.create(sale, _entry(shop, sale))
    record(shop, completed(shop, sale), sale.ended_at_ms, sale.business_day, head)
    promotions.give_back(shop, sale)
    gift_moves.follow(shop, sale)
    instalment_moves.follow(shop, sale)
    loyalty.follow(shop, sale, used)
    _queue_jobs(shop, sale)


def _entry(shop: Shop, sale: Sale) -> Entry:
    """What came in, what rounding gave away, against the revenue and what new gift cards owe."""
    debits = [each for t in sale.tenders for each in _taken(shop, t)]
    if sale.rounding.minor:
        debits.append(Posting(ROUNDING, -sale.rounding))
    cards = total((each.net for each in sale.lines if is_card(each.line)), sale.total.currency)
    if cards.minor:
        debits.append(Posting(GIFT_CARDS, -cards))
    return Entry((*debits, Posting(REVENUE, cards - sale.total)))


def _taken(shop: Shop, tender: Covered) -> Iterator[Posting]:
    """What one tender brought; change for notes of another currency comes out of the shop's own drawer.
    Bonus brought nothing: it is a discount beside the revenue."""
    account = shop.tenders[tender.key].account
    if tender.bonus_minor:
        bonus = Money(tender.bonus_minor, tender.amount.currency)
        yield Posting(account, tender.amount - bonus)
        yield Posting(BONUS, bonus)
    elif tender.foreign is None or not tender.change.minor:
        yield Posting(account, tender.amount)
    else:
        yield Posting(account, tender.tendered)
        yield Posting(DRAWER, -tender.change)


def _queue_jobs(shop: Shop, sale: Sale) -> None:
    """Only for devices that the till has: others would wait for ever."""
    kick = printing.opens_drawer(
        shop.printing.drawer_opens, (shop.tenders[t.key].opens_drawer for t in sale.tenders)
    )
    kinds = [jobs.RECEIPT] if sale.till in shop.printers else []
    if kick and sale.till in shop.drawers:
        kinds.append(jobs.DRAWER)
    jobs.add_for_sale(sale.sale_id, sale.till, kinds, sale.ended_at_ms)


def completed(shop: Shop, sale: Sale) -> SaleCompleted:
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
        member_id=sale.member_id,
        taxes=taxes(sale.lines),
        bonus_minor=sum(each.bonus_minor for each in sale.lines),
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
        drawn=tuple(
            DrawnTender(tender_number=d.n, amount_minor=d.amount_minor, back_minor=d.back_minor)
            for d in sale.drawn
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
        style=line.style,
        category=line.category,
        seller_id=line.seller_id,
        list_price_minor=line.list_price.minor if line.list_price is not None else None,
        return_of=back.sale_id if back is not None else "",
        return_line=back.line_number if back is not None else 0,
        tax_bp=line.tax_bp,
        tax_minor=priced.tax_minor,
        bonus_minor=priced.bonus_minor,
    )


def _sold_tender(tender: Covered) -> SoldTender:
    notes = tender.foreign
    return SoldTender(
        tender_type=tender.key,
        amount_minor=tender.amount.minor,
        tendered_minor=tender.tendered.minor,
        change_minor=tender.change.minor,
        exact_minor=None if tender.exact == tender.amount else tender.exact.minor,
        reference=tender.reference,
        currency=notes.currency if notes is not None else "",
        foreign_minor=notes.minor if notes is not None else 0,
        rate_e8=notes.rate_e8 if notes is not None else 0,
        rate_id=notes.rate_id if notes is not None else "",
        bonus_minor=tender.bonus_minor,
    )
