"""Consents, hidden fields, copies and erasing, as the pages say and hear of them."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from msgspec import Meta

from services.domain.consents import TEXT_MAX
from services.flows.approvals import Approval, Reason
from web_console.api import Amount, Answer, Request

Purpose = Literal["membership", "marketing_sms", "wechat", "profiling", "prepaid_realname", "cross_store"]
Evidence = Literal["paper", "screen", "sms", "spoken"]
Hidden = Literal["name", "birthday", "phone", "email", "id_card", "wechat", "card"]
Mark = Annotated[str, Meta(min_length=1, max_length=64, pattern="^[A-Za-z0-9_.:-]+$")]


class SayConsent(Request, frozen=True, kw_only=True):
    """One purpose at a time. `text` is exactly what the member was shown; its hash is kept."""

    purpose: Purpose
    granted: bool
    text_id: Mark
    text_version: Mark
    text: Annotated[str, Meta(min_length=1, max_length=TEXT_MAX)]
    evidence: Evidence


class ConsentView(Answer, frozen=True, kw_only=True):
    purpose: str
    granted: bool
    text_id: str
    text_version: str
    text_hash: str
    channel: str
    evidence: str
    operator: str  # by name
    at_ms: int


class ConsentsView(Answer, frozen=True, kw_only=True):
    """`standing` has the purposes that were asked for; of several ids of one person a no is a no."""

    standing: dict[str, bool]
    log: tuple[ConsentView, ...]  # oldest first


class UnmaskFields(Request, frozen=True, kw_only=True):
    fields: Annotated[tuple[Hidden, ...], Meta(min_length=1, max_length=7)]
    reason: Reason
    approval: Approval | None = None


class UnmaskedView(Answer, frozen=True, kw_only=True):
    """To be shown and not to be kept."""

    fields: dict[str, str]


class CopyMember(Request, frozen=True, kw_only=True):
    reason: Reason
    approval: Approval | None = None


class CopyView(Answer, frozen=True, kw_only=True):
    """All that is known of the member, for the member."""

    member: dict[str, Any]


class EraseMember(Request, frozen=True, kw_only=True):
    approval: Approval | None = None


class ErasureView(Answer, frozen=True, kw_only=True):
    """What would be taken away, by name, and what the books keep under a number nobody can read."""

    ids: tuple[str, ...]
    fields: tuple[str, ...]
    sales: int
    consents: int
    points: int  # that are lost; below zero, a debt
    balance: Amount  # stored value; nothing is erased while there is some
