"""The list of staff and what each role may do, as the back office says and hears it."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta

from web_console.api import Answer, Request, Role

Name = Annotated[str, Meta(min_length=1, max_length=200)]  # cut down to what can be kept by the rule itself
Pin = Annotated[str, Meta(pattern="^([0-9]{6})?$", description="empty: one is made and shown once")]
Limit = Annotated[int, Meta(ge=0, le=10**12)]


class PersonView(Answer, frozen=True, kw_only=True):
    staff_id: str
    name: str
    role: Role
    active: bool
    rank: int
    locked: bool  # too many wrong PINs: only unlocking helps


class AddPerson(Request, frozen=True, kw_only=True):
    name: Name
    role: Role
    pin: Pin = ""


class ChangePerson(Request, frozen=True, kw_only=True):
    name: Name
    role: Role
    active: bool
    rank: Annotated[int, Meta(ge=0, le=9_999)]


class ResetPin(Request, frozen=True, kw_only=True):
    pin: Pin = ""


class PinView(Answer, frozen=True, kw_only=True):
    """`pin` is the one that was made here, this one time; empty for a chosen one, and for a repeat."""

    person: PersonView
    pin: str


class RightView(Answer, frozen=True, kw_only=True):
    """`limits` by role: the largest size, null for any; a role without the right is absent."""

    key: str
    unit: str  # "", "bp", "minor", "pieces"
    four_eyes: bool
    limits: dict[str, int | None]


class ChangeRight(Request, frozen=True, kw_only=True):
    four_eyes: bool
    limits: dict[str, Limit | None]
