"""The best choice at the till: proposed for a bag, taken whole or not at all, undone, and paid."""

from __future__ import annotations

import threading
from copy import copy
from dataclasses import replace
from pathlib import Path

import pytest
from msgspec import structs

from services.domain.basket import Basket
from services.domain.coupon_errors import CouponRefused
from services.domain.errors import BasketChanged, PaymentOpen, PointsRefused, ShopError
from services.domain.member_errors import MemberUnknown
from services.domain.points_rules import Discount
from services.flows import (
    bag_rewards,
    baskets,
    best_choice,
    coupon_moves,
    coupon_templates,
    coupons,
    prices,
    tiers,
)
from services.flows.best_choice import Proposal
from services.flows.shop import Shop
from services.store import books, db
from tests.faults import each_failure
from tests.flows.loyal import Till
from tests.flows.test_tiers import gold
from tests.shop import JEANS, SOCKS, TEE, Clock, make_shop

DAY_MS = 86_400_000
RACES = 50
HUNDRED = Discount(points=100, minor=1_00)


def proposed(till: Till) -> Proposal:
    found = best_choice.propose(till.shop, till.bag)
    assert found is not None
    return found


def take(till: Till, proposal: Proposal, bag: Basket) -> Basket:
    """As somebody who was shown the proposal for this bag."""
    best = proposal.found.best
    ids = [each.coupon_id for each in best.coupons]
    return best_choice.take(
        till.shop, till.till, ids, best.points, basket_id=bag.basket_id, version=bag.version
    )


def clear(till: Till) -> Basket:
    bag = till.bag
    return best_choice.take(till.shop, till.till, (), 0, basket_id=bag.basket_id, version=bag.version)


def stands(coupon_id: str) -> tuple[str, str]:
    """(state, the bag that keeps it)."""
    row = db.LEDGER.execute_sql("SELECT state, reserved_by FROM coupon WHERE coupon_id = ?", (coupon_id,))
    return tuple(row.fetchone())


def rich(shop: Shop, key: str = "1") -> Till:
    till = Till(shop, key=key)
    till.earns(1, discount=HUNDRED)
    till.give_points(1_250)
    return till


def test_coupon_and_points_are_proposed_taken_undone_and_paid(shop: Shop) -> None:
    till = rich(shop)
    small, large = till.coupon(face_minor=20_00), till.coupon(face_minor=50_00)
    till.fill(TEE, JEANS)
    shown = till.bag
    first = proposed(till)
    assert ([each.coupon_id for each in first.found.best.coupons], first.found.best.points) == (
        [large],
        1_200,
    )
    assert (first.found.plain_minor, first.found.best.pays_minor) == (428_00, 366_00)
    assert [428_00 - each.pays_minor for each in first.found.others] == [50_00, 32_00, 20_00, 12_00]
    assert (first.found.reason, first.taken) == ("saves_more", False)
    assert till.bag == shown and stands(large) == ("issued", ""), "looking spends nothing"

    after = take(till, first, shown)
    assert (after.coupons, after.points, till.due_minor) == ((large,), 1_200, 366_00)
    assert stands(large) == ("issued", after.basket_id)
    assert proposed(till).taken
    assert take(till, first, shown) == after, "a lost answer and another tap spend nothing twice"

    clear(till)
    assert (till.bag.coupons, till.bag.points, till.due_minor) == ((), 0, 428_00)
    assert stands(large) == ("issued", "")
    take(till, proposed(till), till.bag)
    till.pay()
    assert (stands(large)[0], stands(small)[0]) == ("used", "issued")
    assert till.points == 50 + 366
    assert books.differences() == []


def test_what_was_put_on_by_hand_gives_way_and_an_undo_brings_it_back(shop: Shop) -> None:
    till = rich(shop)
    small, large = till.coupon(face_minor=20_00), till.coupon(face_minor=50_00)
    till.fill(TEE)
    till.use(small)
    till.spend_points(300)
    before = till.bag
    after = take(till, proposed(till), before)
    assert (after.coupons, stands(small), stands(large)[1]) == ((large,), ("issued", ""), after.basket_id)
    back = best_choice.take(
        *(shop, "1", before.coupons, before.points), basket_id=after.basket_id, version=after.version
    )
    assert (back.coupons, back.points) == (before.coupons, before.points)
    assert (stands(small)[1], stands(large)) == (back.basket_id, ("issued", ""))


def test_the_tiers_price_counts_before_what_is_proposed(shop: Shop) -> None:
    till = rich(shop)
    till.coupon(kind="percent", face_minor=0, face_bp=1_000)
    tiers.publish(shop, gold(1), operator_id="he", seen_version=0)
    till.fill(TEE)
    till.pay()
    assert tiers.held_by(tiers.program(), (till.member,)).tier == "gold"
    till.fill(JEANS)
    found = proposed(till).found
    assert found.plain_minor == 312_55  # 5 % less
    assert found.best.pays_minor == 312_55 - 31_26 - 13_00  # the sale before gave 99 points


def test_of_equal_coupons_the_one_that_ends_first_goes_first(shop: Shop) -> None:
    till = Till(shop)
    first = till.coupon()
    template = coupon_moves.find(first).template_id
    approval = {"reason": "gift", "operator_id": "he"}
    more = [coupons.give(shop, template, till.member, request_id=f"k-{n}", **approval) for n in range(2)]
    soon = more[1].coupon_id
    with db.write():
        db.LEDGER.execute_sql("UPDATE coupon SET last_day = '2026-11-30' WHERE coupon_id = ?", (soon,))
    till.fill(TEE)
    found = proposed(till).found
    assert ([each.coupon_id for each in found.best.coupons], found.reason) == ([soon], "ends_sooner")


def test_a_bag_that_changed_since_is_not_charged_by_an_old_proposal(shop: Shop) -> None:
    till = rich(shop)
    coupon = till.coupon(min_spend_minor=100_00)
    till.fill(TEE, SOCKS)
    shown, old = till.bag, proposed(till)
    assert [each.coupon_id for each in old.found.best.coupons] == [coupon]
    baskets.set_quantity(shop, "1", 2, 0, basket_id=shown.basket_id)
    with pytest.raises(BasketChanged):
        take(till, old, shown)
    assert (till.bag.coupons, till.bag.points, stands(coupon)) == ((), 0, ("issued", ""))
    now = proposed(till).found.best
    assert (now.coupons, now.points) == ((), 1_200)
    till.pay()
    with pytest.raises(BasketChanged):
        take(till, old, shown)  # the next customer's bag


def test_a_coupon_that_another_till_keeps_is_neither_proposed_nor_taken(shop: Shop) -> None:
    till = rich(shop)
    coupon = till.coupon(face_minor=50_00)
    till.fill(TEE)
    shown, old = till.bag, proposed(till)
    other = baskets.current(shop, "2")
    coupons.reserve(shop, coupon, basket_id=other.basket_id, group=(till.member,))
    with pytest.raises(CouponRefused) as refused:
        take(till, old, shown)
    assert refused.value.details["why"] == "reserved"
    assert (till.bag, till.bag.points) == (shown, 0), "points are not spent without the coupon"
    best = proposed(till).found.best
    assert (best.coupons, best.points) == ((), 1_200)
    coupons.release(other.basket_id)
    assert [each.coupon_id for each in proposed(till).found.best.coupons] == [coupon]


def test_a_coupon_that_ended_in_between_is_refused_and_proposed_no_more(shop: Shop, clock: Clock) -> None:
    till = rich(shop)
    till.coupon(face_minor=50_00, days=1)
    till.fill(TEE)
    shown, old = till.bag, proposed(till)
    clock.at_ms += DAY_MS
    with pytest.raises(CouponRefused) as refused:
        take(till, old, shown)
    assert refused.value.details["why"] == "expired"
    assert till.bag == shown
    assert proposed(till).found.best.coupons == ()


def test_points_that_went_elsewhere_meanwhile_are_refused_with_the_coupon(shop: Shop) -> None:
    till = rich(shop)
    coupon = till.coupon()
    till.fill(TEE)
    shown, old = till.bag, proposed(till)
    till.give_points(-1_000)
    with pytest.raises(PointsRefused):
        take(till, old, shown)
    assert (till.bag, stands(coupon)) == (shown, ("issued", ""))


def test_nothing_is_proposed_for_nobody_for_nothing_or_once_paying_began(shop: Shop) -> None:
    till = rich(shop)
    till.coupon()
    assert best_choice.propose(shop, till.bag) is None
    till.fill(TEE, known=False)
    assert best_choice.propose(shop, till.bag) is None
    till.fill()
    shown, found = till.bag, proposed(till)
    till.recharge(50_00, 0)
    till.pay_stored(10_00)
    assert best_choice.propose(shop, till.bag) is None
    with pytest.raises(PaymentOpen):
        take(till, found, till.bag)
    assert replace(till.bag, payments=(), version=shown.version) == shown
    poor = Till(shop, "13812345621", "2")
    poor.fill(TEE)
    assert best_choice.propose(shop, poor.bag) is None


def test_somebody_elses_coupon_or_nobodys_points_are_not_taken(shop: Shop) -> None:
    till, other = rich(shop), Till(shop, "13812345621", "2")
    theirs = other.coupon()
    till.fill(TEE)
    for ids, points, refusal in (((theirs,), 0, CouponRefused), (("none",), 0, ShopError)):
        with pytest.raises(refusal):
            best_choice.take(
                *(shop, "1", ids, points), basket_id=till.bag.basket_id, version=till.bag.version
            )
    other.fill(SOCKS, known=False)
    with pytest.raises(MemberUnknown):
        best_choice.take(shop, "2", (), 100, basket_id=other.bag.basket_id, version=other.bag.version)


def test_whatever_fails_all_of_it_is_taken_or_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop = make_shop()
    tills: list[Till] = []
    small: list[str] = []

    def prepare(_: int) -> tuple[Till, Proposal, Basket]:
        if not tills:
            tills.append(rich(shop))
            small.append(tills[0].coupon(face_minor=20_00))
            tills[0].coupon(face_minor=50_00)
            tills[0].fill(TEE)
        till = tills[0]
        clear(till)
        till.use(small[0])
        return till, proposed(till), till.bag

    def look() -> object:
        rows = db.LEDGER.execute_sql(
            "SELECT coupon_id, state, reserved_by FROM coupon ORDER BY 1"
        ).fetchall()
        return rows, tills[0].bag.coupons, tills[0].bag.points

    each_failure(monkeypatch, tmp_path, prepare, lambda case: take(*case), look)


def test_points_that_are_on_the_bag_are_as_many_as_could_be(shop: Shop) -> None:
    till = rich(shop)
    till.earns(1, discount=Discount(points=10, minor=1_00, share_bp=5_000))
    till.coupon(face_minor=20_00)
    till.fill(TEE)
    take(till, proposed(till), till.bag)
    assert till.due_minor == 79_00 - 39_00
    held = bag_rewards.points_of(shop, till.bag, prices.priced(shop, till.bag))
    assert (held.most, held.worth_minor) == (390, 39_00)


def test_what_is_proposed_is_what_it_costs_also_where_points_come_in_large_steps(shop: Shop) -> None:
    till = rich(shop)
    till.earns(1, discount=Discount(points=500, minor=50_00, share_bp=5_000))
    for face in (30_00, 29_50):
        till.coupon(face_minor=face)
    till.fill(TEE, SOCKS)
    found = proposed(till).found
    take(till, proposed(till), till.bag)
    assert prices.priced(shop, till.bag).total.minor == found.best.pays_minor == till.due_minor


def test_as_many_of_a_kind_as_go_into_one_sale_are_proposed_together(shop: Shop) -> None:
    till = Till(shop)
    first = till.coupon(stackable=True, sale_max=2)
    template_id = coupon_moves.find(first).template_id
    for n in range(2):
        coupons.give(
            *(shop, template_id, till.member), reason="gift", operator_id="he", request_id=f"again-{n}"
        )
    till.fill(TEE)
    found = proposed(till).found
    assert (len(found.best.coupons), found.best.pays_minor) == (2, 59_00)
    assert [99_00 - each.pays_minor for each in found.others] == [20_00], "each kind of choice once"
    take(till, proposed(till), till.bag)
    assert till.due_minor == 59_00 and proposed(till).taken


def test_a_kinds_limit_for_one_sale_counts_all_its_versions(shop: Shop) -> None:
    till = Till(shop)
    first = till.coupon(stackable=True, sale_max=2)
    kind = coupons.template_of(coupon_moves.find(first))
    for n, version in enumerate((kind, structs.replace(kind, face_minor=25_00))):
        coupon_templates.publish(shop, version, operator_id="he", request_id=f"version-{n}")
        for again in range(2):
            coupons.give(
                *(shop, kind.template_id, till.member),
                reason="gift",
                operator_id="he",
                request_id=f"more-{n}-{again}",
            )
    till.fill(JEANS)
    found = proposed(till).found
    assert (found.best.pays_minor, found.bounded) == (329_00 - 2 * 25_00, False)
    take(till, proposed(till), till.bag)
    assert till.due_minor == found.best.pays_minor


def test_two_tills_that_take_the_same_coupon_at_once_share_it_never(shop: Shop) -> None:
    """One member at two tills, both shown the same: one gets all of it, the other nothing."""
    till = rich(shop)
    till.coupon(face_minor=50_00)
    till.fill(TEE)
    other = copy(till)
    other.till = "2"
    other.fill(JEANS)
    for _ in range(RACES):
        won: list[str] = []

        def tap(one: Till, old: Proposal, bag: Basket, won: list[str] = won) -> None:
            try:
                take(one, old, bag)
            except CouponRefused:
                return
            won.append(one.till)

        shown = [(each, proposed(each), each.bag) for each in (till, other)]
        pair = [threading.Thread(target=tap, args=each) for each in shown]
        for thread in pair:
            thread.start()
        for thread in pair:
            thread.join()
        assert len(won) == 1
        winner, loser = (till, other) if won == ["1"] else (other, till)
        assert (len(winner.bag.coupons), winner.bag.points) == (1, 1_200)
        assert (loser.bag.coupons, loser.bag.points) == ((), 0)
        clear(winner)
    assert books.differences() == []
