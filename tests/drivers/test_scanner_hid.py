"""The keyboard-mode scanner, on a pipe with kernel events and, where there is uinput, on a real device."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import pytest

from drivers.contracts import DriverError, ErrorCode, Level, State
from drivers.keystrokes import EV_KEY, EV_SYN, SYN_DROPPED, SYN_REPORT, InputEvent
from drivers.scan_feed import SCANS_MAX
from drivers.scanner_hid import DRIVER, HidScanner, Settings
from drivers.scanner_twin import ScannerTwin
from tests.waits import until

UINPUT = Path("/dev/uinput").exists() and os.access("/dev/uinput", os.W_OK)


class UinputScanner:
    """A keyboard that the kernel itself presents."""

    def __init__(self) -> None:
        import evdev

        self._device = evdev.UInput(
            {EV_KEY: list(range(1, 128))},
            name="test scanner",
            vendor=0x1234,
            product=0x5678,
            phys="test/input0",
        )
        self._twin = ScannerTwin()

    def scan(self, code: str) -> None:
        for mark in code:
            for key in self._twin._presses(mark):
                self._type(self._twin._press(*key))
        self._type(self._twin._press(28, ()))

    def _type(self, events: Any) -> None:
        for event in events:
            self._device.write(event.kind, event.code, event.value)
        time.sleep(0.004)  # a paced scanner

    def close(self) -> None:
        self._device.close()


@pytest.fixture(params=["uinput" if UINPUT else "pipe"])
def hardware(request: pytest.FixtureRequest) -> Iterator[tuple[Any, HidScanner]]:
    """The best scanner this machine can offer: a kernel device, else the pipe."""
    if request.param == "pipe":
        twin: Any = ScannerTwin()
        scanner = HidScanner(Settings(), twin)
    else:
        twin = UinputScanner()
        time.sleep(0.5)  # udev
        scanner = HidScanner(Settings(vendor=0x1234, product=0x5678))
    print(f"scanner under test: {request.param}")  # noqa: T201
    yield twin, scanner
    scanner.close()
    twin.close()


def take(scanner: HidScanner, count: int) -> list[str]:
    """That many scans; hangs no longer than two seconds."""
    watch = threading.Timer(2, scanner.close)
    watch.start()
    found = [scan.data for scan in islice(scanner.scans(), count)]
    watch.cancel()
    return found


def test_scans_arrive_whole_and_in_order(hardware: tuple[Any, HidScanner]) -> None:
    twin, scanner = hardware
    codes = ["6901234567892", "Abc-{0}~", "(01)0690\x1d10"]
    for code in codes:
        twin.scan(code)
    assert take(scanner, 3) == codes


def test_20_scans_that_nobody_takes_are_kept() -> None:
    twin = ScannerTwin()
    scanner = HidScanner(Settings(), twin)
    for number in range(20):
        assert twin.scan(f"69012345678{number:02}")
    until(lambda: len(scanner._feed._waiting) == 20, "all twenty wait")
    assert take(scanner, 20) == [f"69012345678{number:02}" for number in range(20)]
    scanner.close()


def test_more_scans_than_are_kept_are_lost_counted_and_shown() -> None:
    twin = ScannerTwin()
    scanner = HidScanner(Settings(), twin)
    for number in range(SCANS_MAX + 3):
        twin.scan(str(number))
    until(lambda: scanner.overflows == 3, "three were too many")
    health = scanner.check_health()
    assert (health.code, health.level) == ("overflow", Level.WARN)
    assert take(scanner, SCANS_MAX) == [str(number) for number in range(SCANS_MAX)]
    scanner.close()


def test_a_kernel_queue_that_overflowed_gives_no_wrong_code_and_a_warning() -> None:
    twin = ScannerTwin()
    scanner = HidScanner(Settings(), twin)
    digits = [event for _ in range(5) for event in twin._press(2, ())]
    dropped = [InputEvent(twin._at_ms, EV_SYN, SYN_DROPPED, 0), *twin._press(3, ())]
    twin.send([*digits, *dropped, *digits, *twin._press(28, ())])
    twin.scan("6901234567892")
    assert take(scanner, 1) == ["6901234567892"]
    assert (scanner.check_health().code, scanner.overflows) == ("overflow", 1)
    scanner.close()


def test_a_burst_into_the_pipe_is_read_while_nobody_consumes() -> None:
    twin = ScannerTwin()
    scanner = HidScanner(Settings(), twin)
    for number in range(200):
        assert twin.scan(f"690123456{number:04}"), "the reader waits for somebody"
    assert len(take(scanner, 200)) == 200
    scanner.close()


def test_two_scanners_at_once_do_not_mix() -> None:
    twins = [ScannerTwin(), ScannerTwin()]
    scanners = [HidScanner(Settings(name=name), twin) for name, twin in zip("ab", twins, strict=True)]
    streams = []
    for letter, twin in zip("ab", twins, strict=True):
        marks = [event for key in twin._presses(letter) for event in twin._press(*key)]
        streams.append([*(marks * 8), *twin._press(28, ())])
    for pair in zip(*streams, strict=True):
        for twin, event in zip(twins, pair, strict=True):
            twin.send([event])
    assert [take(scanner, 1) for scanner in scanners] == [["aaaaaaaa"], ["bbbbbbbb"]]
    for scanner in scanners:
        scanner.close()


def test_a_stuck_trigger_counts_once_and_is_shown() -> None:
    twin = ScannerTwin()
    scanner = HidScanner(Settings(), twin)
    once = [*twin._press(2, ()), *twin._press(28, ())]
    twin.send(once * 50)
    twin.scan("9")
    assert take(scanner, 2) == ["1", "9"]
    assert scanner.check_health().code == "repeated"
    scanner.close()


def test_the_same_article_twice_by_hand_counts_twice() -> None:
    twin = ScannerTwin()
    scanner = HidScanner(Settings(), twin)
    twin.scan("6901234567892")
    twin.scan("6901234567892")
    assert take(scanner, 2) == ["6901234567892"] * 2
    scanner.close()


def test_a_scanner_that_was_set_to_tab_is_noticed_at_the_first_scan() -> None:
    twin = ScannerTwin(terminator="tab")
    scanner = HidScanner(Settings(terminator="enter"), twin)
    twin.scan("6901234567892")
    until(lambda: scanner.check_health().code == "terminator", "the missing end is seen")
    scanner.close()


def test_every_fifth_scan_of_a_bad_scanner_lacks_a_digit() -> None:
    twin = ScannerTwin()
    twin.set_fault("bad_digit", True)
    scanner = HidScanner(Settings(), twin)
    for number in range(10):
        twin.scan(f"690123456789{number}")
    assert [len(code) for code in take(scanner, 10)] == [13, 13, 13, 13, 12] * 2
    scanner.close()


def test_half_a_scan_before_the_cable_came_out_is_gone() -> None:
    twin = ScannerTwin()
    scanner = HidScanner(Settings(), twin)
    twin.send(twin._press(2, ()))
    twin.set_fault("unplugged", True)
    with pytest.raises(DriverError) as lost:
        next(scanner.scans())
    assert lost.value.code is ErrorCode.NOHARDWARE and scanner.state is State.ERROR
    assert twin.scan("6901234567892") is False
    scanner.close()
    twin.set_fault("unplugged", False)
    again = HidScanner(Settings(), twin)
    twin.scan("6901234567892")
    assert take(again, 1) == ["6901234567892"]
    again.close()


def test_scans_read_before_the_loss_still_arrive() -> None:
    twin = ScannerTwin()
    scanner = HidScanner(Settings(), twin)
    twin.scan("1234")
    twin.set_fault("unplugged", True)
    scans = scanner.scans()
    assert next(scans).data == "1234"
    with pytest.raises(DriverError):
        next(scans)
    scanner.close()


def test_events_cut_in_the_middle_are_put_together() -> None:
    twin = ScannerTwin()
    scanner = HidScanner(Settings(), twin)
    assert twin._write_end is not None
    from drivers.keystrokes import pack

    data = b"".join(map(pack, [*twin._press(2, ()), InputEvent(twin._at_ms, EV_SYN, SYN_REPORT, 0)]))
    data += b"".join(map(pack, twin._press(28, ())))
    for at in range(0, len(data), 7):
        os.write(twin._write_end, data[at : at + 7])
        time.sleep(0.001)
    assert take(scanner, 1) == ["1"]
    scanner.close()


def test_an_unpinned_scanner_is_refused_with_a_hint() -> None:
    pytest.importorskip("evdev", reason="the real device needs evdev")
    with pytest.raises(DriverError) as refused:
        DRIVER.open(Settings(), None, None)
    assert refused.value.code is ErrorCode.ILLEGAL and "vendor" in refused.value.hint


def test_without_evdev_only_the_real_scanner_is_unavailable(monkeypatch: pytest.MonkeyPatch) -> None:
    import sys

    monkeypatch.setitem(sys.modules, "evdev", None)
    with pytest.raises(DriverError) as refused:
        DRIVER.open(Settings(path="/dev/input/event0"), None, None)
    assert refused.value.code is ErrorCode.NOSERVICE and "python3-evdev" in refused.value.hint
    twin = ScannerTwin()
    scanner = DRIVER.open(Settings(), twin, None)
    twin.scan("1234")
    assert take(scanner, 1) == ["1234"]
    scanner.close()


def test_a_path_that_is_not_there_is_no_hardware() -> None:
    pytest.importorskip("evdev", reason="the real device needs evdev")
    with pytest.raises(DriverError) as failed:
        DRIVER.open(Settings(path="/dev/input/by-id/none"), None, None)
    assert failed.value.code is ErrorCode.NOHARDWARE
