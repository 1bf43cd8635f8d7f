"""Time at work, as the pages say and hear it."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta

from services.flows.approvals import Approval, Reason
from web_console.api import Answer, Id, Request

Wall = Annotated[str, Meta(pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}$")]


class Clock(Request, frozen=True, kw_only=True):
    """By whom it is, at any till, whoever is signed on there."""

    staff_id: Id
    pin: Annotated[str, Meta(pattern=r"^[0-9]{6}$")]
    till: Id
    direction: Literal["in", "out"]


class Correct(Request, frozen=True, kw_only=True):
    """How it should read on the shop's clock. Without `span_id` it is a time that nobody clocked."""

    span_id: Id | None = None
    staff_id: Id
    began: Wall
    ended: Wall
    reason: Reason
    approval: Approval | None = None


class MonthQuery(Request, frozen=True, kw_only=True):
    month: Annotated[str, Meta(pattern=r"^[0-9]{4}-(0[1-9]|1[0-2])$")]


class PresenceView(Answer, frozen=True, kw_only=True):
    staff_id: str
    since_ms: int


class SpanView(Answer, frozen=True, kw_only=True):
    """State: open, closed, unattended (nobody clocked out), doubtful (the clock was wrong), corrected."""

    span_id: str
    staff_id: str
    name: str
    business_day: str
    state: str
    began: str  # on the shop's clock, "2026-11-25T09:00"
    ended: str  # "" while at work, and where the end is not known
    worked_min: int  # whole minutes that count
    asks: bool  # a manager must say what is right
    corrections: int


class PersonMonth(Answer, frozen=True, kw_only=True):
    staff_id: str
    name: str
    days: int  # on which something counts
    worked_min: int  # the sum of milliseconds, in whole minutes
    asks: int  # spans that a manager must look at
    spans: tuple[SpanView, ...]


class MonthView(Answer, frozen=True, kw_only=True):
    month: str
    people: tuple[PersonMonth, ...]


class VersionView(Answer, frozen=True, kw_only=True):
    """Number 0 is what was clocked, the others are corrections."""

    n: int
    began: str
    ended: str
    reason: str
    operator: str  # by name
    approver: str
    at_ms: int
