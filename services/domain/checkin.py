"""Checking in: one visit a day, days in a row, and the code by which somebody shows that they are here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from services.domain.errors import CheckInRefused
from services.domain.points_rules import CheckIn

LOOK_BACK = 400  # visits that may matter: more than the jokers of a month
AHEAD_S = 5  # a code may be so much newer than the clock that judges it
_PREFIX = "CI1"


@dataclass(frozen=True, slots=True)
class Visit:
    day: str  # YYYY-MM-DD on the shop's calendar
    streak: int  # the days in a row that it makes
    jokers: int = 0  # missed days before it that did not break the row


def next_visit(visits: Sequence[Visit], day: str, jokers_max: int) -> Visit:
    """The visit of `day` after these, in any order. Jokers count by the calendar month of the new visit.
    Two who became one may both have been here on a day: the longer row goes on.

    Raises CheckInRefused where the day, or a later one, has its visit.
    """
    if not visits:
        return Visit(day, 1)
    last = max(visits, key=lambda each: (each.day, each.streak))
    if last.day >= day:
        raise CheckInRefused("one visit a day", why="today", day=last.day)
    missed = (date.fromisoformat(day) - date.fromisoformat(last.day)).days - 1
    used = sum(each.jokers for each in visits if each.day[:7] == day[:7])
    if missed <= max(0, jokers_max - used):
        return Visit(day, last.streak + 1, missed)
    return Visit(day, 1)


def earned(rules: CheckIn, streak: int) -> tuple[int, int]:
    """(points of the day, points of the ladder's step that it reaches, 0 for none)."""
    extra = sum(step.points for step in rules.ladder if step.days == streak)
    if rules.ladder and streak > rules.ladder[-1].days and streak % rules.ladder[-1].days == 0:
        extra = rules.ladder[-1].points
    return rules.points, extra


def code_text(issued_s: int, proof: str) -> str:
    return f"{_PREFIX}-{issued_s}-{proof}"


def code_parts(text: str) -> tuple[int, str]:
    """(when it was shown, its proof). Raises CheckInRefused for anything else."""
    prefix, _, rest = text.partition("-")
    issued, _, proof = rest.partition("-")
    if prefix != _PREFIX or not issued.isdecimal() or not issued.isascii() or len(issued) > 12:
        raise CheckInRefused("this is no code of a till", why="code_wrong")
    return int(issued), proof


def check_fresh(issued_s: int, now_s: int, valid_s: int) -> None:
    """Raises CheckInRefused for a code that was shown too long ago, or in time to come."""
    if not -AHEAD_S <= now_s - issued_s <= valid_s:
        raise CheckInRefused("the code is too old", why="code_old")
