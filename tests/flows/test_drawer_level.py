"""A till asks for a drop while its drawer holds more than the shop wants in it, and not a moment longer."""

from __future__ import annotations

import pytest

from services.domain.shift import ShiftRules
from services.flows import cash_moves, drawer_level, shifts
from services.flows.shop import Shop
from services.store import stretch
from tests.flows.test_shifts import begin, close, count, sell
from tests.shop import JEANS, Clock, make_shop


@pytest.fixture
def shop(clock: Clock, shop: Shop) -> Shop:
    rules = ShiftRules(drop_over_minor=600_00)
    return make_shop(clock, shift_rules=rules, new_id=shop.new_id)


def drop(shop: Shop, minor: int) -> None:
    cash_moves.move(
        shop,
        "1",
        kind="drop",
        currency="CNY",
        amount_minor=minor,
        reason="safe",
        operator_id="zhou",
        request_id=shop.new_id(),
    )


def test_it_is_due_above_the_setting_and_a_drop_ends_it(shop: Shop, clock: Clock) -> None:
    assert not drawer_level.drop_due(shop, "1"), "no shift"
    shift_id = begin(shop)  # 200.00
    sell(shop, "1", JEANS)
    assert not drawer_level.drop_due(shop, "1")  # 529.00
    sell(shop, "1", JEANS)
    sell(shop, "2", JEANS)
    assert drawer_level.drop_due(shop, "1") and drawer_level.drop_due(shop, "1")
    assert not drawer_level.drop_due(shop, "2")
    assert not drawer_level.drop_due(make_shop(clock), "1"), "a shop that wants none"
    drop(shop, 258_00)
    assert not drawer_level.drop_due(shop, "1"), "just as much as may lie there"
    count(shop, shift_id, [(100_00, 6)])
    close(shop, shift_id)
    assert not drawer_level.drop_due(shop, "1")
    begin(shop)
    assert not drawer_level.drop_due(shop, "1"), "the next shift has the next drawer"


def test_a_sale_is_read_once_and_a_read_that_fails_counts_nothing_twice(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    begin(shop)
    sell(shop, "1", JEANS)
    assert not drawer_level.drop_due(shop, "1")
    real = stretch.read
    read: list[int] = []

    def half(fold: object, after: int) -> int:
        read.append(after)
        real(fold, after)  # type: ignore[arg-type]
        raise OSError("the disk")

    sell(shop, "1", JEANS)
    with monkeypatch.context() as failing:
        failing.setattr(stretch, "read", half)
        with pytest.raises(OSError, match="the disk"):
            drawer_level.drop_due(shop, "1")
    assert read == [shifts.look(shop, "1")[0].first_seq + 1]  # type: ignore[union-attr]
    drop(shop, 300_00)
    assert not drawer_level.drop_due(shop, "1")  # 558.00: the sale counts once
