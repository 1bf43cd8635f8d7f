"""From the kernel's input events to barcodes: the pure half of the keyboard-mode scanner."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from drivers.contracts import CODE_LENGTH_MAX
from drivers.key_layouts import (
    KEY_ENTER,
    KEY_KPENTER,
    KEY_LEFTALT,
    KEY_LEFTCTRL,
    KEY_LEFTSHIFT,
    KEY_RIGHTALT,
    KEY_RIGHTBRACE,
    KEY_RIGHTCTRL,
    KEY_RIGHTSHIFT,
    KEY_TAB,
    Layout,
)

INPUT_EVENT = struct.Struct("@llHHi")  # linux/input.h: seconds, microseconds, type, code, value
EV_SYN, EV_KEY = 0, 1
SYN_REPORT, SYN_DROPPED = 0, 3
KEY_UP, KEY_DOWN = 0, 1  # 2 is the kernel's repeat of a held key
GS = "\x1d"

SHIFTS = {KEY_LEFTSHIFT, KEY_RIGHTSHIFT}
CONTROLS = {KEY_LEFTCTRL, KEY_RIGHTCTRL}
ALTGR = {KEY_RIGHTALT}
MODIFIERS = SHIFTS | CONTROLS | ALTGR | {KEY_LEFTALT}
ENDS = {"enter": {KEY_ENTER, KEY_KPENTER}, "tab": {KEY_TAB}, "both": {KEY_ENTER, KEY_KPENTER, KEY_TAB}}
Terminator = Literal["enter", "tab", "both"]


@dataclass(frozen=True, slots=True)
class InputEvent:
    at_ms: int  # of the kernel's clock, here always the monotonic one
    kind: int
    code: int
    value: int


def unpack(data: bytes) -> Iterator[InputEvent]:
    """Whole `struct input_event`s; a rest shorter than one is left out."""
    whole = len(data) - len(data) % INPUT_EVENT.size
    for seconds, microseconds, kind, code, value in INPUT_EVENT.iter_unpack(data[:whole]):
        yield InputEvent(seconds * 1_000 + microseconds // 1_000, kind, code, value)


def pack(event: InputEvent) -> bytes:
    seconds, milliseconds = divmod(event.at_ms, 1_000)
    return INPUT_EVENT.pack(seconds, milliseconds * 1_000, event.kind, event.code, event.value)


class Keystrokes:
    """Collects characters until the terminator.

    A scan is given out whole or not at all. It is spoiled by a key that types no character, by more than
    CODE_LENGTH_MAX characters, by events that the kernel had to drop, by the wrong terminator, and by a
    pause: half a code whose rest never came must not become the beginning of the next one.
    """

    def __init__(self, layout: Layout, terminator: Terminator, gap_ms: int) -> None:
        self._layout = layout
        self._ends = ENDS[terminator]
        self._gap_ms = gap_ms
        self._typed: list[str] = []
        self._held: set[int] = set()
        self._spoiled = False
        self._skipping = False  # up to the next SYN_REPORT
        self._last_ms = 0
        self.overflows = 0  # times the kernel dropped events
        self.wrong_ends = 0  # scans that ended with the other terminator

    def feed(self, event: InputEvent) -> str | None:
        """Returns the finished code, if this event finished one."""
        if event.kind == EV_SYN and event.code == SYN_DROPPED:
            self.overflows += 1
            self._skipping = self._spoiled = True
            self._typed.clear()
            self._held.clear()  # a release may be among the lost ones
        elif self._skipping:
            self._skipping = not (event.kind == EV_SYN and event.code == SYN_REPORT)
            self._last_ms = event.at_ms
        elif event.kind == EV_KEY:
            return self._key(event)
        return None

    def _key(self, event: InputEvent) -> str | None:
        if event.code in MODIFIERS:
            (self._held.discard if event.value == KEY_UP else self._held.add)(event.code)
        if event.value != KEY_DOWN:
            return None
        if event.at_ms - self._last_ms > self._gap_ms:
            self._typed.clear()
            self._spoiled = False
        self._last_ms = event.at_ms
        if event.code in ENDS["both"]:
            return self._finish(event.code)
        if event.code not in MODIFIERS:
            self._type(self._character(event.code))
        return None

    def _character(self, code: int) -> str:
        """The character a key types with the modifiers now held, or "" for none."""
        if self._held & CONTROLS or KEY_LEFTALT in self._held:
            return GS if code == KEY_RIGHTBRACE and self._held <= CONTROLS else ""
        if self._held & ALTGR:
            return "" if self._held & SHIFTS else self._layout.altgr.get(code, "")
        return (self._layout.shift if self._held else self._layout.plain).get(code, "")

    def _type(self, character: str) -> None:
        if not character or len(self._typed) >= CODE_LENGTH_MAX:
            self._spoiled = True  # a code without this character could be another article's
        else:
            self._typed.append(character)

    def _finish(self, end: int) -> str | None:
        code, spoiled = "".join(self._typed), self._spoiled
        self._typed.clear()
        self._spoiled = False
        if end not in self._ends:
            self.wrong_ends += 1
            return None
        if self._held & (CONTROLS | {KEY_LEFTALT, KEY_RIGHTALT}):
            return None  # Ctrl+Enter is no scanner's terminator
        return None if spoiled or not code.strip(GS + " ") else code
