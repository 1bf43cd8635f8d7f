"""Both ways to open a cash drawer: through the printer's connector and by a relay."""

from __future__ import annotations

import threading
import time

import msgspec
import pytest

from drivers import drawer_gpio, drawer_printer, printer_escpos
from drivers.contracts import DriverError, ErrorCode, State
from drivers.drawer_gpio import GpioDrawer, GpioDrawerTwin
from drivers.drawer_printer import PrinterDrawer
from drivers.printer_escpos import EscposPrinter
from drivers.printer_twin import DrawerTwin, PrinterTwin
from tests.waits import until


def on_printer(**changes: object) -> tuple[PrinterDrawer, EscposPrinter, PrinterTwin]:
    twin = PrinterTwin()
    printer = EscposPrinter(printer_escpos.Settings(), twin)
    settings = msgspec.convert(changes, drawer_printer.Settings)
    return drawer_printer.DRIVER.open(settings, None, printer), printer, twin


def on_relay(**changes: object) -> tuple[GpioDrawer, GpioDrawerTwin]:
    settings = msgspec.convert({"sensor_pin": 27, **changes}, drawer_gpio.Settings)
    twin = GpioDrawerTwin(settings)
    return drawer_gpio.DRIVER.open(settings, twin, None), twin


def test_the_printer_opens_the_drawer_with_the_pulse_of_the_settings() -> None:
    drawer, _, twin = on_printer(pin=5, on_ms=100)
    assert drawer.is_open() is False
    drawer.open_drawer()
    assert drawer.is_open() is True and twin.drawer.last_pulse_ms == 100 and twin.drawer.opened_count == 1
    twin.drawer.push_closed()
    assert drawer.is_open() is False


def test_a_drawer_twin_of_its_own_is_plugged_into_the_printer_twin() -> None:
    _, printer, twin = on_printer()
    own = DrawerTwin()
    drawer = drawer_printer.DRIVER.open(drawer_printer.Settings(), own, printer)
    drawer.open_drawer()
    assert own.is_open and twin.drawer is own


@pytest.mark.parametrize(
    ("sensor", "shut", "opened"),
    [("high_is_open", False, True), ("low_is_open", True, False), ("none", None, None)],
)
def test_the_sensor_means_what_the_settings_say(
    sensor: str, shut: bool | None, opened: bool | None
) -> None:
    drawer, _, twin = on_printer(sensor=sensor)
    assert drawer.is_open() is shut
    twin.drawer.pulse(50)
    assert drawer.is_open() is opened


def test_a_stuck_drawer_stays_shut_and_is_kicked_once_only() -> None:
    drawer, _, twin = on_printer()
    twin.set_fault("drawer_stuck", True)
    drawer.open_drawer()
    assert drawer.is_open() is False and twin.drawer.opened_count == 0
    twin.set_fault("drawer_stuck", False)
    assert drawer.is_open() is False


def test_no_pulse_waits_in_a_printer_that_stands_still() -> None:
    drawer, _, twin = on_printer()
    twin.set_fault("paper_out", True)
    assert drawer.check_health().code == "ready"
    drawer.open_drawer()
    assert drawer.is_open() and twin.drawer.last_pulse_ms == 100
    drawer.open_drawer()
    twin.drawer.push_closed()
    twin.set_fault("paper_out", False)
    assert twin.drawer.opened_count == 1 and not drawer.is_open()
    assert twin.current == b""


def test_a_kick_leaves_no_mark_on_the_paper() -> None:
    drawer, _, twin = on_printer()
    drawer.open_drawer()
    assert twin.current == b"" and twin.papers == []


def test_a_drawer_without_its_printer_is_refused() -> None:
    with pytest.raises(DriverError) as refused:
        drawer_printer.DRIVER.open(drawer_printer.Settings(), None, None)
    assert refused.value.code is ErrorCode.ILLEGAL


@pytest.mark.parametrize(
    ("settings", "values"),
    [
        (drawer_printer.Settings, {"on_ms": 0}),
        (drawer_printer.Settings, {"off_ms": 511}),
        (drawer_printer.Settings, {"pin": 3}),
        (drawer_gpio.Settings, {"pulse_ms": 501}),
        (drawer_gpio.Settings, {"pin": 28}),
        (drawer_gpio.Settings, {"pin": 5, "sensor_pin": 5}),
        (drawer_gpio.Settings, {"puls_ms": 50}),
    ],
)
def test_settings_that_could_do_harm_are_refused(settings: type, values: dict[str, int]) -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert(values, settings)


@pytest.mark.parametrize("active_high", [True, False])
def test_the_relay_pulses_and_lets_go(active_high: bool) -> None:
    drawer, twin = on_relay(active_high=active_high, pulse_ms=60)
    assert drawer.is_open() is False and not twin.powered
    started = time.monotonic()
    drawer.open_drawer()
    assert time.monotonic() - started < 0.05 and drawer.state is State.BUSY
    until(lambda: drawer.state is State.IDLE, "the pulse is over")
    assert twin.last_pulse_ms is not None and 50 <= twin.last_pulse_ms <= 400
    assert drawer.is_open() is True and not twin.powered
    twin.push_closed()
    assert drawer.is_open() is False
    drawer.close()


def test_close_in_mid_pulse_takes_the_power_off() -> None:
    drawer, twin = on_relay(pulse_ms=500)
    drawer.open_drawer()
    assert twin.powered
    drawer.close()
    assert not twin.powered and drawer.state is State.CLOSED


def test_kicks_during_a_pulse_do_not_make_it_longer() -> None:
    drawer, twin = on_relay(pulse_ms=100)
    started = time.monotonic()
    while twin.opened_count == 0 or drawer.state is State.BUSY:
        drawer.open_drawer()
        twin.push_closed()
        if time.monotonic() - started > 0.09:
            break
    until(lambda: not twin.powered, "the coil is off")
    assert twin.last_pulse_ms is not None and twin.last_pulse_ms < 300
    drawer.close()


def test_an_interpreter_that_ends_in_mid_pulse_takes_the_power_off(tmp_path) -> None:  # type: ignore[no-untyped-def]
    import subprocess
    import sys

    program = """
import atexit
from drivers.drawer_gpio import DRIVER, Settings
settings = Settings(pulse_ms=500)
twin = DRIVER.twin(settings)
atexit.register(lambda: print("powered" if twin.powered else "off"))  # runs after the driver's own
drawer = DRIVER.open(settings, twin, None)
drawer.open_drawer()
raise SystemExit("crash")
"""
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=20, check=False
    )
    assert (done.stdout, done.stderr) == ("off\n", "crash\n")


def test_without_a_thread_for_the_watchdog_there_is_no_pulse(monkeypatch: pytest.MonkeyPatch) -> None:
    drawer, twin = on_relay()

    def no_thread(self: object) -> None:
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(threading.Thread, "start", no_thread)
    with pytest.raises(DriverError):
        drawer.open_drawer()
    assert not twin.powered and twin.opened_count == 0
    drawer.close()


def test_a_stuck_drawer_on_the_relay_stays_shut() -> None:
    drawer, twin = on_relay()
    twin.set_fault("drawer_stuck", True)
    drawer.open_drawer()
    assert drawer.is_open() is False
    drawer.close()


def test_a_relay_without_sensor_does_not_guess() -> None:
    drawer, _ = on_relay(sensor_pin=None)
    assert drawer.is_open() is None
    drawer.close()
