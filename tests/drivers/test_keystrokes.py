"""From key numbers to codes: whole or not at all."""

from __future__ import annotations

import random
import string
from collections.abc import Iterable

import pytest

from drivers.contracts import CODE_LENGTH_MAX
from drivers.key_layouts import KEY_ENTER, KEY_KPENTER, KEY_LEFTCTRL, KEY_LEFTSHIFT, KEY_TAB, LAYOUTS
from drivers.keystrokes import (
    EV_KEY,
    EV_SYN,
    INPUT_EVENT,
    SYN_DROPPED,
    SYN_REPORT,
    InputEvent,
    Keystrokes,
    pack,
    unpack,
)
from drivers.scanner_twin import ScannerTwin

KEY_A, KEY_1, KEY_2, KEY_F1, KEY_F12, KEY_LEFTALT, KEY_KP6, KEY_KP5 = 30, 2, 3, 59, 88, 56, 77, 76
KEY_LEFTMETA, KEY_CAPSLOCK, KEY_DELETE, KEY_BACKSPACE, KEY_ESC = 125, 58, 111, 14, 1


class Typist:
    """Makes events with times that a scanner would have."""

    def __init__(self) -> None:
        self.at_ms = 1_000_000

    def tap(self, *keys: int, held: Iterable[int] = (), pause_ms: int = 1) -> list[InputEvent]:
        strokes = [(key, 1) for key in held]
        strokes += [(key, value) for key in keys for value in (1, 0)]
        strokes += [(key, 0) for key in held]
        events = []
        for code, value in strokes:
            self.at_ms += pause_ms
            events.append(InputEvent(self.at_ms, EV_KEY, code, value))
            events.append(InputEvent(self.at_ms, EV_SYN, SYN_REPORT, 0))
        return events


def codes(events: Iterable[InputEvent], keys: Keystrokes | None = None) -> list[str]:
    keys = keys or Keystrokes(LAYOUTS["us"], "enter", 300)
    return [code for event in events if (code := keys.feed(event)) is not None]


@pytest.mark.parametrize("layout", sorted(LAYOUTS))
def test_every_character_of_a_layout_arrives_as_itself(layout: str) -> None:
    twin = ScannerTwin(layout)
    known = LAYOUTS[layout]
    typeable = {*known.plain.values(), *known.shift.values(), *known.altgr.values()}
    assert (
        set(string.ascii_letters + string.digits + " -./:;_,+*&=?%$!<>\"'()@#[]{}\\|") - typeable == set()
    ), layout
    events = [
        event for mark in sorted(typeable) for key in twin._presses(mark) for event in twin._press(*key)
    ]
    events += twin._press(KEY_ENTER, ())
    assert codes(events, Keystrokes(known, "enter", 10_000)) == ["".join(sorted(typeable))]


def test_us_keys_are_decoded_by_number() -> None:
    typist = Typist()
    events = typist.tap(KEY_1, KEY_2, KEY_A)
    events += typist.tap(KEY_A, KEY_1, held=[KEY_LEFTSHIFT])
    assert codes([*events, *typist.tap(KEY_ENTER)]) == ["12aA!"]


def test_a_german_scanner_read_as_german_gives_what_the_label_says() -> None:
    typist = Typist()
    events = [
        *typist.tap(21, 44),
        *typist.tap(53),
        *typist.tap(KEY_ENTER),
    ]  # the keys of y, z and / in the US
    assert codes(events) == ["yz/"]
    assert codes(events, Keystrokes(LAYOUTS["de"], "enter", 300)) == ["zy-"]


@pytest.mark.parametrize(
    ("terminator", "end", "expected", "wrong"),
    [
        ("enter", KEY_ENTER, ["1"], 0),
        ("enter", KEY_KPENTER, ["1"], 0),
        ("enter", KEY_TAB, [], 1),
        ("tab", KEY_TAB, ["1"], 0),
        ("tab", KEY_ENTER, [], 1),
        ("both", KEY_TAB, ["1"], 0),
        ("both", KEY_ENTER, ["1"], 0),
    ],
)
def test_only_the_agreed_terminator_finishes_a_code(terminator, end, expected, wrong) -> None:  # type: ignore[no-untyped-def]
    keys = Keystrokes(LAYOUTS["us"], terminator, 300)
    typist = Typist()
    assert codes(typist.tap(KEY_1, end), keys) == expected
    assert keys.wrong_ends == wrong


def test_an_overlong_scan_is_dropped_whole_and_the_next_one_is_right() -> None:
    typist = Typist()
    longest = typist.tap(*[KEY_1] * CODE_LENGTH_MAX, KEY_ENTER)
    overlong = typist.tap(*[KEY_1] * (CODE_LENGTH_MAX + 1), KEY_ENTER)
    endless = typist.tap(*[KEY_1] * 5_000, KEY_ENTER)
    assert codes([*longest, *overlong, *endless, *typist.tap(KEY_2, KEY_ENTER)]) == [
        "1" * CODE_LENGTH_MAX,
        "2",
    ]


@pytest.mark.parametrize(
    "attack",
    [
        lambda typist: typist.tap(*range(KEY_F1, KEY_F12 + 1)),
        lambda typist: typist.tap(KEY_A, held=[KEY_LEFTCTRL]),
        lambda typist: typist.tap(KEY_KP6, KEY_KP5, held=[KEY_LEFTALT]),
        lambda typist: typist.tap(KEY_1, held=[KEY_LEFTMETA]),
        lambda typist: typist.tap(KEY_1, held=[KEY_LEFTCTRL, KEY_LEFTALT, KEY_LEFTSHIFT]),
        lambda typist: typist.tap(KEY_1, KEY_CAPSLOCK, KEY_A),
        lambda typist: typist.tap(KEY_1, KEY_BACKSPACE),
        lambda typist: typist.tap(KEY_DELETE, KEY_ESC),
        lambda typist: typist.tap(KEY_1, 0x2FF),
        lambda typist: typist.tap(27, held=[KEY_LEFTCTRL]),  # a lone GS
        lambda typist: typist.tap(*[KEY_1] * 5_000),
        lambda typist: [],
    ],
)
def test_keys_that_are_no_barcode_give_nothing_and_harm_nothing(attack) -> None:  # type: ignore[no-untyped-def]
    typist = Typist()
    assert codes([*attack(typist), *typist.tap(KEY_ENTER), *typist.tap(KEY_2, KEY_ENTER)]) == ["2"]


def test_ctrl_enter_is_no_terminator() -> None:
    typist = Typist()
    assert codes([*typist.tap(KEY_1), *typist.tap(KEY_ENTER, held=[KEY_LEFTCTRL])]) == []


def test_gs_between_gs1_elements_is_kept() -> None:
    typist = Typist()
    separator = [*typist.tap(KEY_1), *typist.tap(27, held=[KEY_LEFTCTRL]), *typist.tap(KEY_2, KEY_ENTER)]
    assert codes(separator) == ["1\x1d2"]


def test_a_held_key_types_once() -> None:
    typist = Typist()
    down = typist.tap(KEY_1)
    repeats = [InputEvent(typist.at_ms, EV_KEY, KEY_1, 2)] * 50
    assert codes([*down[:2], *repeats, *down[2:], *typist.tap(KEY_ENTER)]) == ["1"]


def test_half_a_code_does_not_become_the_beginning_of_the_next_one() -> None:
    typist = Typist()
    half = typist.tap(KEY_1, KEY_1)
    typist.at_ms += 1_000
    assert codes([*half, *typist.tap(KEY_2, KEY_ENTER)]) == ["2"]


def test_after_dropped_events_nothing_is_believed_up_to_the_next_terminator() -> None:
    """The kernel's queue overflowed: it says so, and what follows up to SYN_REPORT is rubbish."""
    for lost in range(1, 27):
        typist = Typist()
        keys = Keystrokes(LAYOUTS["us"], "enter", 300)
        scan = typist.tap(*[KEY_1] * 6, KEY_ENTER)
        dropped = InputEvent(typist.at_ms, EV_SYN, SYN_DROPPED, 0)
        survivors = [*scan[:lost], dropped, *scan[lost + 1 :]]
        typist.at_ms += 400  # the hand moves to the next label
        expected = ["2"] if lost <= 24 else ["111111", "2"]
        assert codes([*survivors, *typist.tap(KEY_2, KEY_ENTER)], keys) == expected, lost
        assert keys.overflows == 1


def test_rubbish_up_to_the_next_report_is_not_even_a_terminator() -> None:
    typist = Typist()
    dropped = InputEvent(typist.at_ms, EV_SYN, SYN_DROPPED, 0)
    rubbish = [InputEvent(typist.at_ms, EV_KEY, key, 1) for key in (KEY_1, KEY_ENTER, KEY_2)]
    report = InputEvent(typist.at_ms, EV_SYN, SYN_REPORT, 0)
    assert codes([dropped, *rubbish, report, *typist.tap(KEY_1, KEY_ENTER, KEY_2, KEY_ENTER)]) == ["2"]


def test_a_shift_whose_release_was_dropped_does_not_stick() -> None:
    typist = Typist()
    shift = InputEvent(typist.at_ms, EV_KEY, KEY_LEFTSHIFT, 1)
    dropped = [
        InputEvent(typist.at_ms, EV_SYN, SYN_DROPPED, 0),
        InputEvent(typist.at_ms, EV_SYN, SYN_REPORT, 0),
    ]
    assert codes([shift, *dropped, *typist.tap(KEY_ENTER), *typist.tap(KEY_A, KEY_ENTER)]) == ["a"]


def test_no_event_at_all_breaks_the_decoder_and_no_code_is_unprintable() -> None:
    dice = random.Random(20261122)
    keys = Keystrokes(LAYOUTS["us"], "both", 300)
    at_ms = 0
    for _ in range(100_000):
        at_ms += dice.choice((0, 1, 5, -3, 1_000))
        event = InputEvent(
            at_ms, dice.choice((0, 1, 1, 1, 2, 4)), dice.randrange(0, 130), dice.choice((0, 1, 1, 2))
        )
        if (code := keys.feed(event)) is not None:
            assert 0 < len(code) <= CODE_LENGTH_MAX
            assert all(" " <= mark <= "~" or mark == "\x1d" for mark in code)


def test_events_survive_their_bytes() -> None:
    event = InputEvent(123_456_789, EV_KEY, KEY_A, 1)
    assert list(unpack(pack(event) * 2 + b"rest")) == [event, event]
    assert INPUT_EVENT.size in (16, 24)
