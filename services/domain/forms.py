"""Parameters as inputs: a struct's fields with their words, units and bounds, to draw a form from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, get_args, get_origin, get_type_hints

import msgspec

NUMBERS = ("minor", "pieces", "basis_points", "number", "minute")


@dataclass(frozen=True, slots=True)
class Field:
    """One input. A list of structs, or a struct, has the `fields` of one of its rows."""

    key: str
    label_zh: str
    label_en: str
    unit: str  # NUMBERS | "switch" | "choice" | "text" | "texts" | "numbers" | "day" | "rows" | "fields"
    minimum: int  # of the number, or of a list's length; 0 and 0: no bounds
    maximum: int
    required: bool
    default: Any
    choices: tuple[str, ...]
    fields: tuple[Field, ...]


def labelled(zh: str, en: str, unit: str, minimum: int = 0, maximum: int = 0) -> msgspec.Meta:
    """The metadata of a field: its words, its unit, and the bounds of a number or of a list's length."""
    extra = {"zh": zh, "en": en, "unit": unit}
    if unit in NUMBERS:
        return msgspec.Meta(ge=minimum, le=maximum, extra=extra)
    if maximum:
        return msgspec.Meta(min_length=minimum, max_length=maximum, extra=extra)
    return msgspec.Meta(extra=extra)


def fields(params: type[msgspec.Struct]) -> tuple[Field, ...]:
    """The inputs of a struct whose fields are all labelled, in order."""
    hints = get_type_hints(params, include_extras=True)
    return tuple(_field(field, hints[field.name]) for field in msgspec.structs.fields(params))


def _field(field: msgspec.structs.FieldInfo, hint: Any) -> Field:
    kind, *metas = get_args(hint)  # of a type that has a form of its own, that one comes first
    meta = next(each for each in metas if each.extra)
    row = get_args(kind)[0] if get_origin(kind) is tuple else kind
    return Field(
        key=field.name,
        label_zh=meta.extra["zh"],
        label_en=meta.extra["en"],
        unit=meta.extra["unit"],
        minimum=meta.ge or meta.min_length or 0,
        maximum=meta.le or meta.max_length or 0,
        required=field.required,
        default=None if field.required else msgspec.to_builtins(field.default),
        choices=get_args(kind) if meta.extra["unit"] == "choice" else (),
        fields=fields(row) if isinstance(row, type(msgspec.Struct)) else (),
    )
