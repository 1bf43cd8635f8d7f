"""Rewards for points: had within their limits, by one till only, and given back into their lots."""

from __future__ import annotations

import threading

import pytest
from msgspec.structs import replace

from services.domain.errors import NotFound, PointsRefused, PointsShort
from services.domain.offers import Window
from services.domain.points_rules import Book, Discount, Reward, Terms
from services.domain.redemption import agreed, most
from services.flows import rewards
from services.flows.shop import Shop
from services.flows.stock import receive as received
from services.store import books, coupons, points, stock
from tests.flows.loyal import Till
from tests.flows.points_till import MEMBER, Customer, rules
from tests.shop import SOCKS, TEE, enrol

SCARF = Reward(
    reward_id="scarf", kind="goods", label_zh="围巾", label_en="Scarf", points=300, item=SOCKS, per_member=1
)
HEM = Reward(reward_id="hem", kind="service", label_zh="改裤脚", label_en="Hemming", points=100, pieces=3)
SPECIAL = Reward(
    reward_id="late",
    kind="service",
    label_zh="限时",
    label_en="Special",
    points=1,
    window=Window(from_day="2027-01-01"),
)


@pytest.fixture
def customer(shop: Shop) -> Customer:
    rules(shop, Book(terms=Terms(points=1), rewards=(SCARF, HEM, SPECIAL)))
    enrol(shop, MEMBER)
    return Customer(shop)


def redeem(customer: Customer, reward_id: str, key: str) -> str:
    return rewards.redeem(customer.shop, customer.group[0], reward_id, operator_id="zhou", request_id=key)


def missing(customer: Customer) -> dict[str, str]:
    found = rewards.offers(customer.shop, customer.group)
    return {each.reward.reward_id: each.missing for each in found}


def test_a_reward_takes_its_points_once_and_says_what_for(customer: Customer) -> None:
    customer.give(500)
    assert missing(customer) == {"scarf": "", "hem": "", "late": "not_started"}
    assert len({redeem(customer, "scarf", "key-1") for _ in range(3)}) == 1
    assert points.balance(MEMBER) == 200
    (row, *_) = points.statement((MEMBER,))
    assert (row.reason, row.args["label_zh"]) == ("reward", "围巾")
    assert missing(customer)["scarf"] == "limit_member"
    for reward_id, why in (("scarf", PointsShort), ("late", PointsRefused), ("none", NotFound)):
        with pytest.raises(why):
            redeem(customer, reward_id, f"key-{reward_id}")
    assert books.differences() == []


def test_an_exchange_that_is_undone_gives_points_and_limit_back_once(customer: Customer) -> None:
    customer.give(200, "2026-12")
    customer.give(200, "2027-03")
    exchange = redeem(customer, "scarf", "key-1")
    for key in ("back-1", "back-1", "back-2"):
        rewards.give_back(customer.shop, exchange, None, operator_id="he", request_id=key)
    assert sorted(h.points for h in points.account((MEMBER,)).held) == [200, 200]
    assert missing(customer)["scarf"] == ""
    redeem(customer, "scarf", "key-2")
    assert points.balance(MEMBER) == 100 and books.differences() == []


def test_of_many_who_want_the_last_pieces_only_so_many_get_one(customer: Customer) -> None:
    others = [Customer(customer.shop, (f"m-{n}",)) for n in range(12)]
    for other in others:
        enrol(customer.shop, *other.group)
        other.give(100)
    got: list[str] = []

    def want(other: Customer) -> None:
        try:
            got.append(redeem(other, "hem", f"key-{other.group[0]}"))
        except PointsRefused as refused:
            assert refused.details["why"] == "none_left"

    threads = [threading.Thread(target=want, args=(other,)) for other in others]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(got) == 3 and books.differences() == []


def test_points_take_money_off_in_steps_up_to_a_share_of_the_bag() -> None:
    hundred = Discount(points=100, minor=1_00, least=200, share_bp=5_000)
    assert most(hundred, usable=1_050, due_minor=100_00) == 1_000
    assert most(hundred, usable=9_999, due_minor=15_90) == 700
    assert most(hundred, usable=199, due_minor=100_00) == most(hundred, usable=999, due_minor=3_00) == 0
    assert most(Discount(), usable=9_999, due_minor=100_00) == 0
    assert agreed(hundred, 700, 1_050, 15_90) == 7_00
    for wanted, why in ((150, "step"), (100, "least"), (800, "share"), (0, "step")):
        with pytest.raises(PointsRefused) as refused:
            agreed(hundred, wanted, 1_050, 15_90)
        assert refused.value.details == {"why": why, "most": 700}


def test_goods_leave_the_stock_with_their_points_and_come_back_with_them(customer: Customer) -> None:
    customer.give(300)
    received(customer.shop, [(SOCKS, 5)], number="D-1", supplier="", operator_id="he", request_id="D-1")
    before = stock.on_hand([SOCKS])[SOCKS]
    exchange = redeem(customer, "scarf", "key-1")
    assert stock.on_hand([SOCKS])[SOCKS] == before - 1
    for key in ("back-1", "back-2"):
        rewards.give_back(customer.shop, exchange, None, operator_id="he", request_id=key)
    assert stock.on_hand([SOCKS])[SOCKS] == before
    assert books.differences() == []


def test_goods_that_nobody_counts_are_not_counted_by_a_reward(customer: Customer) -> None:
    customer.give(300)
    redeem(customer, "scarf", "key-1")
    assert stock.on_hand([SOCKS]) == {} and books.differences() == []


def coupon_reward(till: Till) -> str:
    """A coupon for 50 points, had by the till's member; the exchange's id."""
    template_id = coupons.by_id(till.coupon()).template_id
    reward = Reward(
        reward_id="twenty", kind="coupon", label_zh="20元券", label_en="20 off", points=50, item=template_id
    )
    till.earns(1, rewards=(reward,))
    till.give_points(80)
    return rewards.redeem(till.shop, till.member, "twenty", till="1", operator_id="zhou", request_id="have")


def test_a_coupon_had_for_points_is_in_the_wallet_once_and_goes_when_it_is_undone(shop: Shop) -> None:
    till = Till(shop)
    exchange = coupon_reward(till)
    again = rewards.redeem(shop, till.member, "twenty", till="1", operator_id="zhou", request_id="have")
    assert again == exchange
    (coupon,) = coupons.issued_by(exchange)
    assert (coupon.member_id, coupon.state, coupon.reason) == (till.member, "issued", "reward")
    rewards.give_back(shop, exchange, None, till="1", operator_id="he", request_id="undo")
    assert coupons.issued_by(exchange)[0].state == "cancelled"
    assert till.points == 80 and books.differences() == []


def test_an_exchange_whose_coupon_was_used_stays(shop: Shop) -> None:
    till = Till(shop)
    exchange = coupon_reward(till)
    till.fill(TEE)
    till.use(coupons.issued_by(exchange)[0].coupon_id)
    till.pay()
    before = till.points
    with pytest.raises(PointsRefused) as refused:
        rewards.give_back(shop, exchange, None, till="1", operator_id="he", request_id="undo")
    assert refused.value.details["why"] == "used"
    assert till.points == before and books.differences() == []


def test_goods_that_cost_money_as_well_are_no_reward(customer: Customer) -> None:
    rules(customer.shop, Book(terms=Terms(points=1), rewards=(replace(SCARF, pay_minor=10_00),)))
    customer.give(300)
    assert missing(customer) == {"scarf": "pay"}
    with pytest.raises(PointsRefused):
        redeem(customer, "scarf", "key-1")
