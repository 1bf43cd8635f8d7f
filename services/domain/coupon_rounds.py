"""To whom one kind of coupon is given at once, and how far that has come."""

from __future__ import annotations

from typing import Literal, NamedTuple

RUNNING, DONE, STOPPED, WITHDRAWN = "running", "done", "stopped", "withdrawn"  # states of a round

AudienceKind = Literal["tag", "tier", "stage", "group"]


class Audience(NamedTuple):
    """Whoever wears a tag, stands on a tier, is in a stage of their life as a customer, or in a group."""

    kind: AudienceKind
    key: str
