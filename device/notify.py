"""Tells systemd that we are ready, alive, stopping. Does nothing where nobody listens."""

from __future__ import annotations

import contextlib
import os
import socket


def notify(state: str) -> None:
    """Send one line such as READY=1 to $NOTIFY_SOCKET (sd_notify(3)). Nobody there is no reason to fail."""
    address = os.environ.get("NOTIFY_SOCKET", "")
    if not address:
        return
    if address.startswith("@"):
        address = "\0" + address[1:]
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sock:
        sock.settimeout(1.0)
        with contextlib.suppress(OSError):
            sock.sendto(state.encode(), address)


def watchdog_interval_s() -> float:
    """Half of what the unit's WatchdogSec asks for; 0 without one."""
    return int(os.environ.get("WATCHDOG_USEC", "0")) / 2_000_000
