"""Barcode scanner in keyboard mode, read through evdev with an exclusive grab."""

from __future__ import annotations

import errno
import os
import select
import threading
from collections.abc import Callable
from typing import Any, Literal

import msgspec

from drivers import keystrokes
from drivers.contracts import Driver, Health, Level, Scanner
from drivers.key_layouts import LAYOUTS
from drivers.keystrokes import Keystrokes, Terminator
from drivers.reading_scanner import ReadingScanner
from drivers.scanner_node import gone, open_node
from drivers.scanner_twin import ScannerTwin

READ_BYTES = keystrokes.INPUT_EVENT.size * 64  # the kernel keeps no more events
WAIT_MS = 1_000
PAUSE_IN_SCAN_MS = 300


class Settings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which scanner, pinned so that no other keyboard is taken for it, and how it types.

    Either `path` (a udev symlink), or `vendor` and `product`, with `serial` or `port` where two are alike.
    """

    name: str = "scanner"
    path: str = ""  # /dev/input/by-id/...-event-kbd
    vendor: int = 0  # USB ids, as lsusb prints them in hexadecimal
    product: int = 0
    serial: str = ""  # the device's "uniq"
    port: str = ""  # the device's "phys", such as usb-0000:01:00.0-1.3/input0
    layout: Literal["us", "de", "fr"] = "us"  # the keyboard it is set to pretend
    terminator: Terminator = "enter"
    repeat_ms: int = 300  # the same code again within this is a stuck trigger; 0 allows it

    def __post_init__(self) -> None:
        if not 0 <= self.repeat_ms <= 60_000:
            raise ValueError("repeat_ms: 0 to 60000")
        if not 0 <= self.vendor <= 0xFFFF or not 0 <= self.product <= 0xFFFF:
            raise ValueError("vendor, product: 0 to 65535")


class HidScanner(ReadingScanner):
    """Reads in its own thread from the moment it is open."""

    def __init__(self, settings: Settings, twin: ScannerTwin | None = None) -> None:
        super().__init__(settings)
        self._descriptor, self._release = open_node(settings) if twin is None else _open_twin(twin)
        self._keys = Keystrokes(LAYOUTS[settings.layout], settings.terminator, PAUSE_IN_SCAN_MS)
        self._wake_read, self._wake_write = os.pipe()
        self.start()

    @property
    def overflows(self) -> int:
        """How often events or scans were lost because nobody read fast enough."""
        return self._keys.overflows + self._feed.lost

    def _wake(self) -> None:
        os.write(self._wake_write, b"x")

    def _hang_up(self) -> None:
        if self._thread is not threading.current_thread() and not self._thread.is_alive():
            self._release()
            os.close(self._wake_read)
            os.close(self._wake_write)

    def _read(self) -> None:
        poll = select.poll()
        poll.register(self._descriptor, select.POLLIN)
        poll.register(self._wake_read, select.POLLIN)
        rest = b""
        while not self._closed:
            if not poll.poll(WAIT_MS):
                continue
            try:
                data = os.read(self._descriptor, READ_BYTES) if not self._closed else b"x"
            except BlockingIOError:
                continue
            except OSError as error:
                return self._lose(gone(error))
            if not data:  # the pipe's other end is gone
                return self._lose(gone(OSError(errno.ENODEV, os.strerror(errno.ENODEV))))
            data = rest + data
            whole = len(data) - len(data) % keystrokes.INPUT_EVENT.size
            rest = data[whole:]
            self._type(data[:whole])

    def _type(self, data: bytes) -> None:
        before = (self.overflows, self._keys.wrong_ends, self._feed.repeated)
        for event in keystrokes.unpack(data):
            if (code := self._keys.feed(event)) is not None:
                self._feed.offer(code, event.at_ms)
        if before == (self.overflows, self._keys.wrong_ends, self._feed.repeated):
            return
        if self.overflows > before[0]:
            health = Health(
                "overflow", Level.WARN, f"{self.overflows} times scans came too fast, some are lost"
            )
        elif self._keys.wrong_ends > before[1]:
            health = Health(
                "terminator", Level.WARN, f"{self._keys.wrong_ends} scans ended with the wrong key"
            )
        else:
            health = Health(
                "repeated", Level.WARN, f"{self._feed.repeated} repeats of one code were left out"
            )
        self._warn(health)


def _open_twin(twin: ScannerTwin) -> tuple[int, Callable[[], None]]:
    try:
        descriptor = twin.connect()
    except OSError as error:
        raise gone(error) from error
    return descriptor, lambda: twin.release(descriptor)


def _open(settings: Settings, twin: ScannerTwin | None, parent: Any | None) -> Scanner:
    return HidScanner(settings, twin)


DRIVER = Driver(
    key="scanner.hid",
    kind="scanner",
    settings=Settings,
    open=_open,
    twin=lambda settings: ScannerTwin(settings.layout, settings.terminator),
)
