"""Barcode scanner in keyboard mode, read through evdev with an exclusive grab."""

from __future__ import annotations

import errno
import logging
import os
import select
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any, Literal

import msgspec

from drivers import keystrokes
from drivers.contracts import Driver, ErrorCode, Health, Level, Scan, Scanner, State
from drivers.key_layouts import LAYOUTS
from drivers.keystrokes import Keystrokes, Terminator
from drivers.scan_feed import ScanFeed
from drivers.scanner_node import gone, open_node
from drivers.scanner_twin import ScannerTwin

READ_BYTES = keystrokes.INPUT_EVENT.size * 64  # the kernel keeps no more events
WAIT_MS = 1_000
JOIN_S = 0.9
WARNING_S = 600  # how long lost scans show in the health
PAUSE_IN_SCAN_MS = 300

log = logging.getLogger(__name__)


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


class HidScanner:
    """Reads in its own thread from the moment it is open."""

    def __init__(self, settings: Settings, twin: ScannerTwin | None = None) -> None:
        self._settings = settings
        self._descriptor, self._hang_up = open_node(settings) if twin is None else _open_twin(twin)
        self._keys = Keystrokes(LAYOUTS[settings.layout], settings.terminator, PAUSE_IN_SCAN_MS)
        self._feed = ScanFeed(settings.name, settings.repeat_ms)
        self._warning: tuple[float, Health] | None = None
        self._closing = threading.Lock()
        self._closed = False
        self._wake_read, self._wake_write = os.pipe()
        self._thread = threading.Thread(target=self._read, name=settings.name, daemon=True)
        self._thread.start()
        log.info("scanner ready name=%s", settings.name)

    @property
    def state(self) -> State:
        if self._closed:
            return State.CLOSED
        return State.ERROR if self._feed.error is not None else State.IDLE

    @property
    def overflows(self) -> int:
        """How often events or scans were lost because nobody read fast enough."""
        return self._keys.overflows + self._feed.lost

    def check_health(self) -> Health:
        if self._closed:
            return Health(ErrorCode.CLOSED, Level.BAD)
        if (error := self._feed.error) is not None:
            return Health(error.code, Level.BAD, str(error))
        warning = self._warning
        if warning is not None and time.monotonic() - warning[0] < WARNING_S:
            return warning[1]
        return Health("ready", Level.OK)

    def scans(self) -> Iterator[Scan]:
        return self._feed.scans()

    def close(self) -> None:
        with self._closing:
            if self._closed:
                return
            self._closed = True
        self._feed.end()
        os.write(self._wake_write, b"x")
        self._thread.join(JOIN_S)
        if self._thread is not threading.current_thread() and not self._thread.is_alive():
            self._hang_up()
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
                return self._lose(error)
            if not data:  # the pipe's other end is gone
                return self._lose(OSError(errno.ENODEV, os.strerror(errno.ENODEV)))
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
        if self._warning is None or self._warning[1].code != health.code:
            log.warning("scanner name=%s health=%s", self._settings.name, health.code)
        self._warning = (time.monotonic(), health)

    def _lose(self, error: OSError) -> None:
        log.warning("scanner lost name=%s error=%s", self._settings.name, error)
        self._feed.end(gone(error))


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
