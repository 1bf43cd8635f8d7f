"""Codes of gift cards: by chance, readable, and a slip of the finger is found."""

from __future__ import annotations

import contextlib

from hypothesis import given
from hypothesis import strategies as st

from services.domain import gift_cards
from services.domain.errors import CodeMalformed

BITS = st.integers(0, 2**60 - 1)


def is_code(text: str) -> bool:
    try:
        return gift_cards.read(text) == text
    except CodeMalformed:
        return False


@given(BITS, BITS)
def test_a_code_is_read_back_as_people_type_it_and_two_are_the_same_by_chance_alone(a: int, b: int) -> None:
    code = gift_cards.code(a)
    assert len(code) == 13 and gift_cards.read(code) == code
    typed = gift_cards.grouped(code).lower().replace("0", "o").replace("1", "l")
    assert gift_cards.read(f" {typed} ") == code
    assert (gift_cards.code(b) == code) == (a == b)


@given(BITS, st.integers(0, 12), st.sampled_from(gift_cards.ALPHABET))
def test_one_wrong_character_is_found(bits: int, place: int, other: str) -> None:
    code = gift_cards.code(bits)
    wrong = code[:place] + other + code[place + 1 :]
    assert is_code(wrong) == (wrong == code)


@given(BITS, st.integers(0, 11))
def test_two_neighbours_exchanged_are_found_but_for_the_first_and_last_character(bits: int, n: int) -> None:
    code = gift_cards.code(bits)
    swapped = code[:n] + code[n + 1] + code[n] + code[n + 2 :]
    blind = {code[n], code[n + 1]} == {gift_cards.ALPHABET[0], gift_cards.ALPHABET[-1]}
    assert is_code(swapped) == (swapped == code or blind)


@given(st.text(max_size=40))
def test_any_text_is_a_code_or_refused(text: str) -> None:
    with contextlib.suppress(CodeMalformed):
        assert len(gift_cards.read(text)) == 13
