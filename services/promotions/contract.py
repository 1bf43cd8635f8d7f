"""What a kind of promotion declares: its parameters, and the rule they make."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import msgspec

from services.domain.offers import Rule


@dataclass(frozen=True, slots=True)
class Promotion:
    """One kind. The form of its `params` is drawn by domain.forms.fields.

    `rule` is pure; it raises ValueError with a sentence for parameters that contradict each other.
    """

    key: str
    label_zh: str
    label_en: str
    layers: tuple[int, ...]  # where it may stand; the first is the usual one
    params: type[msgspec.Struct]
    rule: Callable[[Any], Rule]
