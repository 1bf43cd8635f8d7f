"""Names that can be shown anywhere, PINs that are not the first somebody would try."""

from __future__ import annotations

import pytest

from services.domain.errors import StaffRefused
from services.domain.roster import Person, check_change, check_pin, guessable, plain_name

HE = Person("he", "何敏", "manager", True, 1)


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("  李维 ", "李维"),
        ("Ana   María\u00a0Ñ", "Ana María Ñ"),
        ("e\u0301va", "éva"),
        ("<b>O'Neil</b>; DROP TABLE staff", "<b>O'Neil</b>; DROP TABLE staff"),
        ("=1+1", "=1+1"),
        ("𠮷野", "𠮷野"),
    ],
)
def test_a_name_is_one_line_without_spare_spaces(typed: str, kept: str) -> None:
    assert plain_name(typed) == kept


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "   ",
        "a" * 41,
        "a\u202eb",
        "a\u200bb",
        "\ufeffa",
        "a\x00b",
        "a\x1b[2J",
        "\ud800",
        "\u2066x\u2069",
    ],
    ids=ascii,
)
def test_a_name_that_cannot_be_seen_or_kept_is_refused(typed: str) -> None:
    with pytest.raises(StaffRefused) as caught:
        plain_name(typed)
    assert caught.value.details["why"] == "name"


@pytest.mark.parametrize(
    "pin",
    [
        *("000000", "111112", "123456", "654321", "135791", "890123", "123123", "121212", "112233"),
        *("123321", "520131", "147258", "852741", "987654", "246802"),
    ],
)
def test_what_anybody_would_try_is_no_pin(pin: str) -> None:
    with pytest.raises(StaffRefused) as caught:
        check_pin(pin)
    assert caught.value.details["why"] == "pin_easy"


@pytest.mark.parametrize(
    "pin", ["", "12345", "1234567", "12345a", "７３５２９０", " 73529", "73529\n"], ids=ascii
)
def test_anything_but_six_digits_is_no_pin(pin: str) -> None:
    with pytest.raises(StaffRefused) as caught:
        check_pin(pin)
    assert caught.value.details["why"] == "pin"


def test_most_pins_are_left_to_choose_from() -> None:
    assert sum(guessable(f"{n:06d}") for n in range(0, 1_000_000, 7)) / (1_000_000 / 7) < 0.02


@pytest.mark.parametrize(
    "after", [Person("he", "何敏", "cashier", True, 1), Person("he", "何敏", "manager", False, 1)], ids=str
)
def test_the_last_manager_stays_one(after: Person) -> None:
    with pytest.raises(StaffRefused) as caught:
        check_change(HE, after, managers=1)
    assert caught.value.details["why"] == "last_manager"
    check_change(HE, after, managers=2)


def test_a_role_or_a_place_that_is_none_is_refused() -> None:
    for after in (Person("he", "何敏", "root", True, 1), Person("he", "何敏", "manager", True, -1)):
        with pytest.raises(StaffRefused):
            check_change(HE, after, managers=2)
