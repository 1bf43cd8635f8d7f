"""A printer with the drawers of its tills: the one thread that owns them and works off their jobs."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from device.attached import Attached, absent
from device.config import Till
from drivers.contracts import Drawer, DriverError, Level, Outcome, Printer, State
from services.flows import spool
from services.flows.shop import Shop
from services.store import jobs
from services.store.jobs import Job

REOPEN_S = 1.0
POLL_S = 1.0  # how often an idle printer is asked how it is
SENSOR_TRIES = 6
SENSOR_WAIT_S = 0.05  # a drawer springs open within 300 ms

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Open:
    """The devices of a station, as far as they are fitted and answer now."""

    printer: Printer | None
    drawers: Mapping[str, Drawer]  # by name

    def usable(self) -> bool:
        """Whether none has been lost: a lost device stays in ERROR and must be opened anew."""
        devices = (*self.drawers.values(), *([self.printer] if self.printer else []))
        return all(device.state is not State.ERROR for device in devices)


class Station:
    """Jobs come from the database, so a restart loses none; `changed` hears of every job's new state."""

    def __init__(
        self,
        shop: Shop,
        tills: Sequence[str],
        printer: Attached | None,
        drawers: Mapping[str, Attached],  # by till; two tills may share one
        *,
        facts: Callable[[], Sequence[tuple[str, str]]],
        changed: Callable[[Job], None],
    ) -> None:
        self.tills = tuple(tills)
        self._shop = shop
        self._printer, self._drawers = printer, dict(drawers)
        self._facts, self._changed = facts, changed
        self._wake = threading.Event()

    def wake(self) -> None:
        self._wake.set()

    def run(self, stop: threading.Event) -> None:
        """Work until `stop`; a device that goes away is opened again."""
        for till in self.tills:
            spool.recover(self._shop, till)
        while not stop.is_set():
            try:
                self._serve(stop)
            except DriverError as error:
                self._gone(error)
            self._drop_late_kicks()
            self._wait(REOPEN_S)

    def _serve(self, stop: threading.Event) -> None:
        """Open what is fitted and serve it until it is lost."""
        printer = None
        drawers: dict[str, Drawer] = {}
        try:
            printer = self._printer.open() if self._printer else None
            for attached in self._each_drawer():
                drawers[attached.name] = attached.open(printer)
            held = _Open(printer, drawers)
            while not stop.is_set() and held.usable():
                self._look(held)
                for till in self.tills:
                    self._work(till, held)
                self._wait(POLL_S)
        finally:
            for device in (*drawers.values(), printer):
                if device is not None:
                    device.close()

    def _each_drawer(self) -> list[Attached]:
        return list({attached.name: attached for attached in self._drawers.values()}.values())

    def _wait(self, timeout_s: float) -> None:
        self._wake.wait(timeout_s)
        self._wake.clear()

    def _look(self, held: _Open) -> None:
        if self._printer is not None and held.printer is not None:
            self._printer.seen(held.printer.check_health())
        for attached in self._each_drawer():
            attached.seen(held.drawers[attached.name].check_health())

    def _work(self, till: str, held: _Open) -> None:
        for job in spool.queued(till):
            if job.kind == jobs.DRAWER:
                self._kick(job, held)
            elif held.printer is not None and not self._print(job, held.printer):
                return

    def _kick(self, job: Job, held: _Open) -> None:
        """Open the drawer once. A kick is never repeated: one that came late would surprise somebody."""
        attached = self._drawers.get(job.till)
        if attached is None or spool.too_late(self._shop, job):
            self._mark(job, jobs.FAILED, "nohardware" if attached is None else "timeout")
            return
        drawer = held.drawers[attached.name]
        self._mark(job, jobs.SENDING)
        try:
            drawer.open_drawer()
        except DriverError as error:
            self._mark(job, jobs.FAILED, error.code.value)
            raise
        opened = _sprang_open(drawer)
        if opened is None:
            self._mark(job, jobs.SENT)
        else:
            self._mark(job, jobs.CONFIRMED if opened else jobs.FAILED, "" if opened else "drawer_stuck")
        attached.seen(drawer.check_health())

    def _print(self, job: Job, printer: Printer) -> bool:
        """Print one document; false when the queue must wait for people."""
        attached = self._printer
        assert attached is not None
        if attached.health.level is Level.BAD:
            return False
        ops = spool.paper(self._shop, job, self._facts())
        self._mark(job, jobs.SENDING)
        try:
            outcome = printer.print(ops)
        except DriverError as error:
            self._mark(job, jobs.UNKNOWN if error.began else jobs.QUEUED, error.code.value)
            if absent(error):
                raise
            attached.lost(error)
            return False
        self._mark(job, jobs.CONFIRMED if outcome is Outcome.CONFIRMED else jobs.SENT)
        attached.seen(printer.check_health())
        return True

    def _mark(self, job: Job, state: str, reason: str = "") -> None:
        self._changed(spool.mark(self._shop, job, state, reason=reason))

    def _gone(self, error: DriverError) -> None:
        """They share one cable: with the printer the drawers on it are away too."""
        if self._printer is not None:
            self._printer.lost(error)
        for attached in self._each_drawer():
            if attached.parent or self._printer is None:
                attached.lost(error)

    def _drop_late_kicks(self) -> None:
        for till in self.tills:
            for job in spool.queued(till):
                if spool.too_late(self._shop, job):
                    self._mark(job, jobs.FAILED, "timeout")


def stations(
    shop: Shop,
    tills: Sequence[Till],
    devices: Mapping[str, Attached],  # by name
    *,
    facts: Callable[[], Sequence[tuple[str, str]]],
    changed: Callable[[Job], None],
) -> list[Station]:
    """One for each printer, with all the tills that share it; a till without one has its own."""
    groups: dict[str, list[Till]] = {}
    for till in tills:
        groups.setdefault(till.printer or f"till {till.key}", []).append(till)
    return [
        Station(
            shop,
            [till.key for till in group],
            devices.get(printer),
            {till.key: devices[till.drawer] for till in group if till.drawer},
            facts=facts,
            changed=changed,
        )
        for printer, group in groups.items()
    ]


def _sprang_open(drawer: Drawer) -> bool | None:
    """What the sensor says shortly after the pulse; None where there is no sensor."""
    wait = threading.Event()
    for _ in range(SENSOR_TRIES):
        is_open = drawer.is_open()
        if is_open is not False:
            return is_open
        wait.wait(SENSOR_WAIT_S)
    return False
