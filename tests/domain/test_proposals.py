"""What goes together, what is liked, and in which order it is proposed."""

from __future__ import annotations

from collections import Counter
from itertools import permutations

from hypothesis import given
from hypothesis import strategies as st

from services.domain.proposals import Proposal, Together, proposed, usual_size


def together(*sales: str, bag: str = "abc") -> Together:
    """Of sales written as the letters of their styles."""
    sold = Counter(style for sale in sales for style in sale)
    pairs = Counter((one, other) for sale in sales for one, other in permutations(sale, 2) if one in bag)
    return Together(len(sales), sold, pairs)


def styles(found: list[Proposal]) -> str:
    return "".join(each.style for each in found)


def test_what_was_sold_with_the_bag_more_often_than_chance_has_it_is_proposed() -> None:
    """a and x: 3 of 4 sales of a, where x is in 4 of 10: by chance 1.6. y is in every sale there is: that a
    sale of a has it says nothing. z was with a twice only."""
    sales = ["axy", "axy", "axzy", "azy", "xy", "y", "y", "y", "y", "y"]
    assert proposed("a", together(*sales), (), ()) == [Proposal("x", "together", "a", 3, 4)]


def test_the_style_that_it_goes_with_most_often_is_named_and_more_often_comes_first() -> None:
    """x went with a in 5 of 20 sales, with b in 4 of 7; w with b in 3 of 7."""
    sales = ["ax"] * 5 + ["a"] * 15 + ["bx"] * 4 + ["bw"] * 3 + ["q"] * 20
    found = proposed("ab", together(*sales), (), ())
    assert [(each.style, each.beside, each.times, each.sold) for each in found] == [
        ("x", "b", 4, 7),
        ("w", "b", 3, 7),
    ]


def test_what_is_liked_follows_once_each_and_nothing_that_they_have_or_hold() -> None:
    goes = together(*["ax"] * 3, *["q"] * 9)
    found = proposed("a", goes, "axxlmnl", owned="mx")
    assert (styles(found), [each.reason for each in found]) == ("xln", ["together", "liked", "liked"])
    assert proposed("", Together(0, {}, {}), (), ()) == []


def test_the_usual_size_is_that_of_the_most_pieces_and_of_equal_ones_the_newest() -> None:
    kept = [("tops", "M", 1), ("shoes", "38", 5), ("tops", "S", 1), ("tops", "", 9)]
    assert [usual_size(kept, where) for where in ("tops", "shoes", "bags")] == ["M", "38", ""]
    assert usual_size([*kept, ("tops", "S", 1)], "tops") == "S"


@given(st.lists(st.sets(st.sampled_from("abxyz"), min_size=1), max_size=40), st.text("xyzlm", max_size=6))
def test_nothing_is_proposed_twice_nor_out_of_the_bag_and_the_order_of_sales_is_nothing(
    sales: list[set[str]], liked: str
) -> None:
    found = proposed("ab", together(*map("".join, sales)), liked, "z")
    assert len(set(styles(found))) == len(found)
    assert not set(styles(found)) & set("ab")
    assert found == proposed("ab", together(*map("".join, reversed(sales))), liked, "z")
    assert all(each.times >= 3 for each in found if each.reason == "together")
