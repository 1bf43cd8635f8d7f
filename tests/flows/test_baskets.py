"""Filling a basket: every change lands once, and in the basket it was meant for."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from services.domain.basket import Basket
from services.domain.errors import BasketChanged, CodeUnknown, RequestReused
from services.flows import baskets, checkout
from services.flows.shop import Shop
from services.store import db
from services.store.db import LEDGER
from tests.shop import SOCKS, TEE


def add(shop: Shop, sku: str, key: str, basket_id: str = "") -> Basket:
    after, _ = baskets.add(shop, "1", sku=sku, code="", quantity=1, request_id=key, basket_id=basket_id)
    return after


def sell(shop: Shop, basket: Basket) -> None:
    checkout.settle(
        shop,
        "1",
        basket_id=basket.basket_id,
        version=basket.version,
        tendered=[("cash", basket.gross.minor)],
        operator_id="zhou",
        request_id=f"sell-{basket.basket_id}",
    )


LATE: dict[str, Callable[[Shop, str], object]] = {
    "a quantity": lambda shop, meant: baskets.set_quantity(shop, "1", 1, 5, basket_id=meant),
    "a removal": lambda shop, meant: baskets.set_quantity(shop, "1", 1, 0, basket_id=meant),
    "an undo": lambda shop, meant: baskets.restore(shop, "1", 1, basket_id=meant),
    "an article": lambda shop, meant: add(shop, SOCKS, "late-add", meant),
}


@pytest.mark.parametrize("change", list(LATE))
def test_a_change_that_comes_after_the_payment_does_not_touch_the_next_bag(shop: Shop, change: str) -> None:
    first = add(shop, TEE, "first")
    sell(shop, first)
    add(shop, SOCKS, "second")
    second = baskets.current(shop, "1")
    with pytest.raises(BasketChanged):
        LATE[change](shop, first.basket_id)
    assert baskets.current(shop, "1") == second


def test_a_till_that_never_sold_shows_the_basket_that_its_first_article_goes_into(shop: Shop) -> None:
    shown = baskets.current(shop, "1")
    assert add(shop, TEE, "first", shown.basket_id).basket_id == shown.basket_id


def test_an_article_added_again_by_its_key_after_it_left_the_catalogue_is_still_there_once(
    shop: Shop,
) -> None:
    before = add(shop, TEE, "key")
    with db.write():
        LEDGER.execute_sql("DELETE FROM article WHERE sku = ?", (TEE,))
    assert add(shop, TEE, "key") == before
    with pytest.raises(RequestReused):
        add(shop, SOCKS, "key")
    with pytest.raises(CodeUnknown):
        add(shop, TEE, "another key")
