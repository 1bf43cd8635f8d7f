"""A scanner and the tills it fills: from the beam to the line on the page."""

from __future__ import annotations

import threading
from collections.abc import Callable

from device.attached import Attached
from drivers.contracts import DriverError, Scan, Scanner

REOPEN_S = 0.5
HEALTH_S = 1.0


class Lane:
    """One thread takes the scans, another looks after the device and closes it on stop."""

    def __init__(self, scanner: Attached, take: Callable[[Scan], None]) -> None:
        self._scanner = scanner
        self._take = take

    def run(self, stop: threading.Event) -> None:
        """Take scans until `stop`; a scanner that was unplugged is opened again."""
        while not stop.is_set():
            device: Scanner | None = self._scanner.look()
            if device is not None:
                self._serve(device, stop)
            stop.wait(REOPEN_S)

    def _serve(self, device: Scanner, stop: threading.Event) -> None:
        over = threading.Event()
        watcher = threading.Thread(target=self._watch, args=(device, stop, over), daemon=True)
        watcher.start()
        try:
            for scan in device.scans():
                self._take(scan)
        except DriverError as error:
            self._scanner.failed(error)
        finally:
            over.set()
            watcher.join()
            self._scanner.close()

    def _watch(self, device: Scanner, stop: threading.Event, over: threading.Event) -> None:
        while not over.wait(HEALTH_S if not stop.is_set() else 0):
            if stop.is_set():
                device.close()
                return
            self._scanner.seen(device.check_health())
