"""The keyboard-mode scanner in software: a pipe that carries the kernel's own input events."""

from __future__ import annotations

import errno
import os
import select
import time
from collections.abc import Iterable

from drivers import key_layouts, keystrokes
from drivers.key_layouts import LAYOUTS
from drivers.keystrokes import EV_KEY, EV_SYN, GS, KEY_DOWN, KEY_UP, InputEvent, Terminator, pack
from drivers.scanner_hand import HandTwin, put

KEY_MS = 1  # between two keys of one scan
HAND_MS = 400  # from one label to the next: no hand is faster
# Whole events, and at most PIPE_BUF: then a write is whole or not at all.
WRITE_BYTES = select.PIPE_BUF // keystrokes.INPUT_EVENT.size * keystrokes.INPUT_EVENT.size


class ScannerTwin(HandTwin):
    """Types what it scans, like a hand with a scanner: never two labels within 400 ms of event time.

    Writing takes no such time: only the events' time stamps are spaced. What nobody reads is lost, as
    with a real scanner.
    """

    def __init__(self, layout: str = "us", terminator: Terminator = "enter") -> None:
        super().__init__()
        self._layout = LAYOUTS[layout]
        self._end = key_layouts.KEY_TAB if terminator == "tab" else key_layouts.KEY_ENTER
        self._write_end: int | None = None
        self._reader: int | None = None
        self._at_ms = 0

    def scan(self, code: str) -> bool:
        """Scan a label. Returns whether it was typed to somebody.

        Raises KeyError for a character that this keyboard layout cannot type.
        """
        with self._lock:
            code = self._misread(code)
            now_ms = time.clock_gettime_ns(time.CLOCK_MONOTONIC) // 1_000_000
            self._at_ms = max(now_ms, self._at_ms + HAND_MS)
            keys = [*(press for character in code for press in self._presses(character)), (self._end, ())]
            return self._write(event for code, held in keys for event in self._press(code, held))

    def send(self, events: Iterable[InputEvent]) -> bool:
        """Put these events on the wire as they are. Returns whether somebody listens."""
        with self._lock:
            return self._write(events)

    def _presses(self, character: str) -> list[tuple[int, tuple[int, ...]]]:
        """The key for a character, and the modifiers to hold."""
        if character == GS:
            return [(key_layouts.KEY_RIGHTBRACE, (key_layouts.KEY_LEFTCTRL,))]
        for keys, held in (
            (self._layout.plain, ()),
            (self._layout.shift, (key_layouts.KEY_LEFTSHIFT,)),
            (self._layout.altgr, (key_layouts.KEY_RIGHTALT,)),
        ):
            for key, typed in keys.items():
                if typed == character:
                    return [(key, held)]
        raise KeyError(character)

    def _press(self, key: int, held: tuple[int, ...]) -> Iterable[InputEvent]:
        """Modifiers down, key down, key up, modifiers up, and a SYN_REPORT after each of them."""
        strokes = [
            *((modifier, KEY_DOWN) for modifier in held),
            (key, KEY_DOWN),
            (key, KEY_UP),
            *((modifier, KEY_UP) for modifier in held),
        ]
        self._at_ms += KEY_MS
        for code, value in strokes:
            yield InputEvent(self._at_ms, EV_KEY, code, value)
            yield InputEvent(self._at_ms, EV_SYN, keystrokes.SYN_REPORT, 0)

    def _write(self, events: Iterable[InputEvent]) -> bool:
        data = b"".join(map(pack, events))
        return self._write_end is not None and put(self._write_end, data, WRITE_BYTES)

    def connect(self) -> int:
        """Open the device: a descriptor to read events from. Raises OSError ENODEV while unplugged, EBUSY
        while somebody else holds it."""
        with self._lock:
            if self._faults["unplugged"]:
                raise OSError(errno.ENODEV, os.strerror(errno.ENODEV))
            if self._write_end is not None:
                raise OSError(errno.EBUSY, os.strerror(errno.EBUSY))
            read_end, self._write_end = os.pipe()
            os.set_blocking(read_end, False)
            os.set_blocking(self._write_end, False)
            self._reader = read_end
            return read_end

    def release(self, descriptor: int) -> None:
        """Close what connect() gave."""
        with self._lock:
            os.close(descriptor)
            if descriptor == self._reader:
                self._pull()

    def _pull(self) -> None:
        if self._write_end is not None:
            os.close(self._write_end)
            self._write_end = None
        self._reader = None
