"""What comes back adds up to what was paid, to the last unit, in whatever parts it comes."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from services.domain import returns
from services.domain.returns import Plan, Source
from services.domain.settlement import EXACT, Rounding

YUAN_DOWN = Rounding(1_00, "down")
V1_TOTAL, V1_PAID = 635_10, 635_00
V1_TENDERS = (("principal", 166_67), ("bonus", 33_33), ("cash", 435_00))


def v1(nets: list[int], rule: Rounding) -> list[Plan]:
    """V1's sale coming back line by line."""
    plans: list[Plan] = []
    left = dict(enumerate((minor for _, minor in V1_TENDERS), 1))
    cash_exact = cash_moved = done = 0
    for net in nets:
        sources = [Source(n, key, left[n]) for n, (key, _) in enumerate(V1_TENDERS, 1)]
        credit = returns.credit(V1_TOTAL, V1_PAID, done, net)
        plan = returns.plan(credit, net, 0, sources, rule, ["cash"], (cash_exact, cash_moved), "CNY")
        done += net
        for drawn in plan.drawn:
            left[drawn.n] -= drawn.amount_minor
        for part in plan.back:
            if part.key == "cash":
                cash_exact, cash_moved = cash_exact + part.exact_minor, cash_moved + part.amount_minor
        plans.append(plan)
    return plans


def test_v1_comes_back_line_by_line() -> None:
    plans = v1([324_91, 258_35, 51_84], EXACT)
    assert [plan.credit_minor for plan in plans] == [324_86, 258_31, 51_83]
    assert [[part.exact_minor for part in plan.back] for plan in plans] == [
        [85_27, 17_05, 222_54],
        [67_80, 13_56, 176_95],
        [13_60, 2_72, 35_51],
    ]
    assert sum(plan.credit_minor for plan in plans) == V1_PAID


def test_the_cash_of_v1_is_rounded_as_one_sum() -> None:
    cash = [part.amount_minor for plan in v1([324_91, 258_35, 51_84], YUAN_DOWN) for part in plan.back[2:]]
    assert cash == [222_00, 177_00, 36_00]


def test_single_socks_of_v1() -> None:
    assert [returns.line_credit(51_84, 3, n, 1) for n in range(3)] == [17_28] * 3


def test_what_was_rounded_is_paid_back_as_it_was_paid() -> None:
    credit = returns.credit(7_50, 7_00, 0, 7_50)
    plan = returns.plan(credit, 7_50, 0, [Source(1, "cash", 7_00)], YUAN_DOWN, ["cash"], (0, 0), "CNY")
    assert [part.amount_minor for part in plan.back] == [7_00]


def test_an_exchange_pays_back_or_asks_for_the_difference_only() -> None:
    sources = [Source(1, "card", 300_00), Source(2, "cash", 100_00)]
    dearer = returns.plan(400_00, 400_00, 450_00, sources, EXACT, ["cash"], (0, 0), "CNY")
    assert (dearer.left_minor, dearer.back) == (50_00, ())
    assert [(d.amount_minor, d.back_minor) for d in dearer.drawn] == [(300_00, 0), (100_00, 0)]
    cheaper = returns.plan(400_00, 400_00, 100_00, sources, EXACT, ["cash"], (0, 0), "CNY")
    assert [(part.key, part.amount_minor) for part in cheaper.back] == [("card", 225_00), ("cash", 75_00)]
    same = returns.plan(400_00, 400_00, 400_00, sources, EXACT, ["cash"], (0, 0), "CNY")
    assert (same.left_minor, same.back) == (0, ())


@given(st.integers(0, 10**7), st.integers(1, 60), st.data())
def test_pieces_that_come_back_in_any_parts_are_worth_the_line(
    net: int, pieces: int, data: st.DataObject
) -> None:
    done = worth = 0
    while done < pieces:
        now = data.draw(st.integers(1, pieces - done))
        part = returns.line_credit(net, pieces, done, now)
        assert part >= 0
        done, worth = done + now, worth + part
    assert worth == net


@given(
    st.lists(st.integers(1, 10**6), min_size=1, max_size=4),
    st.lists(st.integers(1, 10**5), min_size=1, max_size=6),
    st.sampled_from([EXACT, YUAN_DOWN, Rounding(5_00, "half_up")]),
)
def test_every_tender_gets_back_what_it_paid_and_never_more(
    paid: list[int], nets: list[int], rule: Rounding
) -> None:
    total, left = sum(nets), list(paid)
    done = cash_exact = cash_moved = 0
    for net in nets:
        sources = [Source(n, "cash" if n == 1 else "card", minor) for n, minor in enumerate(left, 1)]
        credit = returns.credit(total, sum(paid), done, net)
        plan = returns.plan(credit, net, 0, sources, rule, ["cash"], (cash_exact, cash_moved), "CNY")
        done += net
        for drawn in plan.drawn:
            assert 0 < drawn.amount_minor <= left[drawn.n - 1]
            assert drawn.back_minor == drawn.amount_minor
            left[drawn.n - 1] -= drawn.amount_minor
        for part in plan.back:
            if part.key == "cash":
                cash_exact, cash_moved = cash_exact + part.exact_minor, cash_moved + part.amount_minor
    assert left == [0] * len(paid)
    assert abs(cash_exact - cash_moved) < max(rule.increment_minor, 1)
