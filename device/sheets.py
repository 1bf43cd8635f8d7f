"""Reads an imported file in a process of its own, which ends with it: bounded memory, bounded time."""

from __future__ import annotations

import contextlib
import os
import resource
import subprocess
import sys
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import msgspec

from device import cores
from services import initials
from services.domain import imports
from services.domain.errors import Busy, ImportUnreadable
from services.domain.imports import Table

WAIT_S = 120.0
MEMORY_MAX = 320 * 1024 * 1024  # bytes of address space; the gateway's own limit must never be reached
NICER = 10
_ROOT = Path(__file__).parents[1]
_DONE, _REFUSED = 0, 3
_one = threading.Lock()  # two at once would need the memory of two


def read(
    data: bytes, kind: str, currency: str, told: Callable[[int], None], columns: Sequence[str] = ()
) -> Table:
    """The file's rows with the initials of their names; `told` hears how many were read so far.

    Raises ImportUnreadable, also for a file that takes too much memory or time, and Busy while another
    one is being read.
    """
    if not _one.acquire(blocking=False):
        raise Busy("another file is being read")
    try:
        return _read(data, kind, currency, told, columns)
    finally:
        _one.release()


def _read(
    data: bytes, kind: str, currency: str, told: Callable[[int], None], columns: Sequence[str]
) -> Table:
    command = [sys.executable, "-m", "device.sheets", kind, currency, *columns]
    child = subprocess.Popen(
        command, cwd=_ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    progress = threading.Thread(target=_listen, args=(child.stderr, told), name="sheet progress")
    progress.start()
    late = threading.Timer(WAIT_S, child.kill)
    late.start()
    try:
        assert child.stdin and child.stdout
        with contextlib.suppress(BrokenPipeError), child.stdin:
            child.stdin.write(data)
        answer = child.stdout.read()
        code = child.wait()
    finally:
        late.cancel()
        child.kill()
        child.wait()
        progress.join()
        for pipe in (child.stdout, child.stderr):
            if pipe:
                pipe.close()
    if code == _REFUSED:
        raise ImportUnreadable("this file cannot be read as a table", **_details(answer))
    if code != _DONE:
        raise ImportUnreadable("this file takes too much memory or time", reason="too_heavy", line=0)
    return msgspec.msgpack.decode(answer, type=Table)


def _details(answer: bytes) -> dict[str, Any]:
    return msgspec.msgpack.decode(answer, type=dict[str, Any])


def _listen(lines: Any, told: Callable[[int], None]) -> None:
    """The child's own lines are numbers; anything else is the trace of its death."""
    for line in lines:
        if line.strip().isdigit():
            told(int(line))


def main(kind: str, currency: str, *columns: str) -> int:
    """The child: a file on standard input, its table on standard output, progress on standard error."""
    _restrain()

    def told(rows: int) -> None:
        sys.stderr.write(f"{rows}\n")
        sys.stderr.flush()

    try:
        table = imports.read(sys.stdin.buffer.read(), kind, currency, told, columns)
    except ImportUnreadable as error:
        sys.stdout.buffer.write(msgspec.msgpack.encode(error.details))
        return _REFUSED
    found = initials.of(row.name for row in table.rows if row.name)
    for row in table.rows:
        row.initials = found.get(row.name, "")
    sys.stdout.buffer.write(msgspec.msgpack.encode(table))
    return _DONE


def _restrain() -> None:
    """The first to go when memory runs out, the last to get the processor, and never beyond its share."""
    cores.roam()
    # A sandbox may forbid any of them; the size of the file still bounds what is needed.
    with contextlib.suppress(OSError, ValueError):
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY_MAX, MEMORY_MAX))
    with contextlib.suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text("1000", "ascii")
    with contextlib.suppress(OSError):
        os.nice(NICER)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
