"""Cash drawer on a relay at a GPIO pin, with an optional sensor at another."""

from __future__ import annotations

import atexit
import logging
import threading
from typing import Any

import msgspec

from drivers.contracts import Drawer, Driver, DriverError, ErrorCode, Health, Level, State
from drivers.drawer_twin import GpioDrawerTwin

PULSE_MS_MAX = 500  # longer, and the solenoid gets hot
PIN_MAX = 27  # gpiozero knows the lines on the Pi's header
PI_4 = 0xC03111  # a board revision

log = logging.getLogger(__name__)


class Settings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A drawer. Pins are the chip's line numbers (BCM on a Raspberry Pi)."""

    name: str = "drawer"
    chip: int = 0  # /dev/gpiochip0
    pin: int = 17
    active_high: bool = True  # false: the relay board pulls in on a low level
    pulse_ms: int = 50
    sensor_pin: int | None = None
    sensor_open_high: bool = True  # the sensor's line is high while the drawer is open

    def __post_init__(self) -> None:
        if not 10 <= self.pulse_ms <= PULSE_MS_MAX:
            raise ValueError(f"pulse_ms: 10 to {PULSE_MS_MAX}")
        if not 0 <= self.pin <= PIN_MAX or not 0 <= (self.sensor_pin or 0) <= PIN_MAX:
            raise ValueError(f"pin, sensor_pin: 0 to {PIN_MAX}")
        if self.pin == self.sensor_pin:
            raise ValueError("sensor_pin: must not be the relay's")


class GpioDrawer:
    """The relay is off before and after every pulse, on close, and when the interpreter ends.

    A process that is killed lets go of its lines; the kernel then leaves them to the board's pull
    resistor, so a relay board needs one that switches it off.
    """

    def __init__(self, settings: Settings, twin: GpioDrawerTwin | None = None) -> None:
        self._settings = settings
        self._lock = threading.Lock()
        self._closed = False
        self._off_timer: threading.Timer | None = None
        self._failed: DriverError | None = None
        self._sensor: Any = None
        try:
            from gpiozero import DigitalInputDevice, DigitalOutputDevice
            from gpiozero.exc import GPIOZeroError

            self._error_types: tuple[type[Exception], ...] = (OSError, RuntimeError, GPIOZeroError)
            if twin is None:
                self._error_types += _lgpio_errors()
        except ImportError as error:
            raise DriverError(
                str(error), code=ErrorCode.NOSERVICE, hint="install gpiozero and lgpio"
            ) from error
        try:
            self._factory = _factory(settings.chip) if twin is None else twin.factory()
            self._relay: Any = DigitalOutputDevice(
                settings.pin,
                active_high=settings.active_high,
                initial_value=False,
                pin_factory=self._factory,
            )
            if settings.sensor_pin is not None:
                self._sensor = DigitalInputDevice(
                    settings.sensor_pin,
                    pull_up=None,
                    active_state=settings.sensor_open_high,
                    pin_factory=self._factory,
                )
        except self._error_types as error:
            raise _gone(error) from error
        atexit.register(self._switch_off)
        log.info("drawer ready name=%s", settings.name)

    @property
    def state(self) -> State:
        if self._closed:
            return State.CLOSED
        if self._failed is not None:
            return State.ERROR
        return State.BUSY if self._off_timer is not None else State.IDLE

    def check_health(self) -> Health:
        if self._closed:
            return Health(ErrorCode.CLOSED, Level.BAD)
        try:
            self._look(self._relay)
        except DriverError as error:
            return Health(error.code, Level.BAD, str(error))
        return Health("ready", Level.OK)

    def open_drawer(self) -> None:
        """Returns at once; a timer ends the pulse. During a pulse it does nothing."""
        with self._lock:
            self._require_open()
            if self._off_timer is not None:
                return
            # The timer runs before the relay does: there is no moment with power and nobody to cut it.
            timer = threading.Timer(self._settings.pulse_ms / 1_000, self._switch_off)
            timer.daemon = True
            try:
                timer.start()
                self._off_timer = timer
                self._relay.on()
            except self._error_types as error:  # RuntimeError: no more threads
                raise self._fail(error) from error

    def is_open(self) -> bool | None:
        return self._look(self._sensor)

    def _look(self, line: Any) -> bool | None:
        """The level of a line; None where there is none."""
        with self._lock:
            self._require_open()
            try:
                return None if line is None else bool(line.is_active)
            except self._error_types as error:
                raise self._fail(error) from error

    def close(self) -> None:
        with self._lock:
            if self._closed:
                return
            self._closed = True
        self._switch_off()
        atexit.unregister(self._switch_off)
        for device in (self._relay, self._sensor, self._factory):
            if device is not None:
                try:
                    device.close()
                except self._error_types as error:
                    log.warning("drawer name=%s close error=%s", self._settings.name, error)

    def _switch_off(self) -> None:
        with self._lock:
            timer, self._off_timer = self._off_timer, None
            if timer is not None:
                timer.cancel()
            try:
                self._relay.off()
            except self._error_types as error:
                self._fail(error)

    def _require_open(self) -> None:
        if self._closed:
            raise DriverError("closed", code=ErrorCode.CLOSED, hint="open the drawer first")
        if self._failed is not None:
            raise self._failed

    def _fail(self, error: Exception) -> DriverError:
        if self._failed is None:
            log.warning("drawer lost name=%s error=%s", self._settings.name, error)
        self._failed = _gone(error)
        return self._failed


def _lgpio_errors() -> tuple[type[Exception], ...]:
    """lgpio's own error class, which gpiozero lets through.

    Importing it makes a FIFO in the folder LG_WD, else in the current one. Raises ImportError without it.
    """
    try:
        import lgpio
    except OSError as error:
        raise ImportError(f"lgpio: {error}; LG_WD must be a writable folder") from error
    return (lgpio.error,)


def _factory(chip: int) -> Any:
    """gpiozero's lgpio pins, also on boards that are no Raspberry Pi."""
    from gpiozero.exc import PinUnknownPi
    from gpiozero.pins.lgpio import LGPIOFactory

    class Factory(LGPIOFactory):  # type: ignore[misc]
        def _get_revision(self) -> int:
            """Off a Pi gpiozero knows no board and refuses every pin; a Pi 4's 54 lines do for all."""
            try:
                return int(super()._get_revision())
            except PinUnknownPi:
                return PI_4

    return Factory(chip=chip)


def _gone(error: Exception) -> DriverError:
    text = str(error)
    if "busy" in text.lower():
        return DriverError(text, code=ErrorCode.CLAIMED, hint="another program holds this GPIO line")
    return DriverError(
        text, code=ErrorCode.NOHARDWARE, hint="check chip and pin; LG_WD must be a writable folder"
    )


def _open(settings: Settings, twin: GpioDrawerTwin | None, parent: Any | None) -> Drawer:
    return GpioDrawer(settings, twin)


DRIVER = Driver(key="drawer.gpio", kind="drawer", settings=Settings, open=_open, twin=GpioDrawerTwin)
