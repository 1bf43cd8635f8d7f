"""The uplink and HQ as processes of their own: python -m tests.uplink.processes uplink|hq SETTINGS."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
from pathlib import Path

import msgspec

from device.clock import Clock
from services.hq import consumer
from services.hq.consumer import HqSettings
from services.uplink import process
from services.uplink.process import UplinkSettings
from tests.uplink.child import Child

ROOT = Path(__file__).parents[2]


class Part(Child):
    """The uplink, or HQ."""

    def __init__(self, settings: UplinkSettings | HqSettings, log: Path) -> None:
        super().__init__()
        self._settings = settings
        self._log = log

    def start(self) -> None:
        assert self._process is None
        role = "hq" if isinstance(self._settings, HqSettings) else "uplink"
        text = msgspec.json.encode(self._settings).decode()
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "tests.uplink.processes", role, text],
                cwd=ROOT,
                stdout=log,
                stderr=log,
            )


def main(role: str, text: str) -> None:
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    clock = Clock(0)
    if role == "hq":
        consumer.run(msgspec.json.decode(text, type=HqSettings), stop, clock.now_ms)
    else:
        settings = msgspec.json.decode(text, type=UplinkSettings)
        process.run(settings, stop, clock.now_ms, clock.quality)


if __name__ == "__main__":
    main(*sys.argv[1:])
