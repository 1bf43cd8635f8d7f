"""Splits ESC/POS bytes into commands, so that data inside a command is never taken for another one.

Lengths are those of Epson's ESC/POS command reference.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

DLE, ESC, FS, GS = b"\x10", b"\x1b", b"\x1c", b"\x1d"
PREFIXES = b"\x10\x1b\x1c\x1d"
TABS_MAX = 32  # ESC D takes that many stops
BARCODE_BYTES_MAX = 255

# Commands with a fixed number of argument bytes.
# fmt: off
FIXED: dict[bytes, int] = {
    **{ESC + bytes([c]): n for c, n in (
        *((c, 0) for c in b"@2LSimv<"), *((c, 1) for c in b" !%-3=?EGJMRTVadetru{K"),
        *((c, 2) for c in b"$\\c"), (ord("p"), 3), (ord("W"), 8),
    )},
    **{GS + bytes([c]): n for c, n in (
        *((c, 0) for c in b":c\x0c"), *((c, 1) for c in b"!/BHITabfhrwj"), *((c, 2) for c in b"$LPW\\"),
        (ord("^"), 3), (ord("z"), 3), (ord("g"), 4),
    )},
    **{FS + bytes([c]): n for c, n in (
        *((c, 0) for c in b"&."), *((c, 1) for c in b"!-CW"), *((c, 2) for c in b"?Sp"), (ord("2"), 74),
    )},
    DLE + b"\x05": 1,
}
# fmt: on


@dataclass(frozen=True, slots=True)
class Token:
    """One command, or one run of text. `raw` is all of it."""

    code: bytes  # b"" for text; else the control byte, for ESC, FS, GS and DLE with the byte after it
    args: bytes  # what follows the code; for text, the text
    raw: bytes


def tokens(data: bytes) -> Iterator[Token]:
    """Every complete token. What is cut off at the end is left out. Never fails, whatever the bytes."""
    at = 0
    while at < len(data) and (token := token_at(data, at)) is not None:
        yield token
        at += len(token.raw)


def token_at(data: bytes, at: int) -> Token | None:
    """The token that starts at `at`, or None while bytes of it are missing."""
    first = data[at : at + 1]
    if first >= b" ":
        end = at + 1
        while end < len(data) and data[end] >= 0x20:
            end += 1
        return Token(b"", data[at:end], data[at:end])
    if first not in PREFIXES:
        return Token(first, b"", first)
    code = data[at : at + 2]
    if len(code) < 2:
        return None
    length = _length(code, data[at + 2 : at + 2 + TABS_MAX + BARCODE_BYTES_MAX])
    if length is None or at + 2 + length > len(data):
        return None
    end = at + 2 + length
    return Token(code, data[at + 2 : end], data[at:end])


def _length(code: bytes, rest: bytes) -> int | None:
    """How many argument bytes follow; None when `rest` does not tell yet."""
    if code in FIXED:
        return FIXED[code]
    measure = VARIABLE.get(code)
    return 0 if measure is None else measure(rest)


def _number(rest: bytes, at: int, size: int = 2) -> int:
    return int.from_bytes(rest[at : at + size], "little")


def _block(rest: bytes) -> int | None:
    """GS ( x pL pH: a function letter, a length, so many bytes."""
    return None if len(rest) < 3 else 3 + _number(rest, 1)


def _big_block(rest: bytes) -> int | None:
    """GS 8 L p1 p2 p3 p4."""
    return None if len(rest) < 5 else 5 + _number(rest, 1, 4)


def _raster(rest: bytes) -> int | None:
    """GS v 0 m xL xH yL yH: x bytes in each of y lines."""
    return None if len(rest) < 6 else 6 + _number(rest, 2) * _number(rest, 4)


def _columns(rest: bytes) -> int | None:
    """ESC * m nL nH: n columns of one byte, or of three where m is 32 or 33."""
    return None if len(rest) < 3 else 3 + _number(rest, 1) * (3 if rest[0] in (32, 33) else 1)


def _stored_image(rest: bytes) -> int | None:
    """GS * x y."""
    return None if len(rest) < 2 else 2 + rest[0] * rest[1] * 8


def _cut(rest: bytes) -> int | None:
    """GS V m, and a distance for the forms that feed first."""
    if not rest:
        return None
    return 2 if rest[0] in (65, 66, 97, 98, 103, 104) else 1


def _barcode(rest: bytes) -> int | None:
    """GS k m: up to NUL in the old form (m up to 6), length-prefixed in the new one."""
    if not rest:
        return None
    if rest[0] > 6:
        return None if len(rest) < 2 else 2 + rest[1]
    end = rest.find(b"\0")
    return end + 1 if end >= 0 else (None if len(rest) < BARCODE_BYTES_MAX else BARCODE_BYTES_MAX)


def _tabs(rest: bytes) -> int | None:
    """ESC D: up to 32 stops, ended by NUL."""
    end = rest.find(b"\0", 0, TABS_MAX + 1)
    return end + 1 if end >= 0 else (None if len(rest) <= TABS_MAX else TABS_MAX)


def _status(rest: bytes) -> int | None:
    """DLE EOT n, with one more byte for n = 7, 8 and 18."""
    return None if not rest else (2 if rest[0] in (7, 8, 18) else 1)


def _real_time(rest: bytes) -> int | None:
    """DLE DC4 fn: 1 and 2 take two bytes, 8 takes seven."""
    return None if not rest else 1 + {1: 2, 2: 2, 7: 1, 8: 7}.get(rest[0], 0)


VARIABLE: dict[bytes, Callable[[bytes], int | None]] = {
    GS + b"(": _block,
    ESC + b"(": _block,
    FS + b"(": _block,
    GS + b"8": _big_block,
    GS + b"v": _raster,
    ESC + b"*": _columns,
    GS + b"*": _stored_image,
    GS + b"V": _cut,
    GS + b"k": _barcode,
    ESC + b"D": _tabs,
    DLE + b"\x04": _status,
    DLE + b"\x14": _real_time,
}
