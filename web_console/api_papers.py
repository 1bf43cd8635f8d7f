"""What pages ask of the printer."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta

from services.flows.approvals import Approval
from web_console.api import Answer, Id, JobView, Request

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


class LabelIn(Request, frozen=True, kw_only=True):
    sku: Id
    copies: Annotated[int, Meta(ge=1, le=1_000)] = 1


class LabelsIn(Request, frozen=True, kw_only=True):
    """Either `items`, or all that a stock document brought in (a count: what it found), piece by piece."""

    layout: Literal["price", "hang"] = "price"
    stock: Annotated[str, Meta(max_length=32)] = "roll"  # a key of /api/labels/stocks
    items: Annotated[tuple[LabelIn, ...], Meta(max_length=1_000)] = ()
    document_id: Annotated[str, Meta(max_length=64, pattern="^[A-Za-z0-9_.:-]*$")] = ""


class LabelQuery(Request, frozen=True, kw_only=True):
    sku: Id
    layout: Literal["price", "hang"] = "price"
    stock: Annotated[str, Meta(max_length=32)] = "roll"


class LabelView(Answer, frozen=True, kw_only=True):
    svg: str  # one label, drawn from the bytes that the till's label printer would get


class LabelJobView(Answer, frozen=True, kw_only=True):
    job: JobView
    pieces: int  # labels of it


class StockView(Answer, frozen=True, kw_only=True):
    key: str
    width_mm: int  # of one label; 0: a roll, cut after each
    height_mm: int
