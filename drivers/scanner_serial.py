"""Barcode scanner in serial mode (USB CDC or RS-232), read through pyserial."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any, Literal

import msgspec

from drivers.contracts import (
    CODE_LENGTH_MAX,
    Driver,
    DriverError,
    ErrorCode,
    Health,
    Level,
    Scanner,
)
from drivers.reading_scanner import ReadingScanner
from drivers.scanner_serial_twin import SerialScannerTwin

READ_BYTES = 1_024
SLICE_S = 0.1  # the reader looks this often whether it shall end
ENDS = {"cr": b"\r", "lf": b"\n", "any": b"\r\n"}


class Settings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A serial scanner. `path` is best a udev symlink: ttyACM0 may come back as ttyACM1."""

    name: str = "scanner"
    path: str = "/dev/scanner"
    baud: int = 9_600
    terminator: Literal["cr", "lf", "any"] = "any"  # any: CR, LF or both
    partial_ms: int = 200  # a pause this long within a code: its rest is not coming
    repeat_ms: int = 300  # the same code again within this is a stuck trigger; 0 allows it

    def __post_init__(self) -> None:
        if not 10 <= self.partial_ms <= 10_000:
            raise ValueError("partial_ms: 10 to 10000")
        if not 0 <= self.repeat_ms <= 60_000:
            raise ValueError("repeat_ms: 0 to 60000")


class Frames:
    """Cuts bytes into codes. A code is given out whole or not at all: unprintable bytes, overlength or a
    pause spoil it up to the next terminator."""

    def __init__(self, terminator: str, partial_ms: int) -> None:
        self._ends = ENDS[terminator]
        self._partial_ms = partial_ms
        self._typed = bytearray()
        self._spoiled = False
        self._last_ms = 0

    def feed(self, data: bytes, at_ms: int) -> Iterator[str]:
        """The codes that these bytes, read at this time of the monotonic clock, finish."""
        if at_ms - self._last_ms > self._partial_ms:
            self._typed.clear()
            self._spoiled = False
        self._last_ms = at_ms
        for byte in data:
            if byte in self._ends:
                if self._typed and not self._spoiled:
                    yield self._typed.decode("ascii")
                self._typed.clear()
                self._spoiled = False
            elif not (0x20 <= byte <= 0x7E or byte == 0x1D) or len(self._typed) >= CODE_LENGTH_MAX:
                self._spoiled = True
            else:
                self._typed.append(byte)


class SerialScanner(ReadingScanner):
    """Reads in its own thread from the moment it is open."""

    def __init__(self, settings: Settings, twin: SerialScannerTwin | None = None) -> None:
        try:
            import serial
        except ImportError as error:
            raise DriverError(
                "pyserial is not installed", code=ErrorCode.NOSERVICE, hint="install pyserial"
            ) from error
        super().__init__(settings)
        self._error_types = (OSError, serial.SerialException)
        path = settings.path if twin is None else twin.path
        if not path:
            raise _gone("unplugged")
        try:
            # Exclusive, so that a second program cannot take half of the bytes.
            self._port: Any = serial.Serial(path, settings.baud, timeout=SLICE_S, exclusive=True)
        except self._error_types as error:
            raise _gone(str(error)) from error
        self._frames = Frames(settings.terminator, settings.partial_ms)
        self.start()

    def _wake(self) -> None:
        """It looks by itself each SLICE_S."""

    def _hang_up(self) -> None:
        # The port is closed before anybody opens it again, or a replugged scanner gets another name.
        self._port.close()

    def _read(self) -> None:
        while not self._closed:
            try:
                data = self._port.read(max(1, min(self._port.in_waiting, READ_BYTES)))
            except self._error_types as error:
                if not self._closed:
                    self._lose(_gone(str(error)))
                return
            if data:
                self._take(data, time.monotonic_ns() // 1_000_000)

    def _take(self, data: bytes, at_ms: int) -> None:
        lost = self._feed.lost
        for code in self._frames.feed(data, at_ms):
            self._feed.offer(code, at_ms)
        if self._feed.lost > lost:
            text = f"{self._feed.lost} scans came too fast and are lost"
            self._warn(Health("overflow", Level.WARN, text))


def _gone(message: str) -> DriverError:
    return DriverError(
        message, code=ErrorCode.NOHARDWARE, hint="check the scanner's cable and its serial mode"
    )


def _open(settings: Settings, twin: SerialScannerTwin | None, parent: Any | None) -> Scanner:
    return SerialScanner(settings, twin)


DRIVER = Driver(
    key="scanner.serial",
    kind="scanner",
    settings=Settings,
    open=_open,
    twin=lambda settings: SerialScannerTwin(settings.terminator),
)
