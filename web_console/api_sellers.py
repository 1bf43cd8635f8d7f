"""Who sells, and what it earns: as the pages say and hear it."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta

from web_console.api import Answer, Id, Request

SellerId = Annotated[str, Meta(max_length=64, pattern="^[A-Za-z0-9_.:-]*$")]
Month = Annotated[str, Meta(pattern=r"^[0-9]{4}-(0[1-9]|1[0-2])$")]
Rate = Annotated[int, Meta(ge=0, le=100_000_00)]
Sum = Annotated[int, Meta(ge=0, le=10**12)]


class SetSeller(Request, frozen=True, kw_only=True):
    """Empty: nobody in particular, so it counts for the cashier."""

    basket_id: Id
    seller_id: SellerId


class StepIn(Request, frozen=True, kw_only=True):
    """From this monthly sum on: basis points for a share, minor units for a piece."""

    from_minor: Sum
    rate: Rate


class RuleIn(Request, frozen=True, kw_only=True):
    """Empty texts mean any."""

    kind: Literal["share", "piece"]
    staff_id: SellerId = ""
    role: Literal["", "seller", "cashier", "manager"] = ""
    category: Annotated[str, Meta(max_length=64, pattern="^[A-Za-z0-9_.:-]*$")] = ""
    whole: bool = False
    steps: Annotated[tuple[StepIn, ...], Meta(min_length=1, max_length=10)]


class ChangePlan(Request, frozen=True, kw_only=True):
    """`seen_version` is the one the page showed: nobody overwrites what they have not seen."""

    seen_version: Annotated[int, Meta(ge=0)]
    from_month: Month
    rules: Annotated[tuple[RuleIn, ...], Meta(max_length=100)]


class StepView(Answer, frozen=True, kw_only=True):
    from_minor: int
    rate: int


class RuleView(Answer, frozen=True, kw_only=True):
    kind: str
    staff_id: str
    role: str
    category: str
    whole: bool
    steps: tuple[StepView, ...]


class PlanView(Answer, frozen=True, kw_only=True):
    version: int
    from_month: str  # "" for the one a new shop begins with
    earliest: str  # the month from which a new one can hold
    rules: tuple[RuleView, ...]
