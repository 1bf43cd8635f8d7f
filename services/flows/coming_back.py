"""What may come back of a sale, for how long, and what its pieces are worth: read, never written."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from services.domain import days, pricing, recompute
from services.domain import returns as rules
from services.domain.basket import Basket, Line, Returned
from services.domain.coupons import REISSUE, USED
from services.domain.errors import AlreadyReturned, ReturnRefused, SaleUnknown
from services.domain.gift_cards import is_card
from services.domain.offers import Definition, Offer
from services.domain.priced import PricedLine
from services.domain.recompute import Anew, Part
from services.domain.tender_errors import GiftCardRefused
from services.flows import promotions
from services.flows.promotions import Customer
from services.flows.shop import Shop
from services.store import coupon_templates, coupons, gift_cards, returns, sales
from services.store.sales import Sale


@dataclass(frozen=True, slots=True)
class Returnable:
    """A sale as somebody brings it back: each line with the pieces that have not come back yet."""

    sale: Sale
    left: dict[int, int]  # line -> pieces; a line that itself came back, or is void, is not in it


def returnable(sale_id: str) -> Returnable:
    """Raises SaleUnknown."""
    sale = sales.by_id(sale_id)
    if sale is None:
        raise SaleUnknown("no sale has this id", sale_id=sale_id)
    back = returns.pieces(sale_id)
    left = {
        each.line.line_id: each.line.quantity - back.get(each.line.line_id, 0)
        for each in sale.lines
        if not each.line.voided and each.line.quantity > 0
    }
    return Returnable(sale, left)


def first_of(sale: Sale) -> Sale:
    """The sale with which the goods of this one were bought first: what was exchanged is one chain."""
    while sale.kind == sales.EXCHANGE:
        before = sales.by_id(sale.original_id)
        assert before is not None, sale
        sale = before
    return sale


def gave_used_minor(sale: Sale) -> int:
    """The face of coupons that came with a sale's goods and have been used since: whoever brings the goods
    back keeps what those took off. It is shown, never kept from what is paid back."""
    chain = returns.chain(first_of(sale).sale_id)
    came = (each for sale_id in chain for each in coupons.issued_by(sale_id))
    used = [each for each in came if each.state == USED and each.reason != REISSUE]
    return sum(coupon_templates.version(e.template_id, e.template_version).face_minor for e in used)


def last_day(shop: Shop, sale: Sale, category: str) -> str:
    """The last day on which goods of this category come back from a sale; "" for no end."""
    return shop.return_rules.last_day(sale.business_day, category)


def is_late(shop: Shop, sale: Sale, category: str) -> bool:
    today = days.business_day(shop.now_ms(), shop.zone, shop.rollover_hour)
    return shop.return_rules.late(sale.business_day, category, today)


def anew_for(sale: Sale) -> list[Definition]:
    """The promotions of a sale that want what comes back of it reckoned anew; most want shares."""
    return [each for each in promotions.applied(sale) if each.terms.on_return == "recompute"]


def coming_back(basket: Basket) -> list[Line]:
    if basket.returning is None:  # most bags: every sale asks
        return []
    return [line for line in basket.standing if line.returned is not None]


def brought(held: Returnable, line_number: int, count: int) -> Line:
    """Pieces of a sold line as a line of the bag, worth their share of it. Raises AlreadyReturned,
    ReturnRefused, GiftCardRefused."""
    sold = next((each for each in held.sale.lines if each.line.line_id == line_number), None)
    if sold is None or line_number not in held.left:
        raise ReturnRefused("this line cannot come back", line_number=line_number)
    left = held.left[line_number]
    if not 0 < count <= left:
        raise AlreadyReturned("so many pieces are not left", line_number=line_number, left=left)
    if is_card(sold.line):
        _unused(held.sale.sale_id, line_number, left - count)
    whole = sold.net.minor, sold.tax_minor, sold.bonus_minor
    pieces = sold.line.quantity
    worth = (-rules.line_credit(minor, pieces, pieces - left, count) for minor in whole)
    back = Returned(held.sale.sale_id, held.sale.number, line_number, *worth)
    return replace(sold.line, quantity=-count, returned=back, entry_method="picked", list_price=None)


def valued(shop: Shop, basket: Basket) -> Basket:
    """The bag with what its returned goods are worth together: a sale that is reckoned anew depends on all
    that is kept of it. Raises as brought() does."""
    coming = coming_back(basket)
    if not coming:
        return basket
    assert coming[0].returned is not None
    held = returnable(coming[0].returned.sale_id)
    worth = {
        line.line_id: priced.returned
        for line, priced in zip(coming, worths(shop, held, _pieces(coming))[0], strict=True)
    }
    lines = tuple(
        replace(line, returned=worth[line.line_id]) if line.line_id in worth else line
        for line in basket.lines
    )
    return replace(basket, lines=lines)


def worths(
    shop: Shop, held: Returnable, pieces: Sequence[tuple[int, int]]
) -> tuple[list[Line], Anew | None]:
    """Lines of the bag for (line of the sale, pieces), and how they were reckoned where not by shares."""
    lines = [brought(held, line_number, count) for line_number, count in pieces]
    about = [line for line in lines if not is_card(line)]
    if not about or not anew_for(held.sale):
        return lines, None
    plain = [_part(line) for line in about]
    found, parts = _anew(shop, held, about, plain, promotions.as_sold(shop, held.sale))
    shares = {id(line): part for line, part in zip(about, parts, strict=True)}
    return [_worth_now(line, shares[id(line)]) if id(line) in shares else line for line in lines], found


def _anew(
    shop: Shop, held: Returnable, about: Sequence[Line], plain: Sequence[Part], offers: Sequence[Offer]
) -> tuple[Anew, list[Part]]:
    sale = held.sale
    mine = recompute.goods(sale.lines)
    left = _left(mine, returns.worths(sale.sale_id))
    back = {each.line.line_id: each.line.quantity - held.left[each.line.line_id] for each in mine}
    for line in about:
        assert line.returned is not None
        back[line.returned.line_number] -= line.quantity
    context = promotions.context(
        shop,
        sale.ended_at_ms,
        (),
        customer=Customer(member_id=sale.member_id),
        grants=recompute.by_hand(sale.lines, back),
    )
    items = recompute.kept(sale.lines, back)
    then = pricing.price(items, offers, context)
    found = recompute.anew(
        sum(part.net_minor for part in left), then.total_minor, sum(part.net_minor for part in plain)
    )
    bonus_minor = recompute.bonus_kept(sum(part.bonus_minor for part in left), found)
    kept = recompute.still_in([(line.tax_bp, line.net_minor) for line in then.lines], bonus_minor)
    return found, recompute.given_back(found.back_minor, plain, left, kept)


def _left(mine: Sequence[PricedLine], before: Mapping[int, tuple[int, int, int]]) -> list[Part]:
    """What is in the goods of a sale, less what was given back for them."""
    found = []
    for each in mine:
        net, tax, bonus = before.get(each.line.line_id, (0, 0, 0))
        found.append(
            Part(each.line.tax_bp, each.net.minor - net, each.tax_minor - tax, each.bonus_minor - bonus)
        )
    return found


def _pieces(coming: Sequence[Line]) -> list[tuple[int, int]]:
    return [(line.returned.line_number, -line.quantity) for line in coming if line.returned is not None]


def _part(line: Line) -> Part:
    back = line.returned
    assert back is not None
    return Part(line.tax_bp, -back.net_minor, -back.tax_minor, -back.bonus_minor)


def _worth_now(line: Line, part: Part) -> Line:
    assert line.returned is not None
    worth = replace(
        line.returned,
        net_minor=-part.net_minor,
        tax_minor=-part.tax_minor,
        bonus_minor=-part.bonus_minor,
    )
    return replace(line, returned=worth)


def _unused(sale_id: str, line_number: int, left_over: int) -> None:
    """Nobody can tell which of a line's cards is handed back: all come back, and none was used."""
    if left_over or any(card.used or card.cancelled for card in gift_cards.of_line(sale_id, line_number)):
        raise GiftCardRefused("gift cards come back together, and unused", line_number=line_number)
