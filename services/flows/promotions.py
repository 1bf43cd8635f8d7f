"""Promotions: published in versions, withdrawn, live at a moment, and counted when a sale uses them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any

import msgspec
from msgspec.structs import replace

from services.domain import coupons, days, pricing
from services.domain.errors import PromotionRefused, PromotionUnknown, PromotionUsedUp
from services.domain.events import PromotionPublished, PromotionWithdrawn
from services.domain.offers import (
    COUPON,
    Context,
    Coupon,
    Definition,
    Grant,
    Item,
    Offer,
    Terms,
    Uses,
    Window,
)
from services.domain.pricing import Priced
from services.flows.record import record
from services.flows.shop import Shop
from services.promotions.contract import Promotion
from services.registry import discover
from services.store import coupon_templates, db, promotions, requests, sales
from services.store.promotions import Version
from services.store.sales import Sale

GRACE_MS = 15 * 60_000  # a basket that was begun under a version keeps it so long after its end


@dataclass(frozen=True, slots=True)
class Customer:
    """Who buys, as far as promotions ask. The default is somebody unknown."""

    member_id: str = ""
    tier: str = ""
    segments: frozenset[str] = frozenset()
    coupons: tuple[Coupon, ...] = ()
    others: tuple[str, ...] = ()  # the same person's other ids: what was used under them counts too


STRANGER = Customer()


class Draft(msgspec.Struct, frozen=True, kw_only=True):
    """A promotion as somebody has written it. `promotion_id` "": a new one."""

    promotion_id: str = ""
    kind: str
    layer: int
    label_zh: str
    label_en: str
    terms: Terms = Terms()
    params: dict[str, Any]


@cache
def kinds() -> Mapping[str, Promotion]:
    """All kinds of promotions, by key."""
    return discover("services.promotions", "PROMOTION")


def offer(definition: Definition) -> Offer:
    """The rule of a definition. Raises PromotionRefused."""
    kind = kinds().get(definition.kind)
    if kind is None or definition.layer not in kind.layers:
        raise PromotionRefused("no kind of promotion is like that", reason=f"kind {definition.kind!r}")
    if definition.terms.needs_coupon != (definition.layer == COUPON):
        raise PromotionRefused("only a coupon stands in the coupon's layer", reason="needs_coupon")
    try:
        rule = kind.rule(msgspec.convert(definition.params, kind.params))
    except (msgspec.ValidationError, ValueError) as error:
        raise PromotionRefused("the promotion's parameters do not fit", reason=str(error)) from error
    return Offer(
        promotion_id=definition.promotion_id,
        version=definition.version,
        kind=definition.kind,
        layer=definition.layer,
        label_zh=definition.label_zh,
        label_en=definition.label_en,
        terms=definition.terms,
        rule=rule,
    )


def publish(shop: Shop, draft: Draft, *, operator_id: str, request_id: str) -> Definition:
    """Make `draft` the next version of its promotion, live from now on. A repeat gives the first one's
    version. Raises PromotionRefused, and PromotionUnknown for an id that was never published."""
    asked = requests.fingerprint("publish_promotion", msgspec.to_builtins(draft))
    new_id = shop.new_id()
    now_ms = shop.now_ms()
    with promotions.changing(), db.write():
        done = requests.answer(request_id, asked)
        promotion_id = done or draft.promotion_id or new_id
        before = promotions.newest(promotion_id)
        if done is not None and before is not None:
            return before.definition
        if draft.promotion_id and before is None:
            raise PromotionUnknown("no promotion has this id", promotion_id=draft.promotion_id)
        _not_of_coupons(promotion_id)
        definition = _defined(draft, promotion_id, before.definition.version + 1 if before else 1)
        offer(definition)
        promotions.put(definition, now_ms)
        promotions.put_stamp(new_id)
        record(shop, PromotionPublished(definition=definition, operator_id=operator_id), now_ms)
        requests.remember(request_id, asked, promotion_id, now_ms)
    return definition


def withdraw(shop: Shop, promotion_id: str, *, operator_id: str, request_id: str) -> Definition:
    """Let a promotion stand no longer; its last version. A repeat changes nothing. Raises PromotionUnknown
    when it does not stand."""
    asked = requests.fingerprint("withdraw_promotion", promotion_id)
    stamp = shop.new_id()
    now_ms = shop.now_ms()
    with promotions.changing(), db.write():
        done = requests.answer(request_id, asked)
        last = promotions.newest(promotion_id)
        if last is None or (last.until_ms and done is None):
            raise PromotionUnknown("this promotion does not stand", promotion_id=promotion_id)
        if done is None:
            _not_of_coupons(promotion_id)
            promotions.end(promotion_id, now_ms)
            promotions.put_stamp(stamp)
            event = PromotionWithdrawn(
                promotion_id=promotion_id,
                promotion_version=last.definition.version,
                operator_id=operator_id,
            )
            record(shop, event, now_ms)
            requests.remember(request_id, asked, promotion_id, now_ms)
    return last.definition


def live(shop: Shop, at_ms: int, begun_at_ms: int = 0) -> tuple[Offer, ...]:
    """The offers for a basket at `at_ms`; one that was begun under a version keeps it for GRACE_MS after
    that version's end. Their windows are judged by pricing."""
    offers = {}
    for version, made in _made(str(db.LEDGER.database), promotions.stamp(), at_ms // GRACE_MS):
        ended_lately = 0 <= at_ms - version.until_ms < GRACE_MS
        kept = begun_at_ms and ended_lately and version.stood(begun_at_ms)
        if kept or (version.stood(at_ms) and made.promotion_id not in offers):
            offers[made.promotion_id] = made
    return tuple(offers.values())


def context(
    shop: Shop,
    at_ms: int,
    offers: Sequence[Offer],
    *,
    customer: Customer = STRANGER,
    grants: tuple[Grant, ...] = (),
) -> Context:
    """The moment and the customer for pricing.price, with the uses of those offers that have a limit."""
    day, weekday, minute = days.clock(at_ms, shop.zone)
    return Context(
        day=day,
        weekday=weekday,
        minute=minute,
        store=shop.store_id,
        member_id=customer.member_id,
        tier=customer.tier,
        segments=customer.segments,
        uses=uses(offers, day, customer),
        coupons=customer.coupons,
        grants=grants,
    )


def uses(offers: Sequence[Offer], day: str, customer: Customer = STRANGER) -> dict[str, Uses]:
    """How often those that have a limit were used."""
    return {o.promotion_id: _uses(o, day, customer) for o in offers if _limited(o.terms)}


def price(
    shop: Shop,
    items: Sequence[Item],
    at_ms: int,
    *,
    begun_at_ms: int = 0,
    customer: Customer = STRANGER,
    grants: tuple[Grant, ...] = (),
) -> Priced:
    """The basket with the promotions that are live for it."""
    offers = live(shop, at_ms, begun_at_ms)
    moment = context(shop, at_ms, offers, customer=customer, grants=grants)
    return pricing.price(items, offers, moment)


def drafted(draft: Draft) -> Offer:
    """The offer that a draft would be. Raises PromotionRefused."""
    return offer(_defined(draft, draft.promotion_id or "draft", 0))


def preview(shop: Shop, draft: Draft, items: Sequence[Item], at_ms: int) -> Priced:
    """The basket with what is live and `draft`, before anybody publishes it; where it needs a coupon, the
    customer has one. Raises PromotionRefused."""
    made = drafted(draft)
    others = [each for each in live(shop, at_ms) if each.promotion_id != made.promotion_id]
    offers = [*others, made]
    shown = Customer(coupons=(Coupon(coupon_id="", promotion_id=made.promotion_id),))
    return pricing.price(items, offers, context(shop, at_ms, offers, customer=shown))


def consume(shop: Shop, priced: Priced, at_ms: int, member_id: str = "") -> None:
    """Inside the transaction that settles the sale: count one use of each promotion in it.

    Raises PromotionUsedUp for one whose limit or budget was reached since the basket was priced.
    """
    for promotion_id, alike in _by_kind(priced).items():
        given_minor = sum(priced.given_minor(each.promotion_id) for each in alike)
        for scope, limit, budget_minor in _scopes(shop, alike[0].terms, at_ms, member_id):
            if not promotions.use(promotion_id, scope, given_minor, limit, budget_minor):
                raise PromotionUsedUp("a promotion has just run out", promotion_id=promotion_id)


def _by_kind(priced: Priced) -> dict[str, list[Offer]]:
    """What was applied; coupons of one kind are one use of theirs, together."""
    found: dict[str, list[Offer]] = {}
    for used in priced.applied:
        found.setdefault(coupons.kind_of(used.promotion_id), []).append(used)
    return found


def applied(sale: Sale) -> list[Definition]:
    """The promotions that gave something in a sale, each once, in the versions of then."""
    given = (each for line in sale.lines for each in line.adjustments)
    named = dict.fromkeys((a.source, a.source_version) for a in given if a.source_version)
    return [found for each in named if (found := promotions.version(*each)) is not None]


def as_sold(shop: Shop, sale: Sale) -> tuple[Offer, ...]:
    """The offers that a sale had to choose from, in their versions of then: what it took, whatever their
    limits say by now, and what stood beside it without a limit."""
    taken = [
        offer(replace(definition, terms=replace(definition.terms, **_UNCOUNTED)))
        for definition in applied(sale)
        if definition.kind in kinds()
    ]
    ids = {each.promotion_id for each in taken}
    stood = live(shop, sale.ended_at_ms, sale.begun_at_ms)
    return (*taken, *(o for o in stood if o.promotion_id not in ids and not _limited(o.terms)))


# Whether these held was found out when the sale was made.
_UNCOUNTED: dict[str, Any] = {
    **{"window": Window(), "uses_per_store": 0, "uses_per_day": 0, "uses_per_member": 0},
    **{"budget_minor": 0, "members_only": False, "tiers": (), "segments": (), "stores": ()},
}


def give_back(shop: Shop, document: Sale) -> None:
    """Inside the transaction that stores a return, exchange or void: a promotion's use comes back, with all
    it gave, once the last piece of every line that carried it has. It counts again for the store, the
    day and the member of that sale.

    Part of the goods gives nothing back: who keeps one of them keeps the offer, and its use with it.
    """
    sale = sales.by_id(document.original_id) if document.original_id else None
    if sale is None:
        return
    for promotion_id, version, given_minor in promotions.brought_back(document.sale_id, sale.sale_id):
        definition = promotions.version(promotion_id, version)
        terms = definition.terms if definition is not None else Terms()
        for scope, _, _ in _scopes(shop, terms, sale.ended_at_ms, sale.member_id):
            promotions.unuse(promotion_id, scope, given_minor)


def _scopes(shop: Shop, terms: Terms, at_ms: int, member_id: str) -> list[tuple[str, int, int]]:
    return promotions.scopes(terms, days.local(at_ms, shop.zone).date().isoformat(), member_id)


def _not_of_coupons(promotion_id: str) -> None:
    """A coupon stays what it was when it was given: its promotion is not changed behind its back."""
    if coupon_templates.owns(promotion_id):
        raise PromotionRefused("coupons are the key to this", reason="coupon: change the coupon itself")


def _defined(draft: Draft, promotion_id: str, version: int) -> Definition:
    return Definition(
        promotion_id=promotion_id,
        version=version,
        kind=draft.kind,
        layer=draft.layer,
        label_zh=draft.label_zh,
        label_en=draft.label_en,
        terms=draft.terms,
        params=draft.params,
    )


@lru_cache(maxsize=4)
def _made(database: str, stamp: str, quarter: int) -> tuple[tuple[Version, Offer], ...]:
    """The versions that stand or ended within the grace of this quarter of an hour, with their rules; made
    anew after each change. One whose kind this program no longer has is left out."""
    found = promotions.standing_since((quarter - 1) * GRACE_MS)
    return tuple((each, offer(each.definition)) for each in found if each.definition.kind in kinds())


def _limited(terms: Terms) -> bool:
    return bool(terms.uses_per_store or terms.uses_per_day or terms.uses_per_member or terms.budget_minor)


def _uses(offer: Offer, day: str, customer: Customer) -> Uses:
    terms, promotion_id = offer.terms, offer.promotion_id
    store, spent = promotions.used(promotion_id, promotions.STORE)
    ids = (customer.member_id, *customer.others) if terms.uses_per_member and customer.member_id else ()
    return Uses(
        store=store,
        day=promotions.used(promotion_id, f"day {day}")[0] if terms.uses_per_day else 0,
        member=sum(promotions.used(promotion_id, f"member {each}")[0] for each in ids),
        spent_minor=spent,
    )
