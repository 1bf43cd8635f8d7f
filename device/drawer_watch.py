"""What the sensor of a drawer says over time: opened and shut, by what, for how long."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from device.attached import Attached
from drivers.contracts import Drawer, DriverError, Health, Level
from services.flows import drawers
from services.flows.shop import Shop

PULSED_MS = 3_000  # a drawer that opens within this time was opened by the pulse
LEFT_OPEN_MS = 60_000  # longer is an alarm
BY_KEY = Health("opened_by_key", Level.WARN)
LEFT_OPEN = Health("left_open", Level.WARN)


@dataclass(frozen=True, slots=True)
class Opening:
    """One time that the drawer is open. Cause: that of the pulse ("sale", "no_sale", "move", "test");
    "key" without one; "unknown" when it was open before anybody looked."""

    till: str
    cause: str
    opened_at_ms: int


@dataclass(frozen=True, slots=True)
class Shut:
    """The opening that has ended, and how long it was."""

    opening: Opening
    open_ms: int


class Sensor:
    """Follows one drawer from look to look. `till` stands for it where no pulse tells another one.

    A sensor that has never said "shut" proves nothing: some cables have none, and say "open" for ever.
    """

    def __init__(self, till: str) -> None:
        self._till = till
        self._pulse: Opening | None = None
        self._open: Opening | None = None
        self._proven = False

    def pulsed(self, till: str, cause: str, at_ms: int) -> None:
        """The lock gets a pulse now."""
        self._pulse = Opening(till, cause, at_ms)

    def looked(self, is_open: bool | None, at_ms: int) -> Opening | Shut | None:
        """What it says now; the opening or the shutting that this look has found."""
        if is_open and self._open is None:
            self._open = self._opening(at_ms)
            return self._open
        if is_open is False:
            self._proven = True
            if self._open is not None:
                shut, self._open = Shut(self._open, max(0, at_ms - self._open.opened_at_ms)), None
                return shut
        return None

    def alarm(self, at_ms: int) -> Health | None:
        """What people must know while the drawer is open."""
        if self._open is None or not self._proven:
            return None
        if self._open.cause == "key":
            return BY_KEY
        return LEFT_OPEN if at_ms - self._open.opened_at_ms > LEFT_OPEN_MS else None

    def _opening(self, at_ms: int) -> Opening:
        pulse, self._pulse = self._pulse, None
        if pulse is not None and 0 <= at_ms - pulse.opened_at_ms <= PULSED_MS:
            return pulse
        return Opening(self._till, "key" if self._proven else "unknown", at_ms)


class DrawerWatch:
    """Keeps what the sensor of an attached drawer sees and raises its alarms; `told` hears each once."""

    def __init__(self, shop: Shop, attached: Attached, till: str, told: Callable[[str, str], None]) -> None:
        self._shop, self._attached, self._told = shop, attached, told
        self._sensor = Sensor(till)

    def pulsed(self, till: str, cause: str) -> None:
        """The lock gets a pulse now, for this cause."""
        self._sensor.pulsed(till, cause, self._shop.now_ms())

    def look(self) -> None:
        """Ask the sensor. A drawer that is away says nothing."""
        drawer: Drawer | None = self._attached.device
        if drawer is None:
            return
        try:
            is_open = drawer.is_open()
        except DriverError as error:
            self._attached.failed(error)
            return
        self._keep(self._sensor.looked(is_open, self._shop.now_ms()))
        before, self._attached.alarm = self._attached.alarm, self._sensor.alarm(self._shop.now_ms())
        if self._attached.alarm is not None and self._attached.alarm != before:
            self._told(f"drawer_{self._attached.alarm.code}", self._attached.name)

    def _keep(self, found: Opening | Shut | None) -> None:
        if isinstance(found, Shut):
            drawers.closed(
                self._shop,
                found.opening.till,
                found.opening.cause,
                found.opening.opened_at_ms,
                found.open_ms,
            )
        elif found is not None and found.cause == "key":
            drawers.opened_by_hand(self._shop, found.till, found.cause, found.opened_at_ms)
