"""What pages ask of the printer."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta

from services.flows.approvals import Approval
from web_console.api import Request

Language = Literal["", "zh", "en", "both"]


class JobAnswer(Request, frozen=True, kw_only=True):
    """Did the paper come out? `true` settles the job, `false` prints it again: a receipt as a copy."""

    came_out: bool


class CopyIn(Request, frozen=True, kw_only=True):
    """A copy later than ten minutes after the sale needs a reason; `reason_needed` names them all."""

    reason: Annotated[str, Meta(max_length=32, pattern="^[a-z_]*$")] = ""
    language: Language = ""  # "" as the shop prints
    approval: Approval | None = None  # where the answer before this one was `approval_needed`


class GiftIn(Request, frozen=True, kw_only=True):
    language: Language = ""
