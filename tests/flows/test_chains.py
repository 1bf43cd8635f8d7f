"""Goods that are exchanged are still a customer's first purchase, and what came with them stays theirs."""

from __future__ import annotations

from dataclasses import replace

import msgspec
import pytest

from services.domain.points_rules import Referral
from services.domain.settlement import Rounding
from services.flows import coming_back, coupon_templates, coupons, points, referrals
from services.flows.shop import Shop
from services.store import books
from services.store import coupons as stored
from services.store.sales import Sale
from tests.flows.loyal import TWENTY, Till
from tests.flows.test_gift_cards import CARD, put_card
from tests.shop import TEE, Clock

DAY_MS = 86_400_000


@pytest.fixture
def shop(shop: Shop) -> Shop:
    return replace(shop, cash_rounding=Rounding(100, "down"))


@pytest.fixture
def till(shop: Shop) -> Till:
    return Till(shop)


def next_time(shop: Shop, **changes: object) -> None:
    draft = msgspec.structs.replace(TWENTY, occasion="receipt", **changes)
    coupon_templates.publish(shop, draft, operator_id="he", request_id="receipt")


def swapped(till: Till, sale: Sale) -> Sale:
    (line,) = [each.line.line_id for each in sale.lines if each.line.quantity > 0]
    till.fill(TEE, known=False)
    return till.take_back(sale, (line, 1))


def new_line(sale: Sale) -> int:
    return next(each.line.line_id for each in sale.lines if each.line.quantity > 0)


def test_another_size_keeps_the_coupon_for_next_time_until_that_comes_back_too(till: Till) -> None:
    next_time(till.shop)
    till.fill(TEE)
    sale = till.pay()
    for _ in range(2):
        sale = swapped(till, sale)
        assert [each.state for each in coupons.wallet((till.member,))] == ["issued"]
    till.take_back(sale, (new_line(sale), 1))
    assert [each.state for each in coupons.wallet((till.member,))] == ["cancelled"]
    assert books.differences() == []


def test_another_size_is_still_the_first_purchase_of_whoever_was_sent(till: Till) -> None:
    till.earns(1, referral=Referral(referrer_points=50, newcomer_points=20, window_days=7))
    friend = Till(till.shop, "13912345620")
    referrals.refer(till.shop, friend.member, till.member, operator_id="zhou")

    def pending() -> int:
        return points.look(till.shop, (till.member,)).pending

    friend.fill(TEE)
    sale = friend.pay()
    for _ in range(2):
        sale = swapped(friend, sale)
        assert pending() == 50
    friend.take_back(sale, (new_line(sale), 1))
    assert (pending(), friend.points) == (0, 0)
    assert books.differences() == []


def test_what_a_receipt_gives_is_for_another_day(till: Till, clock: Clock) -> None:
    """Also where the shop has named no waiting time: today it would be part of this very purchase."""
    next_time(till.shop, bearer=True)
    till.fill(TEE)
    (coupon,) = stored.issued_by(till.pay().sale_id)
    assert (coupon.first_day, coupon.last_day) == ("2026-11-23", "2026-12-22")
    assert coupons.verify(till.shop, coupon.code).why_not == "early"
    clock.at_ms += DAY_MS
    assert coupons.verify(till.shop, coupon.code).why_not == ""


def test_a_coupon_that_came_with_the_goods_and_was_used_is_said_where_they_come_back(
    till: Till, clock: Clock
) -> None:
    next_time(till.shop)
    till.fill(TEE)
    sale = till.pay()
    swapped_for = swapped(till, sale)
    clock.at_ms += DAY_MS
    (coupon,) = coupons.wallet((till.member,))
    till.fill(TEE)
    till.use(coupon.coupon_id)
    used = till.pay()
    assert [coming_back.gave_used_minor(each) for each in (sale, swapped_for, used)] == [20_00, 20_00, 0]
    till.take_back(used, (1, 1))
    assert coming_back.gave_used_minor(swapped_for) == 0, "it is good again"
    till.take_back(swapped_for, (new_line(swapped_for), 1))
    states = sorted(each.state for each in coupons.wallet((till.member,)))
    assert states == ["cancelled", "cancelled"], "and goes with the goods"


def test_a_coupon_that_was_handed_on_goes_with_its_goods_too(till: Till) -> None:
    next_time(till.shop, transferable=True)
    friends = [Till(till.shop, f"1391234562{n}") for n in (1, 2)]
    till.fill(TEE)
    sale = till.pay()
    (coupon,) = coupons.wallet((till.member,))
    for friend in friends:
        coupon = coupons.hand_over(
            *(till.shop, coupon.coupon_id, friend.member), operator_id="he", request_id=friend.member
        )
    till.take_back(sale, (1, 1))
    states = [each.state for held in friends for each in coupons.wallet((held.member,))]
    assert states == ["transferred", "cancelled"]
    assert books.differences() == []


def test_a_gift_card_brings_no_coupon_what_is_bought_with_it_does(till: Till) -> None:
    put_card(200_00)
    next_time(till.shop, occasion_min_minor=100_00)
    till.fill(CARD, TEE)
    till.settle(299_00)
    assert coupons.wallet((till.member,)) == []
    till.fill(TEE, TEE)
    till.pay()
    assert len(coupons.wallet((till.member,))) == 1
