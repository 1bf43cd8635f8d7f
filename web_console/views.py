"""The shop's values as the pages get them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import cast

import msgspec

from services.domain import settlement
from services.domain import stock as stock_rules
from services.domain.basket import Basket
from services.domain.exchange import ForeignCash
from services.domain.money import Money, total
from services.domain.parked import Parked, ticket_number
from services.domain.payment import Payment
from services.domain.priced import Adjustment, PricedBag, PricedLine
from services.domain.receipt_member import MemberOnPaper
from services.domain.returns import Back
from services.flows import (
    baskets,
    foreign_cash,
    member_papers,
    parking,
    prices,
    returns,
    spool,
    stored_value_change,
    tiers,
)
from services.flows.shop import Shop
from services.store import catalogue, jobs, parked, shifts, staff, stock, stored_value
from services.store.catalogue import Article, Style
from services.store.jobs import Job
from services.store.sales import Sale
from services.store.staff import Member, Session
from services.tenders.contract import Tender
from web_console.amounts import amount as amount
from web_console.amounts import cash as cash
from web_console.api import (
    AdjustmentView,
    Amount,
    BackView,
    BasketView,
    HintView,
    JobView,
    LineView,
    PaymentView,
    Quote,
    Role,
    SessionView,
    ShortView,
    StaffCard,
    TenderButton,
)
from web_console.api_catalogue import (
    StockLevel,
    StyleTile,
    StyleView,
    VariantView,
)
from web_console.api_parked import OpenQuestion, ParkedNews
from web_console.api_sales import BuyerView, RisenView, SaleView, TenderView
from web_console.customer_views import customer
from web_console.paper_views import paper_lines


def member(person: Member | Session) -> StaffCard:
    return StaffCard(staff_id=person.staff_id, name=person.name, role=cast(Role, person.role))


def session(shop: Shop, held: Session) -> SessionView:
    return SessionView(
        staff=member(held),
        tenders=tenders(shop),
        till=held.till,
        csrf=held.csrf,
        store_name=shop.store_name,
        asks_float=shop.shift_rules.required and _lacks_float(held.till),
    )


def _lacks_float(till: str) -> bool:
    """No shift is open, or one that a sale has begun before anybody counted."""
    shift = shifts.open_of(till)
    return shift is None or (shift.unknown_float and not shift.operator_id)


def basket(shop: Shop, till: str, held: Basket | None = None, last_line_id: int = 0) -> BasketView:
    """The basket of `till`; without `last_line_id` the newest line counts as the last one touched."""
    held = held or baskets.current(shop, till)
    bag = prices.priced(shop, held)
    left, back = returns.owed(shop, held, bag)
    articles = catalogue.by_skus(line.sku for line in held.standing)
    sellers = {held.seller_id, *(line.seller_id for line in held.standing)} - {""}
    names = {staff_id: staff.name_of(staff_id) for staff_id in sellers}
    lines = tuple(_line(each, articles.get(each.line.sku), names) for each in bag.standing)
    standing = [line.line_id for line in lines]
    return BasketView(
        till=till,
        basket_id=held.basket_id,
        version=held.version,
        pieces=sum(line.quantity for line in held.standing if line.returned is None),
        pieces_back=-sum(line.quantity for line in held.standing if line.returned is not None),
        gross=amount(bag.gross),
        saved=amount(bag.saved),
        adjustments=_offers(bag),
        total=amount(bag.total),
        payments=tuple(_payment(shop, each) for each in held.payments),
        left=amount(left),
        back=_back(shop, held, back),
        returning=next((line.returned_from for line in lines if line.returned_from), ""),
        undoing=held.undoing,
        lines=lines,
        hint=_hint(shop, bag),
        last_line_id=last_line_id if last_line_id in standing else max(standing, default=0),
        quick=tuple(amount(money) for money in settlement.quick_amounts(left, shop.cash_rounding))
        if lines
        else (),
        short=_short(shop, held),
        seller_id=held.seller_id,
        seller=names.get(held.seller_id, ""),
        coupons=held.coupons,
        customer=customer(shop, held, bag) if held.member_id else None,
        change=amount(foreign_cash.change(shop, held, bag)),
    )


def _line(priced: PricedLine, article: Article | None, names: Mapping[str, str]) -> LineView:
    line = priced.line
    return LineView(
        line_id=line.line_id,
        sku=line.sku,
        style=article.style if article else "",
        name=line.name,
        variant=line.variant,
        garment=article.garment if article else "",
        swatch=article.swatch if article else "",
        quantity=line.quantity,
        unit_price=amount(line.unit_price),
        extended=amount(line.extended),
        net=amount(priced.net),
        adjustments=tuple(adjustment(each) for each in priced.adjustments),
        list_price=amount(line.list_price) if line.list_price is not None else None,
        returned_from=line.returned.number if line.returned is not None else "",
        seller_id=line.seller_id,
        seller=names.get(line.seller_id, ""),
    )


def _hint(shop: Shop, bag: PricedBag) -> HintView | None:
    near = bag.engine.nearest if bag.engine is not None else None
    if near is None:
        return None
    missing = Money(near.missing, shop.currency)
    return HintView(
        label_zh=near.label_zh,
        label_en=near.label_en,
        missing=amount(missing) if near.unit == "minor" else None,
        missing_pieces=near.missing if near.unit == "pieces" else 0,
        line_id=near.line_id,
        saves=amount(Money(near.saves_minor, shop.currency)),
    )


def parked_news() -> ParkedNews:
    asked = parking.asked_about()
    return ParkedNews(
        waiting=parked.count(), questions=len(asked), oldest=_question(asked[0]) if asked else None
    )


def _question(row: Parked) -> OpenQuestion:
    held = parked.kept(row.parked_id)[0].open_payment
    assert held is not None, row
    return OpenQuestion(
        parked_id=row.parked_id,
        ticket=ticket_number(row.ticket),
        key=held.key,
        amount=amount(Money(held.amount_minor, row.currency)),
        by=staff.name_of(row.operator_id),
        parked_at_ms=row.parked_at_ms,
    )


def adjustment(given: Adjustment) -> AdjustmentView:
    return AdjustmentView(label_zh=given.label_zh, label_en=given.label_en, amount=amount(given.amount))


def _offers(bag: PricedBag) -> tuple[AdjustmentView, ...]:
    """Each offer once, with what it saves on all its lines, in the order in which they apply."""
    sums: dict[tuple[int, str], AdjustmentView] = {}
    for each in sorted((a for line in bag.lines for a in line.adjustments), key=lambda a: a.layer):
        key = (each.layer, each.source)
        before = sums[key].amount.minor if key in sums else 0
        sums[key] = adjustment(
            msgspec.structs.replace(each, amount=Money(before + each.amount.minor, bag.currency))
        )
    return tuple(sums.values())


def _back(shop: Shop, held: Basket, parts: Iterable[Back]) -> tuple[BackView, ...]:
    """What is paid back by which tender; a terminal's part is done once its payment is made."""
    made = [(each.key, -each.amount_minor) for each in held.paid]
    views = []
    for part in parts:
        done = (part.key, part.amount_minor) in made
        if done:
            made.remove((part.key, part.amount_minor))
        views.append(
            BackView(
                tender_number=part.n,
                key=part.key,
                amount=amount(Money(part.amount_minor, shop.currency)),
                reference=part.reference,
                done=done,
                foreign=_notes(shop, part.undone.foreign) if part.undone is not None else None,
                taken=_notes(shop, part.taken.foreign) if part.taken is not None else None,
            )
        )
    return tuple(views)


def _payment(shop: Shop, held: Payment) -> PaymentView:
    return PaymentView(
        payment_id=held.payment_id,
        key=held.key,
        amount=amount(Money(held.amount_minor, shop.currency)),
        state=held.state,
        reference=held.reference,
        foreign=_notes(shop, held.foreign),
    )


def _notes(shop: Shop, held: ForeignCash | None) -> Amount | None:
    return cash(shop, Money(held.minor, held.currency)) if held is not None else None


def tenders(shop: Shop) -> tuple[TenderButton, ...]:
    """The buttons: what is used most first, so cash is at the top."""
    return tuple(
        TenderButton(
            key=each.key,
            label_zh=each.label_zh,
            label_en=each.label_en,
            icon=each.icon,
            outcome=each.outcome,
            gives_change=each.gives_change,
            reference=each.reference,
        )
        for each in sorted(shop.tenders.values(), key=lambda each: (-each.rank, each.key))
        if _offered(shop, each)
    )


def _offered(shop: Shop, tender: Tender) -> bool:
    """Some are there for a shop that has settings for them."""
    needs = {"planned": shop.instalments.months, "exchanged": shop.foreign_cash}
    return tender.outcome not in needs or bool(needs[tender.outcome])


def quote(shop: Shop, left: Money, tendered_minor: int) -> Quote:
    due = shop.cash_rounding.of(left)
    over = tendered_minor - due.minor
    return Quote(
        due=amount(due),
        tendered=amount(Money(tendered_minor, shop.currency)),
        change=amount(Money(max(0, over), shop.currency)),
        short=amount(Money(max(0, -over), shop.currency)),
        rounding=amount(due - left),
    )


def tile(shop: Shop, style: Style) -> StyleTile:
    first, last = style.first_size, style.last_size
    level, pieces = stock_rules.level_together(style.on_hand, shop.reorder_point)
    return StyleTile(
        style=style.style,
        name=style.name,
        category=style.category,
        garment=style.garment,
        swatch=style.swatch,
        colours=style.colours,
        sizes=first if first == last else f"{first}–{last}",
        price=amount(Money(style.price_minor, shop.currency)),
        only_sku=style.only_sku,
        stock=cast(StockLevel, level),
        pieces=pieces,
    )


def style(shop: Shop, variants: list[Article]) -> StyleView:
    held = stock.on_hand(article.sku for article in variants)
    return StyleView(
        style=variants[0].style,
        name=variants[0].name,
        garment=variants[0].garment,
        variants=tuple(
            VariantView(
                sku=article.sku,
                colour=article.colour,
                swatch=article.swatch,
                size=article.size,
                gtin=article.gtin,
                price=amount(Money(article.price_minor, shop.currency)),
                stock=cast(StockLevel, stock_rules.level(held.get(article.sku), shop.reorder_point)),
                pieces=held.get(article.sku, 0),
            )
            for article in variants
        ),
    )


def _short(shop: Shop, held: Basket) -> tuple[ShortView, ...]:
    """What the bag has too many of; nothing where the shop does not mind."""
    if shop.oversell == stock_rules.ALLOW:
        return ()
    wanted = dict(stock_rules.gathered((line.sku, line.quantity) for line in held.standing))
    return tuple(
        ShortView(sku=sku, pieces=max(0, pieces), refused=shop.oversell == stock_rules.REFUSE)
        for sku, pieces in stock.on_hand(wanted).items()
        if wanted[sku] > max(0, pieces)
    )


def job(held: Job, sale_number: str = "") -> JobView:
    return JobView(
        job_id=held.job_id,
        kind=held.kind,
        state=held.state,
        sale_number=sale_number,
        reason=held.reason,
        printer=held.printer,
    )


def sale(shop: Shop, held: Sale) -> SaleView:
    buyer = member_papers.on_paper(held)
    return SaleView(
        sale_id=held.sale_id,
        number=held.number,
        till=held.till,
        at_ms=held.ended_at_ms,
        total=amount(held.total),
        saved=amount(total((a.amount for line in held.lines for a in line.adjustments), shop.currency)),
        rounding=amount(held.rounding),
        change=amount(total((tender.change for tender in held.tenders), held.total.currency)),
        tenders=tuple(
            TenderView(
                key=tender.key,
                amount=amount(tender.amount),
                tendered=amount(tender.tendered),
                change=amount(tender.change),
                reference=tender.reference,
                foreign=_notes(shop, tender.foreign),
            )
            for tender in held.tenders
        ),
        jobs=tuple(job(each, held.number) for each in jobs.of_sale(held.sale_id)),
        paper=tuple(paper_lines(spool.receipt_ops(shop, held, member=buyer))),
        buyer=_buyer(buyer),
        risen=_risen(held),
        keeps_change=stored_value_change.can_keep(shop, held),
        kept_change=bool(held.member_id) and stored_value.kept_change(held.sale_id) is not None,
    )


def _buyer(told: MemberOnPaper | None) -> BuyerView | None:
    return BuyerView(name=told.name, earned=told.earned, points=told.points) if told is not None else None


def _risen(held: Sale) -> RisenView | None:
    tier = tiers.risen(held)
    return RisenView(label_zh=tier.label_zh, label_en=tier.label_en) if tier is not None else None
