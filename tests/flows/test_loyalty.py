"""Everything of a member in one bag: priced, used up and given back with the sale, or not at all."""

from __future__ import annotations

import threading
from dataclasses import replace
from pathlib import Path

import msgspec
import pytest

from drivers.contracts import Align, Qr, Row, Text
from services.domain.coupon_errors import CouponRefused
from services.domain.errors import BasketChanged, PaymentOpen, PointsRefused, ShopError
from services.domain.offers import ORDER, Goods, Terms
from services.domain.points_rules import Discount, Referral
from services.domain.settlement import Rounding
from services.domain.tier_presets import PRESETS
from services.domain.tiers import Benefits, Need, Program, Tier
from services.flows import (
    bag_rewards,
    baskets,
    coupon_moves,
    coupon_templates,
    coupons,
    customers,
    members,
    parking,
    promotions,
    referrals,
    spool,
    stored_value_moves,
    tiers,
)
from services.flows.shop import Shop
from services.store import books, db
from services.store import coupons as stored
from services.store.sales import Sale
from tests.faults import each_failure
from tests.flows.loyal import MANAGER, TWENTY, Till
from tests.shop import JEANS, SOCKS, TEE, Clock, make_shop

DAY_MS = 86_400_000
RACES = 50  # a thousand with --soak


@pytest.fixture
def shop(shop: Shop) -> Shop:
    return replace(shop, cash_rounding=Rounding(100, "down"))


def state(coupon_id: str) -> str:
    return coupon_moves.find(coupon_id).state


def test_a_coupon_takes_its_face_off_once(shop: Shop) -> None:
    till = Till(shop)
    coupon = till.coupon()
    till.fill(TEE)
    till.use(coupon)
    till.use(coupon)  # a repeat
    assert till.due_minor == 79_00 and till.bag.coupons == (coupon,)
    sale = till.pay()
    assert (sale.total.minor, state(coupon)) == (79_00, "used")
    (given,) = [each for line in sale.lines for each in line.adjustments]
    assert (given.layer, given.amount.minor, given.label_zh) == (5, -20_00, "20 元券")
    till.fill(TEE)
    with pytest.raises(CouponRefused):
        till.use(coupon)
    assert till.due_minor == 99_00
    assert books.differences() == []


def test_it_is_taken_off_again_and_kept_from_others_meanwhile(shop: Shop) -> None:
    one, two = Till(shop), Till(shop, key="2")
    coupon = one.coupon(member_id="", bearer=True)
    one.fill(TEE)
    two.fill(JEANS, known=False)
    one.use(coupon)
    with pytest.raises(CouponRefused):
        two.use(coupon)
    one.use(coupon, wanted=False)
    assert one.due_minor == 99_00
    two.use(coupon)
    assert two.due_minor == 309_00, "whoever has it, also somebody unknown"
    two.pay()
    assert state(coupon) == "used"


def test_what_it_took_comes_back_with_the_last_line_that_carried_it(shop: Shop) -> None:
    till = Till(shop)
    coupon = till.coupon(goods=Goods(skus=(TEE, JEANS)))
    till.fill(TEE, JEANS, SOCKS)
    till.use(coupon)
    sale = till.pay()
    till.take_back(sale, (3, 1))
    till.take_back(sale, (1, 1))
    assert state(coupon) == "used"
    till.take_back(sale, (2, 1))
    assert state(coupon) == "issued"
    assert books.differences() == []


def test_a_void_gives_it_back(shop: Shop) -> None:
    till = Till(shop)
    coupon = till.coupon()
    till.fill(TEE)
    till.use(coupon)
    till.void(till.pay())
    assert state(coupon) == "issued"
    assert books.differences() == []


def test_parked_with_a_coupon_that_is_used_elsewhere_it_is_priced_without(shop: Shop) -> None:
    one, two = Till(shop), Till(shop, key="2")
    coupon = one.coupon()
    one.fill(TEE)
    one.use(coupon)
    row = parking.park(
        shop,
        "1",
        basket_id=one.bag.basket_id,
        version=one.bag.version,
        reason="phone_call",
        note="",
        operator_id="zhou",
        request_id=shop.new_id(),
    )
    two.fill(JEANS)
    two.use(coupon)
    two.pay()
    parking.resume(shop, "1", row.parked_id, operator_id="zhou", request_id=shop.new_id())
    assert (one.due_minor, one.bag.coupons) == (99_00, (coupon,))
    one.pay()
    assert books.differences() == []


def test_resumed_it_still_counts(shop: Shop) -> None:
    till = Till(shop)
    coupon = till.coupon()
    till.fill(TEE)
    till.use(coupon)
    row = parking.park(
        shop,
        "1",
        basket_id=till.bag.basket_id,
        version=till.bag.version,
        reason="phone_call",
        note="",
        operator_id="zhou",
        request_id=shop.new_id(),
    )
    parking.resume(shop, "2", row.parked_id, operator_id="zhou", request_id=shop.new_id())
    other = Till(shop, key="2")
    assert other.due_minor == 79_00
    other.pay()
    assert state(coupon) == "used"


def test_so_many_of_a_kind_as_go_into_one_sale_each_take_their_own_off(shop: Shop) -> None:
    till = Till(shop)
    kind = dict(stackable=True, sale_max=2, min_spend_minor=50_00)
    first = till.coupon(**kind)
    template = coupon_moves.find(first).template_id
    second, third = (
        coupons.give(
            *(shop, template, till.member),
            reason="gift",
            approval=MANAGER,
            operator_id="zhou",
            request_id=f"more-{n}",
        ).coupon_id
        for n in range(2)
    )
    till.fill(TEE)
    for coupon in (first, second):
        till.use(coupon)
    with pytest.raises(CouponRefused) as refused:
        till.use(third)
    assert refused.value.details == {"why": "sale_max", "most": 2}
    assert till.due_minor == 59_00
    till.use(first, wanted=False)
    assert till.due_minor == 79_00
    till.use(first)
    sale = till.pay()
    assert [state(each) for each in (first, second, third)] == ["used", "used", "issued"]
    taken = [each for line in sale.lines for each in line.adjustments]
    assert [(each.source, each.amount.minor) for each in taken] == [(f"{template}.1", -20_00)] * 2
    assert books.differences() == []
    till.take_back(sale, (1, 1))
    assert [state(each) for each in (first, second)] == ["issued", "issued"]
    assert books.differences() == []


def parked(till: Till) -> str:
    row = parking.park(
        *(till.shop, till.till),
        basket_id=till.bag.basket_id,
        version=till.bag.version,
        reason="phone_call",
        note="",
        operator_id="zhou",
        request_id=till.shop.new_id(),
    )
    return row.parked_id


def resumed(till: Till, parked_id: str) -> None:
    parking.resume(till.shop, till.till, parked_id, operator_id="zhou", request_id=till.shop.new_id())


def tiered(shop: Shop, *, same_sale: bool = False) -> None:
    gold = Tier(
        key="gold",
        rank=1,
        label_zh="金卡",
        label_en="Gold",
        rule=Need("spend_minor", 300_00),
        benefits=Benefits(discount_bp=500),
        stay_days=30,
    )
    program = Program(tiers=(gold,), same_sale=same_sale)
    tiers.publish(shop, program, seen_version=0, operator_id="he")


def test_where_the_shop_says_so_the_sale_that_reaches_a_tier_has_its_prices_once(shop: Shop) -> None:
    """329 reaches 300 and costs 312.55; 303 would cost 287.85, and has reached it all the same."""
    tiered(shop, same_sale=True)
    till, other = Till(shop), Till(shop, "13912345620")
    till.fill(TEE)
    assert till.due_minor == 99_00
    till.fill(JEANS)
    assert till.due_minor == 94_05 + 312_55
    sale = till.pay()
    assert tiers.view(shop, (till.member,)).standing.tier == "gold"
    till.void(sale)
    assert tiers.view(shop, (till.member,)).standing.tier == ""
    with db.write():
        db.LEDGER.execute_sql("UPDATE article SET price_minor = 30300 WHERE sku = ?", (JEANS,))
    other.fill(JEANS)
    assert other.due_minor == 287_85
    other.pay()
    assert tiers.view(shop, (other.member,)).standing.tier == "gold"
    other.fill(TEE)
    assert other.due_minor == 94_05
    assert books.differences() == []


def test_a_bag_that_waits_keeps_its_members_tier_to_the_end_of_the_day(shop: Shop, clock: Clock) -> None:
    tiered(shop)
    till = Till(shop)
    till.fill(JEANS)
    sale = till.pay()
    till.fill(TEE)
    assert till.due_minor == 94_05
    waits = parked(till)
    till.void(sale)
    assert tiers.view(shop, (till.member,)).tier is None
    resumed(till, waits)
    assert till.due_minor == 94_05, "what was said to the customer holds"
    again = parked(till)
    resumed(till, again)
    assert till.due_minor == 94_05
    last = parked(till)
    clock.at_ms += DAY_MS
    resumed(till, last)
    assert till.due_minor == 99_00
    till.pay()
    assert books.differences() == []


def test_a_tier_that_was_reached_while_the_bag_waited_counts_at_once(shop: Shop) -> None:
    tiered(shop)
    till = Till(shop)
    till.fill(TEE)
    waits = parked(till)
    till.fill(JEANS)
    till.pay()
    resumed(till, waits)
    assert till.due_minor == 94_05


def test_another_members_bag_has_nothing_of_the_tier_it_waited_with(shop: Shop) -> None:
    tiered(shop)
    till, other = Till(shop), Till(shop, "13912345620")
    till.fill(JEANS)
    till.pay()
    till.fill(TEE)
    waits = parked(till)
    resumed(till, waits)
    customers.name(shop, "1", other.member, basket_id=till.bag.basket_id)
    assert till.due_minor == 99_00


def test_one_that_ended_while_the_bag_stood_open_takes_nothing_off(shop: Shop, clock: Clock) -> None:
    till = Till(shop)
    coupon = till.coupon()
    till.fill(TEE)
    till.use(coupon)
    assert till.due_minor == 79_00
    clock.at_ms += 31 * DAY_MS
    assert till.due_minor == 99_00
    assert till.pay().total.minor == 99_00
    assert state(coupon) == "issued"


def test_neither_late_nor_after_something_was_paid(shop: Shop) -> None:
    till = Till(shop)
    coupon = till.coupon()
    till.recharge(100_00, 10_00)
    till.fill(TEE)
    with pytest.raises(BasketChanged):
        bag_rewards.use_coupon(shop, "1", coupon, basket_id="another")
    till.pay_stored(50_00)
    with pytest.raises(PaymentOpen):
        till.use(coupon)
    assert till.bag.coupons == ()


def test_two_tills_race_for_one_coupon(shop: Shop, soak: int) -> None:
    """Both bags know it, one of them from before it was parked: one sale uses it, the other is refused or
    priced without."""
    tills = [Till(shop), Till(shop, key="2")]
    for n in range(RACES * soak):
        coupon = tills[0].coupon()
        for till in tills:
            till.fill(TEE)
            with db.write():
                customers.baskets.save(till.till, till.bag.rewarded((coupon,), 0))
        ends: list[object] = []

        def close(till: Till, ends: list[object] = ends, n: int = n) -> None:
            try:
                ends.append(till.settle(79_00, key=f"{n}-{till.till}"))
            except ShopError as refused:
                ends.append(refused)

        threads = [threading.Thread(target=close, args=(till,)) for till in tills]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        (sale,) = [end for end in ends if isinstance(end, Sale)] or pytest.fail(repr(ends))
        assert (sale.total.minor, state(coupon)) == (79_00, "used"), ends
        loser = tills[1] if sale.till == "1" else tills[0]
        assert loser.due_minor == 99_00
        loser.pay()
    assert books.differences() == []


def test_a_coupon_and_its_sale_are_there_together_or_not_at_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop = make_shop()

    def prepare(n: int) -> tuple[Till, str]:
        till = Till(shop, f"138{n:08d}")
        coupon = till.coupon()
        till.fill(TEE)
        till.use(coupon)
        return till, f"sale-{n}"

    def look() -> object:
        assert books.differences() == []
        count = "SELECT (SELECT COUNT(*) FROM sale), (SELECT COUNT(*) FROM coupon WHERE state = 'used')"
        seen = db.LEDGER.execute_sql(count).fetchone()
        assert seen[0] == seen[1]
        return seen

    each_failure(monkeypatch, tmp_path, prepare, lambda case: case[0].settle(79_00, key=case[1]), look)


def test_points_are_earned_taken_back_and_never_twice(shop: Shop) -> None:
    till = Till(shop)
    till.earns(1, per_minor=1_00)
    till.fill(TEE, JEANS)
    sale = till.pay()
    assert till.points == 428
    till.take_back(sale, (1, 1))
    assert till.points == 329
    till.take_back(sale, (2, 1))
    assert till.points == 0
    till.fill(TEE)
    till.void(till.pay())
    assert till.points == 0
    till.fill(TEE, known=False)
    till.pay()
    assert till.points == 0
    assert books.differences() == []


def v1(shop: Shop) -> tuple[Till, Sale, str]:
    """The specification's worked sale: a gold member, an offer, a coupon, points, stored value and cash."""
    with db.write():
        for sku, minor in ((TEE, 299_00), (JEANS, 399_00), (SOCKS, 19_00)):
            db.LEDGER.execute_sql("UPDATE article SET price_minor = ? WHERE sku = ?", (minor, sku))
    gold = Tier(
        key="gold",
        rank=1,
        label_zh="金卡",
        label_en="Gold",
        rule=Need("spend_minor", 10**11),
        benefits=Benefits(discount_bp=500, goods=Goods(skus=(TEE, JEANS))),
    )
    tiers.publish(shop, Program(tiers=(gold,)), seen_version=0, operator_id="he")
    draft = promotions.Draft(
        kind="spend_and_save",
        layer=ORDER,
        label_zh="满 500 减 60",
        label_en="Spend 500, save 60",
        terms=Terms(),
        params={"steps": [{"threshold_minor": 500_00, "amount_minor": 60_00}]},
    )
    promotions.publish(shop, draft, operator_id="he", request_id=shop.new_id())
    till = Till(shop)
    till.earns(1, discount=Discount(points=1, minor=1))
    tiers.grant(
        shop,
        till.member,
        tier="gold",
        until="2027-12-31",
        note="V1",
        operator_id="he",
        request_id=shop.new_id(),
    )
    till.give_points(500)
    till.recharge(300_00, 60_00)
    coupon = till.coupon(goods=Goods(skus=(JEANS,)))
    till.fill(TEE, JEANS, SOCKS, SOCKS, SOCKS)
    till.use(coupon)
    till.spend_points(500)
    assert till.due_minor == 635_10
    till.pay_stored(200_00)
    return till, till.settle(435_00), coupon


def test_v1_is_sold_to_the_fen_and_to_the_point(shop: Shop) -> None:
    till, sale, coupon = v1(shop)
    taken = {
        layer: [-sum(a.amount.minor for a in line.adjustments if a.layer == layer) for line in sale.lines]
        for layer in (1, 4, 5, 6)
    }
    assert taken == {
        1: [14_95, 19_95, 0],
        4: [23_67, 31_58, 4_75],
        5: [0, 20_00, 0],
        6: [2_03, 2_56, 41],
    }
    assert [line.net.minor for line in sale.lines] == [258_35, 324_91, 51_84]
    assert [(t.key, t.amount.minor) for t in sale.tenders] == [("stored_value", 200_00), ("cash", 435_00)]
    assert sale.rounding.minor == -10
    assert stored_value_moves.balance(shop, (till.member,)) == (133_33, 26_67)
    assert till.points == 601
    assert state(coupon) == "used"
    assert books.differences() == []


def test_v1_comes_back_line_by_line_to_the_fen_and_to_the_lot(shop: Shop) -> None:
    till, sale, coupon = v1(shop)
    seen = []
    for pieces in ((2, 1), (1, 1), (3, 3)):
        before = (stored_value_moves.balance(shop, (till.member,)), till.points)
        back = till.take_back(sale, pieces)
        parts, points_now = stored_value_moves.balance(shop, (till.member,)), till.points
        cash = {t.key: -t.amount.minor for t in back.tenders}
        exact = {t.key: -t.exact.minor for t in back.tenders}
        seen.append(
            (
                sum(exact.values()),
                (parts.principal - before[0].principal, parts.bonus - before[0].bonus, exact["cash"]),
                cash["cash"],
                points_now - before[1],
                state(coupon),
            )
        )
    assert seen == [
        (324_86, (85_27, 17_05, 222_54), 222_00, 256 - 308, "issued"),
        (258_31, (67_80, 13_56, 176_95), 177_00, 203 - 244, "issued"),
        (51_83, (13_60, 2_72, 35_51), 36_00, 41 - 49, "issued"),
    ]
    assert till.points == 500
    assert stored_value_moves.balance(shop, (till.member,)) == (300_00, 60_00)
    assert books.differences() == []


def test_v1_bought_and_brought_back_again_and_again_leaves_everything_as_before(
    shop: Shop, soak: int
) -> None:
    till, sale, coupon = v1(shop)
    for _ in range(RACES // 2 * soak):
        till.take_back(sale, (1, 1), (2, 1), (3, 3))
        assert (till.points, state(coupon)) == (500, "issued")
        assert stored_value_moves.balance(shop, (till.member,)) == (300_00, 60_00)
        till.fill(TEE, JEANS, SOCKS, SOCKS, SOCKS)
        till.use(coupon)
        till.spend_points(500)
        till.pay_stored(200_00)
        sale = till.settle(435_00)
    till.void(sale)
    assert (till.points, state(coupon)) == (500, "issued")
    assert books.differences() == []


def test_bonus_earns_nothing_through_an_exchange_either(shop: Shop) -> None:
    """Bought with bonus, exchanged, brought back: again and again, and no point stays."""
    till = Till(shop)
    till.earns(1)
    till.recharge(500_00, 100_00)
    for _ in range(3):
        till.fill(TEE)
        till.pay_stored(99_00)
        sale = till.settle()
        assert till.points == 82, "16.50 of the 99.00 was bonus"
        till.fill("T-W-M", known=False)
        exchanged = till.take_back(sale, (1, 1))
        assert till.points == 82
        till.take_back(exchanged, (1, 1))
        assert till.points == 0
    assert stored_value_moves.balance(shop, (till.member,)) == (500_00, 100_00)
    assert books.differences() == []


def test_points_take_off_no_more_than_there_are_or_the_bag_costs(shop: Shop) -> None:
    till = Till(shop)
    till.earns(1, discount=Discount(points=100, minor=1_00, least=200, share_bp=5_000))
    till.give_points(10_000)
    till.fill(TEE)
    for count, why in ((150, "step"), (100, "least"), (5_000, "share")):
        with pytest.raises(PointsRefused) as refused:
            till.spend_points(count)
        assert refused.value.details["why"] == why
    till.spend_points(4_900)
    assert till.due_minor == 50_00
    till.fill(SOCKS)
    assert till.due_minor == 79_00
    baskets.set_quantity(shop, "1", 1, 0, basket_id=till.bag.basket_id)
    assert till.due_minor == 15_00, "the bag is worth less: fewer points are spent"
    till.pay()
    assert till.points == 10_000 - 1_400 + 15
    assert books.differences() == []


def test_the_last_points_are_spent_at_one_till_only(shop: Shop, soak: int) -> None:
    one, two = Till(shop), Till(shop, key="2")
    one.earns(0, discount=Discount(points=1, minor=1))
    for n in range(RACES * soak):
        one.give_points(99_00)
        for till in (one, two):
            till.fill(TEE)
            till.spend_points(99_00)
        ends: list[object] = []

        def close(till: Till, ends: list[object] = ends, n: int = n) -> None:
            try:
                ends.append(till.settle(None, key=f"p-{n}-{till.till}"))
            except ShopError as refused:
                ends.append(refused)

        threads = [threading.Thread(target=close, args=(till,)) for till in (one, two)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        (sale,) = [end for end in ends if isinstance(end, Sale)] or pytest.fail(repr(ends))
        assert one.points == 0
        loser = two if sale.till == "1" else one
        assert loser.due_minor == 99_00
        loser.pay()
    assert books.differences() == []


def printed(shop: Shop, sale: Sale) -> list[tuple[str, str]]:
    return [(op.left, op.right) for op in spool.receipt_ops(shop, sale) if isinstance(op, Row)]


def test_the_receipt_says_what_the_member_has_and_what_ends_masked_and_again_the_same(shop: Shop) -> None:
    till, sale, _ = v1(shop)
    rows = printed(shop, sale)
    assert rows[rows.index(("会员", "138****5620")) :] == [
        ("会员", "138****5620"),
        ("使用积分", "-500"),
        ("本单积分", "+601"),
        ("积分余额", "601"),
        (" 其中到期于 2027-11-30", "601"),
        ("储值余额", "¥160.00"),
        (" 其中赠送", "¥26.67"),
    ]
    back = till.take_back(sale, (2, 1))
    assert ("使用积分", "+256") in printed(shop, back) and ("本单积分", "-308") in printed(shop, back)
    assert printed(shop, sale) == rows, "a copy tells of the day of the sale"
    assert not [row for row in rows if "13812345620" in row[1] or "王芳" in row[1]]


def occasion(shop: Shop, name: str, **changes: object) -> str:
    draft = msgspec.structs.replace(TWENTY, occasion=name, **changes)
    made = coupon_templates.publish(shop, draft, operator_id="he", request_id=shop.new_id())
    return made.template_id


def test_a_sale_gives_a_coupon_for_next_time_which_its_return_takes_back(shop: Shop, clock: Clock) -> None:
    till = Till(shop)
    occasion(shop, "receipt", wait_days=1, occasion_min_minor=100_00)
    till.fill(TEE)
    till.pay()
    assert coupons.wallet((till.member,)) == [], "not with so small a sale"
    till.fill(JEANS)
    sale = till.pay()
    (coupon,) = coupons.wallet((till.member,))
    assert (coupon.first_day, coupon.state) == ("2026-11-23", "issued")
    paper = spool.receipt_ops(shop, sale)
    assert Qr(coupon.code) in paper
    assert Text("2026-11-23 – 2026-12-22", Align.CENTER) in paper
    till.fill(TEE)
    with pytest.raises(CouponRefused):
        till.use(coupon.coupon_id)
    till.pay()
    clock.at_ms += DAY_MS
    till.fill(TEE)
    till.use(coupon.coupon_id)
    assert till.due_minor == 79_00
    till.use(coupon.coupon_id, wanted=False)
    till.pay()
    till.take_back(sale, (1, 1))
    assert state(coupon.coupon_id) == "cancelled"
    assert books.differences() == []


def test_whoever_has_the_paper_may_use_a_bearers_coupon(shop: Shop, clock: Clock) -> None:
    till = Till(shop)
    occasion(shop, "receipt", bearer=True)
    till.fill(TEE, known=False)
    sale = till.pay()
    (coupon,) = stored.issued_by(sale.sale_id)
    clock.at_ms += DAY_MS
    till.fill(JEANS, known=False)
    bag_rewards.show_coupon(shop, "1", coupon.code, basket_id=till.bag.basket_id, operator_id="zhou")
    assert till.due_minor == 309_00


def test_a_coupon_that_an_exchange_has_renewed_outlives_what_it_was_exchanged_for(
    shop: Shop, clock: Clock
) -> None:
    till = Till(shop)
    coupon = till.coupon()
    till.fill(TEE)
    till.use(coupon)
    sale = till.pay()
    clock.at_ms += 70 * DAY_MS
    till.fill("T-W-M", known=False)
    exchanged = till.take_back(sale, (1, 1), cash=20_00)
    (renewed,) = [each for each in coupons.wallet((till.member,)) if each.state == "issued"]
    till.take_back(exchanged, (1, 1))
    assert state(renewed.coupon_id) == "issued"
    assert books.differences() == []


def test_a_birthday_coupon_comes_once_a_year_in_its_month(shop: Shop, clock: Clock) -> None:
    till = Till(shop)
    occasion(shop, "birthday")
    edit = members.Edit(given={"birthday": "1990-11-05"})
    members.edit(shop, till.member, edit, revision=1, operator_id="zhou", request_id=shop.new_id())
    for _ in range(2):
        till.fill(TEE)
        till.pay()
    assert [each.reason for each in coupons.wallet((till.member,))] == ["birthday"]
    clock.at_ms += 31 * DAY_MS
    till.fill(TEE)
    till.pay()
    assert len(coupons.wallet((till.member,))) == 1
    clock.at_ms += 330 * DAY_MS
    till.fill(TEE)
    assert len(coupons.wallet((till.member,))) == 2
    assert books.differences() == []


def test_whoever_brings_three_is_an_ambassador_once_nothing_can_come_back(shop: Shop, clock: Clock) -> None:
    program = Program(tiers=PRESETS[2:])
    tiers.publish(shop, program, seen_version=0, operator_id="he")
    till = Till(shop)
    till.earns(1, referral=Referral(referrer_points=50, newcomer_points=20, window_days=7))
    for n in range(3):
        friend = Till(shop, f"1390013900{n}")
        referrals.refer(shop, friend.member, till.member, operator_id="zhou")
        friend.fill(TEE)
        friend.pay()
    till.fill(SOCKS)
    till.pay()
    assert tiers.view(shop, (till.member,)).tier is None
    clock.at_ms += 7 * DAY_MS
    till.fill(SOCKS)
    till.pay()
    held = tiers.view(shop, (till.member,)).tier
    assert held is not None and held.key == "ambassador"
    assert till.points == 3 * 50 + 2 * 29
    assert books.differences() == []


def test_a_birthday_coupon_is_not_used_up_by_whoever_shares_a_name_or_last_digits(shop: Shop) -> None:
    till, other = Till(shop), Till(shop, phone="13999995620")
    occasion(shop, "birthday")
    for n, each in enumerate((till, other)):
        edit = members.Edit(given={"birthday": "1990-11-05", "name": "王伟"}, another=True)
        members.edit(shop, each.member, edit, revision=1, operator_id="he", request_id=f"born-{n}")
        each.fill(TEE)
    for each in (till, other):
        assert [coupon.reason for coupon in coupons.wallet((each.member,))] == ["birthday"]
