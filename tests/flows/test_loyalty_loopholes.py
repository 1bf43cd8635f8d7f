"""What somebody might try with points, tiers, coupons and stored value to have more than is theirs."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import pytest

from services.domain.errors import ReferralRefused, TenderRefused
from services.domain.offers import ORDER, Terms
from services.domain.points_rules import Book, EarningRule, Referral
from services.domain.points_rules import Terms as PointsTerms
from services.domain.settlement import Rounding
from services.domain.tender_errors import ProofNeeded, StoredValueFrozen, StoredValueRefused
from services.domain.tiers import Benefits, Need, Program, Tier
from services.flows import (
    coupon_moves,
    coupon_templates,
    coupons,
    member_privacy,
    merges,
    payments,
    points,
    points_rules,
    promotions,
    referrals,
    returns,
    stored_value,
    stored_value_accounts,
    stored_value_moves,
    stored_value_payments,
    tiers,
)
from services.flows.shop import Shop
from services.store import books
from services.store.members import group
from services.store.sales import Sale
from tests.flows.loyal import MANAGER, TWENTY, Till
from tests.flows.test_gift_cards import put_card, sell_card
from tests.shop import JEANS, SOCKS, TEE, Clock

DAY_MS = 86_400_000
OTHER = "13912345620"


@pytest.fixture
def quality() -> list[str]:
    return ["ntp"]


@pytest.fixture
def shop(shop: Shop, quality: list[str]) -> Shop:
    return replace(shop, cash_rounding=Rounding(100, "down"), clock_quality=lambda: quality[0])


@pytest.fixture
def till(shop: Shop) -> Till:
    return Till(shop)


def gold(shop: Shop, need: Need, gift: str = "") -> None:
    tier = Tier(
        key="gold",
        rank=1,
        label_zh="金卡",
        label_en="Gold",
        rule=need,
        benefits=Benefits(discount_bp=500, gift=gift),
        stay_days=30,
    )
    tiers.publish(shop, Program(tiers=(tier,)), seen_version=0, operator_id="he")


def tier(till: Till) -> str:
    return tiers.view(till.shop, group(till.member)).standing.tier


def one_person(shop: Shop, till: Till, other: Till) -> None:
    merges.merge(
        *(shop, till.member, other.member, "one person", MANAGER),
        operator_id="zhou",
        request_id=f"merge-{other.member}",
    )


def freeze(till: Till) -> None:
    stored_value_accounts.change(
        *(till.shop, till.member, "frozen"),
        reason="lost",
        approval=None,
        operator_id="zhou",
        request_id="freeze",
    )


def offer(shop: Shop, least_minor: int, off_minor: int, terms: Terms) -> None:
    draft = promotions.Draft(
        kind="spend_and_save",
        layer=ORDER,
        label_zh="满减",
        label_en="Spend and save",
        terms=terms,
        params={"steps": [{"threshold_minor": least_minor, "amount_minor": off_minor}]},
    )
    promotions.publish(shop, draft, operator_id="he", request_id=shop.new_id())


def wallet(till: Till) -> list[str]:
    return sorted(each.state for each in coupons.wallet((till.member,)))


def test_points_that_went_with_their_goods_lead_to_no_tier(till: Till) -> None:
    gold(till.shop, Need("points", 150))
    till.earns(1)
    for _ in range(3):
        till.fill(TEE)
        till.take_back(till.pay(), (1, 1))
    till.fill(SOCKS)
    till.pay()
    assert (till.points, tier(till)) == (29, "")
    for _ in range(2):
        till.fill(TEE)
        till.pay()
    assert tier(till) == "gold"


def test_a_gift_that_went_unused_with_its_sale_comes_again_and_one_that_was_used_does_not(
    till: Till,
) -> None:
    shop = till.shop
    gift = coupon_templates.publish(shop, TWENTY, operator_id="he", request_id="gift").template_id
    gold(shop, Need("spend_minor", 300_00), gift)
    for _ in range(2):
        till.fill(JEANS)
        till.void(till.pay())
    assert (tier(till), wallet(till)) == ("", ["cancelled", "cancelled"])
    till.fill(JEANS)
    sale = till.pay()
    assert wallet(till) == ["cancelled", "cancelled", "issued"]
    (mine,) = [each for each in coupons.wallet((till.member,)) if each.state == "issued"]
    till.fill(TEE)
    till.use(mine.coupon_id)
    till.take_back(till.pay(), (1, 1))
    till.fill(TEE)
    till.use(mine.coupon_id)
    used = till.pay()
    till.take_back(sale, (1, 1))
    till.fill(JEANS)
    till.pay()
    assert used.total.minor < 99_00 and tier(till) == "gold"
    assert wallet(till) == ["cancelled", "cancelled", "used"], "up again, and no second gift"
    assert books.differences() == []


def test_what_a_member_may_have_once_a_person_has_once_whatever_ids_they_had(till: Till) -> None:
    shop = till.shop
    offer(shop, 50_00, 10_00, Terms(uses_per_member=1))
    other = Till(shop, OTHER)
    other.fill(TEE)
    first = other.pay()
    assert first.total.minor == 89_00
    one_person(shop, till, other)
    till.fill(TEE)
    assert till.due_minor == 99_00
    till.pay()
    other.take_back(first, (1, 1))
    till.fill(TEE)
    assert till.pay().total.minor == 89_00, "its use came back"
    assert books.differences() == []


def test_a_bag_that_names_the_id_which_was_absorbed_uses_what_the_person_has(till: Till) -> None:
    """Filled before the two became one, at the other till, and paid first: the older id has none left."""
    shop = till.shop
    offer(shop, 50_00, 10_00, Terms(uses_per_member=1))
    other = Till(shop, OTHER, key="2")
    other.fill(TEE)
    one_person(shop, till, other)
    assert other.pay().total.minor == 89_00
    till.fill(TEE)
    assert till.due_minor == 99_00
    till.pay()
    assert books.differences() == []


def test_a_lost_card_pays_out_no_recharge_of_any_id(till: Till) -> None:
    shop = till.shop
    other = Till(shop, OTHER)
    other.recharge(100_00, 0)
    (move,) = stored_value.statement((other.member,))
    one_person(shop, till, other)
    freeze(till)
    with pytest.raises(StoredValueFrozen):
        stored_value.cash_out(
            *(shop, "1", move.move_id),
            reason="shop",
            shown_minor=100_00,
            tender="cash",
            approval=MANAGER,
            operator_id="zhou",
            request_id="out",
        )
    assert stored_value_moves.balance(shop, group(till.member)).total == 100_00


def test_an_account_that_is_stopped_while_it_pays_pays_nothing(till: Till) -> None:
    shop = till.shop
    till.recharge(100_00, 0)
    till.fill(TEE)
    till.pay_stored(99_00)
    freeze(till)
    with pytest.raises(StoredValueFrozen):
        till.settle()
    (promised,) = till.bag.paid
    payments.answer(
        *(shop, "1", promised.payment_id), state="reversed", reason="stopped", operator_id="zhou"
    )
    till.pay()
    assert stored_value_moves.balance(shop, (till.member,)).total == 100_00
    assert books.differences() == []


def test_a_large_payment_in_parts_needs_the_proof_of_a_large_one(till: Till) -> None:
    shop = till.shop
    till.recharge(1_000_00, 0)
    till.fill(JEANS)

    def pay(minor: int, *, present: bool = False) -> None:
        stored_value_payments.redeem(
            *(shop, "1"),
            basket_id=till.bag.basket_id,
            version=till.bag.version,
            amount_minor=minor,
            present=present,
            operator_id="zhou",
            request_id=shop.new_id(),
        )

    pay(150_00)
    pay(50_00)
    with pytest.raises(ProofNeeded):
        pay(1_00)
    pay(129_00, present=True)
    assert [each.amount.minor for each in till.settle().tenders] == [150_00, 50_00, 129_00]


def test_bonus_lives_no_longer_for_a_cheap_thing_that_comes_back_each_month(
    till: Till, clock: Clock
) -> None:
    till.recharge(100_00, 100_00, bonus_days=30)

    def buy() -> Sale:
        till.fill(SOCKS)
        till.pay_stored(10_00)
        return till.settle(19_00)

    clock.at_ms += 29 * DAY_MS
    till.take_back(buy(), (1, 1))
    sale = buy()
    clock.at_ms += 2 * DAY_MS
    assert stored_value_moves.balance(till.shop, (till.member,)) == (95_00, 0)
    till.take_back(sale, (1, 1))
    assert stored_value_moves.balance(till.shop, (till.member,)) == (100_00, 5_00), "good for the grace"
    clock.at_ms += 30 * DAY_MS
    assert stored_value_moves.balance(till.shop, (till.member,)).bonus == 5_00
    clock.at_ms += DAY_MS
    assert stored_value_moves.balance(till.shop, (till.member,)).bonus == 0
    assert books.differences() == []


def test_bonus_becomes_no_cash_by_way_of_a_return(till: Till) -> None:
    shop = till.shop
    till.recharge(100_00, 100_00)
    till.fill(TEE)
    till.pay_stored(99_00)
    sale = till.settle()
    till.bring(sale, (1, 1))
    with pytest.raises(TenderRefused):
        returns.pay_back_with(
            *(shop, "1"),
            basket_id=till.bag.basket_id,
            tender_number=1,
            key="cash",
            approval=MANAGER,
            operator_id="zhou",
        )
    assert [each.key for each in till.settle().tenders] == ["stored_value"]


def test_money_of_whoever_was_erased_goes_back_in_cash_and_onto_no_account(till: Till) -> None:
    """Nobody could use it there. Undone whole it would go there: that is refused, and a return is made."""
    shop = till.shop
    till.earns(1)
    till.recharge(90_00, 9_00)
    till.fill(TEE)
    till.pay_stored(99_00)
    sale = till.settle()
    assert till.points == 90
    member_privacy.erase(shop, till.member, MANAGER, operator_id="zhou", request_id="erase")
    with pytest.raises(StoredValueRefused) as refused:
        till.void(sale)
    assert refused.value.details["why"] == "erased"
    back = till.take_back(sale, (1, 1))
    assert [(each.key, each.amount.minor) for each in back.tenders] == [("cash", -99_00)]
    assert points.look(shop, (till.member,)).balance == 0
    assert stored_value_moves.balance(shop, (till.member,)) == (0, 0)
    assert books.differences() == []


def test_nobody_is_sent_by_whom_they_sent_in_a_ring_of_any_length(till: Till) -> None:
    shop = till.shop
    till.earns(1, referral=Referral(referrer_points=50, newcomer_points=20, window_days=7))
    ring = [till, *(Till(shop, f"1390013900{n}") for n in range(3))]
    for sender, sent in pairwise(ring):
        referrals.refer(shop, sent.member, sender.member, operator_id="zhou")
    for sender in ring[1:]:
        with pytest.raises(ReferralRefused) as refused:
            referrals.refer(shop, till.member, sender.member, operator_id="zhou")
        assert refused.value.details["why"] == "ring"


def test_a_gift_card_is_no_first_purchase_and_a_sale_undone_whole_was_none(till: Till) -> None:
    shop = till.shop
    put_card()
    first = EarningRule(
        rule_id="first", kind="first_purchase", label_zh="首单", label_en="First", points=100
    )
    book = Book(
        terms=PointsTerms(points=1, per_minor=100),
        earning=(first,),
        referral=Referral(referrer_points=50, newcomer_points=20, window_days=7),
    )
    points_rules.change(shop, book, seen_version=0, operator_id="he")
    friend = Till(shop, OTHER)
    referrals.refer(shop, friend.member, till.member, operator_id="zhou")
    friend.fill(known=True)
    sell_card(shop)
    assert (friend.points, points.look(shop, (till.member,)).pending) == (0, 0)
    for _ in range(2):
        friend.fill(TEE)
        sale = friend.pay()
        assert (friend.points, points.look(shop, (till.member,)).pending) == (199, 50)
        friend.void(sale)
        assert (friend.points, points.look(shop, (till.member,)).pending) == (0, 0)
    friend.fill(TEE)
    sale = friend.pay()
    assert points.look(shop, (till.member,)).pending == 50
    friend.take_back(sale, (1, 1))
    friend.fill(TEE)
    friend.pay()
    assert points.look(shop, (till.member,)).pending == 0, "the first was brought back: none is, any more"
    assert books.differences() == []


def test_who_pays_more_for_what_is_kept_keeps_the_points_of_that(till: Till) -> None:
    """428 less 60; without the tee the jeans cost their 329, and 39 come back."""
    offer(till.shop, 400_00, 60_00, Terms(on_return="recompute"))
    gold(till.shop, Need("spend_minor", 329_00))
    till.earns(1)
    till.fill(TEE, JEANS)
    sale = till.pay()
    till.take_back(sale, (1, 1))
    assert tier(till) == "gold", "and what was paid for it counts"
    till.take_back(sale, (2, 1))
    assert (till.points, tier(till)) == (0, "")
    for order in ((1, 2), (2, 1)):
        till.fill(TEE, JEANS)
        sale = till.pay()
        paid_minor = sale.total.minor
        assert till.points == paid_minor // 100 == 368
        for line in order:
            paid_minor += till.take_back(sale, (line, 1)).total.minor
            assert till.points == paid_minor // 100
        assert paid_minor == 0
    assert books.differences() == []


def test_a_clock_that_is_not_to_be_trusted_ends_nothing_for_good(
    till: Till, clock: Clock, quality: list[str]
) -> None:
    """A box whose clock battery is dead starts in another year; then the network says what time it is."""
    shop, begun_ms = till.shop, clock.at_ms
    gold(shop, Need("spend_minor", 300_00))
    till.recharge(100_00, 100_00, bonus_days=30)
    coupon = till.coupon()
    till.fill(JEANS)
    till.pay()
    quality[0] = "saved"
    clock.at_ms += 4_000 * DAY_MS
    assert stored_value.expire_all(shop) == coupons.expire_all(shop) == tiers.sweep(shop) == 0
    till.fill(TEE)
    till.pay_stored(10_00)
    till.take_back(till.settle(till.due_minor - 10_00), (1, 1))
    quality[0], clock.at_ms = "ntp", begun_ms + DAY_MS
    assert coupon_moves.find(coupon).state == "issued"
    assert stored_value_moves.balance(shop, (till.member,)) == (100_00, 100_00)
    assert tier(till) == "gold"
    clock.at_ms += 30 * DAY_MS
    assert (stored_value.expire_all(shop), coupons.expire_all(shop)) == (1, 1)
    assert books.differences() == []
