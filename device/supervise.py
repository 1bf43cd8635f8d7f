"""Threads that are kept alive, with a growing pause between restarts."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable

FIRST_PAUSE_S = 0.5
LONGEST_PAUSE_S = 30.0
RAN_WELL_S = 60.0  # who ran so long before it failed starts again after the first pause
STOP_S = 20.0  # a receipt in the middle may take so long; systemd waits 30 s for all of us

_log = logging.getLogger(__name__)


class Supervisor:
    """Runs each part in its own thread until stop(). The only place that catches every exception."""

    def __init__(self, stop_s: float = STOP_S) -> None:
        self.stop_s = stop_s
        self.stopping = threading.Event()
        self._threads: list[threading.Thread] = []

    def keep(self, name: str, run: Callable[[threading.Event], None]) -> None:
        """Run `run(stopping)`; when it fails, log it and run it again after a pause."""
        thread = threading.Thread(target=self._keep, args=(name, run), name=name, daemon=True)
        self._threads.append(thread)
        thread.start()

    def alive(self) -> bool:
        return all(thread.is_alive() for thread in self._threads)

    def stop(self) -> bool:
        """Ask every part to end and wait `stop_s` for all of them together; whether all have ended."""
        self.stopping.set()
        end = time.monotonic() + self.stop_s
        for thread in self._threads:
            thread.join(max(0.0, end - time.monotonic()))
        late = [thread.name for thread in self._threads if thread.is_alive()]
        if late:
            _log.error("did not stop within %.0f s: %s", self.stop_s, ", ".join(late))
        return not late

    def _keep(self, name: str, run: Callable[[threading.Event], None]) -> None:
        pause_s = FIRST_PAUSE_S
        while not self.stopping.is_set():
            began = time.monotonic()
            try:
                run(self.stopping)
                failed = False
            except Exception:
                failed = True
                if time.monotonic() - began >= RAN_WELL_S:
                    pause_s = FIRST_PAUSE_S
                _log.exception("%s failed; again in %.1f s", name, pause_s)
            self.stopping.wait(pause_s)
            pause_s = min(pause_s * 2, LONGEST_PAUSE_S) if failed else FIRST_PAUSE_S
