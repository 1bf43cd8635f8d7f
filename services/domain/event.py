"""What every event of the journal is."""

from __future__ import annotations

from typing import ClassVar

import msgspec


class Event(msgspec.Struct, frozen=True, kw_only=True):
    """A committed fact. `type` and `version` name its JSON Schema: schemas/<type>/<version>.json."""

    type: ClassVar[str]
    version: ClassVar[str]  # major.minor: a minor step only adds optional fields
