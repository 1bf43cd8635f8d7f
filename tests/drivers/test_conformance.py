"""What every driver does alike, tried on every driver with its twin."""

from __future__ import annotations

import importlib
import pkgutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest

import drivers
from drivers.contracts import Cut, Driver, DriverError, ErrorCode, Level, Outcome, State, Text

HARDWARE = ("evdev", "gpiozero", "escpos", "serial", "lgpio", "segno", "barcode")
UNPLUGGED = {"scanner": "unplugged", "printer": "cable_out", "drawer": "unplugged"}


def all_drivers() -> list[Driver]:
    modules = [
        importlib.import_module(f"drivers.{found.name}") for found in pkgutil.iter_modules(drivers.__path__)
    ]
    return [module.DRIVER for module in modules if hasattr(module, "DRIVER")]


@dataclass
class Bench:
    """One driver with all it needs. The drawer on a printer hangs on the printer's cable."""

    driver: Driver
    settings: Any = None
    twin: Any = None
    cable: Any = None  # the twin whose cable comes out
    printer: Driver | None = None
    opened: list[Any] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.settings = self.driver.settings()
        self.twin = self.cable = self.driver.twin(self.settings)
        if self.driver.key == "drawer.printer":
            self.printer = next(driver for driver in all_drivers() if driver.kind == "printer")
            self.cable = self.printer.twin(self.printer.settings())

    def open(self) -> Any:
        parent = self.printer.open(self.printer.settings(), self.cable, None) if self.printer else None
        if parent is not None:
            self.opened.append(parent)
        device = self.driver.open(self.settings, self.twin, parent)
        self.opened.append(device)
        return device

    def unplug(self, out: bool) -> None:
        self.cable.set_fault("cable_out" if self.printer else UNPLUGGED[self.driver.kind], out)

    def close(self) -> None:
        for device in reversed(self.opened):
            device.close()
        self.opened.clear()

    def use(self, device: Any) -> Any:
        """The device's own work, once."""
        if self.driver.kind == "scanner":
            self.twin.scan("6901234567892")
            return next(device.scans()).data
        if self.driver.kind == "printer":
            return device.print([Text("x"), Cut()])
        while device.state is State.BUSY:  # the pulse before
            time.sleep(0.005)
        device.open_drawer()
        return self.twin.is_open


WORKS = {"scanner": "6901234567892", "printer": Outcome.CONFIRMED, "drawer": True}


@pytest.fixture(params=all_drivers(), ids=lambda driver: driver.key)
def bench(request: pytest.FixtureRequest) -> Iterator[Bench]:
    bench = Bench(request.param)
    yield bench
    bench.close()
    bench.twin.close()
    bench.cable.close()


def lost(bench: Bench, device: Any) -> DriverError:
    with pytest.raises(DriverError) as error:
        bench.use(device)
    return error.value


def test_there_are_five_drivers_and_each_says_what_it_is() -> None:
    assert sorted(driver.key for driver in all_drivers()) == [
        *("drawer.gpio", "drawer.printer", "printer.escpos", "scanner.hid", "scanner.serial"),
    ]
    assert all(driver.key.startswith(driver.kind + ".") for driver in all_drivers())


def test_discovering_all_drivers_loads_no_hardware_library() -> None:
    program = f"""
import importlib, pkgutil, sys, drivers
for found in pkgutil.iter_modules(drivers.__path__):
    importlib.import_module("drivers." + found.name)
print([name for name in {HARDWARE} if name in sys.modules])
"""
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=30
    )
    assert done.stdout == "[]\n"


def test_it_opens_ready_and_does_its_work(bench: Bench) -> None:
    device = bench.open()
    assert device.state is State.IDLE
    assert (device.check_health().code, device.check_health().level) == ("ready", Level.OK)
    assert bench.use(device) == WORKS[bench.driver.kind]


def test_opening_without_hardware_is_a_driver_error_with_a_hint(bench: Bench) -> None:
    bench.unplug(True)
    with pytest.raises(DriverError) as error:
        bench.open()
    assert error.value.code in (ErrorCode.NOHARDWARE, ErrorCode.OFFLINE)
    assert error.value.hint and not error.value.began


def test_unplugged_it_says_so_and_comes_back_without_a_restart(bench: Bench) -> None:
    for _ in range(3):
        device = bench.open()
        assert bench.use(device) == WORKS[bench.driver.kind]
        bench.unplug(True)
        error = lost(bench, device)
        assert error.code in (ErrorCode.NOHARDWARE, ErrorCode.OFFLINE) and error.hint
        assert device.state is State.ERROR
        assert (device.check_health().code, device.check_health().level) == (error.code, Level.BAD)
        bench.unplug(False)
        assert device.state is State.ERROR, "a lost device is opened anew, it does not heal by itself"
        bench.close()
        if hasattr(bench.twin, "push_closed"):
            bench.twin.push_closed()
    assert bench.use(bench.open()) == WORKS[bench.driver.kind]


def test_it_says_once_that_it_was_lost(bench: Bench, caplog: pytest.LogCaptureFixture) -> None:
    device = bench.open()
    bench.unplug(True)
    for _ in range(5):
        lost(bench, device)
        device.check_health()
    assert len([record for record in caplog.records if "lost" in record.message]) == 1


def test_closing_twice_is_harmless_and_a_closed_device_refuses(bench: Bench) -> None:
    device = bench.open()
    device.close()
    device.close()
    assert device.state is State.CLOSED
    assert (device.check_health().code, device.check_health().level) == ("closed", Level.BAD)
    if bench.driver.kind == "scanner":
        assert list(device.scans()) == []
        return
    assert lost(bench, device).code is ErrorCode.CLOSED


def test_closing_while_unplugged_is_harmless(bench: Bench) -> None:
    device = bench.open()
    bench.unplug(True)
    device.close()
    device.close()


def test_many_threads_may_close_at_once(bench: Bench) -> None:
    device = bench.open()
    threads = [threading.Thread(target=device.close) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(2)
    assert not any(thread.is_alive() for thread in threads) and device.state is State.CLOSED


def test_close_from_another_thread_ends_what_waits(bench: Bench) -> None:
    device = bench.open()
    waiting: Callable[[], Any] = (
        (lambda: list(device.scans())) if bench.driver.kind == "scanner" else device.check_health
    )
    thread = threading.Thread(target=waiting)
    thread.start()
    time.sleep(0.1)
    started = time.monotonic()
    device.close()
    thread.join(2)
    assert not thread.is_alive() and time.monotonic() - started < 1


def test_health_takes_a_second_at_most_and_never_fails(bench: Bench) -> None:
    device = bench.open()
    for out in (False, True, False, True):
        bench.unplug(out)
        started = time.monotonic()
        device.check_health()
        assert time.monotonic() - started < 1


def test_twenty_openings_leave_no_descriptor_and_no_thread_behind(bench: Bench) -> None:
    import os

    bench.open()
    bench.close()
    before = (len(os.listdir("/proc/self/fd")), threading.active_count())
    for _ in range(20):
        bench.open()
        bench.close()
    assert (len(os.listdir("/proc/self/fd")), threading.active_count()) == before


def test_two_programs_cannot_hold_one_device(bench: Bench) -> None:
    if bench.driver.kind == "drawer":
        return  # a drawer may be shared: it takes one command and holds no conversation
    bench.open()
    with pytest.raises(DriverError):
        bench.open()


def test_a_fault_that_a_twin_does_not_have_is_a_key_error(bench: Bench) -> None:
    with pytest.raises(KeyError):
        bench.twin.set_fault("coffee", True)
    for name in bench.twin.faults:
        bench.twin.set_fault(name, True)
        assert bench.twin.faults[name] is True
        bench.twin.set_fault(name, False)
    assert not any(bench.twin.faults.values())
