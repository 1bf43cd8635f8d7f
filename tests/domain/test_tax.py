"""The tax in prices: on the total of a rate, split to the last unit, given back in parts that add up."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from services.domain.money import rounded
from services.domain.returns import line_credit
from services.domain.tax import RateTax, by_rate, contained, percent, together

RATES = st.sampled_from((0, 100, 300, 600, 900, 1300, 10_000))
NETS = st.integers(-1_000_00, 10_000_00)
LINES = st.lists(st.tuples(RATES, NETS), max_size=30)


@given(LINES)
def test_the_lines_of_a_rate_bear_the_tax_of_their_total(lines: list[tuple[int, int]]) -> None:
    taxes = contained(lines)
    for rate in {rate for rate, _ in lines}:
        for sign in (1, -1):
            mine = [(net, tax) for (bp, net), tax in zip(lines, taxes, strict=True) if bp == rate]
            mine = [(net, tax) for net, tax in mine if net * sign > 0]
            total = sum(net for net, _ in mine)
            assert sum(tax for _, tax in mine) == rounded(total * rate, 10_000 + rate)
            assert all(0 <= tax * sign <= net * sign for net, tax in mine)


@given(LINES)
def test_what_comes_back_whole_gives_back_exactly_the_tax_of_then(lines: list[tuple[int, int]]) -> None:
    assert contained([(rate, -net) for rate, net in lines]) == [-tax for tax in contained(lines)]


@given(st.integers(0, 10_000_00), st.lists(st.integers(1, 9), min_size=1, max_size=9))
def test_parts_that_come_back_have_the_tax_of_the_whole_and_none_has_more_than_is_left(
    tax_minor: int, parts: list[int]
) -> None:
    left = tax_minor
    for n, now in enumerate(parts):
        back = line_credit(tax_minor, sum(parts), sum(parts[:n]), now)
        assert 0 <= back <= left
        left -= back
    assert left == 0


def test_the_worked_numbers_with_13_percent_in_them() -> None:
    """Vector V1 before stored value pays any of its 635.10; the socks come back one by one."""
    taxes = contained([(1300, 258_35), (1300, 324_91), (1300, 51_84)])
    assert taxes == [29_72, 37_38, 5_96] and sum(taxes) == 73_06
    assert [line_credit(5_96, 3, n, 1) for n in range(3)] == [1_99, 1_98, 1_99]


def test_sold_and_returned_goods_of_a_rate_stand_apart_and_untaxed_ones_nowhere() -> None:
    lines = [
        *((True, 1300, -113, -13, 0), (False, 900, 109, 9, 0)),
        *((False, 1300, 226, 26, 0), (False, 0, 50, 0, 0)),
    ]
    told = by_rate([*lines, (False, 1300, 113, 13, 0)])
    assert told == (
        RateTax(tax_bp=900, net_minor=109, tax_minor=9),
        RateTax(tax_bp=1300, net_minor=339, tax_minor=39),
        RateTax(tax_bp=1300, net_minor=-113, tax_minor=-13),
    )
    assert together(told, told) == tuple(
        RateTax(tax_bp=t.tax_bp, net_minor=2 * t.net_minor, tax_minor=2 * t.tax_minor) for t in told
    )


def test_tax_that_comes_back_without_money_is_never_taken_for_a_sale_of_less_than_nothing() -> None:
    back = by_rate([(True, 1300, 0, -2_76, 0)])
    sold = by_rate([(False, 1300, 113, 13, 0)])
    assert together(sold, back) == (*sold, *back)


def test_a_rate_reads_as_people_say_it() -> None:
    assert [percent(bp) for bp in (1300, 100, 925, 150, 10_000, 1)] == [
        *("13%", "1%", "9.25%", "1.5%", "100%", "0.01%")
    ]
