"""A real mosquitto on a port of its own, which can be killed, wiped and started again."""

from __future__ import annotations

import shutil
import socket
import subprocess
import time
from pathlib import Path

from tests.ports import free_port
from tests.uplink.child import Child
from tests.waits import WAIT_S

# Started as root it would become another user, who may not read the test's files.
CONFIG = """
user root
per_listener_settings false
allow_anonymous true
persistence {persistence}
persistence_location {folder}/
autosave_interval 30
max_queued_messages 500000
max_queued_bytes 0
max_inflight_messages 200
max_packet_size 262144
set_tcp_nodelay true
listener {port} 127.0.0.1
{extra}
"""


class Mosquitto(Child):
    def __init__(self, folder: Path, *, persistence: bool = False, extra: str = "") -> None:
        program = shutil.which("mosquitto", path="/usr/sbin:/usr/bin:/usr/local/sbin")
        assert program, "mosquitto is not installed: the stream cannot be proved without a real broker"
        super().__init__()
        self._program = program
        self.port = free_port()
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        self._config = folder / "mosquitto.conf"
        self._config.write_text(
            CONFIG.format(folder=folder, port=self.port, persistence=str(persistence).lower(), extra=extra)
        )

    def start(self) -> Mosquitto:
        assert self._process is None
        with (self.folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                [self._program, "-c", str(self._config)], stdout=log, stderr=log
            )
        until = time.monotonic() + WAIT_S
        while time.monotonic() < until:
            assert self._process.poll() is None, (self.folder / "log").read_text()
            try:
                socket.create_connection(("127.0.0.1", self.port), 0.2).close()
                return self
            except OSError:
                time.sleep(0.02)
        raise AssertionError("mosquitto does not answer")
