"""Filling the basket of a till: scan, pick, change, restore."""

from __future__ import annotations

from collections.abc import Callable

from services.domain import barcodes, coupon_codes, days, gift_cards, identity, parked
from services.domain.basket import Basket, Line, Returning
from services.domain.coupon_errors import CouponScanned
from services.domain.errors import BasketChanged, CodeUnknown, ParkedUnknown, ReturnRefused, TicketScanned
from services.domain.member_errors import MemberScanned, MemberUnknown
from services.domain.money import Money
from services.flows import coming_back, members
from services.flows.shop import Shop
from services.store import baskets, catalogue, db, prices, requests
from services.store import parked as waiting
from services.store.catalogue import Article
from services.store.members import barred


def current(shop: Shop, till: str) -> Basket:
    """The basket of `till`, empty where nothing has been scanned yet.

    Its id is the same at every look, also before the first article, so that a page can name it. Whose
    member was erased or blocked meanwhile, here or on another page, is nobody's and has nothing of theirs;
    not once something was paid, nor where a sale comes back: that ends as it began.
    """
    held = baskets.load(till) or Basket(basket_id=f"first-{till}", currency=shop.currency)
    if not held.member_id or held.open_payment or held.paid or held.returning:
        return held
    return held.bought_by("") if barred(held.member_id) else held


def fresh(shop: Shop) -> Basket:
    return Basket(basket_id=shop.new_id(), currency=shop.currency)


def scan(shop: Shop, till: str, data: str) -> tuple[Basket, Line]:
    """Add the article that a barcode names; the basket and the line it went into.

    Raises CodeMalformed, GoodsExpired, CodeUnknown or BasketFull, and then nothing has changed.
    """
    named = resolve(shop, data)
    with db.write():
        basket, line = _added(shop, current(shop, till), named, 1, "scanned")
        baskets.save(till, basket)
    return basket, line


def add(
    shop: Shop, till: str, *, sku: str, code: str, quantity: int, request_id: str, basket_id: str = ""
) -> tuple[Basket, Line | None]:
    """Add by picked `sku` or typed `code`. A repeat of `request_id` changes nothing and gives no line.

    The key is looked at first: whatever became of the catalogue since, a repeat is no refusal. Raises
    BasketChanged when the basket of `basket_id` was paid meanwhile ("" takes whichever is open),
    CodeMalformed, GoodsExpired, CodeUnknown, BasketFull, RequestReused; then nothing has changed.
    """
    fingerprint = requests.fingerprint("add", till, sku, code, quantity, basket_id)
    with db.write():
        before = current(shop, till)
        if requests.answer(request_id, fingerprint) is not None:
            return before, None
        _meant(before, basket_id or before.basket_id)
        named = _by_sku(shop, sku) if sku else resolve(shop, code)
        basket, line = _added(shop, before, named, quantity, "picked" if sku else "keyed")
        baskets.save(till, basket)
        requests.remember(request_id, fingerprint, str(basket.version), shop.now_ms())
    return basket, line


def set_quantity(shop: Shop, till: str, line_id: int, quantity: int, *, basket_id: str) -> Basket:
    """Set a line of `basket_id` to `quantity` pieces; 0 removes it. A repeat changes nothing.

    Raises BasketChanged (line numbers begin anew in every basket), LineUnknown, BasketFull.
    """
    return _changed(shop, till, basket_id, lambda basket: basket.with_quantity(line_id, quantity))


def restore(shop: Shop, till: str, line_id: int, *, basket_id: str) -> Basket:
    """Undo the removal of a line. A repeat changes nothing. Raises BasketChanged, LineUnknown."""
    return _changed(shop, till, basket_id, lambda basket: basket.restored(line_id))


def resolve(shop: Shop, data: str) -> tuple[Article, Money]:
    """The article a code names, and its price. Raises CodeMalformed, GoodsExpired, CodeUnknown; for what
    is no article TicketScanned, MemberScanned, MemberUnknown, CouponScanned."""
    _no_member(shop, data)
    today = days.local(shop.now_ms(), shop.zone).date()
    found = barcodes.identify(data, shop.barcode_rules, today)
    if found.namespace == parked.NAMESPACE:
        raise TicketScanned("a park ticket is resumed, not sold", parked_id=_parked_id(int(found.item)))
    article = catalogue.by_gtin(found.gtin) if found.gtin else None
    if article is None and found.kind in (barcodes.SKU, barcodes.MEASURED):
        article = catalogue.by_sku(found.item)
    if article is None and coupon_codes.is_one(data):
        raise CouponScanned("a coupon is no article")
    if article is None:
        raise CodeUnknown("no article has this code", data=data)
    return article, Money(_price_minor(base_minor(shop, article), found), shop.currency)


def _no_member(shop: Shop, data: str) -> None:
    """Raises MemberScanned for the code of a member, MemberUnknown for that of one who is none any more.
    A card that nobody has may be an article to which the shop gave a number of that kind."""
    if not identity.shown(data):
        return
    hits = [hit for hit in members.recognise(shop, data) if hit.sure]
    if not hits and catalogue.by_gtin(identity.card(data).zfill(14)) is not None:
        return
    if not hits:
        raise MemberUnknown("nobody is known by this card")
    raise MemberScanned("a member is no article", member_id=hits[0].key_id)


def _parked_id(ticket: int) -> str:
    row = waiting.by_ticket(ticket)
    if row is None:
        raise ParkedUnknown("no parked basket has this ticket", ticket=ticket)
    return row.parked_id


def base_minor(shop: Shop, article: Article) -> int:
    """The price of the list that is valid now, or the article's own."""
    listed = prices.unit_minor(article.sku, shop.now_ms())
    return article.price_minor if listed is None else listed


def tax_bp(shop: Shop, article: Article) -> int:
    """The rate that stands now for an article: of its style, or the shop's. A gift card is a debt, and has
    none: what it pays for has."""
    if article.category == gift_cards.CATEGORY:
        return 0
    return shop.tax_bp if article.tax_bp is None else article.tax_bp


def _price_minor(base_minor: int, found: barcodes.Identified) -> int:
    """The price in the code, or the base price: by the kilogram (halves up) for a code with a weight."""
    if found.price_minor is not None:
        return found.price_minor
    if found.weight_g is not None:
        return (base_minor * found.weight_g + 500) // 1000
    return base_minor


def _by_sku(shop: Shop, sku: str) -> tuple[Article, Money]:
    article = catalogue.by_sku(sku)
    if article is None:
        raise CodeUnknown("no article has this number", data=sku)
    return article, Money(base_minor(shop, article), shop.currency)


def _added(
    shop: Shop, basket: Basket, named: tuple[Article, Money], quantity: int, entry_method: str
) -> tuple[Basket, Line]:
    """The basket with the article added, and the line it stands in now."""
    article, price = named
    line = Line(
        line_id=0,
        sku=article.sku,
        gtin=article.gtin,
        name=article.name,
        variant=article.variant,
        quantity=quantity,
        unit_price=price,
        entry_method=entry_method,
        style=article.style,
        category=article.category,
        tax_bp=tax_bp(shop, article),
    )
    after = basket.added(line, shop.now_ms())
    gift_cards.check_sold(after.standing, shop.gift_card_max_minor)
    return after, next(held for held in after.standing if held.sku == line.sku and held not in basket.lines)


def _meant(basket: Basket, basket_id: str) -> None:
    """A change that comes late, after its basket was paid, is not for the next customer."""
    if basket.basket_id != basket_id:
        raise BasketChanged("this change was meant for another basket", version=basket.version)


def _valued(shop: Shop, after: Basket, terms: Returning) -> Basket:
    """What comes back is worth what it is together: a line more or less can change the others. Raises
    ReturnRefused when that makes more than was agreed."""
    worth = coming_back.valued(shop, after)
    if worth.back_minor > terms.agreed_minor:
        raise ReturnRefused("choose it from the receipt again", number=terms.number)
    return worth


def _changed(shop: Shop, till: str, basket_id: str, change: Callable[[Basket], Basket]) -> Basket:
    with db.write():
        before = current(shop, till)
        _meant(before, basket_id)
        after = change(before)
        if after is not before and after.returning is not None:
            after = _valued(shop, after, after.returning)
        gift_cards.check_sold(after.standing, shop.gift_card_max_minor)
        if after is not before:
            baskets.save(till, after)
    return after
