"""Instalment plans as the till says and hears of them."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta

from web_console.api import Amount, Answer, Id, Request


class DueView(Answer, frozen=True, kw_only=True):
    day: str  # YYYY-MM-DD
    amount: Amount


class PlanView(Answer, frozen=True, kw_only=True):
    """`fee` is what the provider keeps of it."""

    months: int
    fee: Amount
    rows: tuple[DueView, ...]


class PlansView(Answer, frozen=True, kw_only=True):
    """Without plans the amount is below the minimum, or the shop offers none."""

    provider: str
    least: Amount
    plans: tuple[PlanView, ...]


class AgreePlan(Request, frozen=True, kw_only=True):
    basket_id: Id
    version: Annotated[int, Meta(ge=1)]
    months: Literal[3, 6, 12]
