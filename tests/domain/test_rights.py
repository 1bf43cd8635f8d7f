"""Who may do what alone, up to what size, and what a shop may change about it."""

from __future__ import annotations

import pytest

from services.domain.rights import DEFAULTS, LIMIT_MAX, UNITS, Right

DISCOUNT = DEFAULTS["discount"]


def test_a_cashier_may_take_off_ten_percent_alone_and_a_manager_anything() -> None:
    assert DISCOUNT.alone("cashier", 1_000)
    assert not DISCOUNT.alone("cashier", 1_001)
    assert DISCOUNT.alone("manager", 10_000)


def test_who_is_not_named_never_holds_a_right() -> None:
    for right in DEFAULTS.values():
        for role in ("technician", "seller", "", "admin"):
            assert not right.held_by(role), right


def test_every_right_begins_with_a_manager_who_can_approve_it_at_any_size() -> None:
    for right in DEFAULTS.values():
        assert right.held_by("manager", LIMIT_MAX), right
        assert right.unit in UNITS, right


def test_what_needs_four_eyes_nobody_does_alone() -> None:
    blind = DEFAULTS["return_blind"]
    assert blind.held_by("manager", 1) and not blind.alone("manager", 1)


def test_a_limit_includes_its_own_size() -> None:
    right = Right("x", "minor", False, {"cashier": 0, "manager": None})
    assert right.alone("cashier", 0) and not right.alone("cashier", 1)


@pytest.mark.parametrize(
    "limits",
    [
        {"cashier": 5},  # nobody could approve
        {"manager": None, "technician": None},
        {"manager": None, "cashier": -1},
        {"manager": None, "cashier": LIMIT_MAX + 1},
        {"manager": None, "<b>": 1},
    ],
    ids=str,
)
def test_a_rule_that_cannot_work_is_refused(limits: dict[str, int | None]) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        DISCOUNT.changed(four_eyes=False, limits=limits)


def test_the_shop_changes_limits_and_eyes_but_not_the_right_itself() -> None:
    stricter = DISCOUNT.changed(four_eyes=True, limits={"manager": 3_000})
    assert (stricter.key, stricter.unit) == (DISCOUNT.key, DISCOUNT.unit)
    assert not stricter.alone("manager", 1) and stricter.held_by("manager", 3_000)
    assert DISCOUNT.alone("cashier", 1_000), "the one it came from is untouched"
