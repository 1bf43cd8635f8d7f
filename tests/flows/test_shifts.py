"""Shifts: a float, blind counts, a Z that nobody changes, and the day's change for whoever forgot."""

from __future__ import annotations

import contextlib
import itertools
import random
import re
import threading

import pytest

from drivers.contracts import Row
from services.domain.errors import (
    ApprovalNeeded,
    CountNeeded,
    CountRefused,
    ParkedWaiting,
    PaymentOpen,
    ReasonNeeded,
    RequestReused,
    ShiftChanged,
)
from services.domain.events import OperatorSignedOff, SaleCompleted, SoldLine, SoldTender
from services.domain.shift import CLOSED, UNATTENDED
from services.domain.shift_events import CashMoved
from services.domain.z import Z, ZCash
from services.flows import (
    baskets,
    business_day,
    cash_moves,
    checkout,
    copies,
    parking,
    payments,
    shifts,
    z_papers,
)
from services.flows.approvals import Approval
from services.flows.record import record
from services.flows.shop import Shop
from services.store import books, db, journal
from services.store import shifts as store
from services.store.db import LEDGER
from tests.shop import SOCKS, TEE, Clock, make_shop

DAY_MS = 86_400_000
FLOAT = [("CNY", [(100_00, 1), (50_00, 1), (20_00, 2), (5_00, 2)])]  # 200.00
EMPTY: list[tuple[str, list[tuple[int, int]]]] = [("CNY", [])]


def begin(shop: Shop, till: str = "1", key: str = "", counts: object = FLOAT) -> str:
    opened = shifts.open_shift(
        shop,
        till,
        counts,
        operator_id="zhou",
        request_id=key or shop.new_id(),  # type: ignore[arg-type]
    )
    return opened.shift_id


def sell(shop: Shop, till: str = "1", *skus: str) -> str:
    for sku in skus or (TEE,):
        baskets.add(shop, till, sku=sku, code="", quantity=1, request_id=shop.new_id())
    basket = baskets.current(shop, till)
    return checkout.settle(
        shop,
        till,
        basket_id=basket.basket_id,
        version=basket.version,
        tendered=[("cash", 1000_00)],
        operator_id="zhou",
        request_id=shop.new_id(),
    ).sale_id


def count(shop: Shop, shift_id: str, pieces: list[tuple[int, int]], key: str = "") -> list[store.Count]:
    request_id = key or shop.new_id()
    return list(shifts.count(shop, shift_id, [("CNY", pieces)], operator_id="zhou", request_id=request_id))


def close(shop: Shop, shift_id: str, reason: str = "not_found", key: str = "") -> Z:
    return shifts.close(shop, shift_id, reason=reason, operator_id="he", request_id=key or shop.new_id())


def drawer(z: Z) -> ZCash:
    (cash,) = z.cash
    return cash


def paid(shop: Shop, n: int, minor: int, tendered: int, rounding: int = 0) -> None:
    """A sale, or money given back where `minor` is negative, as the journal tells it."""
    line = SoldLine(
        line_number=1,
        item_id=TEE,
        gtin="",
        description="T",
        variant="",
        entry_method="keyed",
        quantity=1 if minor > 0 else -1,
        unit_price_minor=abs(minor),
        extended_minor=minor,
        void_flag=False,
    )
    tender = SoldTender(
        tender_type="cash",
        amount_minor=minor + rounding,
        tendered_minor=tendered,
        change_minor=tendered - minor - rounding,
    )
    sale = SaleCompleted(
        sale_id=f"s{n}",
        number=f"S0001-1-{n:06d}",
        retail_store_id="S0001",
        workstation_id="1",
        sequence_number=n,
        business_day="2026-11-22",
        operator_id="zhou",
        currency="CNY",
        begun_at_ms=1,
        ended_at_ms=2,
        line_items=(line,),
        tenders=(tender,),
        total_minor=minor,
        kind="sale" if minor > 0 else "return",
        rounding_minor=rounding,
    )
    with db.write():
        record(shop, sale, shop.now_ms(), "2026-11-22")


def moved(shop: Shop, shift_id: str, kind: str, minor: int) -> None:
    move = CashMoved(
        move_id=shop.new_id(),
        shift_id=shift_id,
        workstation_id="1",
        operator_id="zhou",
        kind=kind,
        currency="CNY",
        amount_minor=minor,
        reason="bank",
        note="",
        approver_id="",
        moved_at_ms=1,
    )
    with db.write():
        store.add_move(move)
        record(shop, move, shop.now_ms(), "2026-11-22")


def test_the_worked_example_expects_262_70_and_260_00_is_short_by_2_70(shop: Shop) -> None:
    """Change given is no income, rounding is what the drawer got, what went out is not expected."""
    shift_id = begin(shop)
    paid(shop, 1, 435_10, 500_00, rounding=-10)
    paid(shop, 2, -22_30, -22_30)
    moved(shop, shift_id, "pay_out", 50_00)
    moved(shop, shift_id, "drop", 300_00)
    (first,) = count(shop, shift_id, [(100_00, 2), (20_00, 3)])
    assert (first.cash[0].expected_minor, first.cash[0].variance_minor) == (262_70, -2_70)
    z = close(shop, shift_id, "")
    assert (drawer(z).expected_minor, drawer(z).counted_minor, drawer(z).variance_minor) == (
        262_70,
        260_00,
        -2_70,
    )
    assert (z.net_minor, z.rounding_minor, z.returned_minor) == (412_80, -10, -22_30)
    (cash,) = z.tenders
    assert (cash.count, cash.amount_minor, cash.refunds, cash.refunds_minor) == (1, 435_00, 1, 22_30)


def test_a_z_tells_the_shift_and_the_next_one_goes_on_from_it(shop: Shop) -> None:
    first = begin(shop)
    sell(shop, "1", TEE, SOCKS)
    sell(shop, "2")
    sell(shop)
    count(shop, first, [(100_00, 4), (20_00, 1), (5_00, 1), (1_00, 2)])
    z = close(shop, first)
    assert (z.z_no, z.sales, z.pieces, z.gross_minor, z.net_minor) == (1, 2, 3, 227_00, 227_00)
    assert (z.first_number, z.last_number) == ("S0001-1-000001", "S0001-1-000002")
    assert drawer(z).variance_minor == 0 and z.grand_total_minor == 227_00
    second = begin(shop)
    sell(shop)
    count(shop, second, [(100_00, 2), (50_00, 1), (20_00, 2), (5_00, 1), (1_00, 4)])
    after = close(shop, second)
    assert (after.z_no, after.net_minor, after.grand_total_minor) == (2, 99_00, 326_00)
    assert after.first_seq == z.last_seq + 1
    kept = store.z_of(first)
    assert kept is not None and kept[0] == z


def test_a_shift_without_a_sale_closes_with_a_z_of_nothing(shop: Shop) -> None:
    shift_id = begin(shop, counts=EMPTY)
    count(shop, shift_id, [])
    z = close(shop, shift_id, "")
    assert (z.z_no, z.sales, z.net_minor, drawer(z).variance_minor, z.first_number) == (1, 0, 0, 0, "")


def test_nothing_is_closed_before_it_is_counted_and_counted_twice_at_most(shop: Shop) -> None:
    shift_id = begin(shop)
    with pytest.raises(CountNeeded):
        close(shop, shift_id)
    count(shop, shift_id, [(100_00, 1)])
    counts = count(shop, shift_id, [(100_00, 2)])
    assert [c.cash[0].counted_minor for c in counts] == [100_00, 200_00]
    with pytest.raises(CountRefused):
        count(shop, shift_id, [(100_00, 3)])
    assert drawer(close(shop, shift_id)).counted_minor == 200_00
    assert len(store.counts_of(shift_id)) == 2
    with pytest.raises(ShiftChanged):
        count(shop, shift_id, [(100_00, 3)])


def test_cash_that_moves_after_the_count_asks_for_another_one(shop: Shop) -> None:
    """The variance of a Z is of the cash that its drawer held at the end, not of an hour before."""
    shift_id = begin(shop)
    count(shop, shift_id, [(100_00, 2)])
    cash_moves.move(
        shop,
        "1",
        kind="drop",
        currency="CNY",
        amount_minor=150_00,
        reason="safe",
        operator_id="zhou",
        request_id="drop",
    )
    with pytest.raises(CountNeeded):
        close(shop, shift_id)
    counts = count(shop, shift_id, [(20_00, 2)])
    assert [c.number for c in counts] == [1, 2]
    sell(shop)
    with pytest.raises(CountNeeded):
        close(shop, shift_id)
    count(shop, shift_id, [(100_00, 1)])
    count(shop, shift_id, [(100_00, 1), (20_00, 2), (5_00, 1)])  # the recount of the last one
    with pytest.raises(CountRefused):
        count(shop, shift_id, [])
    z = close(shop, shift_id)
    assert (drawer(z).expected_minor, drawer(z).counted_minor, drawer(z).variance_minor) == (
        149_00,
        145_00,
        -4_00,
    )
    assert books.differences() == []


def test_a_count_before_the_last_sales_says_nothing_of_a_forgotten_drawer(shop: Shop, clock: Clock) -> None:
    shift_id = begin(shop)
    count(shop, shift_id, [(100_00, 2)])
    sell(shop)
    clock.at_ms += DAY_MS
    assert business_day.keep(shop, "1")
    found = store.z_of(shift_id)
    assert found is not None and drawer(found[0]).counted_minor is None
    late = count(shop, shift_id, [(100_00, 3)])[-1]
    assert (late.late, late.cash[0].variance_minor) == (True, 1_00)
    assert books.differences() == []


def test_what_lacks_beyond_the_tolerance_needs_a_reason(shop: Shop) -> None:
    shift_id = begin(shop)
    count(shop, shift_id, [(100_00, 1), (50_00, 1), (20_00, 2), (1_00, 4), (50, 1)])  # 194.50
    with pytest.raises(ReasonNeeded) as refused:
        close(shop, shift_id, "")
    assert refused.value.details["size_minor"] == 5_50
    assert close(shop, shift_id, "wrong_change").reason == "wrong_change"


@pytest.mark.parametrize(
    "pieces", [[(3_00, 1)], [(100_00, -1)], [(100_00, 10_000)], [(100_00, 9_999), (100_00, 1)]]
)
def test_a_count_of_what_is_no_money_is_refused_and_nothing_is_kept(
    shop: Shop, pieces: list[tuple[int, int]]
) -> None:
    shift_id = begin(shop)
    before = journal.head()
    with pytest.raises(CountRefused):
        count(shop, shift_id, pieces)
    assert (journal.head(), store.counts_of(shift_id)) == (before, [])


def test_a_large_difference_needs_somebody_else_and_the_z_says_who(shop: Shop) -> None:
    shift_id = begin(shop)
    count(shop, shift_id, [(100_00, 1), (50_00, 1)])  # 50.00 short
    asked = dict(reason="not_found", note="under the counter", operator_id="zhou")
    with pytest.raises(ApprovalNeeded) as refused:
        shifts.close(shop, shift_id, request_id="k1", **asked)  # type: ignore[arg-type]
    assert refused.value.details["right"] == "variance" and refused.value.details["size"] == 50_00
    assert store.z_of(shift_id) is None
    approval = Approval(approver_id="he", pin="735290", reason="seen")
    z = shifts.close(shop, shift_id, approval=approval, request_id="k1", **asked)  # type: ignore[arg-type]
    assert (z.approver_id, z.reason, z.note) == ("he", "not_found", "under the counter")
    assert "approval.granted" in [row.type for row in journal.after(0, 100)]
    assert books.differences() == []


def test_a_payment_whose_end_nobody_knows_keeps_the_shift_open(shop: Shop) -> None:
    shift_id = begin(shop, counts=EMPTY)
    baskets.add(shop, "1", sku=TEE, code="", quantity=1, request_id="add")
    bag = baskets.current(shop, "1")
    asked = dict(basket_id=bag.basket_id, version=bag.version, tender="card", amount_minor=99_00)
    payments.begin(shop, "1", operator_id="zhou", request_id="pay", **asked)  # type: ignore[arg-type]
    count(shop, shift_id, [])
    with pytest.raises(PaymentOpen):
        close(shop, shift_id, "")
    bag = baskets.current(shop, "1")
    payments.answer(shop, "1", bag.payments[0].payment_id, state="declined", operator_id="zhou")
    assert close(shop, shift_id, "").z_no == 1


@pytest.mark.parametrize("policy", ["carry", "expire", "block"])
def test_parked_baskets_at_the_close_follow_the_settings(shop: Shop, clock: Clock, policy: str) -> None:
    shop = make_shop(clock, parked_at_close=policy, new_id=shop.new_id)
    shift_id = begin(shop, counts=EMPTY)
    baskets.add(shop, "1", sku=TEE, code="", quantity=1, request_id="add")
    bag = baskets.current(shop, "1")
    asked = dict(basket_id=bag.basket_id, version=bag.version, reason="phone_call", note="")
    parking.park(shop, "1", operator_id="zhou", request_id="park", **asked)  # type: ignore[arg-type]
    count(shop, shift_id, [])
    if policy == "block":
        with pytest.raises(ParkedWaiting):
            close(shop, shift_id, "")
        return
    z = close(shop, shift_id, "")
    assert (z.parked, z.abandoned) == (1, int(policy == "expire"))
    assert books.differences() == []


def test_a_repeat_changes_nothing_and_another_wish_under_the_key_is_refused(shop: Shop) -> None:
    shift_id = begin(shop, key="open")
    assert begin(shop, key="open") == shift_id
    with pytest.raises(RequestReused):
        begin(shop, key="open", counts=EMPTY)
    with pytest.raises(ShiftChanged):
        begin(shop)
    assert len(count(shop, shift_id, [(100_00, 2)], "count")) == 1
    assert len(count(shop, shift_id, [(100_00, 2)], "count")) == 1
    z = close(shop, shift_id, key="close")
    head = journal.head()
    assert close(shop, shift_id, key="close") == z
    with pytest.raises(RequestReused):
        close(shop, shift_id, "other", key="close")
    assert journal.head() == head
    with pytest.raises(ShiftChanged):
        close(shop, shift_id)


def test_a_sale_without_a_shift_begins_one_whose_float_nobody_knows(shop: Shop) -> None:
    sell(shop)
    assert store.open_of("1") is None
    assert business_day.keep(shop, "1") and not business_day.keep(shop, "1")
    opened = store.open_of("1")
    assert opened is not None and opened.unknown_float and opened.operator_id == ""
    assert begin(shop) == opened.shift_id  # counted at last
    count(shop, opened.shift_id, [(100_00, 2), (50_00, 1), (20_00, 2), (5_00, 1), (1_00, 4)])
    z = close(shop, opened.shift_id)
    assert (z.sales, drawer(z).float_minor, drawer(z).variance_minor) == (1, 200_00, 0)
    assert not z.unknown_float


def test_a_float_that_is_skipped_leaves_nothing_to_compare_with(shop: Shop) -> None:
    shift_id = begin(shop, counts=None)
    sell(shop)
    count(shop, shift_id, [])
    z = close(shop, shift_id, "")  # 99.00 short, but of what?
    assert z.unknown_float and drawer(z).expected_minor == 99_00


def test_a_forgotten_shift_ends_with_its_day_and_is_counted_later(shop: Shop, clock: Clock) -> None:
    shift_id = begin(shop)
    sell(shop)
    clock.at_ms += DAY_MS
    sell(shop)  # of the next day, before anybody has closed the last one
    assert business_day.keep(shop, "1")
    forgotten = store.by_id(shift_id)
    assert forgotten is not None and forgotten.state == UNATTENDED
    found = store.z_of(shift_id)
    assert found is not None
    z = found[0]
    assert (z.sales, z.unattended, z.business_day) == (1, True, "2026-11-22")
    assert (drawer(z).expected_minor, drawer(z).counted_minor) == (299_00, None)
    today = store.open_of("1")
    assert today is not None and (today.business_day, today.number) == ("2026-11-23", 2)
    assert today.first_seq == z.last_seq + 1
    with pytest.raises(ShiftChanged):  # the next one has begun: what is in the drawer is its own
        count(shop, shift_id, [])


def test_a_forgotten_shift_is_counted_before_the_next_one_begins(shop: Shop, clock: Clock) -> None:
    shift_id = begin(shop)
    clock.at_ms += DAY_MS
    (late,) = count(shop, shift_id, [(100_00, 1), (50_00, 1)])
    assert late.late and late.cash[0].variance_minor == -50_00
    counted = store.by_id(shift_id)
    assert counted is not None and counted.state == UNATTENDED
    found = store.z_of(shift_id)
    assert found is not None and drawer(found[0]).counted_minor is None  # what is written stays


@pytest.mark.parametrize("policy", ["carry", "expire", "block"])
def test_a_forgotten_day_expires_what_was_parked_where_the_settings_say_so(
    shop: Shop, clock: Clock, policy: str
) -> None:
    """Nobody can be held up, so a shop that blocks the close carries over what nobody looked at."""
    shop = make_shop(clock, parked_at_close=policy, new_id=shop.new_id)

    def put_aside() -> None:
        baskets.add(shop, "1", sku=TEE, code="", quantity=1, request_id=shop.new_id())
        bag = baskets.current(shop, "1")
        asked = dict(basket_id=bag.basket_id, version=bag.version, reason="phone_call", note="")
        parking.park(shop, "1", operator_id="zhou", request_id=shop.new_id(), **asked)  # type: ignore[arg-type]

    shift_id = begin(shop, counts=EMPTY)
    put_aside()
    clock.at_ms += DAY_MS
    put_aside()  # today's, before anything has noticed that yesterday is over
    assert business_day.keep(shop, "1")
    found = store.z_of(shift_id)
    assert found is not None and (found[0].unattended, found[0].parked) == (True, 1)
    waiting = LEDGER.execute_sql("SELECT state, end_reason FROM parked ORDER BY ticket").fetchall()
    yesterday = ("expired", "day_close") if policy == "expire" else ("parked", "")
    assert waiting == [yesterday, ("parked", "")]
    assert books.differences() == []


def test_a_forgotten_day_without_a_later_one_counts_what_expired(shop: Shop, clock: Clock) -> None:
    shop = make_shop(clock, parked_at_close="expire", new_id=shop.new_id)
    shift_id = begin(shop, counts=EMPTY)
    baskets.add(shop, "1", sku=TEE, code="", quantity=1, request_id="add")
    bag = baskets.current(shop, "1")
    asked = dict(basket_id=bag.basket_id, version=bag.version, reason="phone_call", note="")
    parking.park(shop, "1", operator_id="zhou", request_id="park", **asked)  # type: ignore[arg-type]
    clock.at_ms += DAY_MS
    assert business_day.keep(shop, "1")
    found = store.z_of(shift_id)
    assert found is not None and (found[0].parked, found[0].abandoned) == (1, 1)
    assert books.differences() == []


def test_a_copy_counts_in_the_shift_of_the_till_that_printed_it(shop: Shop) -> None:
    first = begin(shop)
    sale_id = sell(shop)
    copies.copy_receipt(shop, sale_id, operator_id="zhou", till="1", request_id="c1")
    count(shop, first, [(100_00, 2), (50_00, 1), (20_00, 2), (5_00, 1), (1_00, 4)])
    assert close(shop, first).copies == 1
    second, other = begin(shop), begin(shop, "2")
    for n, till in enumerate("1122", 2):
        copies.copy_receipt(shop, sale_id, operator_id="zhou", till=till, request_id=f"c{n}")
    for shift_id in (second, other):
        count(shop, shift_id, [(100_00, 2)])
        assert close(shop, shift_id).copies == 2
    assert books.differences() == []


def test_whoever_takes_over_without_closing_has_a_turn_of_their_own(shop: Shop, clock: Clock) -> None:
    """A12: one drawer, one Z, and each turn at it with its sales and its times."""

    def turn(operator_id: str, *skus: str) -> None:
        for sku in skus:
            baskets.add(shop, "1", sku=sku, code="", quantity=1, request_id=shop.new_id())
            basket = baskets.current(shop, "1")
            checkout.settle(
                shop,
                "1",
                basket_id=basket.basket_id,
                version=basket.version,
                tendered=[("cash", 1000_00)],
                operator_id=operator_id,
                request_id=shop.new_id(),
            )
        with db.write():
            off = OperatorSignedOff(operator_id=operator_id, workstation_id="1")
            record(shop, off, shop.now_ms())
        clock.at_ms += 3_600_000

    shift_id = begin(shop)
    turn("zhou", TEE, SOCKS)
    turn("he", TEE)
    turn("zhou", SOCKS)
    shift, fold = shifts.look(shop, "1")
    assert shift is not None
    count(shop, shift_id, [(100_00, 4), (50_00, 1), (5_00, 1), (1_00, 1)])
    z = close(shop, shift_id)
    assert shifts.x_report(shop, shift, fold).sub_shifts == z.sub_shifts
    assert [(each.operator_id, each.sales, each.net_minor) for each in z.sub_shifts or ()] == [
        ("zhou", 2, 128_00),
        ("he", 1, 99_00),
        ("zhou", 1, 29_00),
    ]
    assert [(each.operator_id, each.net_minor) for each in z.operators] == [("he", 99_00), ("zhou", 157_00)]
    rows = {op.left: op.right for op in z_papers.z_ops(shop, shift_id) if isinstance(op, Row)}
    span = next(left for left in rows if left.endswith("× 2") and left.startswith(" "))
    assert re.fullmatch(r" \d\d:\d\d × 2", span) and rows[span] == "128.00"
    assert books.differences() == []


def test_a_clock_that_is_set_back_closes_nothing_and_opens_no_day_again(shop: Shop, clock: Clock) -> None:
    shift_id = begin(shop)
    for back in (3_600_000, DAY_MS, 400 * DAY_MS):
        clock.at_ms -= back
        sell(shop)
        assert not business_day.keep(shop, "1")
    still = store.open_of("1")
    assert still is not None and (still.shift_id, still.business_day) == (shift_id, "2026-11-22")


def walk(shop: Shop, clock: Clock, rng: random.Random) -> None:
    """Something that happens in a shop; what is refused changes nothing."""
    till, what = rng.choice("12"), rng.random()
    held = store.open_of(till)
    if what < 0.5:
        sell(shop, till, rng.choice((TEE, SOCKS)))
    elif what < 0.6:
        clock.at_ms += rng.randrange(DAY_MS)
    elif what < 0.7:
        business_day.keep(shop, till)
    elif held is None or held.unknown_float:
        begin(shop, till, counts=rng.choice((FLOAT, None)))
    else:
        with contextlib.suppress(CountRefused, CountNeeded, ShiftChanged):
            if what < 0.85:
                count(shop, held.shift_id, [(100_00, rng.randrange(9))])
            else:
                close(shop, held.shift_id)


def test_every_sale_of_a_seeded_month_is_in_exactly_one_z(shop: Shop, clock: Clock, soak: int) -> None:
    rng = random.Random(11)
    for _ in range(300 * soak):
        walk(shop, clock, rng)
    clock.at_ms += 2 * DAY_MS
    for till in "12":
        business_day.keep(shop, till)
        zs = [store.z_of(shift.shift_id) for shift in store.newest(2**62, 10_000) if shift.till == till]
        found = sorted((each[0] for each in zs if each), key=lambda z: z.z_no)
        assert [z.z_no for z in found] == list(range(1, len(found) + 1))
        sold = LEDGER.execute_sql(
            "SELECT COUNT(*), COALESCE(SUM(total_minor), 0) FROM sale WHERE till = ?", (till,)
        ).fetchone()
        assert (sum(z.sales for z in found), sum(z.net_minor for z in found)) == sold
        assert found[-1].grand_total_minor == sold[1]
        for before, after in itertools.pairwise(found):
            assert after.first_seq == before.last_seq + 1
    assert (journal.first_break(), books.differences()) == (0, [])


def test_two_tablets_close_a_shift_and_make_one_z(shop: Shop, soak: int) -> None:
    for n in range(100 * soak):
        shift_id = begin(shop, counts=EMPTY)
        count(shop, shift_id, [])
        start, ends = threading.Barrier(2), []

        def press(key: str, shift_id: str = shift_id, start: threading.Barrier = start) -> None:
            start.wait()
            try:
                ends.append(close(shop, shift_id, "", key=key).z_no)  # noqa: B023
            except ShiftChanged:
                ends.append(0)  # noqa: B023

        threads = [threading.Thread(target=press, args=(f"{tablet}-{n:06d}",)) for tablet in "ab"]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sorted(ends) == [0, n + 1]
        assert store.open_of("1") is None and business_day.grand_total_minor("1") == 0
    numbers = [n for (n,) in LEDGER.execute_sql("SELECT number FROM z_report ORDER BY number")]
    assert numbers == list(range(1, 100 * soak + 1))
    last = store.last_of("1")
    assert last is not None and last.state == CLOSED
