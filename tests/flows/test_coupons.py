"""Coupons: one use each whatever happens, given back by the rules, priced as the key to an offer."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest

from services.domain import coupon_codes as codes
from services.domain.coupon_errors import CouponRefused, CouponTemplateRefused, CouponUnknown
from services.domain.coupon_rounds import Audience
from services.domain.coupons import CouponRules, Template
from services.domain.errors import ApprovalNeeded, CodeMalformed, PromotionRefused
from services.domain.offers import COUPON, Goods, Item, Terms
from services.domain.rfm import Life
from services.flows import coupon_moves, coupon_rounds, coupon_templates, coupons, promotions
from services.flows.approvals import Approval
from services.flows.promotions import Customer
from services.flows.shop import Shop
from services.flows.stored_value_moves import moment
from services.store import books, db, journal, lives
from services.store import coupons as stored
from services.store.coupons import Coupon
from tests.faults import each_failure
from tests.flows.test_customers import joined
from tests.shop import TEE, Clock, enrol, make_shop, open_store

LI = ("m-1",)
MANAGER = Approval(approver_id="he", pin="735290", reason="regular")
DAY_MS = 86_400_000
RACES, TILLS = 1_000, 50
TWENTY = Template(
    template_id="",
    version=1,
    number=1,
    kind="amount",
    label_zh="20 元券",
    label_en="20 off",
    face_minor=20_00,
    days=30,
)
SHIRT = Item(line_id=1, sku=TEE, quantity=1, unit_minor=99_00)


def kind(shop: Shop, **changes: Any) -> str:
    draft = msgspec.structs.replace(TWENTY, **changes)
    made = coupon_templates.publish(shop, draft, operator_id="he", request_id=shop.new_id())
    return made.template_id


def give(
    shop: Shop,
    template_id: str = "",
    member_id: str = "m-1",
    *,
    approval: Approval | None = MANAGER,
    key: str = "",
) -> Coupon:
    enrol(shop, *filter(None, [member_id]))
    return coupons.give(
        shop,
        template_id or kind(shop),
        member_id,
        reason="gift",
        approval=approval,
        operator_id="zhou",
        request_id=key or shop.new_id(),
    )


def use(shop: Shop, coupon: Coupon, sale_id: str = "sale-1", basket_id: str = "b-1") -> None:
    with db.write():
        when = moment(shop, "zhou", sale_id=sale_id)
        coupon_moves.use(shop, when, [coupon.coupon_id], basket_id=basket_id)


def give_back(shop: Shop, coupon: Coupon, sale_id: str = "sale-1") -> list[Coupon]:
    with db.write():
        when = moment(shop, "zhou", sale_id="return-1")
        return coupon_moves.give_back(shop, when, [coupon.coupon_id], used_sale=sale_id)


def state(coupon: Coupon) -> str:
    return coupon_moves.find(coupon.coupon_id).state


def why(error: pytest.ExceptionInfo[CouponRefused]) -> object:
    return error.value.details["why"]


def sound() -> None:
    assert books.differences() == [] and journal.first_break() == 0


def test_a_coupon_is_kept_for_a_bag_used_once_and_given_back(shop: Shop) -> None:
    coupon = give(shop)
    assert codes.read(codes.grouped(coupon.code)) == coupon.code
    coupons.reserve(shop, coupon.coupon_id, basket_id="b-1", group=LI)
    coupons.reserve(shop, coupon.coupon_id, basket_id="b-1", group=LI)
    for refusal in (
        lambda: coupons.reserve(shop, coupon.coupon_id, basket_id="b-2", group=LI),
        lambda: use(shop, coupon, basket_id="b-2"),
    ):
        with pytest.raises(CouponRefused) as refused:
            refusal()
        assert why(refused) == "reserved"
    use(shop, coupon)
    with pytest.raises(CouponRefused) as refused:
        use(shop, coupon, "sale-2")
    assert why(refused) == "used"
    assert give_back(shop, coupon, "sale-9") == []  # not that sale's
    assert [each.coupon_id for each in give_back(shop, coupon)] == [coupon.coupon_id]
    assert give_back(shop, coupon) == []
    use(shop, coupon, "sale-3")
    assert [each.coupon_id for each in stored.used_in("sale-3")] == [coupon.coupon_id]
    sound()


def test_a_bag_that_is_left_alone_lets_go(clock: Clock, shop: Shop) -> None:
    coupon = give(shop)
    coupons.reserve(shop, coupon.coupon_id, basket_id="b-1", group=LI)
    clock.at_ms += 30 * 60_000
    coupons.reserve(shop, coupon.coupon_id, basket_id="b-2", group=LI)
    assert coupons.of_basket(shop, "b-1") == ()
    coupons.release("b-1")
    assert len(coupons.of_basket(shop, "b-2")) == 1
    coupons.release("b-2", coupon.coupon_id)
    coupons.release("")
    assert coupons.of_basket(shop, "b-2") == ()
    use(shop, coupon, basket_id="b-3")
    sound()


def test_a_coupon_makes_its_bag_cheaper_and_a_bag_without_it_stays_dear(shop: Shop) -> None:
    template_id = kind(shop, min_spend_minor=50_00)
    coupon = give(shop, template_id)
    now = shop.now_ms()
    assert promotions.price(shop, [SHIRT], now, customer=Customer(member_id="m-1")).total_minor == 99_00
    coupons.reserve(shop, coupon.coupon_id, basket_id="b-1", group=LI)
    held = coupons.of_basket(shop, "b-1")
    priced = promotions.price(shop, [SHIRT], now, customer=Customer(member_id="m-1", coupons=held))
    assert priced.total_minor == 79_00
    ids = [each.promotion_id for each in priced.applied]
    assert coupons.applied(held, ids) == [coupon.coupon_id]
    assert coupons.applied(held, ["other"]) == []


@pytest.mark.parametrize(
    ("changes", "total"),
    [
        ({"kind": "percent", "face_minor": 0, "face_bp": 1_000}, 89_10),
        ({"kind": "percent", "face_minor": 5_00, "face_bp": 1_000}, 94_00),
        ({"kind": "exchange", "face_minor": 99_00, "goods": Goods(skus=(TEE,))}, 0),
        ({"kind": "gift", "face_minor": 99_00, "goods": Goods(skus=("other",))}, 99_00),
    ],
)
def test_every_kind_is_the_key_to_its_offer(shop: Shop, changes: dict[str, Any], total: int) -> None:
    coupon = give(shop, kind(shop, **changes))
    coupons.reserve(shop, coupon.coupon_id, basket_id="b-1", group=LI)
    customer = Customer(member_id="m-1", coupons=coupons.of_basket(shop, "b-1"))
    assert promotions.price(shop, [SHIRT], shop.now_ms(), customer=customer).total_minor == total


def test_a_coupon_stays_what_it_was_when_its_kind_changes_or_ends(shop: Shop) -> None:
    template_id = kind(shop)
    coupon = give(shop, template_id)
    changed = msgspec.structs.replace(TWENTY, template_id=template_id, face_minor=5_00)
    for _ in range(2):
        made = coupon_templates.publish(shop, changed, operator_id="he", request_id="same")
    assert (made.version, made.number) == (2, 1)
    for _ in range(2):
        coupon_templates.withdraw(shop, template_id, operator_id="he", request_id="end")
    with pytest.raises(CouponUnknown):
        give(shop, template_id)
    with pytest.raises(CouponUnknown):
        coupon_templates.withdraw(shop, template_id, operator_id="he", request_id="end-2")
    coupons.reserve(shop, coupon.coupon_id, basket_id="b-1", group=LI)
    customer = Customer(member_id="m-1", coupons=coupons.of_basket(shop, "b-1"))
    assert promotions.price(shop, [SHIRT], shop.now_ms(), customer=customer).total_minor == 79_00
    sound()


def test_the_promotion_of_a_coupon_is_not_changed_behind_its_back(shop: Shop) -> None:
    promotion_id = f"{kind(shop)}.1"
    draft = promotions.Draft(
        promotion_id=promotion_id,
        kind="order_percentage",
        layer=COUPON,
        label_zh="券",
        label_en="Coupon",
        terms=Terms(needs_coupon=True),
        params={"steps": [{"threshold_minor": 0, "basis_points": 9_000}]},
    )
    with pytest.raises(PromotionRefused):
        promotions.publish(shop, draft, operator_id="he", request_id="p")
    with pytest.raises(PromotionRefused):
        promotions.withdraw(shop, promotion_id, operator_id="he", request_id="w")
    other = msgspec.structs.replace(draft, promotion_id="")
    assert promotions.publish(shop, other, operator_id="he", request_id="o").version == 1
    sound()


def test_a_template_that_cannot_be_is_refused_with_its_field(shop: Shop) -> None:
    for changes in ({"face_minor": 0}, {"kind": "percent"}, {"days": 0}):
        with pytest.raises(CouponTemplateRefused):
            kind(shop, **changes)
    with pytest.raises(CouponUnknown):
        kind(shop, template_id="never")
    sound()


def test_no_coupon_before_its_first_day_or_after_its_last(clock: Clock, shop: Shop) -> None:
    coupon = give(shop, kind(shop, wait_days=1, days=2))
    with pytest.raises(CouponRefused) as refused:
        use(shop, coupon)
    assert why(refused) == "early"
    clock.at_ms += 3 * DAY_MS
    with pytest.raises(CouponRefused) as refused:
        use(shop, coupon)
    assert why(refused) == "expired"
    assert (coupons.expire_all(shop), coupons.expire_all(shop), state(coupon)) == (1, 0, "expired")
    sound()


def test_what_comes_back_after_its_end_is_good_for_the_grace_or_issued_anew(
    shop: Shop, clock: Clock
) -> None:
    other = make_shop(clock, new_id=shop.new_id, coupons=CouponRules(grace_days=5))
    lately, long_ago = give(other, kind(other, days=10)), give(other, kind(other, days=3))
    clock.at_ms += DAY_MS
    use(other, lately, "sale-1")
    use(other, long_ago, "sale-2")
    clock.at_ms += 11 * DAY_MS  # 2026-12-04; the ends were 12-01 and 11-24
    (back,) = give_back(other, lately, "sale-1")
    assert (back.coupon_id, back.last_day) == (lately.coupon_id, "2026-12-09")
    (new,) = give_back(other, long_ago, "sale-2")
    assert new.coupon_id != long_ago.coupon_id and new.code != long_ago.code
    assert (new.first_day, new.last_day, state(long_ago)) == ("2026-12-04", "2026-12-05", "cancelled")
    use(other, back, "sale-3")
    use(other, new, "sale-4")
    sound()


def test_a_receipts_coupon_is_good_from_the_next_day_and_goes_with_its_sale(
    clock: Clock, shop: Shop
) -> None:
    template_id = kind(shop, face_minor=5_00, wait_days=1, bearer=True)
    made = []
    for sale_id in ("sale-1", "sale-2"):
        with db.write():
            when = moment(shop, "zhou", sale_id=sale_id)
            made.append(coupon_moves.issue(shop, when, template_id, "", reason=coupon_moves.RECEIPT))
    assert made[0].first_day == "2026-11-23"
    clock.at_ms += DAY_MS
    use(shop, made[1], "sale-3")
    for sale_id, used in (("sale-1", []), ("sale-2", [made[1].coupon_id])):
        with db.write():
            left = coupon_moves.sale_undone(shop, moment(shop, "zhou", sale_id="return"), sale_id)
        assert [each.coupon_id for each in left] == used
    assert [state(each) for each in made] == ["cancelled", "used"]
    sound()


def test_a_birthdays_coupon_comes_once_a_year_whoever_one_is_by_then(clock: Clock, shop: Shop) -> None:
    template_id = kind(shop)

    def birthday(group: tuple[str, ...], *keys: bytes) -> bool:
        with db.write():
            when = moment(shop, "zhou")
            return coupon_moves.issue_birthday(shop, when, template_id, group, keys) is not None

    assert birthday(("m-1",), b"phone-1")
    assert not birthday(("m-1",), b"phone-2")
    assert not birthday(("m-0", "m-1"))  # merged
    assert not birthday(("m-7",), b"phone-1")  # left and joined anew
    assert not birthday(("m-8",), b"phone-2", b"card-8")  # known by a number that counted before
    assert birthday(("m-2",))
    clock.at_ms += 60 * DAY_MS  # January
    assert birthday(("m-0", "m-1"), b"phone-1", b"phone-2")
    sound()


def test_a_coupon_is_its_holders_and_handed_on_only_where_its_kind_allows(shop: Shop) -> None:
    mine = give(shop)
    with pytest.raises(CouponRefused) as refused:
        coupons.reserve(shop, mine.coupon_id, basket_id="b-1", group=("m-2",))
    assert why(refused) == "holder"
    assert coupons.reserve(shop, mine.coupon_id, basket_id="b-1", group=("m-0", "m-1")).reserved_by == "b-1"
    ask = {"operator_id": "zhou", "request_id": "t"}
    enrol(shop, "m-2")
    with pytest.raises(CouponRefused):
        coupons.hand_over(shop, mine.coupon_id, "m-2", **ask)
    free = give(shop, kind(shop, transferable=True))
    new = coupons.hand_over(shop, free.coupon_id, "m-2", **ask)
    assert coupons.hand_over(shop, free.coupon_id, "m-2", **ask) == new
    assert (state(free), new.member_id, new.last_day) == ("transferred", "m-2", free.last_day)
    with pytest.raises(CouponRefused):
        use(shop, free)
    use(shop, new)
    with pytest.raises(CouponRefused):
        give(shop, member_id="")
    assert coupons.wallet(("m-1", "m-2"))[0].coupon_id == new.coupon_id
    sound()


def test_of_two_alike_the_one_that_ends_first_is_used(clock: Clock, shop: Shop) -> None:
    template_id = kind(shop, sale_max=2, stackable=True)
    first = give(shop, template_id)
    clock.at_ms += DAY_MS
    second = give(shop, template_id)
    for coupon in (second, first):
        coupons.reserve(shop, coupon.coupon_id, basket_id="b-1", group=LI)
    held = coupons.of_basket(shop, "b-1")
    for order in (held, held[::-1]):
        assert coupons.applied(order, [f"{template_id}.1"]) == [first.coupon_id]


def test_so_many_of_a_kind_go_into_one_bag(shop: Shop) -> None:
    template_id = kind(shop, sale_max=2, stackable=True)
    three = [give(shop, template_id) for _ in range(3)]
    for coupon in (*three[:2], three[0]):
        coupons.reserve(shop, coupon.coupon_id, basket_id="b-1", group=LI)
    with pytest.raises(CouponRefused) as refused:
        coupons.reserve(shop, three[2].coupon_id, basket_id="b-1", group=LI)
    assert refused.value.details == {"why": "sale_max", "most": 2}


def test_a_code_is_verified_here_and_by_a_store_that_is_alone(shop: Shop) -> None:
    mine = give(shop)
    assert coupons.verify(shop, codes.grouped(mine.code)).coupon == mine
    assert coupons.verify(shop, mine.code, ("m-2",)).why_not == "holder"
    for holder, proved in (("m-1", True), ("m-2", False), ("", False)):
        said = codes.genuine(shop.keyring.coupon, mine.code, (holder,), (mine.last_day,))
        assert (said is not None) is proved
    use(shop, mine)
    assert coupons.verify(shop, mine.code).why_not == "used"
    made = codes.Genuine(1, 5, "m-1", "2026-12-01")
    elsewhere = codes.code(shop.keyring.coupon, made)
    found = coupons.verify(shop, elsewhere, ("m-0", "m-1"))
    assert (found.coupon, found.last_day, found.holder, found.why_not) == (
        None,
        "2026-12-01",
        "m-1",
        "elsewhere",
    )
    invented = codes.code(bytes(32), made)
    for text in (elsewhere, invented):
        with pytest.raises(CouponUnknown):
            coupons.verify(shop, text, ("m-9",))
    with pytest.raises(CodeMalformed):
        coupons.verify(shop, "ABC")


def test_another_stores_coupon_is_taken_on_its_code_within_limits(shop: Shop) -> None:
    template_id = kind(shop)
    kind(shop, face_minor=50_01)

    def present(number: int, serial: int, group: tuple[str, ...], basket_id: str = "b-1") -> Coupon:
        made = codes.Genuine(number, serial, "m-1", "2026-12-01")
        code = codes.code(shop.keyring.coupon, made)
        return coupons.present(shop, code, basket_id=basket_id, group=group, operator_id="zhou")

    both = ("m-0", "m-1")
    taken = present(1, 5, both)
    assert (taken.template_id, taken.last_day, taken.reason) == (template_id, "2026-12-01", "elsewhere")
    assert present(1, 5, both) == coupon_moves.find(taken.coupon_id)  # the same one, kept anew
    with pytest.raises(CouponRefused) as refused:
        present(1, 5, both, "b-2")
    assert why(refused) == "reserved"
    for number, serial in ((1, 6), (2, 7)):  # a second one today, and one that is worth too much
        with pytest.raises(CouponRefused) as refused:
            present(number, serial, both)
        assert why(refused) == "elsewhere"
    with pytest.raises(CouponUnknown):
        present(1, 8, ("m-9",))
    use(shop, taken)
    with pytest.raises(CouponRefused) as refused:
        present(1, 5, both)
    assert why(refused) == "used"
    mine = give(shop, template_id, "m-1")
    assert (
        coupons.present(shop, mine.code, basket_id="b-3", group=both, operator_id="zhou").reserved_by
        == "b-3"
    )
    sound()


def test_a_cashier_gives_small_coupons_alone_and_the_same_key_gives_one(shop: Shop) -> None:
    small = kind(shop, face_minor=5_00)
    first = give(shop, small, approval=None, key="k")
    assert give(shop, small, approval=None, key="k") == first
    for large in (kind(shop), kind(shop, kind="percent", face_minor=0, face_bp=500)):
        with pytest.raises(ApprovalNeeded):
            give(shop, large, approval=None)
    assert len(coupons.wallet(LI)) == 1
    sound()


def test_a_cancelled_coupon_is_over(shop: Shop) -> None:
    coupon = give(shop)
    for _ in range(2):
        coupons.cancel(shop, coupon.coupon_id, reason="mistake", operator_id="he", request_id="c")
    for step in (
        lambda: use(shop, coupon),
        lambda: coupons.cancel(shop, coupon.coupon_id, reason="x", operator_id="he", request_id="d"),
    ):
        with pytest.raises(CouponRefused) as refused:
            step()
        assert why(refused) == "cancelled"
    with pytest.raises(CouponUnknown):
        coupons.cancel(shop, "never", reason="x", operator_id="he", request_id="e")
    sound()


def test_no_code_is_in_the_journal(shop: Shop) -> None:
    coupon = give(shop)
    use(shop, coupon)
    rows = [row for (row,) in db.LEDGER.execute_sql("SELECT body FROM journal")]
    assert rows and not any(coupon.code.encode() in row for row in rows)


def test_fifty_tills_use_one_coupon_once(shop: Shop) -> None:
    coupon, won = give(shop), []
    ready = threading.Barrier(TILLS)

    def till(n: int) -> None:
        ready.wait()
        try:
            use(shop, coupon, f"sale-{n}", f"b-{n}")
        except CouponRefused:
            return
        won.append(n)

    threads = [threading.Thread(target=till, args=(n,)) for n in range(TILLS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(won) == 1
    assert coupon_moves.find(coupon.coupon_id).used_sale == f"sale-{won[0]}"
    sound()


def test_two_tills_race_for_one_coupon_a_thousand_times(shop: Shop) -> None:
    template_id = kind(shop)
    for n in range(RACES):
        coupon, won = give(shop, template_id), []

        def till(sale_id: str, coupon: Coupon = coupon, won: list[str] = won) -> None:
            try:
                use(shop, coupon, sale_id, sale_id)
            except CouponRefused:
                return
            won.append(sale_id)

        pair = [threading.Thread(target=till, args=(f"{n}-{each}",)) for each in "ab"]
        for thread in pair:
            thread.start()
        for thread in pair:
            thread.join()
        assert len(won) == 1
    sound()


STEPS: dict[str, Callable[[Shop, Coupon], object]] = {
    "use": lambda shop, coupon: use(shop, coupon, f"again-{coupon.coupon_id}"),
    "cancel": lambda shop, coupon: coupons.cancel(
        shop, coupon.coupon_id, reason="x", operator_id="he", request_id=f"c-{coupon.coupon_id}"
    ),
    "hand_over": lambda shop, coupon: coupons.hand_over(
        shop, coupon.coupon_id, "m-2", operator_id="he", request_id=f"t-{coupon.coupon_id}"
    ),
    "give": lambda shop, coupon: give(shop, coupon.template_id, key=f"g-{coupon.coupon_id}"),
    "reserve": lambda shop, coupon: coupons.reserve(shop, coupon.coupon_id, basket_id="b-1", group=LI),
    "publish": lambda shop, coupon: coupon_templates.publish(
        shop, TWENTY, operator_id="he", request_id=f"p-{coupon.coupon_id}"
    ),
}


@pytest.mark.parametrize("step", STEPS)
def test_whatever_fails_a_step_is_whole_or_absent(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    shop = make_shop()
    tables = ("coupon", "coupon_move", "coupon_template", "promotion")
    ids: list[str] = []

    def prepare(n: int) -> Coupon:
        enrol(shop, "m-2")
        ids.append(ids[0] if ids else kind(shop, transferable=True, sale_max=99, stackable=True))
        return give(shop, ids[0])

    def look() -> object:
        assert books.differences() == []
        return [
            sorted(map(tuple, db.LEDGER.execute_sql(f"SELECT * FROM {table}").fetchall()), key=repr)
            for table in tables
        ]

    each_failure(monkeypatch, tmp_path, prepare, lambda coupon: STEPS[step](shop, coupon), look)


CUT = """
import os, sys
from pathlib import Path
from services.flows import coupon_moves
from services.flows.stored_value_moves import moment
from services.store import db
from tests.shop import Clock, make_shop, open_store
open_store(Path(sys.argv[1]))
shop = make_shop(Clock())
with db.write():
    coupon_moves.use(shop, moment(shop, "zhou", sale_id="sale-1"), [sys.argv[2]], basket_id="b")
    if sys.argv[3] == "before":
        os._exit(9)
os._exit(9)
"""


@pytest.mark.parametrize(("cut", "after"), [("before", "issued"), ("after", "used")])
def test_a_power_cut_leaves_a_coupon_used_or_not(shop: Shop, cut: str, after: str) -> None:
    coupon, path = give(shop), Path(str(db.LEDGER.database))
    db.LEDGER.shut()
    done = subprocess.run([sys.executable, "-c", CUT, str(path), coupon.coupon_id, cut], check=False)
    assert done.returncode == 9
    open_store(path)
    assert state(coupon) == after
    sound()


def test_a_coupon_that_was_changed_by_hand_is_found(shop: Shop) -> None:
    give(shop)
    member_id = joined(shop, "13812345620", "2700000000014")
    with db.write():
        lives.put((member_id,), Life("active", "core", "2026-01-01", "2026-11-01", 9, 9, 9_000_00))
    wanted = {"version": 1, "operator_id": "he", "request_id": "round-one"}
    coupon_rounds.begin(shop, kind(shop), Audience("group", "core"), **wanted)  # type: ignore[arg-type]
    while coupon_rounds.go_on(shop):
        pass
    sound()
    for spoil in (
        "UPDATE coupon SET state = 'used'",
        "UPDATE coupon_move SET reason = 'x'",
        "UPDATE coupon_template SET until_ms = 1",
        "DELETE FROM coupon_move",
        "UPDATE coupon_count SET many = 2",
        "UPDATE coupon_round SET given = given + 1",
        "UPDATE coupon_round SET state = 'running'",
        "UPDATE coupon SET round_id = ''",
    ):
        with pytest.raises(CouponUnknown), db.write():  # undone again
            db.LEDGER.execute_sql(spoil)
            assert books.differences() != [], spoil
            raise CouponUnknown("undo")
    sound()
