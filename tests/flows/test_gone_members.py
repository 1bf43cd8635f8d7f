"""A bag whose member was erased, blocked, stopped or parted meanwhile offers nothing that is not theirs."""

from __future__ import annotations

import pytest

from services.domain.errors import BasketChanged
from services.domain.points_rules import Discount
from services.flows import (
    baskets,
    best_choice,
    checkout,
    members,
    merges,
    parking,
    points,
    prices,
    stored_value_accounts,
    stored_value_change,
    stored_value_payments,
    tiers,
)
from services.flows import member_privacy as privacy
from services.flows.members import Edit
from services.flows.shop import Shop
from services.store import books
from tests.flows.loyal import MANAGER, Till
from tests.flows.test_tiers import gold
from tests.shop import SOCKS, TEE


@pytest.fixture
def till(shop: Shop) -> Till:
    """A gold member's bag: 5 % off, a coupon, and points that take something off."""
    tiers.publish(shop, gold(), seen_version=0, operator_id="he")
    till = Till(shop)
    till.earns(1, discount=Discount(points=1, minor=1))
    till.give_points(500)
    tiers.grant(
        *(shop, till.member),
        tier="gold",
        until="2027-12-31",
        note="goodwill",
        operator_id="he",
        request_id="gold",
    )
    coupon = till.coupon()
    till.fill(TEE)
    till.use(coupon)
    till.spend_points(500)
    assert till.due_minor < 99_00 - 20_00 - 5_00
    return till


def erase(till: Till) -> None:
    privacy.erase(till.shop, till.member, MANAGER, operator_id="zhou", request_id="erase")


def block(till: Till, blocked: bool = True) -> None:
    revision = members.find(till.member).revision
    wanted = Edit(given={}, blocked=blocked)
    key = till.shop.new_id()
    members.edit(till.shop, till.member, wanted, revision=revision, operator_id="he", request_id=key)


def park(till: Till) -> str:
    bag = till.bag
    row = parking.park(
        *(till.shop, "1"),
        basket_id=bag.basket_id,
        version=bag.version,
        reason="queue",
        note="",
        operator_id="zhou",
        request_id=till.shop.new_id(),
    )
    return row.parked_id


def plain(till: Till) -> None:
    """Nobody's bag: at the shop's price, and nothing is earned by anybody."""
    assert (till.bag.member_id, till.bag.coupons, till.bag.points) == ("", (), 0)
    assert till.due_minor == 99_00 and best_choice.propose(till.shop, till.bag) is None
    before = points.look(till.shop, (till.member,)).balance
    sale = till.pay()
    assert sale.member_id == "" and points.look(till.shop, (till.member,)).balance == before
    assert books.differences() == []


@pytest.mark.parametrize("what", [erase, block])
def test_the_bag_of_a_member_who_goes_is_nobodys(till: Till, what: object) -> None:
    shown = till.bag
    assert callable(what)
    what(till)
    with pytest.raises(BasketChanged):
        checkout.settle(
            *(till.shop, "1"),
            basket_id=shown.basket_id,
            version=shown.version,
            tendered=[("cash", 99_00)],
            operator_id="zhou",
            request_id="as it was shown",
        )
    plain(till)


@pytest.mark.parametrize("what", [erase, block])
def test_so_is_a_bag_that_was_parked_when_it_is_resumed_at_another_till(till: Till, what: object) -> None:
    parked_id = park(till)
    assert callable(what)
    what(till)
    resumed = parking.resume(till.shop, "2", parked_id, operator_id="zhou", request_id="resume")
    till.till = "2"
    assert resumed.basket == till.bag
    plain(till)


def test_who_is_let_go_again_before_anything_was_done_has_their_bag(till: Till) -> None:
    due = till.due_minor
    block(till)
    assert till.due_minor == 99_00
    block(till, blocked=False)
    assert till.due_minor == due
    block(till)
    baskets.add(till.shop, "1", sku=SOCKS, code="", quantity=1, request_id="add")
    block(till, blocked=False)
    assert till.bag.member_id == ""


def test_what_was_paid_in_part_ends_as_it_began(till: Till) -> None:
    till.recharge(30_00, 0)
    till.pay_stored(30_00)
    due = till.due_minor
    block(till)
    assert till.due_minor == due and till.settle(due - 30_00).member_id == till.member


def test_an_account_that_was_stopped_pays_nothing(till: Till) -> None:
    till.recharge(30_00, 0)
    assert worth(till) == (30_00, 30_00)
    stop(till)
    assert worth(till) == (30_00, 0)


def worth(till: Till) -> tuple[int, int]:
    found = stored_value_payments.worth(till.shop, till.bag, prices.priced(till.shop, till.bag))
    return found.has_minor, found.usable_minor


def stop(till: Till) -> None:
    stored_value_accounts.change(
        *(till.shop, till.member, "frozen"),
        reason="lost",
        approval=None,
        operator_id="zhou",
        request_id="stop",
    )


@pytest.mark.parametrize("what", [erase, block, stop])
def test_no_change_is_kept_for_whom_it_cannot_be_kept(till: Till, what: object) -> None:
    sale = till.settle(till.due_minor + 1_00)
    assert stored_value_change.can_keep(till.shop, sale) and callable(what)
    what(till)
    assert not stored_value_change.can_keep(till.shop, sale)


def test_a_coupon_of_whom_they_were_merged_with_goes_when_they_are_parted(shop: Shop) -> None:
    till, other = Till(shop), Till(shop, "13912345620")
    coupon = other.coupon()
    merges.merge(shop, till.member, other.member, "one", MANAGER, operator_id="zhou", request_id="m")
    till.fill(TEE)
    till.use(coupon)
    assert till.due_minor == 79_00
    (pair,) = merges.merges_of(members.find(till.member))
    merges.unmerge(shop, pair.edge, "two", MANAGER, operator_id="zhou", request_id="u")
    assert till.due_minor == 99_00 and till.pay().member_id == till.member
    assert books.differences() == []
