"""A scanner's thread: every scan is taken, and a scanner that was pulled out is found again."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from device import lane
from device.attached import Attached
from device.clock import Clock
from device.config import DeviceEntry
from device.lane import Lane
from device.supervise import Supervisor
from tests.waits import until

Start = Callable[[Callable[[Any], None]], Attached]


@pytest.fixture
def start(monkeypatch: pytest.MonkeyPatch) -> Iterator[Start]:
    """Start a lane on a keyboard scanner's twin; what it scans goes to the given function."""
    monkeypatch.setattr(lane, "REOPEN_S", 0.05)
    supervisor = Supervisor()

    def run(take: Callable[[Any], None]) -> Attached:
        scanner = Attached(DeviceEntry(name="hand", driver="scanner.hid"), None, Clock(0))
        scanner.twin = scanner.driver.twin(scanner.settings)
        supervisor.keep("lane", Lane(scanner, take).run)
        until(lambda: scanner.health.code == "ready", "the scanner is ready")
        return scanner

    yield run
    supervisor.stop()


def test_a_scanner_pulled_out_is_shown_as_lost_and_scans_again_when_it_is_back(start: Start) -> None:
    taken: list[str] = []
    scanner = start(lambda scan: taken.append(scan.data))
    assert scanner.twin.scan("6901028020947")
    until(lambda: taken == ["6901028020947"], "the first scan")
    scanner.twin.set_fault("unplugged", True)
    until(lambda: scanner.health.code == "nohardware", "the scanner is lost")
    scanner.twin.set_fault("unplugged", False)
    until(lambda: scanner.health.code == "ready", "the scanner is back")
    until(lambda: scanner.twin.scan("6901028014571"), "somebody listens")
    until(lambda: taken[1:] == ["6901028014571"], "the second scan")


def test_the_scanner_is_let_go_and_opened_again_when_taking_a_scan_fails(start: Start) -> None:
    taken: list[str] = []

    def take(scan: Any) -> None:
        taken.append(scan.data)
        if len(taken) == 1:
            raise RuntimeError("the disk is in trouble")

    scanner = start(take)
    scanner.twin.scan("6901028020947")
    until(lambda: taken, "the scan that fails")
    until(lambda: scanner.twin.scan("6901028014571") and len(taken) > 1, "the next scan")
