"""The shop's values as the pages get them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal, cast

from drivers import contracts as paper
from services.domain import settlement
from services.domain.basket import Basket, Line
from services.domain.money import Money, signed, total
from services.flows import baskets, prices, spool
from services.flows.shop import Shop
from services.store import catalogue, jobs, parked
from services.store.catalogue import Article, Style
from services.store.jobs import Job
from services.store.sales import Sale
from services.store.staff import Member, Session
from web_console.api import (
    Amount,
    BasketView,
    JobView,
    LineView,
    PaperLine,
    Quote,
    SaleView,
    SessionView,
    StaffCard,
    StyleTile,
    StyleView,
    TenderView,
    VariantView,
)
from web_console.api_parked import ParkedNews

QR_QUIET = 2  # modules of white around a code on the screen


def amount(money: Money) -> Amount:
    return Amount(minor=money.minor, currency=money.currency, text=signed(money))


def member(person: Member | Session) -> StaffCard:
    role = cast(Literal["cashier", "manager", "technician"], person.role)
    return StaffCard(staff_id=person.staff_id, name=person.name, role=role)


def session(shop: Shop, held: Session) -> SessionView:
    return SessionView(staff=member(held), till=held.till, csrf=held.csrf, store_name=shop.store_name)


def basket(shop: Shop, till: str, held: Basket | None = None, last_line_id: int = 0) -> BasketView:
    """The basket of `till`; without `last_line_id` the newest line counts as the last one touched."""
    held = held or baskets.current(shop, till)
    due = prices.priced(shop, held).total
    articles = catalogue.by_skus(line.sku for line in held.standing)
    lines = tuple(_line(line.sku, line, articles.get(line.sku)) for line in held.standing)
    standing = [line.line_id for line in lines]
    return BasketView(
        till=till,
        basket_id=held.basket_id,
        version=held.version,
        pieces=held.pieces,
        total=amount(due),
        lines=lines,
        last_line_id=last_line_id if last_line_id in standing else max(standing, default=0),
        quick=tuple(amount(money) for money in settlement.quick_amounts(due)) if lines else (),
    )


def _line(sku: str, line: Line, article: Article | None) -> LineView:
    return LineView(
        line_id=line.line_id,
        sku=sku,
        style=article.style if article else "",
        name=line.name,
        variant=line.variant,
        garment=article.garment if article else "",
        swatch=article.swatch if article else "",
        quantity=line.quantity,
        unit_price=amount(line.unit_price),
        extended=amount(line.extended),
    )


def parked_news() -> ParkedNews:
    return ParkedNews(waiting=parked.count())


def quote(shop: Shop, due: Money, tendered_minor: int) -> Quote:
    over = tendered_minor - due.minor
    return Quote(
        due=amount(due),
        tendered=amount(Money(tendered_minor, shop.currency)),
        change=amount(Money(max(0, over), shop.currency)),
        short=amount(Money(max(0, -over), shop.currency)),
    )


def tile(shop: Shop, style: Style) -> StyleTile:
    first, last = style.first_size, style.last_size
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
    )


def style(shop: Shop, variants: list[Article]) -> StyleView:
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
            )
            for article in variants
        ),
    )


def job(held: Job, sale_number: str = "") -> JobView:
    kind = cast(Literal["receipt", "copy", "drawer", "self_test", "park_ticket"], held.kind)
    return JobView(
        job_id=held.job_id, kind=kind, state=held.state, sale_number=sale_number, reason=held.reason
    )


def sale(shop: Shop, held: Sale) -> SaleView:
    return SaleView(
        sale_id=held.sale_id,
        number=held.number,
        till=held.till,
        at_ms=held.ended_at_ms,
        total=amount(held.total),
        change=amount(total((tender.change for tender in held.tenders), held.total.currency)),
        tenders=tuple(
            TenderView(
                key=tender.key,
                amount=amount(tender.amount),
                tendered=amount(tender.tendered),
                change=amount(tender.change),
            )
            for tender in held.tenders
        ),
        jobs=tuple(job(each, held.number) for each in jobs.of_sale(held.sale_id)),
        paper=tuple(paper_lines(spool.receipt_ops(shop, held))),
    )


def paper_lines(ops: Iterable[paper.Op]) -> Iterable[PaperLine]:
    """The printed ops as the screen draws them; the cut draws nothing."""
    for op in ops:
        match op:
            case paper.Text(text=text, align=align, bold=bold, size=size):
                center = align is paper.Align.CENTER
                yield PaperLine(op="text", text=text, bold=bold, size=size, center=center)
            case paper.Row(left=left, right=right, bold=bold, size=size):
                yield PaperLine(op="row", text=left, right=right, bold=bold, size=size)
            case paper.Rule():
                yield PaperLine(op="rule")
            case paper.Qr(data=data):
                yield _qr(data)
            case paper.Barcode(data=data):
                yield PaperLine(op="barcode", text=data, center=True)
            case paper.Feed():
                yield PaperLine(op="feed")
            case paper.Cut():
                pass


def _qr(data: str) -> PaperLine:
    """The code as SVG path data, one unit a module: error correction M as on the paper."""
    import segno

    code = segno.make_qr(data, error="m", boost_error=False)
    rows = list(code.matrix)
    marks = [
        f"M{x + QR_QUIET} {y + QR_QUIET}h1v1h-1z"
        for y, row in enumerate(rows)
        for x, dark in enumerate(row)
        if dark
    ]
    return PaperLine(op="qr", text=data, svg="".join(marks), modules=len(rows) + 2 * QR_QUIET)
