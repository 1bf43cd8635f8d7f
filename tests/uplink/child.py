"""A process of a test that can be ended, gently or not, and started again."""

from __future__ import annotations

import signal
import subprocess

from tests.waits import WAIT_S


class Child:
    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None

    def running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def kill(self) -> None:
        self._end(signal.SIGKILL)

    def stop(self) -> None:
        self._end(signal.SIGTERM)

    def _end(self, how: signal.Signals) -> None:
        process, self._process = self._process, None
        if process is not None:
            process.send_signal(how)
            process.wait(WAIT_S)
