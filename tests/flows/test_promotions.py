"""Promotions from the back office to the till."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from pathlib import Path

import pytest

from services.domain.errors import (
    BasketChanged,
    PromotionRefused,
    PromotionUnknown,
    PromotionUsedUp,
    RequestReused,
)
from services.domain.forms import NUMBERS, Field, fields
from services.domain.offers import LINE, ORDER, UNIT, Goods, Item, Terms
from services.flows import baskets, checkout, promotions
from services.flows.promotions import Customer, Draft
from services.flows.shop import Shop
from services.store import books, db, journal, prices
from services.store.db import LEDGER
from tests.faults import each_failure
from tests.flows.test_checkout import fill, pay
from tests.shop import JEANS, TEE, Clock

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


def all_rows() -> list[object]:
    tables = ("promotion", "promotion_use", "journal", "request", "box")
    return [LEDGER.execute_sql(f"SELECT * FROM {table}").fetchall() for table in tables]


def test_a_promotion_is_published_whole_or_not_at_all_wherever_storage_fails(
    shop: Shop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def step(n: int) -> None:
        publish(shop, saving(n * 100), f"key{n}")

    each_failure(monkeypatch, tmp_path, lambda n: n, step, all_rows)


def test_a_promotion_is_withdrawn_whole_or_not_at_all_wherever_storage_fails(
    shop: Shop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def step(promotion_id: str) -> None:
        promotions.withdraw(shop, promotion_id, operator_id="he", request_id=f"gone-{promotion_id}")

    each_failure(monkeypatch, tmp_path, lambda n: publish(shop, saving(), f"key{n}"), step, all_rows)


def test_two_tills_race_for_the_last_use_and_one_of_them_is_told(shop: Shop, soak: int) -> None:
    """Both bags show the offer; one sale has it, the other is refused and then pays the new price."""
    for n in range(50 * soak):
        publish(shop, saving(50_00, terms=Terms(uses_per_store=1, goods=Goods(skus=(TEE,)))), f"race{n}")
        shown = {till: fill(shop, till, TEE, TEE) for till in ("1", "2")}
        outcomes: list[str] = []
        start = threading.Barrier(2)
        threads = [
            threading.Thread(target=sell, args=(shop, till, bag, f"{till}-{n}", start, outcomes))
            for till, bag in shown.items()
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sorted(outcomes) == ["refused", "sold"]
        (left,) = [till for till in shown if baskets.current(shop, till).lines]
        pay(shop, shown[left], 198_00, till=left, key=f"again-{n}")
    used = [row[0] for row in LEDGER.execute_sql("SELECT used FROM promotion_use")]
    assert used == [1] * len(used) and len(used) == 50 * soak
    assert books.differences() == []


def sell(
    shop: Shop,
    till: str,
    shown: tuple[str, int],
    key: str,
    start: threading.Barrier,
    outcomes: list[str],
) -> None:
    """Pay the 148.00 that the till shows."""
    start.wait()
    try:
        checkout.settle(
            shop,
            till,
            basket_id=shown[0],
            version=shown[1],
            tendered=[("cash", 148_00)],
            operator_id="zhou",
            request_id=key,
            total_minor=148_00,
        )
        outcomes.append("sold")
    except (BasketChanged, PromotionUsedUp):
        outcomes.append("refused")


def test_the_books_see_a_use_that_no_sale_had(shop: Shop) -> None:
    publish(shop, saving(50_00, terms=Terms(uses_per_store=5)))
    pay(shop, fill(shop, "1", TEE, TEE), 300_00, key="sale")
    assert books.differences() == []
    with db.write():
        LEDGER.execute_sql("UPDATE promotion_use SET used = used + 1")
    assert books.differences() != []


def test_limits_of_a_day_and_of_a_member_are_counted_apart(shop: Shop, clock: Clock) -> None:
    publish(shop, saving(terms=Terms(uses_per_day=1)))
    member = Terms(uses_per_member=1, members_only=True)
    publish(shop, saving(30_00, terms=member), "second")

    def total(member_id: str) -> int:
        customer = Customer(member_id=member_id)
        priced = promotions.price(shop, BASKET, shop.now_ms(), customer=customer)
        with db.write():
            promotions.consume(shop, priced, shop.now_ms(), member_id)
        return priced.total_minor

    assert [total(who) for who in ("ann", "ann", "bob", "bob")] == [168_00, 178_00, 168_00, 198_00]
    clock.at_ms += 24 * 3_600_000
    assert total("ann") == 178_00


def test_a_draft_is_priced_before_anybody_publishes_it(shop: Shop) -> None:
    promotion_id = publish(shop, saving())
    now = shop.now_ms()
    assert (
        promotions.preview(shop, saving(40_00, promotion_id=promotion_id), BASKET, now).total_minor
        == 158_00
    )
    assert promotions.preview(shop, saving(10_00), BASKET, now).total_minor == 178_00
    assert total(shop) == 178_00


def test_the_base_price_goes_by_date_and_list(shop: Shop) -> None:
    now = shop.now_ms()
    with db.write():
        prices.put(TEE, "", now - 10_000, now + 3_600_000, 79_00)
        prices.put(TEE, "", now - 5_000, 0, 69_00)
        prices.put(TEE, "outlet", now - 5_000, 0, 49_00)
    assert prices.unit_minor(TEE, now - 10_001) is None
    assert prices.unit_minor(TEE, now - 5_001) == 79_00
    assert (prices.unit_minor(TEE, now), prices.unit_minor(TEE, now, "outlet")) == (69_00, 49_00)
    assert prices.unit_minor(JEANS, now) is None
    baskets.add(shop, "1", sku=TEE, code="", quantity=1, request_id="add")
    (line,) = baskets.current(shop, "1").lines
    assert line.unit_price.minor == 69_00


@pytest.mark.parametrize("kind", sorted(promotions.kinds()))
def test_every_kind_tells_its_form(kind: str) -> None:
    """Each parameter has words in both languages, a unit, and bounds where it is a number."""

    def check(inputs: Sequence[Field]) -> None:
        for each in inputs:
            assert each.label_zh and each.label_en and each.unit, each
            assert each.unit not in NUMBERS or each.minimum < each.maximum, each
            assert (each.unit in ("rows", "fields")) == bool(each.fields), each
            assert (each.unit == "choice") == bool(each.choices), each
            check(each.fields)

    check(fields(promotions.kinds()[kind].params))
    check(fields(Terms))


@pytest.mark.parametrize(
    ("kind", "layer", "params"),
    [
        ("spend_and_save", ORDER, {"steps": [{"threshold_minor": 2, "amount_minor": 1}] * 2}),
        (
            "spend_and_save",
            ORDER,
            {"steps": [{"threshold_minor": n, "amount_minor": n} for n in (1, 2)], "repeats": True},
        ),
        (
            "order_percentage",
            ORDER,
            {"steps": [{"threshold_minor": n, "basis_points": 9 - n} for n in (1, 2)]},
        ),
        ("nth_item", UNIT, {"nth": 1, "basis_points": 5_000}),
        ("cheapest_free", UNIT, {"pieces": 2, "free": 2}),
        ("bundle", UNIT, {"made_of": [{"goods": {}}], "price_minor": 100}),
        ("gift", UNIT, {"gifts": {}, "threshold_minor": 100}),
        ("special_price", LINE, {"price_minor": 1, "amount_minor": 1}),
        ("special_price", LINE, {}),
        ("percentage", LINE, {"basis_points": 10_001}),
        ("percentage", LINE, {"basis_points": 1.5}),
    ],
)
def test_parameters_that_contradict_each_other_are_refused(
    shop: Shop, kind: str, layer: int, params: dict[str, object]
) -> None:
    with pytest.raises(PromotionRefused) as refused:
        publish(shop, saving(kind=kind, layer=layer, params=params))
    assert refused.value.details["reason"]
