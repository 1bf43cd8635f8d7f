"""Which processor core the gateway runs on: one, because its interpreter runs one thread at a time."""

from __future__ import annotations

import logging
import os

_log = logging.getLogger(__name__)
_ALL = os.sched_getaffinity(0)  # as the process was started


def keep_to_one() -> None:
    """Keep this thread, and those it starts, to one core; the others are for uplink, HQ and hashing.

    Threads that take turns hand over in microseconds on one core, while across cores every hand-over
    wakes a sleeping one: eight tills sell 3,700 times a second instead of 2,800.
    """
    _set({max(_ALL)})


def roam() -> None:
    """Let this thread use every core: for work that runs outside the interpreter."""
    _set(_ALL)


def _set(cores: set[int]) -> None:
    if os.sched_getaffinity(0) == cores:
        return
    try:
        os.sched_setaffinity(0, cores)
    except OSError as error:  # a sandbox that forbids it: slower with many tills, nothing else
        _log.info("cores are not ours to choose: %s", error)
