"""Names, birthdays and phones a slip apart: what is found, why, and what is not; in any order."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services import initials
from services.domain import profile
from services.domain.resemblance import REASONS, Crowd, near_day, near_phone
from tests.browser.test_hostile_names import NAMES
from tests.made_slips import registrations

Person = tuple[str, str, str, str]  # name, birthday, phone, ID card
BORN, PHONE = "1990-05-21", "13812345678"
OTHER = "13598761234"


def found(*people: Person) -> set[tuple[int, int, tuple[str, ...]]]:
    crowd = Crowd(initials.syllable)
    for each in people:
        crowd.add(*each)
    return {(like.one, like.other, like.reasons) for like in crowd.alike()}


def person(name: str = "", birthday: str = "", phone: str = "", id_card: str = "") -> Person:
    return name, birthday, phone, id_card


@pytest.mark.parametrize(
    ("one", "other", "why"),
    [
        (("王芳", BORN), ("汪方", BORN), "name_sounds birthday_same"),
        (("王芳", BORN), ("Wang Fang", BORN), "name_sounds birthday_same"),
        (("郑晓生", BORN), ("曾小星", BORN), ""),
        (("张森", BORN), ("章生", BORN), "name_sounds birthday_same"),
        (("李明", BORN), ("明李", BORN), "name_turned birthday_same"),
        (("Anna Weber", BORN), ("weber anna", BORN), "name_turned birthday_same"),
        (("José García", BORN), ("jose garcia", BORN), "name_sounds birthday_same"),
        (("Anna Weber", BORN), ("Anna Webre", BORN), "name_slip birthday_same"),
        (("Schmidt", BORN), ("Schmitt", BORN), "name_slip birthday_same"),
        (("Li", BORN), ("Lu", BORN), ""),
        (("王小芳", BORN), ("王小丽", BORN), "name_slip birthday_same"),
        (("王小芳", "", PHONE), ("王小丽", "", "13812345687"), "name_slip phone_turned"),
        (("王芳", "", PHONE), ("王芳", "", "13812345679"), "name_same phone_slip"),
        (("王芳", BORN, PHONE), ("汪方", BORN, "13812345687"), "name_sounds birthday_same phone_turned"),
        (("王芳", "1990-05-11"), ("王芳", "1990-11-05"), "name_same birthday_turned"),
        (("王芳", "1990-05-11"), ("王芳", "1991-05-11"), "name_same birthday_slip"),
        (("王芳", BORN, PHONE), ("", BORN, "13812345687"), "birthday_same phone_turned"),
        (("王芳", "05-21", PHONE), ("汪方", BORN, "13812345687"), "name_sounds birthday_same phone_turned"),
        (
            ("王芳", BORN, "+4915123456789"),
            ("王芳", BORN, "+4915123456798"),
            "name_same birthday_same phone_turned",
        ),
        (("王芳", BORN, PHONE), ("李强", BORN, OTHER), ""),
        (("王芳", BORN, PHONE), ("李强", "", "13812345687"), ""),
        (("王芳", "", PHONE), ("王芳", "", OTHER), ""),
        (("王芳", BORN), ("王芳", "1962-11-30"), ""),
        (("", BORN), ("", BORN), ""),
        (("", "", PHONE), ("", "", "13812345687"), ""),
    ],
)
def test_what_a_pair_shares_is_said(one: Sequence[str], other: Sequence[str], why: str) -> None:
    both = {(0, 1, tuple(why.split()))} if why else set()
    assert found(person(*one), person(*other)) == found(person(*other), person(*one)) == both


def test_whoever_has_another_id_card_is_another() -> None:
    alike = ("王芳", BORN, PHONE), ("王芳", BORN, "13812345687")
    first, second = "11010519491231002X", "440524188001010014"
    assert found((*alike[0], first), (*alike[1], second)) == set()
    assert len(found((*alike[0], first), (*alike[1], ""))) == 1
    assert len(found((*alike[0], first), (*alike[1], first))) == 1


def test_what_an_exact_key_tells_is_not_told_again() -> None:
    assert found(("王芳", BORN, PHONE, ""), ("汪方", BORN, PHONE, "")) == set()
    assert found(("王芳", BORN, PHONE, ""), ("王芳", "", PHONE, "")) == set()
    assert len(found(("王芳", "", PHONE, ""), ("汪方", "", PHONE, ""))) == 1, (
        "both may share it with a third"
    )


def test_what_a_crowd_shares_says_little() -> None:
    """Hundreds are called 王女士, and hundreds were born on the first of January as far as a form knows."""
    days = [str(date(1950, 1, 1) + timedelta(days=7 * n)) for n in range(600)]
    crowd = [("王女士", day, "", "") for day in days]
    rare = [("欧阳雪", "1990-05-11", "", ""), ("欧阳雪", "1990-11-05", "", "")]
    assert {(one, other) for one, other, _ in found(*crowd, *rare)} == {(600, 601)}
    first = [(chr(0x4E00 + n) + chr(0x5000 + n), "1990-01-01", "", "") for n in range(300)]
    slip = [("王小芳", "1990-01-01", "", ""), ("王小丽", "1990-01-01", "", "")]
    assert len(found(*slip)) == 1
    assert (300, 301) not in {(one, other) for one, other, _ in found(*first, *slip)}


DIGITS = st.text("0123456789", min_size=9, max_size=9).map(lambda digits: f"13{digits}")


@given(DIGITS, st.integers(0, 10), st.integers(1, 9))
def test_one_wrong_digit_is_near_and_two_are_not(number: str, at: int, more: int) -> None:
    wrong = number[:at] + str((int(number[at]) + more) % 10) + number[at + 1 :]
    if wrong[0] != "0":
        assert near_phone(int(number), int(wrong)) == near_phone(int(wrong), int(number)) == "phone_slip"
    far = wrong[:-2] + str((int(wrong[-2]) + 5) % 10) + str((int(wrong[-1]) + 5) % 10)
    assert near_phone(int(number), int(far)) == "" or at > 8


@given(st.dates(), st.dates())
def test_days_are_near_both_ways_or_neither(one: object, other: object) -> None:
    mine, yours = (int(str(each).replace("-", "")) for each in (one, other))
    assert near_day(mine, yours) == near_day(yours, mine)
    assert near_day(mine, mine) == "birthday_same"


FIELDS = ("name", "birthday", "phone", "id_card")
SMALL = [
    tuple(profile.normalised(each.given).get(field, "") for field in FIELDS)
    for each in registrations(150, seed=5)
]


@settings(max_examples=25, deadline=None)
@given(st.permutations(range(len(SMALL))))
def test_the_order_in_which_they_came_changes_nothing(order: list[int]) -> None:
    def pairs(of: Sequence[int]) -> set[tuple[frozenset[int], tuple[str, ...]]]:
        return {(frozenset((of[a], of[b])), why) for a, b, why in found(*(SMALL[n] for n in of))}

    assert pairs(order) == pairs(range(len(SMALL))) != set()


def test_names_that_would_be_something_else_are_only_names() -> None:
    people = [(name.strip(), BORN, f"138{n:04}1289", "") for n, name in enumerate(NAMES)]
    again = [(name.strip(), BORN, f"138{n:04}1298", "") for n, name in enumerate(NAMES)]
    told = found(*people, *again)
    assert {(n, n + len(NAMES)) for n in range(len(NAMES))} <= {(one, other) for one, other, _ in told}
    assert {why for *_, reasons in told for why in reasons} <= set(REASONS)


@given(st.lists(st.tuples(st.text(max_size=60), st.sampled_from(["", BORN, "05-21"])), max_size=12))
def test_any_text_is_taken_as_a_name(names: list[tuple[str, str]]) -> None:
    for one, other, _ in found(*(person(name, day, PHONE) for name, day in names)):
        assert 0 <= one < other < len(names)


def crowded(*people: Person) -> bool:
    """Whether the first two are taken for strangers among all of them."""
    crowd = Crowd(initials.syllable)
    for each in people:
        crowd.add(*each)
    for _ in crowd.alike():  # it counts names and days
        pass
    return crowd.strangers(0, 1)


@pytest.mark.parametrize(
    ("one", "other", "strangers"),
    [
        (("王芳", BORN, PHONE), ("李强", "1971-01-02", PHONE), True),
        (("王芳", BORN, PHONE), ("李强", "", PHONE), True),
        (("", BORN, PHONE), ("", "1971-01-02", PHONE), True),
        (("王芳", BORN, PHONE), ("", "", PHONE), False),
        (("王芳", BORN, PHONE), ("汪方", "", PHONE), False),
        (("王芳", BORN, PHONE), ("王芳", "1991-05-21", PHONE), False),
        (("王芳", "", PHONE), ("王女士", "", PHONE), False),
        (("王芳", "", PHONE), ("李女士", "", PHONE), True),
        (("王芳", BORN, PHONE), ("王女士", "1971-01-02", PHONE), True),
        (("王芳", BORN, PHONE), ("王芳", BORN, OTHER), False),
        (("王芳", BORN), ("李强", BORN), False),
    ],
)
def test_a_number_that_was_handed_on_is_known_by_what_goes_with_it(
    one: Sequence[str], other: Sequence[str], strangers: bool
) -> None:
    for pair in ((person(*one), person(*other)), (person(*other), person(*one))):
        assert crowded(*pair) == strangers


def test_name_and_birthday_make_a_pair_until_too_many_have_the_name() -> None:
    pair = [person("张伟", BORN, PHONE), person("张伟", BORN, OTHER)]
    others = [
        person("欧阳修竹" if n % 2 else "诸葛孔明", str(date(1950, 1, 1) + timedelta(n)))
        for n in range(20_000)
    ]
    assert not crowded(*pair, *others)
    common = [person("张伟", str(date(1950, 1, 1) + timedelta(n))) for n in range(20_000)]
    assert crowded(*pair, *common, *others)
