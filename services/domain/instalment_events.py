"""Instalment plans that were agreed, and what was cancelled of them."""

from __future__ import annotations

from typing import ClassVar

import msgspec

from services.domain.event import Event


class PlannedDue(msgspec.Struct, frozen=True, kw_only=True):
    """One month of a plan."""

    number: int  # from 1
    due_day: str  # YYYY-MM-DD
    amount_minor: int  # still owed then


class InstalmentChanged(Event, frozen=True, kw_only=True):
    """A sale was paid by instalments, or a document cancelled a part of a plan: the plan from now on."""

    type: ClassVar[str] = "instalment.changed"
    version: ClassVar[str] = "1.0"

    plan_id: str
    sale_id: str  # the document that did it
    amount_minor: int  # of the receivable: negative where it fell
    currency: str
    provider: str  # "": the shop itself
    months: int
    fee_bp: int  # what the provider keeps, basis points
    fee_minor: int  # of what is owed from now on
    schedule: tuple[PlannedDue, ...]
    operator_id: str
