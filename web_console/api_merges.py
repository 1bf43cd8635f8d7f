"""Two members side by side, becoming one, and parted again."""

from __future__ import annotations

from services.flows.approvals import Approval, Reason
from web_console.api import Answer, Id, Request
from web_console.api_members import FieldView, MemberView


class PairQuery(Request, frozen=True, kw_only=True):
    one: Id
    other: Id


class MergeMembers(Request, frozen=True, kw_only=True):
    one: Id
    other: Id
    reason: Reason
    approval: Approval | None = None


class TellApart(Request, frozen=True, kw_only=True):
    one: Id
    other: Id
    reason: Reason
    approval: Approval | None = None


class PartMembers(Request, frozen=True, kw_only=True):
    """A pair as `merges` of a member names it."""

    absorbed: Id
    survivor: Id
    reason: Reason
    approval: Approval | None = None


class SideView(Answer, frozen=True, kw_only=True):
    member: MemberView
    consents: dict[str, bool]
    sales: int


class ReviewView(Answer, frozen=True, kw_only=True):
    """`likeness`: same, candidate, hint, or "" for two who share nothing. `evidence` and `conflicts` are
    fields, `reasons` say what the sweep found to be a slip apart. `refused` says why they cannot be one:
    id_cards, bags, too_many, or ""."""

    one: SideView
    other: SideView
    likeness: str
    evidence: tuple[str, ...]
    reasons: tuple[str, ...]
    conflicts: tuple[str, ...]
    outcome: tuple[FieldView, ...]  # masked
    consents: dict[str, bool]
    blocked: bool
    refused: str


class SuspectView(Answer, frozen=True, kw_only=True):
    member: MemberView
    likeness: str


class MergedView(Answer, frozen=True, kw_only=True):
    absorbed: str
    survivor: str
    at_ms: int
    until_ms: int  # it can be taken back until then


class LikeView(Answer, frozen=True, kw_only=True):
    """Who this person may be too, and what was made one already."""

    suspects: tuple[SuspectView, ...]
    merges: tuple[MergedView, ...]


class PairView(Answer, frozen=True, kw_only=True):
    """`likeness` and `reasons` as a review has them."""

    one: MemberView
    other: MemberView
    likeness: str
    reasons: tuple[str, ...]


class DuplicatesView(Answer, frozen=True, kw_only=True):
    pairs: tuple[PairView, ...]


class PartedView(Answer, frozen=True, kw_only=True):
    older: MemberView
    younger: MemberView
