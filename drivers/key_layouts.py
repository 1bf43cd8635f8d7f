"""What a key's number means on the keyboard a scanner pretends to be.

Numbers are those of linux/input-event-codes.h. They are used as numbers because evdev gives several names
to some of them. A key that types no ASCII character, or only half of one (a dead key), is not listed.
"""

from __future__ import annotations

from dataclasses import dataclass

KEY_LEFTSHIFT, KEY_RIGHTSHIFT = 42, 54
KEY_LEFTCTRL, KEY_RIGHTCTRL = 29, 97
KEY_LEFTALT, KEY_RIGHTALT = 56, 100  # the right one is AltGr
KEY_TAB, KEY_ENTER, KEY_KPENTER = 15, 28, 96
KEY_RIGHTBRACE = 27  # with Ctrl: GS, as scanners type it
KEY_SPACE = 57

ROW_STARTS = (2, 16, 30, 43, 44, 86)  # the digits, the three letter rows (43 stands alone), the 102nd key
KEYPAD = dict(
    zip((71, 72, 73, 74, 75, 76, 77, 78, 79, 80, 81, 82, 83, 55, 98), "789-456+1230.*/", strict=True)
)


@dataclass(frozen=True, slots=True)
class Layout:
    """Key number to ASCII character, for each level."""

    plain: dict[int, str]
    shift: dict[int, str]
    altgr: dict[int, str]


def _level(*rows: str) -> dict[int, str]:
    """Rows of characters in the order of their keys; what is not ASCII, or a space, types nothing."""
    keys = {
        start + at: character
        for start, row in zip(ROW_STARTS, rows, strict=True)
        for at, character in enumerate(row)
        if "!" <= character <= "~"
    }
    return {**keys, KEY_SPACE: " ", **KEYPAD}


LAYOUTS: dict[str, Layout] = {
    "us": Layout(
        plain=_level("1234567890-=", "qwertyuiop[]", "asdfghjkl;'`", "\\", "zxcvbnm,./", "\\"),
        shift=_level("!@#$%^&*()_+", "QWERTYUIOP{}", 'ASDFGHJKL:"~', "|", "ZXCVBNM<>?", "|"),
        altgr={},
    ),
    "de": Layout(
        plain=_level("1234567890ß´", "qwertzuiopü+", "asdfghjklöä ", "#", "yxcvbnm,.-", "<"),
        shift=_level('!"§$%&/()=? ', "QWERTZUIOPÜ*", "ASDFGHJKLÖÄ°", "'", "YXCVBNM;:_", ">"),
        altgr={8: "{", 9: "[", 10: "]", 11: "}", 12: "\\", 16: "@", 27: "~", 86: "|"},
    ),
    "fr": Layout(
        plain=_level("&é\"'(-è_çà)=", "azertyuiop $", "qsdfghjklmù²", "*", "wxcvbn,;:!", "<"),
        shift=_level("1234567890°+", "AZERTYUIOP¨£", "QSDFGHJKLM% ", "µ", "WXCVBN?./§", ">"),
        altgr={4: "#", 5: "{", 6: "[", 7: "|", 9: "\\", 10: "^", 11: "@", 12: "]", 13: "}"},
    ),
}
