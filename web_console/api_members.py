"""Members as the pages say and hear of them. Whatever tells who somebody is, is masked here already."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta

from web_console.api import Answer, Id, Request

Text = Annotated[str, Meta(max_length=500)]
Short = Annotated[str, Meta(max_length=200)]
Proved = Literal["card", "wechat"]  # by being scanned
Revision = Annotated[int, Meta(ge=1)]


class Recognise(Request, frozen=True, kw_only=True):
    """As scanned or typed. In a body, since addresses are kept in logs."""

    text: Annotated[str, Meta(min_length=1, max_length=200)]


class MemberFields(Request, frozen=True, kw_only=True):
    """What is said of a member: "" takes a field away, null leaves it as it is."""

    name: Short | None = None
    gender: Short | None = None
    birthday: Short | None = None
    phone: Short | None = None
    email: Short | None = None
    wechat: Short | None = None
    id_card: Short | None = None
    card: Short | None = None
    notes: Text | None = None


class JoinMember(Request, frozen=True, kw_only=True):
    """One of phone, email, wechat, id_card and card is enough. `another`: this is not the person who is
    known by the same phone or address, as the cashier has asked."""

    fields: MemberFields
    scanned: tuple[Proved, ...] = ()
    another: bool = False


class EditMember(Request, frozen=True, kw_only=True):
    revision: Revision
    fields: MemberFields
    scanned: tuple[Proved, ...] = ()
    another: bool = False


class MemberStanding(Request, frozen=True, kw_only=True):
    """`staff_id`: the employee who is this member; "" for none."""

    revision: Revision
    blocked: bool
    staff_id: Annotated[str, Meta(max_length=64, pattern="^[A-Za-z0-9_.:-]*$")] = ""


class FieldView(Answer, frozen=True, kw_only=True):
    """`text` is as much as everybody at the till may see; `masked` says whether there is more."""

    field: str
    text: str
    masked: bool
    verified: bool
    at_ms: int


class MemberView(Answer, frozen=True, kw_only=True):
    member_id: Id
    ids: tuple[str, ...]  # all that were merged into this one, itself included
    revision: int
    fields: tuple[FieldView, ...]
    created_at_ms: int
    changed_at_ms: int
    blocked: bool
    staff_id: str
    minor: bool  # surely under 14: no marketing, no profiling


class HitView(Answer, frozen=True, kw_only=True):
    """`sure` where only the member can have shown this; otherwise people choose. `key_id` is the id of the
    member's that is to be named as who buys."""

    member: MemberView
    kind: str
    sure: bool
    key_id: Id


class HitsView(Answer, frozen=True, kw_only=True):
    hits: tuple[HitView, ...]
