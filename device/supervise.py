"""Threads that are kept alive, with a growing pause between restarts."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable

FIRST_PAUSE_S = 0.5
LONGEST_PAUSE_S = 30.0
JOIN_S = 5.0

_log = logging.getLogger(__name__)


class Supervisor:
    """Runs each part in its own thread until stop(). The only place that catches every exception."""

    def __init__(self) -> None:
        self.stopping = threading.Event()
        self._threads: list[threading.Thread] = []

    def keep(self, name: str, run: Callable[[threading.Event], None]) -> None:
        """Run `run(stopping)`; when it fails, log it and run it again after a pause."""
        thread = threading.Thread(target=self._keep, args=(name, run), name=name, daemon=True)
        self._threads.append(thread)
        thread.start()

    def alive(self) -> bool:
        return all(thread.is_alive() for thread in self._threads)

    def stop(self) -> None:
        """Ask every part to end and wait for it, JOIN_S at most for each."""
        self.stopping.set()
        for thread in self._threads:
            thread.join(JOIN_S)
            if thread.is_alive():
                _log.error("%s did not stop", thread.name)

    def _keep(self, name: str, run: Callable[[threading.Event], None]) -> None:
        pause_s = FIRST_PAUSE_S
        while not self.stopping.is_set():
            try:
                run(self.stopping)
                pause_s = FIRST_PAUSE_S
            except Exception:
                _log.exception("%s failed; again in %.1f s", name, pause_s)
                pause_s = min(pause_s * 2, LONGEST_PAUSE_S)
            self.stopping.wait(pause_s)
