"""Promotions from the back office to the till."""

from __future__ import annotations

import pytest

from services.domain.errors import PromotionRefused, PromotionUnknown, PromotionUsedUp, RequestReused
from services.domain.offers import LINE, ORDER, Item, Terms
from services.flows import promotions
from services.flows.promotions import Draft
from services.flows.shop import Shop
from services.store import books, db, journal
from services.store.db import LEDGER
from tests.shop import Clock

BASKET = [Item(line_id=1, sku="T-W-S", category="tops", quantity=2, unit_minor=99_00)]


def saving(minor: int = 20_00, **changes: object) -> Draft:
    settings: dict[str, object] = dict(
        kind="spend_and_save",
        layer=ORDER,
        label_zh="满减",
        label_en="Savings",
        params={"steps": [{"threshold_minor": 150_00, "amount_minor": minor}]},
    )
    return Draft(**(settings | changes))  # type: ignore[arg-type]


def publish(shop: Shop, draft: Draft, key: str = "key") -> str:
    return promotions.publish(shop, draft, operator_id="he", request_id=key).promotion_id


def total(shop: Shop) -> int:
    return promotions.price(shop, BASKET, shop.now_ms()).total_minor


def test_a_published_promotion_works_until_it_is_withdrawn(shop: Shop) -> None:
    assert total(shop) == 198_00
    promotion_id = publish(shop, saving())
    assert total(shop) == 178_00
    assert publish(shop, saving(30_00, promotion_id=promotion_id), "second") == promotion_id
    assert total(shop) == 168_00
    promotions.withdraw(shop, promotion_id, operator_id="he", request_id="third")
    assert total(shop) == 198_00
    kinds = [row.type for row in journal.after(0, 10)]
    assert kinds == ["promotion.published", "promotion.published", "promotion.withdrawn"]


def test_a_repeat_publishes_once_and_other_content_is_refused(shop: Shop) -> None:
    first = publish(shop, saving())
    assert publish(shop, saving()) == first
    with pytest.raises(RequestReused):
        publish(shop, saving(30_00))
    assert journal.head()[0] == 1


@pytest.mark.parametrize(
    "changes",
    [
        {"kind": "lottery"},
        {"layer": LINE},
        {"params": {}},
        {"params": {"steps": []}},
        {"params": {"steps": [{"threshold_minor": 150_00, "amount_minor": -1}]}},
        {"params": {"steps": [{"threshold_minor": "x", "amount_minor": 1}]}},
        {"terms": Terms(needs_coupon=True)},
    ],
)
def test_what_does_not_fit_is_refused_and_nothing_is_stored(shop: Shop, changes: dict[str, object]) -> None:
    with pytest.raises(PromotionRefused):
        publish(shop, saving(**changes))
    assert journal.head()[0] == 0


def test_an_unknown_promotion_is_neither_changed_nor_withdrawn(shop: Shop) -> None:
    with pytest.raises(PromotionUnknown):
        publish(shop, saving(promotion_id="gone"))
    with pytest.raises(PromotionUnknown):
        promotions.withdraw(shop, "gone", operator_id="he", request_id="key")


def test_a_basket_keeps_for_a_while_what_it_was_begun_under(shop: Shop, clock: Clock) -> None:
    promotion_id = publish(shop, saving())
    begun = shop.now_ms()
    promotions.withdraw(shop, promotion_id, operator_id="he", request_id="gone")
    ended = shop.now_ms()
    priced = promotions.price(shop, BASKET, ended, begun_at_ms=begun)
    assert priced.total_minor == 178_00
    assert promotions.price(shop, BASKET, ended, begun_at_ms=ended).total_minor == 198_00
    late = ended + promotions.GRACE_MS
    assert promotions.price(shop, BASKET, late, begun_at_ms=begun).total_minor == 198_00


def test_the_last_use_is_counted_once(shop: Shop) -> None:
    publish(shop, saving(terms=Terms(uses_per_store=1)))
    priced = promotions.price(shop, BASKET, shop.now_ms())
    assert priced.total_minor == 178_00
    with db.write():
        promotions.consume(shop, priced, shop.now_ms())
    with pytest.raises(PromotionUsedUp), db.write():
        promotions.consume(shop, priced, shop.now_ms())
    after = promotions.price(shop, BASKET, shop.now_ms())
    assert (after.total_minor, after.explanations[0].code) == (198_00, "limit_store")


@pytest.mark.parametrize(
    "damage",
    [
        "UPDATE promotion SET until_ms = 5 WHERE version = 1",
        "UPDATE promotion SET body = replace(CAST(body AS TEXT), '2000', '2001')",
        "DELETE FROM promotion WHERE version = 2",
        "INSERT INTO promotion SELECT 'x', version, body, from_ms, until_ms FROM promotion",
    ],
)
def test_the_books_see_a_promotion_that_is_not_as_it_was_published(shop: Shop, damage: str) -> None:
    promotion_id = publish(shop, saving())
    publish(shop, saving(30_00, promotion_id=promotion_id), "second")
    promotions.withdraw(shop, promotion_id, operator_id="he", request_id="third")
    publish(shop, saving(promotion_id=promotion_id), "fourth")
    assert books.differences() == []
    with db.write():
        LEDGER.execute_sql(damage)
    assert books.differences() != []
