"""What is running out, what a style has left, and what a count found."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.domain import stock
from services.domain.stock import Line


@pytest.mark.parametrize(
    ("on_hand", "level"),
    [(None, ""), (-2, "out"), (0, "out"), (1, "low"), (3, "low"), (4, "fine")],
)
def test_how_much_there_is_has_a_word(on_hand: int | None, level: str) -> None:
    assert stock.level(on_hand, 3) == level


@pytest.mark.parametrize(
    ("held", "level"),
    [
        ([5, None], ("", 0)),
        ([0, 0], ("out", 0)),
        ([-4, 2], ("low", 2)),  # what was oversold does not eat up another size
        ([2, 2], ("fine", 4)),
    ],
)
def test_a_style_has_what_its_variants_have_together(
    held: list[int | None], level: tuple[str, int]
) -> None:
    assert stock.level_together(held, 3) == level


pieces = st.integers(-1_000, 1_000)


@given(st.lists(st.tuples(st.sampled_from("abc"), pieces)))
def test_gathering_loses_no_piece_and_names_each_article_once(lines: list[tuple[str, int]]) -> None:
    gathered = stock.gathered(lines)
    assert len({sku for sku, _ in gathered}) == len(gathered)
    assert sum(quantity for _, quantity in gathered) == sum(quantity for _, quantity in lines)


@given(pieces, pieces, pieces)
def test_a_counted_article_is_as_counted_whatever_was_sold_since(book: int, found: int, sold: int) -> None:
    line = stock.counted(Line("a", 0, book, found))
    assert (book - sold) + line.quantity == found - sold
    assert line.quantity + stock.taken_back(line).quantity == 0
