"""The basket as a value: its limits count what stands in it."""

from __future__ import annotations

import random

import pytest

from services.domain.basket import LINES_KEPT_MAX, LINES_MAX, Basket, Line
from services.domain.errors import BasketFull
from services.domain.money import Money, total

EMPTY = Basket("b-1", "CNY")


def line(n: int, quantity: int = 1, minor: int = 100) -> Line:
    return Line(0, f"sku-{n}", "", "T", "M", quantity, Money(minor, "CNY"), "scanned")


def test_lines_added_and_removed_do_not_fill_a_basket():
    basket = EMPTY
    for n in range(LINES_MAX):
        basket = basket.added(line(n), 1).with_quantity(n + 1, 0)
    basket = basket.added(line(LINES_MAX), 1)
    assert len(basket.standing) == 1 and len(basket.lines) == LINES_MAX + 1


def full() -> Basket:
    basket = EMPTY.added(line(-1), 1).with_quantity(1, 0)
    for n in range(LINES_MAX):
        basket = basket.added(line(n), 1)
    return basket


def test_a_basket_of_standing_lines_is_full_and_takes_more_pieces_of_what_it_has():
    basket = full()
    with pytest.raises(BasketFull) as refused:
        basket.added(line(LINES_MAX), 1)
    assert refused.value.details == {"lines_max": LINES_MAX}
    assert basket.added(line(0), 1).pieces == LINES_MAX + 1


def test_a_removed_line_does_not_come_back_into_a_full_basket():
    basket = full()
    for comeback in (lambda: basket.restored(1), lambda: basket.with_quantity(1, 2)):
        with pytest.raises(BasketFull):
            comeback()
    assert basket.with_quantity(2, 0).restored(1).line(1).voided is False
    assert basket.restored(2) is basket, "what stands is not counted twice"


def test_a_basket_remembers_only_so_many_removed_lines():
    basket = EMPTY
    for n in range(LINES_KEPT_MAX):
        basket = basket.added(line(n), 1).with_quantity(n + 1, 0)
    with pytest.raises(BasketFull) as refused:
        basket.added(line(LINES_KEPT_MAX), 1)
    assert refused.value.details == {"lines_kept_max": LINES_KEPT_MAX}


@pytest.mark.parametrize("seed", range(20))
def test_the_total_is_the_sum_of_the_lines(seed):
    chance = random.Random(seed)
    basket = EMPTY
    for n in range(chance.randrange(1, 40)):
        basket = basket.added(line(n, chance.randrange(1, 9), chance.randrange(99_999)), 1)
    for held in chance.sample(basket.lines, len(basket.lines) // 3):
        basket = basket.with_quantity(held.line_id, 0)
    assert basket.gross == total((held.extended for held in basket.lines), "CNY")
    assert basket.pieces == sum(held.quantity for held in basket.standing)
