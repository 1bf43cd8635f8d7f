"""Points lots: what is earned, spent, given back and taken back, and what always holds."""

from __future__ import annotations

import pytest
from hypothesis import Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from services.domain import points
from services.domain.errors import PointsShort
from services.domain.points import Account, Held, Lot, Move, Past
from tests.domain.points_model import MEMBERS, History, play

HISTORIES = 6_000  # and 120,000 with --soak


def held(*lots: tuple[str, int], group: tuple[str, ...] = ("m",)) -> Account:
    return Account(group, held=tuple(Held(Lot(group[0], expires=month), n) for month, n in lots))


def left(account: Account) -> dict[str, int]:
    return {each.lot.expires or each.lot.state: each.points for each in account.held}


def test_what_expires_takes_only_what_was_not_spent_from_it() -> None:
    """100 until January, 100 until March, 80 spent in January: 100 are left in February, not 20."""
    account = held(("2027-01", 100), ("2027-03", 100))
    account = account.after(points.spend(account, 80))
    account = account.after(points.due(account, "2027-02-01"))
    assert (account.balance, left(account)) == (100, {"2027-03": 100})


def test_the_soonest_expiry_is_spent_first_and_what_never_expires_last() -> None:
    account = held(("", 50), ("2027-03", 50), ("2027-01", 50))
    assert [(m.lot.expires, m.delta) for m in points.spend(account, 120)] == [
        ("2027-01", -50),
        ("2027-03", -50),
        ("", -20),
    ]


def test_of_one_month_the_member_that_stands_for_the_person_is_spent_first() -> None:
    lots = tuple(Held(Lot(member, expires="2027-01"), 10) for member in ("b", "a", "c"))
    account = Account(("a", "c", "b"), held=lots)
    assert [m.lot.member_id for m in points.spend(account, 25)] == ["a", "c", "b"]


def test_points_are_usable_to_the_last_day_of_their_month() -> None:
    account = held(("2027-02", 5))
    assert points.last_day("2027-02") == "2027-02-28" and points.last_day("2028-02") == "2028-02-29"
    assert points.due(account, "2027-02-28") == []
    assert points.due(account, "2027-03-01") == [Move(points.EXPIRED, Lot("m", expires="2027-02"), -5)]
    assert points.due(account, "2027-03-01", closing=False) == []


def test_pending_points_are_in_no_balance_until_their_day() -> None:
    lot = Lot("m", state=points.PENDING, expires="2027-12", pending_until="2027-01-08")
    account = held().after(points.earn(held(), lot, 100))
    assert (account.balance, account.pending) == (0, 100)
    with pytest.raises(PointsShort) as refused:
        points.spend(account, 1)
    assert refused.value.details == {"balance": 0, "usable": 0}
    assert points.due(account, "2027-01-07") == []
    account = account.after(points.due(account, "2027-01-08"))
    assert (account.balance, account.pending) == (100, 0)


def test_what_was_spent_goes_back_into_its_lots_the_last_drawn_first() -> None:
    account = held(("2027-03", 0))
    spent = [Past(1, Lot("m", expires="2027-01"), 30), Past(2, Lot("m", expires="2027-03"), 50)]
    moves = points.restore(account, points.last_drawn(spent, 60), "2027-01", "2027-02")
    assert [(m.lot.expires, m.delta, m.of_seq) for m in moves] == [("2027-03", 50, 2), ("2027-01", 10, 1)]


def test_what_goes_back_into_a_month_that_is_over_gets_days_of_grace() -> None:
    spent = [Past(1, Lot("m", expires="2027-01"), 30)]
    (move,) = points.restore(held(), spent, "2027-02", points.month_after("2027-02-10", 30))
    assert move.lot.expires == "2027-03"


@pytest.mark.parametrize(
    ("policy", "balance", "debt"),
    [("only_pending", 20, 0), ("within_balance", 0, 0), ("unlimited", -80, 80)],
)
def test_points_that_are_gone_are_owed_forgiven_or_taken_as_the_policy_says(
    policy: points.Policy, balance: int, debt: int
) -> None:
    account = held(("2027-05", 20))
    moves = points.claw(account, [Past(1, Lot("m", expires="2027-01"), 100)], policy)
    account = account.after(moves)
    assert (account.balance, account.debt) == (balance, debt)


def test_a_debt_takes_the_next_points_and_nothing_is_spent_while_it_stands() -> None:
    account = held().after(points.claw(held(), [Past(1, Lot("m"), 100)], "unlimited"))
    with pytest.raises(PointsShort):
        points.spend(account, 1)
    account = account.after(points.earn(account, Lot("m", expires="2027-01"), 40))
    assert (account.balance, account.debt, account.active) == (-60, 60, 0)
    account = account.after(points.earn(account, Lot("m", expires="2027-01"), 100))
    assert (account.balance, account.debt) == (40, 0)


def test_pending_points_are_taken_back_before_others() -> None:
    pending = Lot("m", state=points.PENDING, expires="2027-05", pending_until="2027-01-20")
    account = Account(("m",), held=(Held(pending, 60), Held(pending.usable, 60)))
    earned = [Past(1, pending.usable, 30), Past(2, pending, 60)]
    assert [(m.lot.state, m.delta) for m in points.claw(account, earned, "unlimited")] == [
        ("pending", -60),
        ("active", -30),
    ]


def test_a_correction_downwards_takes_what_is_there_and_no_more() -> None:
    account = held(("2027-01", 30), ("", 10))
    moves = points.adjust(account, Lot("m"), -35)
    assert {m.kind for m in moves} == {points.ADJUSTED} and sum(m.delta for m in moves) == -35
    with pytest.raises(PointsShort):
        points.adjust(account, Lot("m"), -41)


def test_earned_601_spent_500_and_all_returned_leaves_every_lot_as_before() -> None:
    """A thousand times, with lots of several months."""
    told = History()
    for months, amount in ((1, 200), (2, 200), (12, 300)):
        told.earn("m1", amount, months, 0)
    before = told.account
    for _ in range(1_000):
        spent = told.spend(500)
        earned = told.earn("m1", 601, 12, 0)
        told.take_back(spent, 100)
        told.take_back(earned, 100)
        assert sorted(told.account.held, key=repr) == sorted(before.held, key=repr)


def test_balance_and_rows_agree_in_random_histories(soak: int) -> None:
    spent = owed = expired = 0
    for seed in range(HISTORIES * soak):
        told = play(seed)
        spent += told.sums[points.SPENT] < 0
        owed += any(move.lot.state == points.DEBT for move in told.rows)
        expired += told.sums[points.EXPIRED] < 0
    assert min(spent, owed, expired) > HISTORIES * soak // 20


class Life(RuleBasedStateMachine):
    """Any order of steps, found and shortened by hypothesis. `mutant` breaks one rule on purpose."""

    mutant = ""

    def __init__(self) -> None:
        super().__init__()
        self.told = History()
        self.naive: dict[str, int] = {}  # month -> points, of one member who never owes or returns

    @rule(member=st.sampled_from(MEMBERS), n=st.integers(1, 300), months=st.integers(0, 3))
    def earn(self, member: str, n: int, months: int) -> None:
        self.told.earn(member, n, months, 0)
        month = points.last_month(self.told.day, months) or "9999-99"
        self.naive[month] = self.naive.get(month, 0) + n

    @rule(n=st.integers(1, 400))
    def spend(self, n: int) -> None:
        if sum(self.naive.values()) < n:
            assert not self.told.spend(n)
            return
        assert self.told.spend(n)
        for month in sorted(self.naive, reverse=self.mutant == "latest first"):
            part = min(n, self.naive[month])
            self.naive[month] -= part
            n -= part

    @rule(days=st.integers(1, 40))
    def pass_time(self, days: int) -> None:
        self.told.pass_time(days)
        for month in list(self.naive):
            if month < self.told.day[:7]:
                del self.naive[month]

    @precondition(lambda self: self.told.documents)
    @rule(data=st.data())
    def return_a_spend(self, data: st.DataObject) -> None:
        document = data.draw(st.integers(1, len(self.told.documents)))
        spent = self.told.past(self.told.documents[document][1])
        if not sum(each.points for each in spent):
            return
        self.told.documents[document] = ([], self.told.documents[document][1])
        self.told.take_back(document, 100)
        for each in spent:
            month = each.lot.expires or "9999-99"
            if month < self.told.day[:7]:
                month = points.month_after(self.told.day, 30 if self.mutant != "no grace" else 0)
            self.naive[month] = self.naive.get(month, 0) + each.points

    @invariant()
    def every_month_has_what_is_left_of_it(self) -> None:
        months: dict[str, int] = {}
        for each in self.told.account.held:
            month = each.lot.expires or "9999-99"
            months[month] = months.get(month, 0) + each.points
        assert months == {month: n for month, n in self.naive.items() if n}


def test_any_order_of_steps_leaves_each_month_what_is_left_of_it(soak: int) -> None:
    run_state_machine_as_test(
        Life, settings=settings(max_examples=300 * soak, stateful_step_count=25, deadline=None)
    )


@pytest.mark.parametrize("broken", ["latest first", "no grace"])
def test_the_search_finds_a_ledger_that_breaks_a_rule(broken: str) -> None:
    mutant = type("Mutant", (Life,), {"mutant": broken})
    with pytest.raises(AssertionError):
        run_state_machine_as_test(
            mutant,
            settings=settings(
                max_examples=2_000,
                stateful_step_count=25,
                deadline=None,
                database=None,
                print_blob=False,
                phases=[Phase.generate],
            ),
        )
