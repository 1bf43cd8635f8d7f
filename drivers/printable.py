"""Text as receipt paper can show it: cleaned, measured in cells, cut, wrapped and encoded."""

from __future__ import annotations

import unicodedata

SPACES = "\n\t\u2028\u2029"  # these separate words; every other control character says nothing on paper
WIDE_SPACE = "\u3000"  # GB18030 has it in two bytes, so it may stay
REPLACEMENT = "?"
ROOM_MIN = 8  # cells; a narrower column is no place for a text
# Signs of every price list that GB18030 holds in four bytes only, which most printers do not know.
RESPELLED = str.maketrans({"\u00a5": "\uffe5", "\u00a3": "\uffe1", "\u00a2": "\uffe0"})


def printable(text: str, *, chinese: bool = True) -> str:
    """The text with everything removed that is not a mark on paper.

    Line feeds, tabs and unusual spaces become spaces. Control characters, bidirectional marks, zero-width
    marks and variation selectors vanish. Latin letters lose their accents. What the printer has no
    glyph for becomes "?": lone surrogates, private and unassigned characters, GB18030's four-byte range,
    and all but ASCII where `chinese` is false. The result is ASCII 0x20-0x7E and two-byte GB18030, so it
    never holds a command.
    """
    if text.isascii() and text.isprintable():
        return text
    composed = unicodedata.normalize("NFC", text).translate(RESPELLED)
    return "".join(_mark(character, chinese) for character in composed)


def _mark(character: str, chinese: bool) -> str:
    if " " <= character <= "~":
        return character
    category = unicodedata.category(character)
    if character in SPACES or (category == "Zs" and character != WIDE_SPACE):
        return " "
    if category in ("Cc", "Cf") or _invisible(character):
        return ""
    if category in ("Cs", "Co", "Cn"):
        return REPLACEMENT
    # Without its accent: the printer has only some accented letters, and those as wide as a Han character.
    letter = unicodedata.normalize("NFD", character)[0]
    if letter <= "~":
        return letter
    return character if chinese and len(character.encode("gb18030")) == 2 else REPLACEMENT


def _invisible(character: str) -> bool:
    """Variation selectors and the grapheme joiner: they only tell a screen how to draw a neighbour."""
    return (
        "\ufe00" <= character <= "\ufe0f"
        or "\U000e0100" <= character <= "\U000e01ef"
        or character == "\u034f"
    )


def encode(text: str) -> bytes:
    """GB18030 bytes of `printable` text: single bytes 0x20-0x7E, or pairs 0x81-0xFE, 0x40-0xFE."""
    return text.encode("gb18030")


def cells(text: str) -> int:
    """Width of `printable` text: a printer draws a single byte in one cell and a pair in two."""
    return sum(1 if character <= "~" else 2 for character in text)


def cut(text: str, width: int) -> str:
    """As much of the beginning as fits `width` cells. A Han character is never halved."""
    used = 0
    for at, character in enumerate(text):
        used += 1 if character <= "~" else 2
        if used > width:
            return text[:at]
    return text


def wrap(text: str, width: int) -> list[str]:
    """Lines of at most `width` cells (2 or more), broken at a space where there is one. Never empty."""
    assert width >= 2, width
    lines = []
    rest = text
    while cells(rest) > width:
        line = cut(rest, width)
        space = line.rfind(" ")
        if space > 0 and rest[len(line)] != " " and _inside_word(line[-1], rest[len(line)]):
            line = line[:space]
        lines.append(line.rstrip(" "))
        rest = rest[len(line) :].lstrip(" ")
    return [*lines, rest] if rest or not lines else lines


def _inside_word(before: str, after: str) -> bool:
    """Between two ASCII characters a break would split a word; beside a Han character it would not."""
    return before <= "~" and after <= "~" and before != " "


def row(left: str, right: str, width: int) -> str:
    """Both texts on one line of exactly `width` cells, a space between; the left one is cut first."""
    right = cut(right, width)
    room = width - cells(right)
    left = cut(left, max(room - 1, 0)) if right else cut(left, width)
    return left + " " * (room - cells(left)) + right


def wrapped_row(left: str, right: str, width: int) -> list[str]:
    """The same, but the left one goes over several lines, all as far in as the first; the right one stands
    on the last. Falls back on cutting where there is hardly any room."""
    body = left.lstrip(" ")
    inset = len(left) - len(body)
    room = width - inset
    if cells(left) + 1 + cells(right) <= width or room < ROOM_MIN:
        return [row(left, right, width)]
    lines = [" " * inset + line for line in wrap(body, room)]
    if cells(lines[-1]) + 1 + cells(right) <= width:
        return [*lines[:-1], row(lines[-1], right, width)]
    return [*lines, row("", right, width)]
