"""The acceptance cases of members' loyalty, one by one: where each is shown, or shown here.

Points. 100 until one month, 100 until a later one, 80 spent: domain/test_points. 601 earned, 500 spent, all
returned, to the lot: domain/test_points, test_points. A restart between any two steps: test_member_life.
Random histories (6,000; 120,000 in `make soak`): domain/test_points. Two tills and the last points:
test_points, test_loyalty.
Coupons. Fifty tills and one code, a thousand races, a power cut before and after the commit: test_coupons.
The receipt again: test_loyalty.
Tiers. Three purchases of a day are one visit, several categories over two receipts, leap days:
domain/test_tiers. A referral counts once nothing can come back: test_loyalty. The journal tells every step
again (`check ledger`): test_tiers.
Members. Merged in any order in two stores: test_merges. Points, stored value and coupons are the sum
before, merging twice, parted and exactly as before: test_merges, test_member_life. What happens
late under the id that was absorbed: here. Erased, and yesterday's backup put back: test_member_privacy.
Stored value. 200.00 is 166.67 and 33.33; 500 and 60 paid out after 100 with and without the bonus used:
domain/test_stored_value. Two tills and one balance: test_stored_value, test_stored_value_payments.
All in one basket. Sold and returned to the fen and to the lot: test_loyalty. Exchanged: here.
"""

from __future__ import annotations

from dataclasses import replace

import pytest

from services.domain.settlement import Rounding
from services.flows import coupon_moves, customers, members, merges, points, stored_value_moves
from services.flows.shop import Shop
from services.store import books
from services.store.members import group
from tests.flows.loyal import MANAGER, Till
from tests.flows.test_loyalty import v1
from tests.shop import TEE


@pytest.fixture
def shop(shop: Shop) -> Shop:
    return replace(shop, cash_rounding=Rounding(100, "down"))


def test_what_happens_under_an_absorbed_id_is_the_persons(shop: Shop) -> None:
    """A bag names the younger id; the two become one before it is paid."""
    older, younger = Till(shop), Till(shop, "13912345620")
    older.earns(1)
    coupon = older.coupon()
    younger.fill(TEE)
    assert younger.bag.member_id == younger.member
    merges.merge(
        *(shop, older.member, younger.member, "one person", MANAGER),
        operator_id="zhou",
        request_id="merge",
    )
    younger.use(coupon)
    sale = younger.pay()
    person = group(older.member)
    assert sale.total.minor == 79_00
    assert points.look(shop, person).balance == older.points == younger.points == 79
    assert members.find(younger.member).member_id == older.member
    assert customers.bought(older.member, 5)[0].sale_id == sale.sale_id
    younger.take_back(sale, (1, 1))
    assert (older.points, coupon_moves.find(coupon).state) == (0, "issued")
    assert books.differences() == []


def test_v1_is_exchanged_to_the_fen_and_to_the_lot_and_comes_back_with_nothing_over(shop: Shop) -> None:
    """The shirt (258.35, of which 2.03 in points) goes for another one at the gold price of 284.05.

    It had been paid with 258.31, of the 635.00: 67.80 principal, 13.56 bonus, 176.95 cash.
    Clawed are 601 less (376.75 - 19.77) = 356 points; the new shirt earns (284.05 - 13.56) = 270.
    """
    till, sale, coupon = v1(shop)
    till.fill(TEE, known=False)
    exchanged = till.take_back(sale, (1, 1), cash=25_00)
    (new,) = [each for each in exchanged.lines if each.line.quantity > 0]
    assert (new.net.minor, exchanged.total.minor, exchanged.rounding.minor) == (284_05, 25_70, -70)
    assert [(each.key, each.amount.minor) for each in exchanged.tenders] == [("cash", 25_00)]
    assert stored_value_moves.balance(shop, (till.member,)) == (133_33, 26_67), "nothing is paid back"
    assert till.points == 601 + 203 - (601 - 356) + 270
    assert coupon_moves.find(coupon).state == "used"
    till.take_back(exchanged, (new.line.line_id, 1))
    assert till.points == 601 + 203 - (601 - 356)
    assert stored_value_moves.balance(shop, (till.member,)) == (133_33 + 67_80, 26_67 + 13_56)
    till.take_back(sale, (2, 1))
    till.take_back(sale, (3, 3))
    assert till.points == 500 and coupon_moves.find(coupon).state == "issued"
    assert stored_value_moves.balance(shop, (till.member,)) == (300_00, 60_00)
    assert books.differences() == []
