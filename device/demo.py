"""A complete store on one machine: broker, HQ, gateway and uplink as child processes, on software twins."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
import threading
import urllib.error
import urllib.request
from pathlib import Path

from device import processes
from device.config import Settings
from device.leash import LEASH, until_told
from services.jobs.demo_shop import DEMO_PINS
from services.store import catalogue, schema
from services.store.db import LEDGER

START_S = 30.0
STOP_S = 10.0
LOOK_S = 0.2
RESTART_S = 1.0

_log = logging.getLogger(__name__)


def run(settings: Settings, config: Path | None) -> int:
    """Run until Ctrl-C or SIGTERM; children that die are started again. The exit code."""
    stop = until_told()
    made = _make_shop(settings)
    names = ["hq", "run", "uplink"] if settings.broker.host else ["broker", "hq", "run", "uplink"]
    children = {name: _start(name, config) for name in names}
    try:
        if not _ready(settings, stop):
            _log.error("the gateway did not come up; see the lines above")
            return 1
        _greet(settings, made)
        while not stop.wait(RESTART_S):
            for name, child in children.items():
                if child.poll() is not None:
                    _log.warning("%s ended with %s; starting it again", name, child.returncode)
                    children[name] = _start(name, config)
    finally:
        _stop(list(children.values())[::-1])
    return 0


def _make_shop(settings: Settings) -> str:
    """Fill an empty database; one line of what was done, or "" when there was a shop already."""
    LEDGER.open(settings.database)
    try:
        schema.migrate()
        return "" if catalogue.count() else processes.run_job("demo_shop", ())
    finally:
        LEDGER.shut()


def _start(name: str, config: Path | None) -> subprocess.Popen[bytes]:
    """A child of its own session, so that Ctrl-C reaches us alone and we stop them in order."""
    command = [sys.executable, "-m", "device", *(["--config", str(config)] if config else []), name]
    return subprocess.Popen(command, start_new_session=True, env={**os.environ, LEASH: str(os.getpid())})


def _stop(children: list[subprocess.Popen[bytes]]) -> None:
    """The uplink first, the broker last, so that what is on its way still arrives."""
    for child in children:
        child.terminate()
        try:
            child.wait(STOP_S)
        except subprocess.TimeoutExpired:
            _log.error("%s did not stop and was killed", child.args)
            child.kill()
            child.wait()


def _ready(settings: Settings, stop: threading.Event) -> bool:
    url = f"http://127.0.0.1:{settings.web.port}/api/ready"
    for _ in range(int(START_S / LOOK_S)):
        try:
            with urllib.request.urlopen(url, timeout=1.0):
                return True
        except (urllib.error.URLError, OSError):
            if stop.wait(LOOK_S):
                return False
    return False


def _greet(settings: Settings, made: str) -> None:
    base = f"http://{settings.web.host}:{settings.web.port}"
    lines = [
        *([made] if made else []),
        "",
        f"{settings.store.name} ({settings.store.id}) is open. Ctrl-C stops it, the data stays in"
        f" {settings.data.dir}/",
        f"  Till         {base}/till/{settings.till[0].key}",
        f"  Counter      {base}/counter      scan, watch the paper and the drawer, switch on faults",
        f"  Technician   {base}/technician",
        f"  API          {base}/api/openapi.json",
        "  PINs         " + "   ".join(f"{staff_id} {pin}" for staff_id, pin in DEMO_PINS.items()),
        "",
    ]
    sys.stdout.write("\n".join(lines) + "\n")
    sys.stdout.flush()
