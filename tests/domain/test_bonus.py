"""Bonus on lines and in what comes back: to the last unit, off the tax of each rate, nothing left over."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from services.domain.basket import Line, Returned
from services.domain.bonus import borne, carried
from services.domain.gift_cards import CATEGORY
from services.domain.money import Money, rounded
from services.domain.priced import PricedLine
from services.domain.recompute import Part, anew, bonus_kept, given_back, still_in
from services.domain.returns import Drawn

RATES = st.sampled_from((0, 100, 300, 900, 1300))
NETS = st.integers(0, 1_000_00)


def line(n: int, net: int, tax_bp: int = 1300, back: Returned | None = None, **more: Any) -> PricedLine:
    sold = Line(
        line_id=n,
        sku=f"A-{n}",
        gtin="",
        name="",
        variant="",
        quantity=1,
        unit_price=Money(net, "CNY"),
        entry_method="picked",
        tax_bp=tax_bp,
        returned=back,
        **more,
    )
    worth = (back.net_minor, back.tax_minor, back.bonus_minor) if back else (net, 0, 0)
    return PricedLine(sold, Money(worth[0], "CNY"), tax_minor=worth[1], bonus_minor=worth[2])


@given(st.lists(st.tuples(RATES, NETS), min_size=1, max_size=12), st.data())
def test_bonus_is_split_to_the_last_unit_and_the_tax_of_a_rate_is_on_what_is_left_of_it(
    goods: list[tuple[int, int]], data: st.DataObject
) -> None:
    bonus_minor = data.draw(st.integers(0, sum(net for _, net in goods)))
    found = borne([line(n, net, bp) for n, (bp, net) in enumerate(goods)], bonus_minor)
    assert sum(each.bonus_minor for each in found) == bonus_minor
    assert all(0 <= each.bonus_minor <= each.net.minor for each in found)
    for rate in {bp for bp, _ in goods}:
        mine = [each for each in found if each.line.tax_bp == rate]
        left = sum(each.net.minor - each.bonus_minor for each in mine)
        assert sum(each.tax_minor for each in mine) == rounded(left * rate, 10_000 + rate)
        assert all(0 <= each.tax_minor <= each.net.minor - each.bonus_minor for each in mine)


def test_gift_cards_removed_lines_and_what_comes_back_bear_none_of_it() -> None:
    """10.00 fall on the shirt alone: 103.00 of 113.00 are taxed, with 11.85."""
    back = Returned("s", "S-1", 1, -50_00, -5_00, -7_00)
    lines = [
        line(1, 113_00),
        line(2, 200_00, category=CATEGORY),
        line(3, 0, voided=True),
        line(4, 50_00, back=back),
    ]
    found = borne(lines, 10_00)
    assert [(each.bonus_minor, each.tax_minor) for each in found] == [
        *((10_00, 11_85), (0, 0), (0, 0), (-7_00, -5_00))
    ]


def test_an_exchange_takes_over_the_share_that_is_not_paid_back() -> None:
    """7.00 of bonus came back in goods worth 50.00: all of it stays in new ones of 50.00, 2.80 in ones of
    20.00, and none where all is paid back."""
    lines = [line(4, 50_00, back=Returned("s", "S-1", 1, -50_00, -5_00, -7_00))]
    for back_minor, bonus_minor in ((0, 7_00), (30_00, 2_80), (50_00, 0)):
        drawn = (Drawn(1, 30_00, min(back_minor, 30_00)), Drawn(2, 20_00, max(0, back_minor - 30_00)))
        assert carried(lines, drawn) == bonus_minor
    assert carried(lines, ()) == 0


def test_a_rate_gives_back_what_is_not_in_what_is_kept_of_it() -> None:
    """Of 368.00, 85.12 at 13 % and 282.88 at 9 %, 30.00 were bonus; the shirt comes back and the jeans cost
    329.00 without it: 39.00 are paid back.

    Of the bonus R(30.00 · 329/368) = 26.82 stay in the jeans, with R(302.18 · 9/109) = 24.95 of tax, more
    than they were sold with. The shirt gives back all that it had, and the jeans later what they had.
    """
    shirt, jeans = Part(1300, 85_12, 8_99, 6_94), Part(900, 282_88, 21_45, 23_06)
    found = anew(368_00, 329_00, 85_12)
    kept = still_in([(900, 329_00)], bonus_kept(30_00, found))
    assert kept == [Part(900, 329_00, 24_95, 26_82)]
    assert given_back(found.back_minor, [shirt], [shirt, jeans], kept) == [Part(1300, 39_00, 8_99, 6_94)]
    last = anew(329_00, 0, 282_88)
    left = [Part(1300, 46_12, 0, 0), jeans]
    assert given_back(last.back_minor, [jeans], left, []) == [Part(900, 329_00, 21_45, 23_06)]


def test_of_a_rate_of_which_some_is_kept_the_rest_comes_back() -> None:
    """Two shirts for 138.00, 23.00 of it bonus; who keeps one pays 99.00 for it. 16.50 of the bonus stay in
    that, with R(82.50 · 13/113) = 9.49 of the 13.23: 39.00 come back with 6.50 and 3.74."""
    shirts = [Part(1300, 69_00, 6_62, 11_50), Part(1300, 69_00, 6_61, 11_50)]
    found = anew(138_00, 99_00, 69_00)
    kept = still_in([(1300, 99_00)], bonus_kept(23_00, found))
    assert kept == [Part(1300, 99_00, 9_49, 16_50)]
    assert given_back(39_00, shirts[:1], shirts, kept) == [Part(1300, 39_00, 3_74, 6_50)]


@given(st.lists(st.tuples(RATES, st.integers(1, 500_00)), min_size=1, max_size=8), st.data())
def test_whatever_is_kept_on_the_way_nothing_is_left_of_any_rate_at_the_end(
    goods: list[tuple[int, int]], data: st.DataObject
) -> None:
    """Line by line, in any order, what is kept costing anything."""
    total = sum(net for _, net in goods)
    sold = borne([line(n, net, bp) for n, (bp, net) in enumerate(goods)], data.draw(st.integers(0, total)))
    held = {
        each.line.line_id: Part(each.line.tax_bp, each.net.minor, each.tax_minor, each.bonus_minor)
        for each in sold
    }
    left = dict(held)
    sums: defaultdict[int, list[int]] = defaultdict(lambda: [0, 0])
    for part in held.values():
        sums[part.tax_bp][0] += part.tax_minor
        sums[part.tax_bp][1] += part.bonus_minor
    staying = list(held)
    for n in data.draw(st.permutations(staying)):
        staying.remove(n)
        kept = [(held[k].tax_bp, data.draw(st.integers(0, 2 * held[k].net_minor))) for k in staying]
        paid = max(0, sum(part.net_minor for part in left.values()))
        found = anew(paid, sum(net for _, net in kept), held[n].net_minor)
        bonus_minor = bonus_kept(max(0, sum(part.bonus_minor for part in left.values())), found)
        (back,) = given_back(found.back_minor, [held[n]], left.values(), still_in(kept, bonus_minor))
        assert min(back[1:]) >= 0
        left[n] = Part(back.tax_bp, *(had - now for had, now in zip(left[n][1:], back[1:], strict=True)))
        sums[back.tax_bp][0] -= back.tax_minor
        sums[back.tax_bp][1] -= back.bonus_minor
        assert min(sums[back.tax_bp]) >= 0
    assert not any(part for pair in sums.values() for part in pair)
