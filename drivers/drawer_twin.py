"""Cash drawers in software: the drawer itself, and one behind a relay on mock GPIO pins."""

from __future__ import annotations

import errno
import os
import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from drivers.drawer_gpio import Settings


class DrawerTwin:
    """A cash drawer: a lock that a pulse opens, a sensor, and a hand that pushes it shut."""

    def __init__(self) -> None:
        self._faults = {"drawer_stuck": False}
        self.is_open = False
        self.opened_count = 0
        self.last_pulse_ms: int | None = None

    @property
    def faults(self) -> Mapping[str, bool]:
        return dict(self._faults)

    def set_fault(self, name: str, on: bool) -> None:
        self._faults[name]  # raises KeyError for a fault this twin does not have
        self._faults[name] = on

    def pulse(self, on_ms: int) -> None:
        """The solenoid is powered for `on_ms`. A stuck drawer stays shut."""
        self.last_pulse_ms = on_ms
        if not self._faults["drawer_stuck"] and not self.is_open:
            self.is_open = True
            self.opened_count += 1

    def push_closed(self) -> None:
        self.is_open = False

    def close(self) -> None:
        """Nothing to give back. Not `push_closed`."""


class GpioDrawerTwin:
    """The relay's and the sensor's line on gpiozero's mock pins, and the drawer behind them.

    Fault "drawer_stuck": the pulse does nothing. Fault "unplugged": the GPIO chip is gone.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._drawer = DrawerTwin()
        self._faults = {"unplugged": False}
        self._powered_at: float | None = None
        self._sensor_pin: Any = None

    @property
    def faults(self) -> Mapping[str, bool]:
        return {**self._faults, **self._drawer.faults}

    def set_fault(self, name: str, on: bool) -> None:
        if name in self._faults:
            self._faults[name] = on
        else:
            self._drawer.set_fault(name, on)

    @property
    def is_open(self) -> bool:
        return self._drawer.is_open

    @property
    def opened_count(self) -> int:
        return self._drawer.opened_count

    @property
    def last_pulse_ms(self) -> int | None:
        """Milliseconds from power on to power off, as they were; None before the first pulse ended."""
        return self._drawer.last_pulse_ms

    @property
    def powered(self) -> bool:
        """Whether current runs through the solenoid now."""
        return self._powered_at is not None

    def push_closed(self) -> None:
        self._drawer.push_closed()
        self._show()

    def factory(self) -> Any:
        """Pins for one opening of the driver. Raises OSError ENODEV while unplugged."""
        from gpiozero.pins.mock import MockFactory, MockPin

        twin = self

        class Pin(MockPin):  # type: ignore[misc]
            def _get_state(self) -> Any:
                twin.require_plugged()
                return super()._get_state()

            def _set_state(self, value: Any) -> None:
                twin.require_plugged()
                super()._set_state(value)
                if self.info.name == f"GPIO{twin._settings.pin}":
                    twin.drive(bool(value) == twin._settings.active_high)

        self.require_plugged()
        pins = MockFactory(pin_class=Pin)
        if self._settings.sensor_pin is not None:
            self._sensor_pin = pins.pin(self._settings.sensor_pin)
            self._show()
        return pins

    def require_plugged(self) -> None:
        if self._faults["unplugged"]:
            self._powered_at = None
            raise OSError(errno.ENODEV, os.strerror(errno.ENODEV))

    def drive(self, powered: bool) -> None:
        """The relay's line changed."""
        if powered and self._powered_at is None:
            self._powered_at = time.monotonic()
            self._drawer.pulse(0)
            self._show()
        elif not powered and self._powered_at is not None:
            self._drawer.last_pulse_ms = round((time.monotonic() - self._powered_at) * 1_000)
            self._powered_at = None

    def _show(self) -> None:
        if self._sensor_pin is not None:
            high = self._drawer.is_open == self._settings.sensor_open_high
            (self._sensor_pin.drive_high if high else self._sensor_pin.drive_low)()

    def close(self) -> None:
        """Nothing to give back."""
