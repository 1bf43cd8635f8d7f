"""Who sells what: named on the bag and its lines, kept on the sale, paid by the plan of the month."""

from __future__ import annotations

import dataclasses
import threading
from pathlib import Path

import pytest

from services.domain.basket import Returned
from services.domain.commission import Rule, Step
from services.domain.errors import BasketChanged, CommissionRefused, LineUnknown, NotFound, ShopError
from services.domain.periods import period
from services.flows import baskets, checkout, commission, returns, sellers
from services.flows.shop import Shop
from services.reports import sellers as report
from services.reports.contract import Question
from services.store import books, db, journal, staff
from services.store.db import LEDGER
from tests.faults import each_failure
from tests.shop import JEANS, SHANGHAI, SOCKS, TEE, Clock

DAY_MS = 86_400_000
TWO_PERCENT = Rule("share", "", "", "", False, (Step(0, 200),))


@pytest.fixture(autouse=True)
def li(shop: Shop) -> None:
    with db.write():
        staff.put("li", "李维", "seller", "hashed:618034", 4)


def add(shop: Shop, sku: str, quantity: int = 1) -> str:
    after, _ = baskets.add(shop, "1", sku=sku, code="", quantity=quantity, request_id=shop.new_id())
    return after.basket_id


def pay(shop: Shop) -> str:
    held = baskets.current(shop, "1")
    return checkout.settle(
        shop,
        "1",
        basket_id=held.basket_id,
        version=held.version,
        tendered=[("cash", 100_000_00)],
        operator_id="zhou",
        request_id=shop.new_id(),
    ).sale_id


def names(shop: Shop) -> list[str]:
    return [line.seller_id for line in baskets.current(shop, "1").standing]


def rows(first: str = "2026-11-01", last: str = "2026-11-30") -> dict[object, tuple[object, ...]]:
    question = Question(period=period(first, last), zone=SHANGHAI, lang="zh", tenders={})
    return {row[0]: row[1:5] for row in report.rows(question)}


def test_the_whole_bag_has_a_seller_and_so_has_what_still_comes(shop: Shop) -> None:
    basket_id = add(shop, TEE)
    sellers.assign(shop, "1", "li", basket_id=basket_id)
    add(shop, JEANS)
    assert names(shop) == ["li", "li"]
    sellers.assign(shop, "1", "he", basket_id=basket_id, line_id=2)
    add(shop, TEE)
    assert names(shop) == ["li", "he"], "more of the same goes to the line of the same seller"
    sellers.assign(shop, "1", "", basket_id=basket_id)
    assert names(shop) == ["", ""]


def test_a_bag_without_goods_can_have_its_seller_already(shop: Shop) -> None:
    sellers.assign(shop, "1", "li", basket_id=baskets.current(shop, "1").basket_id)
    add(shop, TEE)
    assert names(shop) == ["li"]


def test_the_same_article_of_two_sellers_stands_on_two_lines(shop: Shop) -> None:
    basket_id = add(shop, TEE)
    sellers.assign(shop, "1", "li", basket_id=basket_id, line_id=1)
    add(shop, TEE)
    assert names(shop) == ["li", ""]


def test_the_next_customer_s_bag_has_no_seller(shop: Shop) -> None:
    sellers.assign(shop, "1", "li", basket_id=add(shop, TEE))
    pay(shop)
    assert baskets.current(shop, "1").seller_id == ""


def test_a_repeat_changes_nothing_and_a_late_one_is_refused(shop: Shop) -> None:
    basket_id = add(shop, TEE)
    first = sellers.assign(shop, "1", "li", basket_id=basket_id)
    assert sellers.assign(shop, "1", "li", basket_id=basket_id).version == first.version
    pay(shop)
    with pytest.raises(BasketChanged):
        sellers.assign(shop, "1", "li", basket_id=basket_id)


@pytest.mark.parametrize("who", ["tech", "nobody", "<b>"])
def test_only_who_sells_here_can_be_named(shop: Shop, who: str) -> None:
    with pytest.raises(NotFound):
        sellers.assign(shop, "1", who, basket_id=add(shop, TEE))


def test_a_line_that_is_not_there_has_no_seller(shop: Shop) -> None:
    basket_id = add(shop, TEE)
    baskets.set_quantity(shop, "1", 1, 0, basket_id=basket_id)
    for line_id in (1, 9, -1):
        with pytest.raises(LineUnknown):
            sellers.assign(shop, "1", "li", basket_id=basket_id, line_id=line_id)


def test_goods_that_come_back_stay_with_whoever_sold_them(shop: Shop) -> None:
    add(shop, TEE)
    held = baskets.current(shop, "1")
    back = dataclasses.replace(held.lines[0], seller_id="he", returned=Returned("s", "n", 1, -99_00))
    bag = dataclasses.replace(held, lines=(back,))
    assert bag.sold_by("li").lines[0].seller_id == "he"


def test_the_sale_keeps_its_sellers_and_the_books_agree(shop: Shop) -> None:
    basket_id = add(shop, TEE)
    add(shop, JEANS)
    sellers.assign(shop, "1", "li", basket_id=basket_id, line_id=2)
    sale = checkout.find(pay(shop))
    assert [line.line.seller_id for line in sale.lines] == ["", "li"]
    assert rows() == {"李维": (329_00, 1, 0, 0), "周婷": (99_00, 1, 0, 0)}
    assert books.differences() == []


def test_two_who_name_a_seller_at_once_leave_one_name_on_the_whole_bag(shop: Shop) -> None:
    basket_id = add(shop, TEE)
    add(shop, JEANS)
    for _ in range(50):
        started = threading.Barrier(2)

        def go(who: str, started: threading.Barrier = started) -> None:
            started.wait()
            sellers.assign(shop, "1", who, basket_id=basket_id)

        threads = [threading.Thread(target=go, args=(who,)) for who in ("li", "he")]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(20)
        assert len(set(names(shop))) == 1


def set_plan(shop: Shop, *rules: Rule, month: str = "2026-11", seen: int | None = None) -> int:
    seen = commission.newest().version if seen is None else seen
    return commission.change(shop, rules, from_month=month, seen_version=seen, operator_id="he").version


def sell(shop: Shop, sku: str, quantity: int = 1) -> str:
    sellers.assign(shop, "1", "li", basket_id=add(shop, sku, quantity))
    return pay(shop)


def test_days_add_up_to_their_month_whatever_the_steps(shop: Shop, clock: Clock) -> None:
    steps = (Step(0, 100), Step(500_00, 250), Step(1_500_00, 700))
    for whole in (False, True):
        set_plan(shop, Rule("share", "", "seller", "", whole, steps))
        for _ in range(4):
            sell(shop, JEANS, 2)
            clock.at_ms += DAY_MS
        month = rows()["李维"][3]
        days = [rows(f"2026-11-{n:02d}", f"2026-11-{n:02d}").get("李维", (0,) * 4)[3] for n in range(1, 31)]
        assert sum(days) == month  # type: ignore[arg-type]
        assert month


def test_a_period_over_two_months_pays_each_by_its_own_plan_and_sum(shop: Shop, clock: Clock) -> None:
    set_plan(shop, Rule("share", "", "", "", True, (Step(0, 100), Step(300_00, 200))))
    set_plan(shop, Rule("piece", "", "", "", False, (Step(0, 7_00),)), month="2026-12")
    sell(shop, JEANS)
    clock.at_ms += 12 * DAY_MS
    sell(shop, JEANS, 3)
    both = rows("2026-11-15", "2026-12-31")["李维"]
    assert both == (4 * 329_00, 4, 0, 6_58 + 21_00)
    assert rows()["李维"][3] == 6_58


def test_a_month_that_is_over_stays_as_it_was_paid(shop: Shop) -> None:
    with pytest.raises(CommissionRefused) as caught:
        set_plan(shop, TWO_PERCENT, month="2026-10")
    assert caught.value.details["why"] == "past"


def test_nobody_overwrites_a_plan_they_have_not_seen(shop: Shop) -> None:
    assert set_plan(shop, TWO_PERCENT, seen=0) == 1
    assert set_plan(shop, TWO_PERCENT, seen=0) == 1, "the same again is a repeat"
    with pytest.raises(CommissionRefused) as caught:
        set_plan(shop, seen=0)
    assert caught.value.details["why"] == "version"
    assert [row.type for row in journal.after(0, 9)] == ["commission.changed"]
    assert books.differences() == []
    with db.write():
        LEDGER.execute_sql("UPDATE commission_plan SET rules = '[]'")
    assert len(books.differences()) == 1


def test_two_managers_who_set_plans_at_once_leave_one_of_them(shop: Shop) -> None:
    for n in range(30):
        started, outcome = threading.Barrier(2), []
        seen = commission.newest().version

        def go(rate: int, started: threading.Barrier = started, seen: int = seen) -> None:
            started.wait()
            try:
                set_plan(shop, Rule("share", "", "", "", False, (Step(0, rate),)), seen=seen)
                outcome.append("set")  # noqa: B023
            except ShopError as error:
                outcome.append(error.code)  # noqa: B023

        threads = [threading.Thread(target=go, args=(10 * n + each,)) for each in (1, 2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(20)
        assert sorted(outcome) == ["commission_refused", "set"]


def test_a_plan_is_whole_or_absent_wherever_storage_fails(
    shop: Shop, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def step(n: int) -> None:
        set_plan(shop, Rule("share", "", "", "", False, (Step(0, n),)))

    each_failure(
        monkeypatch,
        tmp_path,
        lambda n: n,
        step,
        lambda: (LEDGER.execute_sql("SELECT * FROM commission_plan").fetchall(), journal.head()),
    )


def test_naming_a_seller_is_whole_or_absent_wherever_storage_fails(
    shop: Shop, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def prepare(n: int) -> str:
        basket_id = add(shop, SOCKS)
        sellers.assign(shop, "1", "", basket_id=basket_id)
        return basket_id

    each_failure(
        monkeypatch,
        tmp_path,
        prepare,
        lambda basket_id: sellers.assign(shop, "1", "he", basket_id=basket_id),
        lambda: baskets.current(shop, "1"),
    )


@pytest.mark.parametrize(("seller", "name"), [("li", "李维"), ("", "周婷")])
def test_what_comes_back_is_taken_from_whoever_sold_it(shop: Shop, seller: str, name: str) -> None:
    set_plan(shop, TWO_PERCENT)
    sellers.assign(shop, "1", seller, basket_id=add(shop, JEANS, 2))
    sale_id = pay(shop)
    bag = baskets.current(shop, "1")
    back = returns.take_back(
        shop,
        "1",
        basket_id=bag.basket_id,
        sale_id=sale_id,
        pieces=[(1, 1)],
        reason="size",
        approval=None,
        operator_id="he",
        request_id="back",
    )
    checkout.settle(
        shop,
        "1",
        basket_id=back.basket_id,
        version=back.version,
        tendered=[],
        operator_id="he",
        request_id="paid-back",
    )
    assert rows() == {name: (329_00, 1, 1, 6_58)}
    assert books.differences() == []
