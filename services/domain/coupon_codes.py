"""Coupon codes: twelve characters and one that checks them, in which a gateway that is alone can tell a
genuine code from an invented one. Two coupons that follow each other look like any two others.

A code holds 60 bits: the template's number (10), chance (26) and a tag (24) that only the chain's key
makes, over template, holder, last day and chance. All of it is shuffled with the same key.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable
from typing import NamedTuple

from services.domain.errors import CodeMalformed

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # base32 without the letters that are taken for others
BODY = 12
TEMPLATE_BITS, SERIAL_BITS, TAG_BITS = 10, 26, 24
TEMPLATES_MAX = (1 << TEMPLATE_BITS) - 1
HALF = 30
ROUNDS = 6

_TAKEN_FOR = str.maketrans("OIL", "011", " -")


class Genuine(NamedTuple):
    """What a code says of itself."""

    number: int  # of the template
    serial: int
    holder: str  # a member id, or "" for whoever has it
    last_day: str  # "": no end


def code(key: bytes, genuine: Genuine) -> str:
    """The code, with its check character."""
    assert 0 < genuine.number <= TEMPLATES_MAX and 0 <= genuine.serial < 1 << SERIAL_BITS, genuine
    plain = (genuine.number << SERIAL_BITS | genuine.serial) << TAG_BITS | _tag(key, genuine)
    shuffled = _shuffle(key, plain, range(ROUNDS))
    body = "".join(ALPHABET[shuffled >> 5 * n & 31] for n in reversed(range(BODY)))
    return body + _check(body)


def read(text: str) -> str:
    """A code as it is kept, from what was scanned or typed. Raises CodeMalformed."""
    found = text.upper().translate(_TAKEN_FOR)
    if len(found) != BODY + 1 or set(found) - set(ALPHABET) or found[-1] != _check(found[:-1]):
        raise CodeMalformed("this is no coupon's code")
    return found


def is_one(text: str) -> bool:
    """Whether a text is such a code, by its form: thirteen digits alone are a number of goods."""
    try:
        return not read(text).isdigit()
    except CodeMalformed:
        return False


def number(key: bytes, text: str) -> int:
    """Which template a code says it is of; to be believed only where genuine() finds something."""
    return _plain(key, text) >> SERIAL_BITS + TAG_BITS


def genuine(key: bytes, text: str, holders: Iterable[str], last_days: Iterable[str]) -> Genuine | None:
    """What made the code `text`, as read() gives it, of these holders and last days; None: nothing did.

    One invented code in 16 million passes for each pair of a holder and a day that is tried.
    """
    plain = _plain(key, text)
    serial, tag = plain >> TAG_BITS & (1 << SERIAL_BITS) - 1, plain & (1 << TAG_BITS) - 1
    days = tuple(last_days)
    for holder in holders:
        for last_day in days:
            tried = Genuine(plain >> SERIAL_BITS + TAG_BITS, serial, holder, last_day)
            if tried.number and _tag(key, tried) == tag:
                return tried
    return None


def grouped(text: str) -> str:
    """A code as people read it: 7K2M-9QXD-4HTV-B."""
    return "-".join(text[n : n + 4] for n in range(0, len(text), 4))


def masked(text: str) -> str:
    """Enough to tell two coupons apart, not enough to use one."""
    return f"****{text[-4:]}"


def _plain(key: bytes, text: str) -> int:
    shuffled = 0
    for character in text[:BODY]:
        shuffled = shuffled << 5 | ALPHABET.index(character)
    return _shuffle(key, shuffled, reversed(range(ROUNDS)))


def _tag(key: bytes, made_of: Genuine) -> int:
    said = "\0".join(("tag", str(made_of.number), str(made_of.serial), made_of.holder, made_of.last_day))
    return int.from_bytes(hmac.digest(key, said.encode(), "sha256")[:3], "big")


def _shuffle(key: bytes, value: int, rounds: Iterable[int]) -> int:
    """A Feistel network over two halves; the rounds backwards undo it."""
    order = tuple(rounds)
    left, right = value >> HALF, value & (1 << HALF) - 1
    if order[0]:  # backwards
        left, right = right, left
    for n in order:
        left, right = right, left ^ _mixed(key, n, right)
    if order[0]:
        left, right = right, left
    return left << HALF | right


def _mixed(key: bytes, n: int, half: int) -> int:
    mixed = hashlib.blake2b(half.to_bytes(4, "big"), key=key, digest_size=4, person=b"coupon%d" % n)
    return int.from_bytes(mixed.digest(), "big") >> 2


def _check(body: str) -> str:
    """Luhn's sum over 32 characters: one wrong character, or two neighbours exchanged, is found."""
    spent = 0
    for n, character in enumerate(reversed(body)):
        value = ALPHABET.index(character) * (1 if n % 2 else 2)
        spent += value // 32 + value % 32
    return ALPHABET[-spent % 32]
