"""What became of points, and of the rules by which they are earned."""

from __future__ import annotations

from typing import ClassVar

from services.domain.earning import Grant
from services.domain.event import Event
from services.domain.points_rules import Book


class PointsMoved(Event, frozen=True, kw_only=True):
    """One lot of a member changed: a row of the statement. A lot is everything that the member holds to the
    end of one month; credited and debited are its sums since ever, and only rise."""

    type: ClassVar[str] = "points.moved"
    version: ClassVar[str] = "1.1"

    member_id: str
    program: str
    kind: str  # earned, activated, spent, restored, expired, clawed, settled, adjusted
    state: str  # "active" | "pending" | "debt": of the lot
    expires: str  # YYYY-MM, usable to its end; "": for ever
    pending_until: str  # YYYY-MM-DD; "": usable
    delta: int
    credited: int
    debited: int
    balance: int  # of the member in this program after it, without what is pending
    reason: str  # a stable code
    args: dict[str, int | str]  # what the words of the reason name
    sale_id: str = ""  # the document that did it
    of_sale: str = ""  # the sale whose points these are; the document itself, or the one it takes back
    of_seq: int = 0  # the row (its journal number) that it gives back or takes back
    grant: Grant | None = None  # why a purchase earned them
    operator_id: str = ""
    # Since 1.1
    workstation_id: str = ""  # the till; "" where it happened at none


class PointsRulesChanged(Event, frozen=True, kw_only=True):
    """The shop wrote down other rules of its points; they hold for sales still to come."""

    type: ClassVar[str] = "points.rules_changed"
    version: ClassVar[str] = "1.0"

    book_version: int
    book: Book
    operator_id: str


class CheckedIn(Event, frozen=True, kw_only=True):
    """A member was in the shop that day. Its points are rows of their own."""

    type: ClassVar[str] = "points.checked_in"
    version: ClassVar[str] = "1.0"

    member_id: str
    day: str  # YYYY-MM-DD on the shop's calendar; one for each person
    streak: int  # the days in a row that it makes
    jokers: int  # missed days before it that did not break the row
    proof: str  # "code" | "card": how they showed that they were there
    operator_id: str


class ReferralChanged(Event, frozen=True, kw_only=True):
    """A member sent somebody new, or what they get for it was decided. Its points are rows of their own."""

    type: ClassVar[str] = "referral.changed"
    version: ClassVar[str] = "1.0"

    newcomer_id: str
    referrer_id: str
    state: str  # "waiting" | "rewarded" | "void"
    sale_id: str  # the purchase that counted; "": none yet
    month: str  # YYYY-MM in which it did
    capped: bool  # the referrer got nothing: they had brought so many that month
    operator_id: str
