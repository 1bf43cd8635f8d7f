"""Ports for the processes that tests start."""

from __future__ import annotations

import random
import socket

PORTS = range(15_000, 32_000)  # below those that the kernel lends to clients: none of them slips in between


def free_port() -> int:
    """A port of this machine that nobody listens at. At random: tests beside this one choose theirs, too,
    before either listens."""
    while True:
        port = random.choice(PORTS)
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) != 0:
                return port
