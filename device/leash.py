"""When a process of the box must not begin, and when it must end."""

from __future__ import annotations

import os
import signal
import threading

LEASH = "STORE_GATEWAY_PARENT"  # the process id of a parent without which we have no business to run
LEASH_S = 1.0
CANNOT_START = 2  # exit code: starting again does not help until somebody has acted


class CannotStart(Exception):
    """There is no place for this process here; the text says why in one sentence."""


def until_told() -> threading.Event:
    """An event that SIGTERM, SIGINT or the death of the leash's holder sets."""
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    parent = int(os.environ.get(LEASH, "0"))
    if parent:
        threading.Thread(target=_watch, args=(parent, stop), daemon=True).start()
    return stop


def _watch(parent: int, stop: threading.Event) -> None:
    while os.getppid() == parent and not stop.wait(LEASH_S):
        pass
    stop.set()
