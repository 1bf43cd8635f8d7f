"""Promotions that want what comes back reckoned anew: what was paid, less what is kept would have cost."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from services.domain.basket import Basket
from services.domain.errors import AlreadyReturned, BasketChanged, ReturnRefused
from services.domain.offers import LINE, ORDER, UNIT, Goods, OnReturn, Terms, Window
from services.domain.settlement import Rounding
from services.flows import baskets, discounts, prices, promotions, returns, voids
from services.flows.coming_back import returnable
from services.flows.promotions import Draft
from services.flows.shop import Shop
from services.store import books, journal
from services.store.sales import Sale
from tests.faults import each_failure
from tests.flows.test_returns import MANAGER, balances, fill, look, settle, sold, take_back
from tests.shop import JEANS, SOCKS, TEE, Clock, make_shop

DAY_MS = 24 * 3_600_000
SKUS = (TEE, JEANS, SOCKS, "T-W-M")


def saving(on_return: OnReturn = "recompute", **more: object) -> Draft:
    given: dict[str, object] = {
        **{"kind": "spend_and_save", "layer": ORDER, "label_zh": "满减", "label_en": "Savings"},
        "params": {"steps": [{"threshold_minor": 150_00, "amount_minor": 60_00}]},
        "terms": Terms(on_return=on_return),
    }
    return Draft(**(given | more))  # type: ignore[arg-type]


def publish(shop: Shop, draft: Draft) -> str:
    return promotions.publish(shop, draft, operator_id="he", request_id=shop.new_id()).promotion_id


def worth(shop: Shop) -> int:
    return -prices.priced(shop, baskets.current(shop, "1")).total.minor


def test_who_keeps_less_than_the_threshold_pays_the_price_of_what_is_kept(shop: Shop) -> None:
    publish(shop, saving())
    sale = sold(shop, TEE, "T-W-M")  # 198.00 - 60.00
    minor, found = returns.worth(shop, "1", sale.sale_id, [(1, 1)])
    assert found is not None
    assert (minor, found.paid_minor, found.price_minor, found.plain_minor) == (39_00, 138_00, 99_00, 69_00)
    take_back(shop, sale, (1, 1))
    assert worth(shop) == 39_00
    assert settle(shop, None).total.minor == -39_00
    take_back(shop, sale, (2, 1))
    assert settle(shop, None).total.minor == -99_00
    assert balances() == {} and books.differences() == []


def test_shares_are_the_usual_way(shop: Shop) -> None:
    publish(shop, saving("proportional"))
    sale = sold(shop, TEE, "T-W-M")
    assert returns.worth(shop, "1", sale.sale_id, [(1, 1)]) == (69_00, None)
    take_back(shop, sale, (1, 1))
    assert worth(shop) == 69_00


def test_who_still_reaches_the_threshold_keeps_the_whole_saving(shop: Shop) -> None:
    publish(shop, saving())
    sale = sold(shop, JEANS, TEE)  # 428.00 - 60.00
    take_back(shop, sale, (2, 1))
    assert worth(shop) == 99_00  # 368.00 less 269.00
    settle(shop, None)
    take_back(shop, sale, (1, 1))
    assert settle(shop, None).total.minor == -269_00


def test_what_is_kept_for_more_than_was_paid_gives_nothing_back(shop: Shop) -> None:
    steps = [{"threshold_minor": 150_00, "amount_minor": 150_00}]
    publish(shop, saving(params={"steps": steps}))
    sale = sold(shop, TEE, "T-W-M")  # 48.00
    take_back(shop, sale, (1, 1))
    assert worth(shop) == 0
    assert settle(shop, None).total.minor == 0
    take_back(shop, sale, (2, 1))
    assert settle(shop, None).total.minor == -48_00
    assert balances() == {} and books.differences() == []


def test_prices_and_versions_of_then_count(shop: Shop, clock: Clock) -> None:
    promotion_id = publish(shop, saving())
    sale = sold(shop, JEANS, TEE)
    steps = [{"threshold_minor": 1, "amount_minor": 200_00}]
    publish(shop, saving(promotion_id=promotion_id, params={"steps": steps}))
    publish(shop, saving("proportional", kind="percentage", layer=LINE, params={"basis_points": 9_000}))
    clock.at_ms += 3 * DAY_MS
    minor, found = returns.worth(shop, "1", sale.sale_id, [(2, 1)])
    assert found is not None and (minor, found.price_minor) == (99_00, 269_00)
    promotions.withdraw(shop, promotion_id, operator_id="he", request_id="gone")
    clock.at_ms += DAY_MS
    assert returns.worth(shop, "1", sale.sale_id, [(2, 1)])[0] == 99_00


def test_its_window_and_its_last_use_are_no_matter_any_more(shop: Shop, clock: Clock) -> None:
    terms = Terms(on_return="recompute", uses_per_store=1, window=Window(to_day="2026-11-22"))
    publish(shop, saving(terms=terms))
    sale = sold(shop, JEANS, TEE)
    assert sale.total.minor == 368_00
    clock.at_ms += 2 * DAY_MS
    assert returns.worth(shop, "1", sale.sale_id, [(2, 1)])[0] == 99_00


def test_what_a_person_took_off_stays_off(shop: Shop) -> None:
    publish(shop, saving())
    basket = fill(shop, TEE, "T-W-M")
    discounts.discount(
        shop,
        "1",
        basket_id=basket.basket_id,
        line_id=0,
        percent_bp=1_000,
        amount_minor=0,
        reason="worn",
        approval=MANAGER,
        operator_id="zhou",
    )
    sale = settle(shop, 124_20)
    take_back(shop, sale, (1, 1))
    assert worth(shop) == 124_20 - (99_00 - 6_90)  # half of the 13.80 goes with the piece that is kept
    settle(shop, None)
    take_back(shop, sale, (2, 1))
    settle(shop, None)
    assert balances() == {}


def test_lines_taken_out_of_the_bag_change_what_the_others_are_worth(shop: Shop) -> None:
    publish(shop, saving())
    sale = sold(shop, TEE, "T-W-M", SOCKS)  # 227.00 - 60.00
    take_back(shop, sale, (1, 1), (3, 1))
    assert worth(shop) == 167_00 - 99_00
    held = baskets.current(shop, "1")
    held = baskets.set_quantity(shop, "1", 1, 0, basket_id=held.basket_id)
    assert worth(shop) == 167_00 - (198_00 - 60_00)
    baskets.restore(shop, "1", 1, basket_id=held.basket_id)
    assert worth(shop) == 68_00
    take_back(shop, sale, (2, 1))  # all of it is in the bag now
    assert worth(shop) == 167_00
    assert settle(shop, None).total.minor == -167_00
    assert balances() == {}


def test_another_till_that_was_quicker_makes_the_worth_another(shop: Shop) -> None:
    publish(shop, saving())
    sale = sold(shop, TEE, "T-W-M", JEANS)
    take_back(shop, sale, (1, 1), till="1")
    take_back(shop, sale, (2, 1), till="2")
    settle(shop, None, till="2")
    settle(shop, None, till="1")  # 329.00 still reaches it: nothing has changed
    sale = sold(shop, TEE, "T-W-M", JEANS)
    take_back(shop, sale, (1, 1), till="1", approval=MANAGER)
    take_back(shop, sale, (3, 1), till="2", approval=MANAGER)
    settle(shop, None, till="2")
    with pytest.raises(AlreadyReturned):
        settle(shop, None, till="1")
    take_back(shop, sale, (1, 1), till="1", approval=MANAGER)
    settle(shop, None, till="1")
    assert books.differences() == []


def test_more_than_was_agreed_does_not_come_back_by_taking_lines_out(shop: Shop) -> None:
    """With a fixed price for two, who keeps both keeps them cheap: less in the bag is worth more."""
    bundle = Draft(
        kind="bundle",
        layer=UNIT,
        label_zh="两件 100",
        label_en="Two for 100",
        terms=Terms(on_return="recompute"),
        params={
            "made_of": [{"goods": {"skus": [TEE]}}, {"goods": {"skus": ["T-W-M"]}}],
            "price_minor": 20_00,
        },
    )
    publish(shop, bundle)
    sale = sold(shop, TEE, "T-W-M", JEANS)  # 349.00
    assert sale.total.minor == 349_00
    held = take_back(shop, sale, (1, 1), (3, 1), approval=MANAGER)  # 349.00 less 99.00
    assert worth(shop) == 250_00
    with pytest.raises(ReturnRefused):
        baskets.set_quantity(shop, "1", 1, 0, basket_id=held.basket_id)


def test_a_sale_that_is_undone_whole_gives_all_back(shop: Shop) -> None:
    publish(shop, saving())
    sale = sold(shop, TEE, "T-W-M")
    voids.void(
        shop,
        "1",
        sale.sale_id,
        reason="mistake",
        approval=MANAGER,
        operator_id="zhou",
        request_id="void",
    )
    assert balances() == {} and books.differences() == []


KINDS: tuple[tuple[str, int, dict[str, object]], ...] = (
    ("spend_and_save", ORDER, {"steps": [{"threshold_minor": 150_00, "amount_minor": 60_00}]}),
    ("spend_and_save", ORDER, {"steps": [{"threshold_minor": 90_00, "amount_minor": 88_88}]}),
    ("order_percentage", ORDER, {"steps": [{"threshold_minor": 300_00, "basis_points": 3_333}]}),
    ("percentage", LINE, {"basis_points": 1_234}),
    ("nth_item", UNIT, {"nth": 2, "basis_points": 5_000}),
    ("cheapest_free", UNIT, {"pieces": 3}),
    ("buy_x_get_y", UNIT, {"buy": {"skus": [TEE]}, "get": {"skus": [SOCKS, "T-W-M"]}}),
)


def any_draft(shop: Shop, chance: random.Random) -> Draft:
    kind, layer, params = chance.choice(KINDS)
    on_return = chance.choice(("recompute", "recompute", "proportional"))
    goods = Goods(skus=tuple(chance.sample(SKUS, chance.randint(1, 4))))
    draft = saving(kind=kind, layer=layer, params=params, terms=Terms(on_return=on_return, goods=goods))
    promotions.drafted(draft)
    return draft


@pytest.mark.parametrize("seed", range(4))
def test_whatever_comes_back_in_whatever_order_adds_up_to_what_was_paid(
    shop: Shop, clock: Clock, soak: int, seed: int
) -> None:
    """Never more on the way, and exactly that at the end: with any promotions, cash rounded or not."""
    chance = random.Random(seed)
    for n in range(12 * soak):
        rule = Rounding(chance.choice((1, 10, 1_00)), chance.choice(("down", "half_up", "up")))
        here = make_shop(clock, cash_rounding=rule, new_id=shop.new_id)
        running = [publish(here, any_draft(here, chance)) for _ in range(chance.randint(1, 3))]
        for _ in range(chance.randint(1, 5)):
            sku = chance.choice(SKUS)
            count = chance.randint(1, 3)
            baskets.add(here, "1", sku=sku, code="", quantity=count, request_id=here.new_id())
        sale = settle(here, 100_000_00)
        for promotion_id in running:
            promotions.withdraw(here, promotion_id, operator_id="he", request_id=here.new_id())
        back = bring_all_back(here, sale, chance)
        assert back == sale.total.minor, (seed, n)
        assert balances() == {}, (seed, n)
    assert books.differences() == [] and journal.first_break() == 0


def bring_all_back(shop: Shop, sale: Sale, chance: random.Random) -> int:
    """All pieces, in parts by chance; the net that was given for them."""
    back = 0
    while left := [(line, n) for line, n in returnable(sale.sale_id).left.items() if n]:
        some = chance.sample(left, chance.randint(1, len(left)))
        pieces = [(line, chance.randint(1, n)) for line, n in some]
        take_back(shop, sale, *pieces, approval=MANAGER)
        given = -settle(shop, None).total.minor
        back += given
        assert given >= 0 and back <= sale.total.minor
    return back


def test_each_step_is_whole_or_absent_wherever_storage_fails(
    shop: Shop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def prepare(n: int) -> tuple[Sale, str]:
        if not n - 1:
            publish(shop, saving())
        if baskets.current(shop, "1").standing:
            settle(shop, None)
        return sold(shop, TEE, "T-W-M"), f"anew-{n}"

    def step(case: tuple[Sale, str]) -> Basket:
        return take_back(shop, case[0], (1, 1), key=case[1], approval=MANAGER)

    each_failure(monkeypatch, tmp_path, prepare, step, look)


def test_a_stale_page_is_not_believed(shop: Shop) -> None:
    publish(shop, saving())
    sale = sold(shop, TEE, "T-W-M")
    first = take_back(shop, sale, (1, 1), key="once")
    assert take_back(shop, sale, (1, 1), key="once") == first
    settle(shop, None)
    with pytest.raises(AlreadyReturned):
        returns.worth(shop, "1", sale.sale_id, [(1, 1)])
    with pytest.raises(ReturnRefused):
        returns.worth(shop, "1", sale.sale_id, [(9, 1)])
    with pytest.raises(BasketChanged):
        returns.take_back(
            shop,
            "1",
            basket_id=first.basket_id,
            sale_id=sale.sale_id,
            pieces=[(2, 1)],
            reason="size",
            approval=None,
            operator_id="zhou",
            request_id="late",
        )
