"""Points in the books: earned with a sale, spent, given back and taken back with a return."""

from __future__ import annotations

import random
import threading
from pathlib import Path

import pytest

from services.domain.errors import PointsShort
from services.domain.points_rules import Book, Terms
from services.flows import points as flow
from services.flows.shop import Shop
from services.jobs.contract import Arguments
from services.jobs.expire_points import JOB
from services.store import books, db, journal, points
from services.store.points import Entry
from tests.faults import each_failure
from tests.flows.points_till import MEMBER, ONE_A_YUAN, V1_BONUS, V1_LINES, Customer, rules
from tests.shop import Clock, make_shop, open_store

DAY_MS = 86_400_000


@pytest.fixture
def customer(shop: Shop) -> Customer:
    rules(shop)
    return Customer(shop)


def lots(group: tuple[str, ...] = (MEMBER,)) -> dict[str, int]:
    return {each.lot.expires or each.lot.state: each.points for each in points.account(group).held}


def told(document: str, kind: str) -> int:
    return sum(each.delta for each in points.of_document(document) if each.kind == kind)


def sound() -> None:
    assert books.differences() == [] and journal.first_break() == 0


def test_what_comes_back_of_v1_moves_points_to_the_last_one(customer: Customer) -> None:
    """500 points from two lots paid for a part; 601 were earned. L2, L1 and L3 come back one by one."""
    customer.give(300, "2026-12")
    customer.give(450, "2027-03")
    customer.buy("sale", spent=500, bonus_minor=V1_BONUS)
    assert told("sale", "earned") == 601 and lots() == {"2027-03": 250, "2027-11": 601}
    steps = [
        ("r2", {2: 1}, (3_333, 1_628), 256, -308, {"2026-12": 56, "2027-03": 450, "2027-11": 293}),
        ("r1", {1: 1}, (1_628, 272), 203, -244, {"2026-12": 259, "2027-03": 450, "2027-11": 49}),
        ("r3", {3: 3}, (272, 0), 41, -49, {"2026-12": 300, "2027-03": 450}),
    ]
    for document, now, bonus, restored, clawed, left in steps:
        customer.bring_back(document, "sale", now, bonus=bonus)
        assert (told(document, "restored"), told(document, "clawed")) == (restored, clawed)
        assert lots() == left
    sound()


def test_single_pieces_that_come_back_add_up_to_the_whole(customer: Customer) -> None:
    customer.give(500)
    customer.buy("sale", spent=500, bonus_minor=V1_BONUS)
    for n in range(3):
        customer.bring_back(f"sock-{n}", "sale", {3: 1}, bonus=(3_333, 3_333 if n < 2 else 3_061))
    customer.bring_back("rest", "sale", {1: 1, 2: 1}, bonus=(3_061, 0))
    assert lots() == {"2027-03": 500}
    sound()


def test_buying_and_returning_a_thousand_times_leaves_every_lot_as_before(customer: Customer) -> None:
    for month, amount in (("2026-12", 130), ("2027-03", 250), ("", 400)):
        customer.give(amount, month)
    before = lots()
    dice = random.Random(7)
    for n in range(1_000):
        if n % 100 == 0:
            sound()
        with db.write():
            customer.inside = True
            customer.buy(f"s{n}", spent=500, bonus_minor=V1_BONUS)
            first, second, last = dice.sample((1, 2, 3), 3)
            for line in (first, second):
                customer.bring_back(
                    f"r{n}-{line}", f"s{n}", {line: V1_LINES[line][0]}, bonus=(3_333, 3_333)
                )
            customer.bring_back(f"r{n}", f"s{n}", {last: V1_LINES[last][0]}, bonus=(3_333, 0))
        assert lots() == before, n
    sound()


def test_a_document_that_was_followed_before_moves_nothing_again(customer: Customer) -> None:
    customer.give(500)
    for _ in range(3):
        customer.buy("sale", spent=500)
    assert lots() == {"2027-11": 635}
    sound()


def test_points_that_were_earned_and_spent_are_owed_when_the_goods_come_back(customer: Customer) -> None:
    customer.buy("sale")
    customer.buy("other", {1: (1, 100_00, 600)}, spent=600)
    customer.bring_back("back", "sale", {1: 1, 2: 1, 3: 3})
    account = flow.look(customer.shop, (MEMBER,))
    assert (account.balance, account.debt) == (-500, 500)
    with pytest.raises(PointsShort) as refused:
        customer.buy("third", spent=1)
    assert refused.value.details == {"balance": -500, "usable": 0}
    customer.buy("fourth", {1: (1, 900_00, 0)})
    account = flow.look(customer.shop, (MEMBER,))
    assert (account.balance, account.debt) == (400, 0)
    sound()


def test_what_is_due_is_seen_at_once_and_written_down_with_the_next_move(
    customer: Customer, clock: Clock
) -> None:
    customer.give(100, "2026-11")
    customer.give(40, "")
    clock.at_ms += 9 * DAY_MS  # 1 December
    seq = journal.head()[0]
    assert flow.look(customer.shop, (MEMBER,)).balance == 40 and points.balance(MEMBER) == 140
    assert journal.head()[0] == seq
    with pytest.raises(PointsShort):
        customer.buy("sale", spent=41)
    customer.buy("sale", spent=40)
    assert [(e.kind, e.delta) for e in reversed(points.statement((MEMBER,)))][-3:] == [
        ("expired", -100),
        ("spent", -40),
        ("earned", 635),
    ]
    sound()


def test_the_nightly_job_ends_months_and_lets_pending_points_be_used(shop: Shop, clock: Clock) -> None:
    rules(shop, Book(terms=Terms(points=1, per_minor=100, pending_days=7)))
    for n in range(250):
        customer = Customer(shop, (f"m-{n:03d}",))
        customer.give(10, "2026-11")
        customer.buy(f"s-{n}", {1: (1, 100_00, 0)})
    assert points.balance("m-007") == 10 and flow.look(shop, ("m-007",)).pending == 100
    clock.at_ms += 6 * DAY_MS
    assert flow.catch_up_all(shop) == 0
    clock.at_ms += DAY_MS
    assert flow.catch_up_all(shop) == 250
    assert points.balance("m-007") == 110
    clock.at_ms += 2 * DAY_MS
    told = JOB.run(Arguments((), str, clock.now_ms, lambda: shop))
    assert told == "brought the points of 250 members up to date" and flow.catch_up_all(shop) == 0
    assert points.balance("m-007") == 100
    sound()


def test_nothing_expires_by_a_clock_that_is_not_to_be_trusted(tmp_path: Path, clock: Clock) -> None:
    open_store(tmp_path / "shop.db")
    quality = ["ntp"]
    shop = make_shop(clock, clock_quality=lambda: quality[0])
    rules(shop)
    Customer(shop).give(100, "2026-11")
    clock.at_ms += 400 * DAY_MS
    quality[0] = "none"
    assert not flow.catch_up_all(shop) and points.balance(MEMBER) == 100
    assert flow.look(shop, (MEMBER,)).balance == 100
    quality[0] = "ntp"
    assert flow.catch_up_all(shop) and points.balance(MEMBER) == 0
    db.LEDGER.shut()


def test_both_ids_of_one_person_are_spent_from_and_nothing_moves_between_them(shop: Shop) -> None:
    rules(shop)
    Customer(shop, ("b",)).give(100, "2026-12")
    Customer(shop, ("a",)).give(100, "2026-12")
    both = Customer(shop, ("a", "b"))
    both.buy("sale", {1: (1, 10_00, 150)}, spent=150)
    assert (lots(("a",)), lots(("b",))) == ({"2027-11": 10}, {"2026-12": 50})
    both.bring_back("back", "sale", {1: 1}, {1: (1, 10_00, 150)})
    assert (lots(("a",)), lots(("b",))) == ({"2026-12": 100}, {"2026-12": 100})
    sound()


def test_after_an_unmerge_nobody_pays_the_debt_of_somebody_else(shop: Shop) -> None:
    rules(shop)
    both, b = Customer(shop, ("a", "b")), Customer(shop, ("b",))
    b.give(100, "2026-12")
    both.buy("sale", {1: (1, 80_00, 30)}, spent=30)  # earned by a, spent from b
    Customer(shop, ("a",)).buy("other", {1: (1, 1_00, 80)}, spent=80)
    b.bring_back("back", "sale", {1: 1}, {1: (1, 80_00, 30)})
    assert lots(("b",)) == {"2026-12": 100}
    assert lots(("a",)) == {"debt": -79}
    sound()


def test_the_statement_has_every_line_with_its_reason_and_what_was_left_after_it(
    shop: Shop, clock: Clock
) -> None:
    rules(shop, Book(terms=Terms(points=1, per_minor=100, pending_days=7)))
    customer = Customer(shop)
    customer.give(30)
    customer.buy("sale", {1: (1, 50_00, 0)})
    clock.at_ms += 7 * DAY_MS
    customer.buy("other", {1: (1, 10_00, 80)}, spent=80)
    clock.at_ms += 7 * DAY_MS
    customer.bring_back("back", "sale", {1: 1}, {1: (1, 50_00, 0)})
    lines, more = flow.statement((MEMBER,))
    told = [(each.entry.reason, each.entry.delta, each.balance) for each in reversed(lines)]
    assert told == [
        ("goodwill", 30, 30),
        ("purchase", 50, 30),  # pending
        ("activated", 50, 80),
        ("discount", -30, 50),
        ("discount", -50, 0),
        ("purchase", 10, 0),  # pending
        ("activated", 10, 10),
        ("returned", -10, 0),
        ("returned", -40, -40),  # owed
    ]
    assert (lines[0].balance, more) == (flow.look(shop, (MEMBER,)).balance, 0) == (-40, 0)
    sound()


def test_two_ids_that_become_one_person_have_the_sum_and_one_pays_what_the_other_owes(shop: Shop) -> None:
    rules(shop)
    a, b = Customer(shop, ("a",)), Customer(shop, ("b",))
    a.buy("sale", {1: (1, 50_00, 0)})
    a.buy("other", {1: (1, 0, 50)}, spent=50)
    a.bring_back("back", "sale", {1: 1}, {1: (1, 50_00, 0)})
    b.give(80)
    assert (flow.look(shop, ("a",)).balance, flow.look(shop, ("b",)).balance) == (-50, 80)
    both = flow.look(shop, ("a", "b"))
    assert (both.balance, both.debt, lots(("b",))) == (30, 0, {"2027-03": 80})
    Customer(shop, ("a", "b")).buy("third", {1: (1, 0, 30)}, spent=30)
    assert lots(("a", "b")) == {}
    sound()


def test_of_two_tills_that_spend_the_last_points_one_wins_a_thousand_times(customer: Customer) -> None:
    shop, start, end = customer.shop, threading.Barrier(3), threading.Barrier(3)
    won: list[str] = []

    def till(name: str) -> None:
        buyer = Customer(shop)
        for n in range(1_000):
            start.wait()
            try:
                buyer.buy(f"{name}-{n}", {1: (1, 50, 100)}, spent=100)
                won.append(name)
            except PointsShort:
                pass
            end.wait()

    threads = [threading.Thread(target=till, args=(name,)) for name in "12"]
    for thread in threads:
        thread.start()
    for _ in range(1_000):
        customer.give(100)
        start.wait()
        end.wait()
    for thread in threads:
        thread.join()
    assert len(won) == 1_000 and points.balance(MEMBER) == 0
    sound()


def test_a_return_is_whole_or_absent_wherever_storage_fails(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop = make_shop()

    def prepare(n: int) -> Customer:
        if n == 1:
            rules(shop, ONE_A_YUAN)
        customer = Customer(shop, (f"m-{n}",))
        customer.give(300, "2026-12")
        customer.give(300, "2027-03")
        customer.buy(f"s-{n}", spent=500, bonus_minor=V1_BONUS)
        return customer

    def step(customer: Customer) -> None:
        n = customer.group[0].removeprefix("m-")
        customer.bring_back(f"r-{n}", f"s-{n}", {1: 1, 2: 1, 3: 3}, bonus=(V1_BONUS, 0))
        customer.back.clear()

    def look() -> list[Entry]:
        rows = db.LEDGER.execute_sql("SELECT DISTINCT sale_id FROM points_row ORDER BY 1").fetchall()
        assert books.differences() == []
        return [each for (sale_id,) in rows if sale_id for each in points.of_document(sale_id)]

    each_failure(monkeypatch, tmp_path, prepare, step, look)


def test_a_lot_or_a_row_that_differs_from_the_journal_is_named(customer: Customer) -> None:
    customer.give(100)
    with db.write():
        db.LEDGER.execute_sql("UPDATE points_lot SET credited = 99")
        db.LEDGER.execute_sql("UPDATE points_row SET reason = 'other'")
    wrong = books.differences()
    assert len(wrong) == 2 and "(99, 0)" in wrong[0] and "'other'" in wrong[1]
