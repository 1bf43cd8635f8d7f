"""Goods that come back without a receipt: at the lowest price of the last days, as store credit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from services.domain import days
from services.domain.basket import LINES_MAX, QUANTITY_MAX, Line, Returned
from services.domain.errors import BasketChanged, CodeUnknown, ReturnRefused
from services.domain.gift_cards import CATEGORY
from services.domain.money import Money
from services.domain.priced import PricedLine
from services.domain.return_rules import CREDIT, LOWEST_DAYS
from services.domain.settlement import Covered
from services.domain.tax import contained
from services.flows import baskets, checkout
from services.flows.approvals import Approval, approve, granted
from services.flows.completed import complete
from services.flows.shop import Shop
from services.store import catalogue, db, journal, past_prices, requests, sales
from services.store.catalogue import Article
from services.store.sales import Sale

RIGHT = "return_blind"
DAY_MS = 24 * 3_600_000


@dataclass(frozen=True, slots=True)
class Offered:
    """An article and what the shop gives for one piece of it."""

    article: Article
    unit_minor: int


def most_minor(shop: Shop) -> int:
    """How much one return without a receipt may give: also no more than one gift card may be worth. 0: the
    shop takes nothing back like that."""
    return min(shop.return_rules.blind_max_minor, shop.gift_card_max_minor) if CREDIT in shop.tenders else 0


def offer(shop: Shop, *, code: str) -> Offered:
    """For goods as they are scanned, or by their number. Raises ReturnRefused for gift cards and where the
    shop takes nothing back without a receipt, CodeUnknown, CodeMalformed and their kin."""
    article = catalogue.by_sku(code) or baskets.resolve(shop, code)[0]
    return _offered(shop, article, shop.now_ms())


def worth(shop: Shop, pieces: Sequence[tuple[str, int]]) -> tuple[int, ...]:
    """What the shop gives for each of these now. Raises as offer() does, and ReturnRefused for an article
    named twice or a count that cannot be."""
    return tuple(-each.net.minor for each in _lines(shop, pieces, shop.now_ms()))


def take_back(
    shop: Shop,
    till: str,
    *,
    pieces: Sequence[tuple[str, int]],  # (article number, how many)
    total_minor: int,  # what the page showed
    reason: str,
    approval: Approval | None,
    operator_id: str,
    request_id: str,
) -> Sale:
    """A document of its own: the goods are back in stock, and a new gift card holds what they are worth.

    A repeat gives the first one. Raises ApprovalNeeded and what approve() raises, ReturnRefused for more
    than most_minor() or goods that do not come back like this, BasketChanged when the total has become
    another, CodeUnknown.
    """
    asked = requests.fingerprint("blind_return", till, [list(each) for each in pieces], total_minor, reason)
    if (first := requests.answer(request_id, asked)) is not None:
        return checkout.find(first)
    _agreed(shop, _lines(shop, pieces, shop.now_ms()), total_minor)
    approver = approve(shop, RIGHT, approval, operator_id=operator_id, size=total_minor)
    document_id, card_id = shop.new_id(), shop.new_id()
    with db.write():
        now_ms = shop.now_ms()
        if (done := requests.claim(request_id, asked, document_id, now_ms)) is not None:
            return checkout.find(done)
        lines = _lines(shop, pieces, now_ms)
        _agreed(shop, lines, total_minor)
        granted(
            shop,
            RIGHT,
            approver,
            approval,
            operator_id=operator_id,
            subject=f"goods {', '.join(sku for sku, _ in pieces)}"[:200],
            size=total_minor,
        )
        head = journal.head()
        sequence, last_day = sales.next_sequence(till)
        back = Money(-total_minor, shop.currency)
        document = Sale(
            sale_id=document_id,
            till=till,
            till_seq=sequence,
            number=f"{shop.store_id}-{till}-{sequence:06d}",
            business_day=days.business_day(now_ms, shop.zone, shop.rollover_hour, last_day),
            operator_id=operator_id,
            total=back,
            begun_at_ms=now_ms,
            ended_at_ms=now_ms,
            journal_seq=head[0] + 1,
            lines=lines,
            tenders=(Covered(CREDIT, back, back, back - back, back, card_id),),
            rounding=back - back,
            kind=sales.RETURN,
            reason=reason,
            approver_id=approver if approver != operator_id else "",
        )
        complete(shop, document, head)
    return document


def _offered(shop: Shop, article: Article, now_ms: int) -> Offered:
    if article.category == CATEGORY or not most_minor(shop):
        raise ReturnRefused("this does not come back without a receipt", sku=article.sku)
    since_ms = now_ms - LOWEST_DAYS * DAY_MS
    since_day = days.business_day(since_ms, shop.zone, shop.rollover_hour)
    known = (
        baskets.base_minor(shop, article),
        past_prices.lowest_listed(article.sku, since_ms, now_ms),
        past_prices.lowest_before_changes(article.sku, since_ms, since_day),
        past_prices.lowest_sold(article.sku, since_ms, since_day),
    )
    return Offered(article, min(minor for minor in known if minor is not None))


def _lines(shop: Shop, pieces: Sequence[tuple[str, int]], now_ms: int) -> tuple[PricedLine, ...]:
    if not 0 < len(pieces) <= LINES_MAX or len({sku for sku, _ in pieces}) != len(pieces):
        raise ReturnRefused("each article once, and at least one")
    lines = [_line(shop, n, sku, count, now_ms) for n, (sku, count) in enumerate(pieces, 1)]
    taxes = contained([(each.line.tax_bp, each.net.minor) for each in lines])
    return tuple(_taxed(each, minor) for each, minor in zip(lines, taxes, strict=True))


def _taxed(priced: PricedLine, tax_minor: int) -> PricedLine:
    """By the rate of now: nobody knows that of then."""
    back = Returned("", "", 0, priced.net.minor, tax_minor)
    return PricedLine(replace(priced.line, returned=back), priced.net, tax_minor=tax_minor)


def _line(shop: Shop, number: int, sku: str, count: int, now_ms: int) -> PricedLine:
    article = catalogue.by_sku(sku)
    if article is None:
        raise CodeUnknown("no article has this number", data=sku)
    if not 0 < count <= QUANTITY_MAX:
        raise ReturnRefused("so many pieces do not come back", sku=sku)
    net_minor = -_offered(shop, article, now_ms).unit_minor * count
    line = Line(
        line_id=number,
        sku=article.sku,
        gtin=article.gtin,
        name=article.name,
        variant=article.variant,
        quantity=-count,
        unit_price=Money(net_minor // -count, shop.currency),
        entry_method="picked",
        style=article.style,
        category=article.category,
        tax_bp=baskets.tax_bp(shop, article),
    )
    return PricedLine(line, Money(net_minor, shop.currency))


def _agreed(shop: Shop, lines: Sequence[PricedLine], total_minor: int) -> None:
    worth = -sum(each.net.minor for each in lines)
    if worth != total_minor:
        raise BasketChanged("the lowest price has changed since it was shown", total_minor=worth)
    if not 0 < worth <= most_minor(shop):
        raise ReturnRefused("too much without a receipt", most_minor=most_minor(shop))
