"""What a receipt says to a member: points of this sale, what they have after it, and what ends when."""

from __future__ import annotations

from dataclasses import dataclass

from services.domain.money import Money, signed
from services.domain.paper_words import Words


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberOnPaper:
    """`name` is masked: papers are left lying about. Points as they stood after the document."""

    name: str  # "138****5620"
    earned: int = 0  # below zero: taken back with goods that came back
    spent: int = 0  # below zero: given back
    points: int | None = None  # None: this shop gives none
    ending: tuple[int, str] | None = None  # so many of them end first, after that day
    principal: Money | None = None  # None: nothing moved
    bonus: Money | None = None


def rows(member: MemberOnPaper, words: Words) -> list[tuple[str, str]]:
    """(what, how much), from top to bottom; a wide one may take two lines."""
    told = [(words("member"), member.name)]
    if member.spent:
        told.append((words("points_spent"), f"{-member.spent:+,}"))
    if member.earned:
        told.append((words("points_earned"), f"{member.earned:+,}"))
    if member.points is not None:
        told.append((words("points"), f"{member.points:,}"))
    if member.ending is not None:
        count, day = member.ending
        told.append((f" {words('points_end')} {day}", f"{count:,}"))
    if member.principal is not None and member.bonus is not None:
        told.append((words("stored_value"), signed(member.principal + member.bonus)))
        told.append((f" {words('stored_bonus')}", signed(member.bonus)))
    return told
