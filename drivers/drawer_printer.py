"""Cash drawer on the receipt printer's drawer connector."""

from __future__ import annotations

from typing import Any, Literal

import msgspec

from drivers.contracts import Drawer, Driver, DriverError, ErrorCode, Health, Level, Printer, State
from drivers.drawer_twin import DrawerTwin
from drivers.printer_escpos import EscposPrinter


class Settings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A drawer. `sensor` says what pin 3 means, or that the drawer's cable has no such wire."""

    name: str = "drawer"
    pin: Literal[2, 5] = 2
    on_ms: int = 50
    off_ms: int = 250
    sensor: Literal["high_is_open", "low_is_open", "none"] = "high_is_open"

    def __post_init__(self) -> None:
        if not 2 <= self.on_ms <= 510 or not 2 <= self.off_ms <= 510:
            raise ValueError("on_ms, off_ms: 2 to 510")


class PrinterDrawer:
    """Lives on an open printer and does not close it."""

    def __init__(self, settings: Settings, printer: Printer) -> None:
        self._settings = settings
        self._printer = printer
        self._closed = False

    @property
    def state(self) -> State:
        return State.CLOSED if self._closed else self._printer.state

    def check_health(self) -> Health:
        """The printer's as far as a pulse needs it."""
        if self._closed:
            return Health(ErrorCode.CLOSED, Level.BAD)
        return self._printer.check_kick()

    def open_drawer(self) -> None:
        self._require_open()
        settings = self._settings
        self._printer.kick(pin=settings.pin, on_ms=settings.on_ms, off_ms=settings.off_ms)

    def is_open(self) -> bool | None:
        self._require_open()
        if self._settings.sensor == "none":
            return None
        high = self._printer.drawer_open()
        return high if high is None else high is (self._settings.sensor == "high_is_open")

    def _require_open(self) -> None:
        if self._closed:
            raise DriverError("closed", code=ErrorCode.CLOSED, hint="open the drawer first")

    def close(self) -> None:
        self._closed = True


def _open(settings: Settings, twin: DrawerTwin | None, parent: Any | None) -> Drawer:
    if parent is None:
        raise DriverError(
            "no printer", code=ErrorCode.ILLEGAL, hint="name the printer that this drawer is plugged into"
        )
    if twin is not None and isinstance(parent, EscposPrinter) and parent.twin is not None:
        parent.twin.plug_drawer(twin)
    return PrinterDrawer(settings, parent)


DRIVER = Driver(
    key="drawer.printer",
    kind="drawer",
    settings=Settings,
    open=_open,
    twin=lambda settings: DrawerTwin(),
)
