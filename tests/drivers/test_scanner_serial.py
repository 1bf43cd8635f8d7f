"""The serial scanner over a real pseudo terminal."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Iterator
from itertools import islice

import pytest

from drivers.contracts import CODE_LENGTH_MAX, DriverError, ErrorCode, State
from drivers.scanner_serial import DRIVER, Frames, SerialScanner, SerialScannerTwin, Settings


@pytest.fixture
def twin() -> Iterator[SerialScannerTwin]:
    hardware = SerialScannerTwin()
    yield hardware
    hardware.close()


@pytest.fixture
def scanner(twin: SerialScannerTwin) -> Iterator[SerialScanner]:
    device = SerialScanner(Settings(), twin)
    yield device
    device.close()


def take(scanner: SerialScanner, count: int) -> list[str]:
    watch = threading.Timer(3, scanner.close)
    watch.start()
    found = [scan.data for scan in islice(scanner.scans(), count)]
    watch.cancel()
    return found


def test_a_burst_of_codes_arrives_without_one_wrong(
    scanner: SerialScanner, twin: SerialScannerTwin
) -> None:
    codes = [f"69012345{number:05}" for number in range(200)]
    for code in codes:
        assert twin.scan(code)
    assert take(scanner, 200) == codes


@pytest.mark.parametrize(
    ("terminator", "sent", "expected"),
    [
        ("any", b"1\r2\n3\r\n4\r", ["1", "2", "3", "4"]),
        ("cr", b"1\r2\r", ["1", "2"]),
        ("cr", b"1\r\n2\r", ["1"]),  # a line feed in the next code: the scanner is set to CR LF
        ("lf", b"1\n2\n", ["1", "2"]),
    ],
)
def test_frames_end_with_the_agreed_terminator(terminator: str, sent: bytes, expected: list[str]) -> None:
    assert list(Frames(terminator, 200).feed(sent, 0)) == expected


def test_a_frame_cut_anywhere_is_put_together() -> None:
    sent = b"6901234567892\r(01)0690\x1d10\r"
    for at in range(len(sent)):
        frames = Frames("any", 200)
        assert [*frames.feed(sent[:at], 0), *frames.feed(sent[at:], 50)] == [
            "6901234567892",
            "(01)0690\x1d10",
        ]


def test_half_a_frame_is_dropped_after_the_pause(scanner: SerialScanner, twin: SerialScannerTwin) -> None:
    twin.send(b"69012")
    time.sleep(0.35)
    twin.send(b"6901234567892\r")
    assert take(scanner, 1) == ["6901234567892"]


def test_what_is_no_code_is_dropped_whole() -> None:
    for rubbish in (
        b"\x00",
        b"\x1b[A",
        b"\x80",
        "汉".encode(),
        b"\x7f",
        b"1" * (CODE_LENGTH_MAX + 1),
        b"1" * 5_000,
    ):
        assert list(Frames("any", 200).feed(b"12" + rubbish + b"34\r5\r", 0)) == ["5"], rubbish
    longest = b"1" * CODE_LENGTH_MAX
    assert list(Frames("any", 200).feed(longest + b"\r\r\r", 0)) == [longest.decode()]


def test_random_bytes_never_give_an_unprintable_code() -> None:
    dice = random.Random(20261122)
    frames = Frames("any", 200)
    for turn in range(2_000):
        for code in frames.feed(dice.randbytes(dice.randrange(60)), turn * 10):
            assert 0 < len(code) <= CODE_LENGTH_MAX
            assert all(" " <= mark <= "~" or mark == "\x1d" for mark in code)


def test_a_stuck_trigger_counts_once(scanner: SerialScanner, twin: SerialScannerTwin) -> None:
    twin.send(b"1\r" * 50 + b"2\r")
    assert take(scanner, 2) == ["1", "2"]


def test_the_same_article_twice_by_hand_counts_twice(
    scanner: SerialScanner, twin: SerialScannerTwin
) -> None:
    twin.scan("1")
    twin.scan("1")
    assert take(scanner, 2) == ["1", "1"]


def test_unplugged_and_back_under_another_name(scanner: SerialScanner, twin: SerialScannerTwin) -> None:
    twin.send(b"69012")
    twin.set_fault("unplugged", True)
    with pytest.raises(DriverError) as lost:
        next(scanner.scans())
    assert lost.value.code is ErrorCode.NOHARDWARE and scanner.state is State.ERROR
    with pytest.raises(DriverError):
        DRIVER.open(Settings(), twin, None)
    scanner.close()
    twin.set_fault("unplugged", False)
    again = SerialScanner(Settings(), twin)
    twin.scan("345\x1d")
    assert take(again, 1) == ["345\x1d"]
    again.close()


def test_a_port_that_is_not_there_is_no_hardware() -> None:
    with pytest.raises(DriverError) as failed:
        DRIVER.open(Settings(path="/dev/no-scanner"), None, None)
    assert failed.value.code is ErrorCode.NOHARDWARE


def test_a_second_program_cannot_take_half_of_the_bytes(
    scanner: SerialScanner, twin: SerialScannerTwin
) -> None:
    with pytest.raises(DriverError):
        SerialScanner(Settings(), twin)


def test_a_closed_scanner_lets_go_of_its_port(scanner: SerialScanner, twin: SerialScannerTwin) -> None:
    scanner.close()
    again = SerialScanner(Settings(), twin)
    twin.scan("1")
    assert take(again, 1) == ["1"]
    again.close()
