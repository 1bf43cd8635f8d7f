"""A member's data: the fields, how two sets of them become one, and whether two are the same person."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from services.domain import identity
from services.domain.identity import LAST4, NORMAL, PHONE, STRONG
from services.domain.member_errors import MemberRefused

NAME, GENDER, BIRTHDAY, NOTES = "name", "gender", "birthday", "notes"
FIELDS = (NAME, GENDER, BIRTHDAY, *identity.KINDS, NOTES)
GENDERS = ("", "f", "m")
LENGTHS = {NAME: 40, NOTES: 500}
PERSON = "person"  # name and birthday together: a hint, never a key
PHONE_NAME, PHONE_BIRTHDAY = "phone_name", "phone_birthday"  # together they say who somebody is
ADULT, CONSENTING = 18, 14  # years

SAME, CANDIDATE, HINT = "same", "candidate", "hint"  # how sure we are that two are one


class Field(msgspec.Struct, frozen=True, array_like=True):
    """What was said at `at_ms`. `verified`: the person proved it, not only said it."""

    value: str
    at_ms: int
    verified: bool = False


Profile = Mapping[str, Field]

_Stored = dict[str, Field]
_read = msgspec.json.Decoder(_Stored).decode


def written(profile: Profile) -> bytes:
    """The one way of writing it, so that the same data are the same bytes."""
    return msgspec.json.encode(dict(profile), order="sorted")


def read(text: bytes) -> Profile:
    return _read(text)


def value(profile: Profile, field: str) -> str:
    held = profile.get(field)
    return held.value if held else ""


def values(profile: Profile) -> dict[str, str]:
    """What is known, in the order of FIELDS."""
    return {field: held for field in FIELDS if (held := value(profile, field))}


def normalised(given: Mapping[str, str]) -> dict[str, str]:
    """Every field in its normal form; "" stays and means: take it away.

    Raises MemberRefused (why: "malformed") for what is none; it does not repeat the text.
    """
    return {field: _normal(field, text) for field, text in given.items()}


def changed(before: Profile, given: Mapping[str, str], verified: Iterable[str], at_ms: int) -> Profile:
    """`before` with the normal values of `given`. What stays the same keeps its age."""
    after, proved = dict(before), set(verified)
    for field, text in given.items():
        held = after.get(field)
        if held is not None and held.value == text and (held.verified or field not in proved):
            continue
        after.pop(field, None)
        if text:
            after[field] = Field(text, at_ms, field in proved)
    return after


def united(profiles: Mapping[str, Profile]) -> Profile:
    """One profile of one person's several, by member id: the newest verified value of each field, else
    the newest."""
    found: dict[str, Field] = {}
    order: dict[str, tuple[bool, int, str]] = {}
    for member_id, profile in profiles.items():
        for field, held in profile.items():
            rank = (held.verified, held.at_ms, member_id)
            if field not in found or rank > order[field]:
                found[field], order[field] = held, rank
    return found


def keys(profile: Profile) -> set[tuple[str, str]]:
    """(kind, normal form) of all that this person can be found by."""
    found = {(kind, held) for kind in identity.KINDS if (held := value(profile, kind))}
    if number := value(profile, PHONE):
        found.add((LAST4, number[-4:]))
    name, day = _same_name(value(profile, NAME)), value(profile, BIRTHDAY)
    if name and day:
        found.add((PERSON, f"{name}\0{day}"))
    if number and name:
        found.add((PHONE_NAME, f"{number}\0{name}"))
    if number and day:
        found.add((PHONE_BIRTHDAY, f"{number}\0{day}"))
    return found


def likeness(one: Profile, other: Profile) -> str:
    """SAME, CANDIDATE, HINT, or "" for two who share nothing."""
    shared = {
        kind for kind in identity.KINDS if value(one, kind) and value(one, kind) == value(other, kind)
    }
    if any(one[kind].verified and other[kind].verified for kind in shared & set(STRONG)):
        return SAME
    names = _same_name(value(one, NAME)) == _same_name(value(other, NAME)) != ""
    births = value(one, BIRTHDAY) == value(other, BIRTHDAY) != ""
    if PHONE in shared and (names or births):
        return SAME
    if shared:
        return CANDIDATE
    return HINT if names and births else ""


def evidence(one: Profile, other: Profile) -> tuple[str, ...]:
    """The fields that speak for one person, by name; their values stay sealed."""
    fields = [field for field in FIELDS if field not in (GENDER, NOTES)]
    return tuple(
        f for f in fields if value(one, f) and _same_name(value(one, f)) == _same_name(value(other, f))
    )


def reasons(one: Profile, other: Profile) -> tuple[str, ...]:
    """Why two who share a key or name and birthday may be one, and what speaks against it: "phone_same",
    "name_other". Nothing for two who share none."""
    if not likeness(one, other):
        return ()
    against = [f for f in conflicts(one, other) if f in (NAME, BIRTHDAY)]
    return (*(f"{f}_same" for f in evidence(one, other)), *(f"{f}_other" for f in against))


def conflicts(one: Profile, other: Profile) -> tuple[str, ...]:
    """The fields in which both say something, and not the same."""
    return tuple(
        field
        for field in FIELDS
        if value(one, field) and value(other, field) and value(one, field) != value(other, field)
    )


def age(profile: Profile, today: str) -> int | None:
    """In whole years; None where the year of birth is not known."""
    born = value(profile, BIRTHDAY)
    if len(born) != len("2000-01-01"):
        return None
    return int(today[:4]) - int(born[:4]) - (today[5:] < born[5:])


def _normal(field: str, text: str) -> str:
    if field not in FIELDS:
        raise MemberRefused("there is no such field", why="unknown")
    plain = identity.folded(text) if field != NOTES else identity.unmarked(text).strip()
    if not plain and not text.strip():
        return ""
    normal = NORMAL[field](text) if field in NORMAL else _OTHERS[field](plain)
    if not normal:
        raise MemberRefused("this is not of the right form", why="malformed", field=field)
    return normal


def _line(field: str) -> Any:
    def of(text: str) -> str:
        clean = " ".join(text.split()) if field == NAME else text
        fits = 0 < len(clean) <= LENGTHS[field] and all(c.isprintable() or c == "\n" for c in clean)
        return clean if fits else ""

    return of


def _day(text: str) -> str:
    """YYYY-MM-DD, or MM-DD of somebody who does not tell the year."""
    whole = text if re.fullmatch(r"[0-9]{4}-.*", text) else f"2000-{text}"
    return text if identity.is_day(whole) else ""


_OTHERS = {
    NAME: _line(NAME),
    NOTES: _line(NOTES),
    BIRTHDAY: _day,
    GENDER: lambda text: text if text in GENDERS else "",
}


def _same_name(text: str) -> str:
    return "".join(identity.folded(text).casefold().split())
