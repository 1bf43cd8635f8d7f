"""What people see of a member's data where they need not see all of it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from services.domain.identity import CARD, EMAIL, ID_CARD, PHONE, WECHAT

# As people write them, and as an exception's text may hold what it choked on.
_PHONE = re.compile(r"(?<!\d)((?:\+?86|0086)?[ -]?1[3-9]\d)[ -]?\d{4}[ -]?(\d{4})(?!\d)")
_ID_CARD = re.compile(r"(?<!\d)(\d{4})\d{10}(\d{3}[\dXx])(?!\d)")

STAR = "*"
MASKED_MIN = 4  # stars at least, where it is a number


def ends(text: str, first: int, last: int) -> str:
    """`text` with all but its `first` and `last` characters starred; all of it where that leaves too few
    stars."""
    hidden = len(text) - first - last
    if hidden < MASKED_MIN:
        return STAR * len(text)
    return text[:first] + STAR * hidden + text[len(text) - last :]


def phone(text: str) -> str:
    """138****5620, and +44 with the last four of a foreign one."""
    return ends(text, 3, 4)


def name(text: str) -> str:
    """The first character and a star: how long the name is stays hidden."""
    return text[:1] + STAR if text else ""


def email(text: str) -> str:
    """w***@example.com"""
    person, at, place = text.partition("@")
    return f"{person[:1]}***{at}{place}" if at else STAR * len(text)


def birthday(text: str) -> str:
    """****-05-21: what is celebrated, not the age."""
    return STAR * 4 + text[4:] if len(text) == 10 else STAR * len(text)


MASKS: Mapping[str, Callable[[str], str]] = {
    "name": name,
    "birthday": birthday,
    PHONE: phone,
    EMAIL: email,
    ID_CARD: lambda text: ends(text, 4, 4),
    WECHAT: lambda text: ends(text, 2, 3),
    CARD: lambda text: ends(text, 2, 4),
}


def masked(field: str, text: str) -> str:
    """A field that has no mask of its own is shown as it is."""
    return MASKS[field](text) if field in MASKS else text


def said(text: str) -> str:
    """`text` with the phones and ID numbers in it masked: of what people type, or a log line."""
    return _ID_CARD.sub(r"\1**********\2", _PHONE.sub(r"\1****\2", text))
