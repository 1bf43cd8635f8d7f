"""What comes back is undone for whoever bought it, whoever brings it and whatever has become of them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from services.domain.points_rules import Book, Discount, Referral, Terms
from services.domain.settlement import Rounding
from services.flows import (
    customers,
    member_papers,
    members,
    merges,
    points,
    points_rules,
    referrals,
    tiers,
)
from services.flows.shop import Shop
from services.store import books
from services.store.members import group
from services.store.sales import Sale
from tests.flows.loyal import MANAGER, Till
from tests.flows.test_loyalty import tiered
from tests.flows.test_returns import by_card, undo
from tests.shop import JEANS, SOCKS, TEE, Clock

DAY_MS = 86_400_000


@pytest.fixture
def shop(shop: Shop) -> Shop:
    return replace(shop, cash_rounding=Rounding(100, "down"))


@pytest.fixture
def till(shop: Shop) -> Till:
    """A member who gets a point a yuan and is gold from 300.00 on."""
    tiered(shop)
    held = Till(shop)
    held.earns(1, discount=Discount(points=1, minor=1))
    return held


@pytest.fixture
def other(till: Till) -> Till:
    return Till(till.shop, "13912345620")


def tier(till: Till) -> str:
    return tiers.view(till.shop, group(till.member)).standing.tier


def chosen(till: Till, sale: Sale, *pieces: tuple[int, int], bag_of: str | None = None) -> None:
    """The goods lie in the bag as coming back; then the bag is said to be somebody's, or nobody's ("")."""
    till.bring(sale, *pieces)
    if bag_of is not None:
        customers.name(till.shop, till.till, bag_of, basket_id=till.bag.basket_id)


def test_goods_brought_by_nobody_known_cost_their_buyer_the_points(till: Till) -> None:
    till.give_points(10_00)
    till.fill(JEANS)
    till.spend_points(10_00)
    sale = till.pay()
    assert (till.points, tier(till)) == (319, "gold")
    chosen(till, sale, (1, 1), bag_of="")
    back = till.settle()
    assert (back.member_id, till.points, tier(till)) == (till.member, 10_00, "")
    assert books.differences() == []


def test_goods_brought_by_another_member_leave_what_is_theirs_alone(till: Till, other: Till) -> None:
    other.fill(JEANS)
    other.pay()
    till.fill(JEANS)
    sale = till.pay()
    chosen(till, sale, (1, 1), bag_of=other.member)
    back = till.settle()
    assert (back.member_id, till.points, tier(till)) == (till.member, 0, "")
    assert (other.points, tier(other)) == (329, "gold")
    assert books.differences() == []


def test_what_nobody_known_bought_is_not_the_members_who_brings_it(till: Till) -> None:
    till.fill(TEE)
    till.pay()
    till.fill(TEE, known=False)
    sale = till.pay()
    chosen(till, sale, (1, 1), bag_of=till.member)
    assert (till.settle().member_id, till.points) == ("", 99)


def test_of_an_exchange_the_new_goods_are_whoevers_bag_it_is(till: Till, other: Till) -> None:
    till.fill(TEE)
    sale = till.pay()
    till.fill(JEANS, known=False)
    chosen(till, sale, (1, 1), bag_of=other.member)
    exchanged = till.settle(230_00)
    assert exchanged.member_id == other.member
    assert (till.points, tier(till)) == (0, "")
    assert (other.points, tier(other)) == (329, "gold")
    paper = member_papers.on_paper(exchanged)
    assert paper is not None and (paper.earned, paper.points) == (329, 329), "nothing of the other's"
    assert books.differences() == []


def test_a_sale_undone_at_the_terminal_costs_its_points_too(till: Till) -> None:
    till.fill(TEE)
    by_card(till.shop, 99_00, "1001")
    sale = till.settle()
    assert till.points == 99
    undo(till.shop, sale)
    by_card(till.shop, -99_00, "1002")
    undone = till.settle()
    assert (undone.kind, undone.member_id, till.points) == ("void", till.member, 0)
    assert books.differences() == []


def test_a_tier_is_lost_by_exchanging_what_it_was_reached_with_for_less(till: Till) -> None:
    till.fill(JEANS)
    sale = till.pay()
    till.fill(SOCKS, known=False)
    chosen(till, sale, (1, 1))
    till.settle()
    assert tier(till) == ""
    assert books.differences() == []


def test_exchanged_goods_are_as_old_as_what_they_were_exchanged_for(till: Till, clock: Clock) -> None:
    till.fill(JEANS)
    sale = till.pay()
    for _ in range(2):
        clock.at_ms += DAY_MS
        (line,) = [each.line.line_id for each in sale.lines if each.line.quantity > 0]
        till.fill(JEANS, known=False)
        chosen(till, sale, (line, 1))
        sale = till.settle()
        assert tier(till) == "gold"
    clock.at_ms += DAY_MS
    (line,) = [each.line.line_id for each in sale.lines if each.line.quantity > 0]
    chosen(till, sale, (line, 1))
    till.settle()
    assert tier(till) == ""
    assert books.differences() == []


def test_a_tier_falls_under_the_id_that_holds_it(till: Till, other: Till) -> None:
    """The older id stood lower when the two became one; parted again, each has what is its own."""
    shop = till.shop
    other.fill(JEANS)
    sale = other.pay()
    merges.merge(
        *(shop, till.member, other.member, "one person", MANAGER),
        operator_id="zhou",
        request_id="merge",
    )
    assert tier(till) == tier(other) == "gold"
    chosen(other, sale, (1, 1))
    other.settle()
    assert tier(till) == tier(other) == ""
    (edge,) = (each.edge for each in merges.merges_of(members.find(till.member)))
    merges.unmerge(
        *(shop, edge, "two people", MANAGER),
        operator_id="zhou",
        request_id="unmerge",
    )
    assert tier(till) == tier(other) == ""
    assert books.differences() == []


def test_what_was_spent_of_anothers_goes_back_to_them_also_after_its_end(
    till: Till, other: Till, clock: Clock
) -> None:
    """One when it was sold, two when it comes back; and no night has written off what ended between."""
    shop = till.shop
    book = Book(
        terms=Terms(points=1, per_minor=100, valid_months=1, grace_days=30),
        discount=Discount(points=1, minor=1_00),
    )
    points_rules.change(shop, book, seen_version=points_rules.newest().version, operator_id="he")
    till.give_points(100)
    merges.merge(
        *(shop, till.member, other.member, "one person", MANAGER),
        operator_id="zhou",
        request_id="merge",
    )
    other.fill(TEE)
    other.spend_points(60)
    sale = other.pay()
    (edge,) = (each.edge for each in merges.merges_of(members.find(till.member)))
    merges.unmerge(
        *(shop, edge, "two people", MANAGER),
        operator_id="zhou",
        request_id="unmerge",
    )
    clock.at_ms += 40 * DAY_MS
    chosen(other, sale, (1, 1))
    other.settle()
    rows = [(each.entry.kind, each.entry.delta) for each in points.statement(group(till.member))[0]]
    assert rows == [("restored", 60), ("expired", -40), ("spent", -60), ("adjusted", 100)]
    assert till.points == 60
    assert books.differences() == []


def test_whoever_sent_a_newcomer_has_their_points_on_no_paper_of_the_newcomers(till: Till) -> None:
    till.earns(1, referral=Referral(referrer_points=500, newcomer_points=20, window_days=7))
    friend = Till(till.shop, "13900139000")
    referrals.refer(till.shop, friend.member, till.member, operator_id="zhou")
    friend.fill(TEE)
    paper = member_papers.on_paper(friend.pay())
    assert paper is not None and paper.earned == 99 + 20
