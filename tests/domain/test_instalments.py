"""Instalment plans add up to the last unit and fall due on days that exist."""

from __future__ import annotations

from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from services.domain import instalments
from services.domain.returns import FIRST, USUAL, Source, plan
from services.domain.settlement import EXACT

AMOUNTS = st.integers(12, 10**12)
MONTHS = st.sampled_from(instalments.MONTHS)
DAYS = st.dates(date(2020, 1, 1), date(2100, 1, 1))


@given(AMOUNTS, MONTHS, DAYS)
def test_the_months_add_up_and_differ_by_one_unit_at_most(minor: int, months: int, begins: date) -> None:
    rows = instalments.schedule(minor, months, begins)
    parts = [row.amount_minor for row in rows]
    assert sum(parts) == minor and len(parts) == months
    assert sorted(parts, reverse=True) == parts and parts[0] - parts[-1] <= 1
    assert [row.day for row in rows] == sorted({row.day for row in rows})


@given(DAYS, st.integers(1, 48))
def test_a_month_later_is_the_same_day_or_the_last_of_a_shorter_month(day: date, months: int) -> None:
    after = instalments.later(day, months)
    assert (after.year * 12 + after.month) - (day.year * 12 + day.month) == months
    assert after.day == day.day or (after.day < day.day and instalments.later(after, 0) == after)
    assert instalments.later(date(2027, 1, 31), 1) == date(2027, 2, 28)
    assert instalments.later(date(2027, 11, 30), 3) == date(2028, 2, 29)


@given(AMOUNTS, MONTHS, DAYS, st.data())
def test_what_is_cancelled_leaves_the_first_months_as_they_were(
    minor: int, months: int, begins: date, data: st.DataObject
) -> None:
    rows = instalments.schedule(minor, months, begins)
    cut = data.draw(st.integers(0, minor))
    after = instalments.reduced(rows, cut)
    assert sum(row.amount_minor for row in after) == minor - cut
    changed = [n for n, (a, b) in enumerate(zip(rows, after, strict=True)) if a != b]
    assert changed == list(range(months))[months - len(changed) :]
    assert all(after[n].amount_minor == 0 for n in changed[1:])


@given(st.lists(st.tuples(st.integers(0, 10**6), st.booleans()), min_size=1, max_size=6), st.data())
def test_a_plan_is_cancelled_before_anything_is_paid_back(
    given_: list[tuple[int, bool]], data: st.DataObject
) -> None:
    sources = [
        Source(n, "x", left, turn=FIRST if first else USUAL) for n, (left, first) in enumerate(given_, 1)
    ]
    owed = sum(left for left, first in given_ if first)
    credit = data.draw(st.integers(0, sum(left for left, _ in given_)))
    made = plan(credit, credit, 0, sources, EXACT, [], (0, 0), "CNY")
    assert sum(part.exact_minor for part in made.back) == credit
    firsts = {source.n for source in sources if source.turn == FIRST}
    assert sum(part.exact_minor for part in made.back if part.n in firsts) == min(credit, owed)
