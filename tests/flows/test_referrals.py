"""A member brings somebody: points for both, pending while the first purchase can come back."""

from __future__ import annotations

from pathlib import Path

import pytest

from services.domain.errors import ReferralRefused
from services.domain.points_returns import Return, SoldLine
from services.domain.points_rules import Book, Referral, Terms
from services.flows import members, points, referrals
from services.flows.members import Joining
from services.flows.points import Document
from services.flows.shop import Shop
from services.store import books, db
from services.store import points as ledger
from services.store import referrals as store
from tests.faults import each_failure
from tests.flows.points_till import Customer, rules
from tests.shop import Clock, make_shop

DAY_MS = 86_400_000
GIVEN = Referral(referrer_points=100, newcomer_points=50, least_minor=50_00, window_days=7, per_month=2)
BOOK = Book(terms=Terms(points=1), referral=GIVEN)
BAG = {1: (1, 60_00, 0), 2: (1, 40_00, 0)}


def join(shop: Shop, n: int) -> str:
    joining = Joining(given={"phone": f"1381234{n:04d}"}, till="1")
    return members.join(shop, joining, operator_id="zhou", request_id=f"join-{n}").member_id


def bought(shop: Shop, member_id: str, sale_id: str, net: int = 100_00) -> None:
    """Points and referral follow a sale, as the till does both."""
    customer = Customer(shop, (member_id,), and_then=referrals.follow)
    customer.buy(sale_id, {1: (1, net * 6 // 10, 0), 2: (1, net * 4 // 10, 0)})


def brought_back(shop: Shop, member_id: str, sale_id: str, lines: tuple[int, ...], before: int = 0) -> None:
    sold = tuple(
        SoldLine(line_number=n, pieces=1, net_minor=net, before=int(n <= before), now=int(n in lines))
        for n, (_, net, _) in BAG.items()
    )
    document = Document(
        sale_id=f"back-{sale_id}-{lines}",
        group=(member_id,),
        at_ms=shop.now_ms(),
        returned=Return(lines=sold),
        of_sale=sale_id,
    )
    with db.write():
        points.follow(shop, document)
        referrals.follow(shop, document)


@pytest.fixture
def pair(shop: Shop) -> tuple[str, str]:
    """(the member who sends somebody, the newcomer)."""
    rules(shop, BOOK)
    one, other = join(shop, 1), join(shop, 2)
    referrals.refer(shop, other, one, operator_id="zhou")
    return one, other


def has(shop: Shop, member_id: str) -> tuple[int, int]:
    account = points.look(shop, (member_id,))
    return account.balance, account.pending


def test_both_get_their_points_once_the_first_purchase_was_kept(
    shop: Shop, clock: Clock, pair: tuple[str, str]
) -> None:
    one, other = pair
    bought(shop, other, "small", 40_00)
    assert has(shop, one) == (0, 0)
    bought(shop, other, "sale")
    bought(shop, other, "another")
    assert (has(shop, one), has(shop, other)) == ((0, 100), (240, 50))
    clock.at_ms += 7 * DAY_MS
    assert (has(shop, one), has(shop, other)) == ((100, 0), (290, 0))
    assert books.differences() == []


def test_what_comes_back_in_the_window_takes_them_again_when_nothing_was_kept(
    shop: Shop, clock: Clock, pair: tuple[str, str]
) -> None:
    one, other = pair
    bought(shop, other, "sale")
    brought_back(shop, other, "sale", (1,))
    assert has(shop, one) == (0, 100)
    brought_back(shop, other, "sale", (2,), before=1)
    assert (has(shop, one), has(shop, other)) == ((0, 0), (0, 0))
    bought(shop, other, "again")
    clock.at_ms += 30 * DAY_MS
    assert (has(shop, one), has(shop, other)) == ((0, 0), (100, 0))
    assert books.differences() == []


def test_after_the_window_they_stay(shop: Shop, clock: Clock, pair: tuple[str, str]) -> None:
    one, other = pair
    bought(shop, other, "sale")
    clock.at_ms += 7 * DAY_MS
    brought_back(shop, other, "sale", (1, 2))
    assert (has(shop, one), has(shop, other)) == ((100, 0), (50, 0))
    assert books.differences() == []


def test_nobody_brings_themselves_a_known_customer_or_somebody_who_was_brought(
    shop: Shop, clock: Clock, pair: tuple[str, str]
) -> None:
    one, other = pair
    third = join(shop, 3)
    again = referrals.refer(shop, other, one, operator_id="zhou")
    assert again.state == "waiting"
    for newcomer, referrer, why in ((one, one, "self"), (other, third, "known")):
        with pytest.raises(ReferralRefused) as refused:
            referrals.refer(shop, newcomer, referrer, operator_id="zhou")
        assert refused.value.details["why"] == why
    with db.write():  # the phone that was the referrer's before
        db.LEDGER.execute_sql(
            "INSERT INTO member_key SELECT kind, digest, ?, verified, since_ms, 1 FROM member_key"
            " WHERE member_id = ?",
            (third, one),
        )
    with pytest.raises(ReferralRefused, match="themselves"):
        referrals.refer(shop, third, one, operator_id="zhou")
    late = join(shop, 4)
    clock.at_ms += 2 * DAY_MS
    with pytest.raises(ReferralRefused) as refused:
        referrals.refer(shop, late, one, operator_id="zhou")
    assert refused.value.details["why"] == "late"


def test_a_month_has_room_for_so_many_and_newcomers_get_theirs_all_the_same(
    shop: Shop, clock: Clock, pair: tuple[str, str]
) -> None:
    one, other = pair
    bought(shop, other, "sale-0")
    for n in range(1, 4):
        newcomer = join(shop, 10 + n)
        referrals.refer(shop, newcomer, one, operator_id="zhou")
        bought(shop, newcomer, f"sale-{n}")
        assert has(shop, newcomer) == (100, 50)
    assert has(shop, one) == (0, 200)
    clock.at_ms += 10 * DAY_MS
    newcomer = join(shop, 20)
    referrals.refer(shop, newcomer, one, operator_id="zhou")
    bought(shop, newcomer, "sale-20")
    assert has(shop, one) == (200, 100)
    assert books.differences() == []


def test_a_shop_without_referral_writes_nothing_down(shop: Shop) -> None:
    with pytest.raises(ReferralRefused):
        referrals.refer(shop, join(shop, 1), join(shop, 2), operator_id="zhou")


def test_a_reward_is_whole_or_absent_wherever_storage_fails(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop = make_shop()

    def prepare(n: int) -> tuple[str, str]:
        if n == 1:
            rules(shop, BOOK)
        one, other = join(shop, 2 * n), join(shop, 2 * n + 1)
        referrals.refer(shop, other, one, operator_id="zhou")
        return other, f"sale-{n}"

    def look() -> object:
        assert books.differences() == []
        rows = db.LEDGER.execute_sql("SELECT DISTINCT sale_id FROM points_row").fetchall()
        return [(sale_id, store.of_sale(sale_id), len(ledger.of_document(sale_id))) for (sale_id,) in rows]

    each_failure(monkeypatch, tmp_path, prepare, lambda case: bought(shop, *case), look)
