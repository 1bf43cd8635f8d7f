"""The uses of a promotion: counted by a sale, given back when all that carried it has come back."""

from __future__ import annotations

import threading
from dataclasses import replace
from pathlib import Path

import pytest

from services.domain.errors import PromotionUsedUp
from services.domain.offers import ORDER, Goods, Terms
from services.flows import baskets, promotions
from services.flows.promotions import Draft
from services.flows.shop import Shop
from services.store import baskets as bags
from services.store import books, db
from services.store import promotions as stored
from services.store.db import LEDGER
from services.store.sales import Sale
from services.store.schema import MIGRATIONS, _statements
from tests.faults import each_failure
from tests.flows.test_returns import MANAGER, fill, settle, sold, take_back, void
from tests.shop import JEANS, SOCKS, TEE, Clock

LIMITS = Terms(
    **{"uses_per_store": 5, "uses_per_day": 3, "uses_per_member": 2, "budget_minor": 1_000_00},
    goods=Goods(skus=(TEE, JEANS)),
)


def publish(shop: Shop, terms: Terms = LIMITS) -> str:
    draft = Draft(
        kind="spend_and_save",
        layer=ORDER,
        label_zh="满减",
        label_en="Savings",
        terms=terms,
        params={"steps": [{"threshold_minor": 150_00, "amount_minor": 60_00}]},
    )
    return promotions.publish(shop, draft, operator_id="he", request_id=shop.new_id()).promotion_id


def uses() -> dict[str, tuple[int, int]]:
    rows = LEDGER.execute_sql("SELECT scope, used, spent_minor FROM promotion_use")
    return {scope: (used, spent) for scope, used, spent in rows}


def bought(shop: Shop, *skus: str, member: str = "") -> Sale:
    basket = fill(shop, *skus)
    if member:
        with db.write():
            bags.save("1", replace(basket, member_id=member))
    return settle(shop, 1_000_00)


def none_used() -> bool:
    return all(each == (0, 0) for each in uses().values())


def test_a_sale_that_is_undone_gives_every_use_back(shop: Shop) -> None:
    publish(shop)
    sale = bought(shop, TEE, JEANS, SOCKS, member="anna")
    assert uses() == {
        **{"store": (1, 60_00), "day 2026-11-22": (1, 60_00), "member anna": (1, 60_00)},
    }
    assert books.differences() == []
    void(shop, sale, key="void")
    void(shop, sale, key="void")  # a repeat gives nothing more
    assert none_used() and books.differences() == []


def test_a_use_comes_back_with_the_last_piece_that_carried_it(shop: Shop) -> None:
    publish(shop)
    sale = sold(shop, TEE, TEE, JEANS, SOCKS)
    take_back(shop, sale, (1, 1))
    settle(shop, None)
    take_back(shop, sale, (2, 1), approval=MANAGER)
    settle(shop, None)
    assert uses()["store"] == (1, 60_00)  # one tee is kept, and the offer with it
    take_back(shop, sale, (1, 1), approval=MANAGER)
    settle(shop, None)
    assert none_used() and books.differences() == []
    take_back(shop, sale, (3, 1), approval=MANAGER)  # socks never had it: nothing is given back twice
    settle(shop, None)
    assert none_used() and books.differences() == []


def test_an_exchange_of_all_that_carried_it_gives_it_back_too(shop: Shop) -> None:
    publish(shop)
    sale = sold(shop, JEANS)
    take_back(shop, sale, (1, 1))
    fill(shop, SOCKS)
    assert settle(shop, None).kind == "exchange"
    assert none_used() and books.differences() == []


def test_what_was_given_back_is_there_for_the_next_customer(shop: Shop) -> None:
    publish(shop, Terms(uses_per_store=1))
    sale = sold(shop, JEANS)
    assert sale.total.minor == 269_00
    assert sold(shop, JEANS).total.minor == 329_00
    void(shop, sale)
    assert sold(shop, JEANS).total.minor == 269_00
    assert sold(shop, JEANS).total.minor == 329_00
    assert books.differences() == []


def test_a_budget_is_filled_again(shop: Shop) -> None:
    publish(shop, Terms(budget_minor=60_00))
    sale = sold(shop, JEANS)
    assert sold(shop, JEANS).total.minor == 329_00
    void(shop, sale)
    assert sold(shop, JEANS).total.minor == 269_00


def test_the_day_of_the_sale_gets_its_use_back(shop: Shop, clock: Clock) -> None:
    publish(shop)
    sale = sold(shop, JEANS)
    clock.at_ms += 24 * 3_600_000
    sold(shop, JEANS)
    take_back(shop, sale, (1, 1))
    settle(shop, None)
    assert uses() == {"store": (1, 60_00), "day 2026-11-22": (0, 0), "day 2026-11-23": (1, 60_00)}
    assert books.differences() == []


def test_limits_that_a_later_version_has_are_not_given_back_by_an_earlier_one(shop: Shop) -> None:
    promotion_id = publish(shop, Terms())
    first = sold(shop, JEANS)
    draft = Draft(
        promotion_id=promotion_id,
        kind="spend_and_save",
        layer=ORDER,
        label_zh="满减",
        label_en="Savings",
        terms=Terms(uses_per_day=2),
        params={"steps": [{"threshold_minor": 150_00, "amount_minor": 60_00}]},
    )
    promotions.publish(shop, draft, operator_id="he", request_id="second")
    sold(shop, JEANS)
    void(shop, first)
    assert uses() == {"store": (1, 60_00), "day 2026-11-22": (1, 60_00)}


def test_a_use_that_was_given_back_to_nobody_is_found_by_the_check(shop: Shop) -> None:
    promotion_id = publish(shop)
    void(shop, sold(shop, JEANS))
    with db.write():
        LEDGER.execute_sql("UPDATE promotion_use SET used = 1 WHERE scope = 'store'")
    assert [each for each in books.differences() if promotion_id in each]


def test_books_from_before_uses_were_given_back_are_put_right(shop: Shop) -> None:
    publish(shop)
    void(shop, sold(shop, JEANS))
    sold(shop, JEANS)
    with db.write():  # as the program before left it
        LEDGER.execute_sql("UPDATE promotion_use SET used = 2, spent_minor = 12000 WHERE scope = 'store'")
    (step,) = [each for each in MIGRATIONS if "brought_back" in each]
    with db.write():
        for statement in _statements(step):
            LEDGER.execute_sql(statement)
    assert uses()["store"] == (1, 60_00) and books.differences() == []


@pytest.mark.parametrize("scope", ["store", "day 2026-11-22", "member anna"])
@pytest.mark.parametrize("change", ["used = used + 1", "spent_minor = spent_minor - 1"])
def test_a_use_that_no_sale_made_is_found_of_the_store_a_day_and_a_member(
    shop: Shop, scope: str, change: str
) -> None:
    promotion_id = publish(shop)
    bought(shop, JEANS, member="anna")
    void(shop, bought(shop, JEANS, member="bert"))
    assert books.differences() == []
    with db.write():
        LEDGER.execute_sql(f"UPDATE promotion_use SET {change} WHERE scope = ?", (scope,))
    (found,) = books.differences()
    assert found.startswith(f"promotion_use ('{promotion_id}', '{scope}')")
    with db.write():
        LEDGER.execute_sql("DELETE FROM promotion_use WHERE scope = ?", (scope,))
    assert len(books.differences()) == 1


def test_days_and_members_of_before_are_counted_anew_from_their_sales(shop: Shop, clock: Clock) -> None:
    publish(shop)
    publish(shop, Terms(goods=Goods(skus=(SOCKS,))))  # without limits
    bought(shop, JEANS, member="anna")
    clock.at_ms += 24 * 3_600_000
    void(shop, bought(shop, JEANS, member="bert"))
    bought(shop, JEANS, member="anna")
    sold(shop, JEANS)
    held = uses()
    with db.write():  # as the program before left it: what came back was counted for ever
        LEDGER.execute_sql("UPDATE promotion_use SET used = used + 1 WHERE scope <> 'store'")
        LEDGER.execute_sql("DELETE FROM promotion_use WHERE scope = 'member anna'")
    (step,) = [each for each in MIGRATIONS if "used_then" in each]
    with db.write():
        for statement in _statements(step):
            LEDGER.execute_sql(statement)
    assert uses() == held and books.differences() == []


@pytest.mark.parametrize("undoing", [False, True])
def test_it_is_given_back_with_the_document_or_not_at_all(
    shop: Shop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, undoing: bool
) -> None:
    def prepare(n: int) -> tuple[Sale, str]:
        if n == 1:
            publish(shop, Terms())
        if baskets.current(shop, "1").standing:
            settle(shop, None)
        sale = sold(shop, JEANS)
        if not undoing:
            take_back(shop, sale, (1, 1), approval=MANAGER)
        return sale, f"back-{n}"

    def step(case: tuple[Sale, str]) -> object:
        return void(shop, case[0], key=case[1]) if undoing else settle(shop, None, key=case[1])

    def look() -> object:
        return uses(), LEDGER.execute_sql("SELECT COUNT(*) FROM sale").fetchone()

    each_failure(monkeypatch, tmp_path, prepare, step, look)


def test_two_tills_race_for_a_use_that_was_given_back(shop: Shop, soak: int) -> None:
    """50 races, 1,000 with --soak: the last use is given back and taken again, by one of them."""
    publish(shop, Terms(uses_per_store=1, goods=Goods(skus=(JEANS,))))
    sale = sold(shop, JEANS)
    for n in range(50 * soak):
        void(shop, sale, till=sale.till)
        for till in "12":
            if not baskets.current(shop, till).standing:
                fill(shop, JEANS, till=till)
        made: list[Sale] = []

        def buy(till: str, made: list[Sale] = made) -> None:
            try:
                made.append(settle(shop, 1_000_00, till=till))
            except PromotionUsedUp:
                made.append(settle(shop, 1_000_00, till=till))

        both = [threading.Thread(target=buy, args=(till,)) for till in "12"]
        for thread in both:
            thread.start()
        for thread in both:
            thread.join()
        assert sorted(each.total.minor for each in made) == [269_00, 329_00], n
        assert stored.used(_only(), "store") == (1, 60_00)
        sale = min(made, key=lambda each: each.total.minor)
    assert books.differences() == []


def _only() -> str:
    return str(LEDGER.execute_sql("SELECT promotion_id FROM promotion").fetchone()[0])
