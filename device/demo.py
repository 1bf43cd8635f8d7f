"""A complete store on one machine: broker, HQ, gateway and uplink as child processes, on software twins."""

from __future__ import annotations

import logging
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from pathlib import Path

from device import processes
from device.config import Settings
from device.leash import CANNOT_START, LEASH, until_told
from services.jobs.demo_shop import DEMO_PINS
from services.store import catalogue

START_S = 30.0
STOP_S = 30.0  # a gateway in the middle of a paper takes as long as it may under systemd
LOOK_S = 0.2
NOTICE_BYTES = 4096
RESTART_S = 1.0

JOBS = ("demo_shop", "demo_loyalty", "demo_history", "find_duplicates")  # that make the shop, in this order

Child = subprocess.Popen[bytes]

_log = logging.getLogger(__name__)


def run(settings: Settings, config: Path | None) -> int:
    """Run until Ctrl-C or SIGTERM; children that die are started again. The exit code."""
    stop = until_told()
    made = _make_shop(settings)
    names = ["hq", "run", "uplink"] if settings.broker.host else ["broker", "hq", "run", "uplink"]
    children: dict[str, Child] = {}
    try:
        with _ear() as ear:
            for name in names:
                children[name] = _start(name, config, NOTIFY_SOCKET="@" + ear.getsockname()[1:].decode())
            code = _come_up(children, ear, stop)
        if code or stop.is_set():
            return code
        _greet(settings, made)
        while not stop.wait(RESTART_S):
            for name, child in children.items():
                if child.poll() == CANNOT_START:
                    return CANNOT_START
                if child.returncode is not None:
                    _log.warning("%s ended with %s; starting it again", name, child.returncode)
                    children[name] = _start(name, config)
    finally:
        _stop(list(children.values())[::-1])
    return 0


def _make_shop(settings: Settings) -> str:
    """Fill an empty database; a line for each thing done, or "" when there was a shop already."""
    try:
        processes.open_ledger(settings)
        if catalogue.count():
            return ""
        return "\n".join(processes.run_job(settings, job, ()) for job in JOBS)
    finally:
        processes.close_ledger()


def _ear() -> socket.socket:
    """Where our own gateway says that it is ready, as it would to systemd: nobody else's answer counts."""
    ear = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    ear.bind("")  # Linux finds a free name
    ear.settimeout(LOOK_S)
    return ear


def _start(name: str, config: Path | None, **environment: str) -> Child:
    """A child of its own session, so that Ctrl-C reaches us alone and we stop them in order."""
    command = [sys.executable, "-m", "device", *(["--config", str(config)] if config else []), name]
    inherited = {key: value for key, value in os.environ.items() if key != "NOTIFY_SOCKET"}
    return subprocess.Popen(
        command, start_new_session=True, env={**inherited, LEASH: str(os.getpid()), **environment}
    )


def _stop(children: list[Child]) -> None:
    """The uplink first, the broker last, so that what is on its way still arrives."""
    for child in children:
        child.terminate()
        try:
            child.wait(STOP_S)
        except subprocess.TimeoutExpired:
            _log.error("%s did not stop and was killed", child.args)
            child.kill()
            child.wait()


def _come_up(children: Mapping[str, Child], ear: socket.socket, stop: threading.Event) -> int:
    """Wait until the gateway is ready or we are told to stop, and answer 0; else the exit code."""
    end = time.monotonic() + START_S
    while not stop.is_set() and time.monotonic() < end:
        for name, child in children.items():
            if child.poll() is not None:
                _log.error("%s ended with %s; see the lines above", name, child.returncode)
                return child.returncode or 1
        try:
            if b"READY=1" in ear.recv(NOTICE_BYTES):
                return 0
        except TimeoutError:
            continue
    if stop.is_set():
        return 0
    _log.error("the gateway was not ready within %.0f s; see the lines above", START_S)
    return 1


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
