"""The list of staff as values: names that can be shown anywhere, PINs that cannot be guessed."""

from __future__ import annotations

import itertools
import unicodedata
from dataclasses import dataclass

from services.domain.errors import StaffRefused

ROLES = ("cashier", "manager", "technician", "seller")
UNSEEN = ("seller",)  # works here and never signs on: clocks in, is named on what was sold
SELLERS = ("seller", "cashier", "manager")  # may be named on what is sold
NAME_MAX = 40  # characters
RANK_MAX = 9_999
PIN_LENGTH = 6
PIN_DIGITS_MIN = 3  # different ones

# What people choose who do not want to think; runs and pairs are found by rule.
_COMMON = frozenset(
    ("520131", "131420", "147258", "258369", "159357", "357159", "147852", "789456", "456123", "147369")
)


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who works here or has. The id is never given to anybody else: it stands on what was sold."""

    staff_id: str
    name: str
    role: str
    active: bool
    rank: int  # place in the list, rising


def plain_name(text: str) -> str:
    """The name as it is kept: one line, single spaces, nothing invisible. Raises StaffRefused."""
    name = " ".join(unicodedata.normalize("NFC", text).split())
    unseen = any(unicodedata.category(letter)[0] in "CZ" and letter != " " for letter in name)
    if not 1 <= len(name) <= NAME_MAX or unseen:
        raise StaffRefused("a name has 1 to 40 letters that can be seen", why="name")
    return name


def check_pin(pin: str) -> None:
    """Raises StaffRefused for anything but six digits that are not the first somebody would try."""
    if len(pin) != PIN_LENGTH or not (pin.isascii() and pin.isdigit()):
        raise StaffRefused("a PIN has six digits", why="pin")
    if guessable(pin):
        raise StaffRefused("this PIN is too easy to guess", why="pin_easy")


def guessable(pin: str) -> bool:
    """One or two digits only, an even run (135791), halves or pairs alike, a mirror, or a usual one."""
    digits = [int(digit) for digit in pin]
    steps = {(after - before) % 10 for before, after in itertools.pairwise(digits)}
    return (
        len(set(digits)) < PIN_DIGITS_MIN
        or len(steps) == 1
        or pin[:3] == pin[3:]
        or pin[:2] == pin[2:4] == pin[4:]
        or pin == pin[::-1]
        or all(pin[n] == pin[n + 1] for n in (0, 2, 4))
        or pin in _COMMON
        or pin[::-1] in _COMMON
    )


def check_change(before: Person, after: Person, managers: int) -> None:
    """Whether `before` may become `after` in a shop with so many active managers. Raises StaffRefused."""
    if after.role not in ROLES:
        raise StaffRefused("there is no such role", why="role")
    if not 0 <= after.rank <= RANK_MAX:
        raise StaffRefused("the place in the list is 0 to 9,999", why="rank")
    leads = before.active and before.role == "manager"
    if leads and managers <= 1 and not (after.active and after.role == "manager"):
        raise StaffRefused("the last manager stays", why="last_manager")
