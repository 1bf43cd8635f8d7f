"""What every scanner has in common that reads in a thread of its own: state, health, end."""

from __future__ import annotations

import logging
import threading
import time
from abc import ABC, abstractmethod
from collections.abc import Iterator
from typing import Protocol

from drivers.contracts import DriverError, ErrorCode, Health, Level, Scan, State
from drivers.scan_feed import ScanFeed

JOIN_S = 0.9
WARNING_S = 600  # how long lost scans show in the health

log = logging.getLogger(__name__)


class ScannerSettings(Protocol):
    @property
    def name(self) -> str: ...

    @property
    def repeat_ms(self) -> int: ...


class ReadingScanner(ABC):
    """The thread begins with start(), once the subclass has opened its device."""

    def __init__(self, settings: ScannerSettings) -> None:
        self._name = settings.name
        self._feed = ScanFeed(settings.name, settings.repeat_ms)
        self._warning: tuple[float, Health] | None = None
        self._closing = threading.Lock()
        self._closed = False
        self._thread = threading.Thread(target=self._read, name=settings.name, daemon=True)

    def start(self) -> None:
        self._thread.start()
        log.info("scanner ready name=%s", self._name)

    @property
    def state(self) -> State:
        if self._closed:
            return State.CLOSED
        return State.ERROR if self._feed.error is not None else State.IDLE

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
        self._wake()
        self._thread.join(JOIN_S)
        self._hang_up()

    @abstractmethod
    def _read(self) -> None:
        """Offer scans to the feed until closed or lost."""

    @abstractmethod
    def _wake(self) -> None:
        """Make a _read() that waits look at `_closed`."""

    @abstractmethod
    def _hang_up(self) -> None:
        """Let the device go, after the thread has ended or was given up."""

    def _warn(self, health: Health) -> None:
        if self._warning is None or self._warning[1].code != health.code:
            log.warning("scanner name=%s health=%s", self._name, health.code)
        self._warning = (time.monotonic(), health)

    def _lose(self, error: DriverError) -> None:
        log.warning("scanner lost name=%s error=%s", self._name, error)
        self._feed.end(error)
