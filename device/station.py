"""One thread that works off the jobs of a printer and the drawers on it, or of a drawer on a relay."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Mapping, Sequence

from device.attached import Attached
from device.config import Till
from device.drawer_watch import DrawerWatch
from drivers.contracts import Drawer, DriverError, Level, Outcome
from services.domain.errors import ShopError
from services.flows import drawers, spool
from services.flows.shop import Shop
from services.store import jobs
from services.store.jobs import Job, Work

LENT_AFTER_MS = 2_000  # a printer is given so long to come back before another one prints for it
POLL_S = 1.0  # how often idle devices are asked how they are, and lost ones are opened again
SENSOR_TRIES = 6
SENSOR_WAIT_S = 0.05  # a drawer springs open within 300 ms
# What composing a broken document raises. A disk in trouble is not among them: the document may be sound.
POISON = (ShopError, ArithmeticError, AssertionError, AttributeError, LookupError, TypeError, ValueError)

_log = logging.getLogger(__name__)


class Station:
    """Jobs come from the database, so a restart loses none; `changed` hears of every job's new state."""

    def __init__(
        self,
        shop: Shop,
        name: str,  # of its printer, or of its drawer on a relay
        serves: Work,  # `lent`: all tills that this printer may ever stand in for
        printer: Attached | None,
        kicked: Mapping[str, Attached],  # the drawers, by till; two tills may share one
        *,
        before: Mapping[str, Sequence[Attached]],  # by lent till: the printers whose turn comes first
        others: frozenset[str],  # the names of all other printers
        facts: Callable[[], Sequence[tuple[str, str]]],
        changed: Callable[[Job], None],
        alarmed: Callable[[str, str], None],  # (what, the drawer's name)
    ) -> None:
        self.name = name
        self.tills = tuple(sorted(serves.kicks | serves.papers | serves.labels | serves.lent))
        self._shop = shop
        self._printer, self._drawers = printer, dict(kicked)
        self._mine, self._before, self._others = serves, before, others
        self._facts, self._changed = facts, changed
        self._watches = {
            each.name: DrawerWatch(shop, each, till, alarmed)
            for till, each in sorted(self._drawers.items(), reverse=True)
        }
        self._wake = threading.Event()

    def wake(self) -> None:
        self._wake.set()

    def run(self, stop: threading.Event) -> None:
        """Work until `stop`; a device that goes away is opened again."""
        self._tell(*spool.recover(self._shop, self._mine, others=self._others))
        try:
            while not stop.is_set():
                self._look()
                while not stop.is_set() and self._work():
                    pass
                self._wake.wait(POLL_S)
                self._wake.clear()
        finally:
            for attached in (*self._each_drawer(), self._printer):
                if attached is not None:
                    attached.close()

    def _each_drawer(self) -> list[Attached]:
        return list({attached.name: attached for attached in self._drawers.values()}.values())

    def _look(self) -> None:
        """Open what is closed, ask the rest how it is. A drawer goes with the printer it hangs on."""
        printer = self._printer.look() if self._printer is not None else None
        for drawer in self._each_drawer():
            if self._printer is None or printer is not None:
                drawer.look(printer)
                self._watches[drawer.name].look()
            else:
                drawer.close()
                drawer.seen(self._printer.health, self._printer.hint)

    def _work(self) -> bool:
        """Do the next job; false when there is none, or none whose device can do it."""
        job, late = spool.claim(self._shop, self._mine, self._ready(), printer=self.name)
        self._tell(*late)
        if job is None:
            return False
        self._tell(job)
        if job.kind == jobs.DRAWER:
            self._kick(job, self._drawers[job.till])
        else:
            self._print(job)
        return True

    def _ready(self) -> Work:
        """What can be worked off now. A paper comes here for another printer when all before it are down:
        it is still queued then, and what another one has begun is never begun again."""
        kicks = frozenset(till for till, drawer in self._drawers.items() if drawer.device is not None)
        printer = self._printer
        if printer is None or printer.device is None or printer.health.level is Level.BAD:
            return Work(kicks)
        lent = frozenset(
            till
            for till in self._mine.lent
            if all(other.down_for_ms() >= LENT_AFTER_MS for other in self._before[till])
        )
        return Work(kicks, self._mine.papers, self._mine.labels, lent)

    def _kick(self, job: Job, attached: Attached) -> None:
        """Open the drawer once. A kick is never repeated: one that came late would surprise somebody."""
        drawer: Drawer | None = attached.device
        assert drawer is not None, job
        watch = self._watches[attached.name]
        watch.pulsed(job.till, drawers.cause_of(job))
        try:
            drawer.open_drawer()
        except DriverError as error:
            self._mark(job, jobs.FAILED, error.code.value)
            self._failed(attached, error)
            return
        opened = None
        try:
            opened = _sprang_open(drawer)
            watch.look()
            attached.seen(drawer.check_health())
        except DriverError as error:
            self._failed(attached, error)
        if opened is None:
            self._mark(job, jobs.SENT, "unverified")
        else:
            self._mark(job, jobs.CONFIRMED if opened else jobs.FAILED, "" if opened else "drawer_stuck")

    def _failed(self, drawer: Attached, error: DriverError) -> None:
        """What a drawer on a connector meets, its printer has met."""
        for attached in (drawer, self._printer):
            if attached is not None:
                attached.failed(error)

    def _print(self, job: Job) -> None:
        """Print one document. What was not begun waits, what was begun is asked about."""
        attached = self._printer
        assert attached is not None and attached.device is not None, job
        try:
            outcome = attached.device.print(spool.paper(self._shop, job, self._facts()))
        except DriverError as error:
            self._mark(job, jobs.UNKNOWN if error.began else jobs.QUEUED, error.code.value)
            attached.failed(error)
        except POISON:
            _log.exception("%s: job %s cannot be printed", attached.name, job.job_id)
            self._mark(job, jobs.FAILED, "unprintable")
        else:
            self._mark(job, jobs.CONFIRMED if outcome is Outcome.CONFIRMED else jobs.SENT)
            attached.seen(attached.device.check_health())

    def _mark(self, job: Job, state: str, reason: str = "") -> None:
        self._tell(spool.mark(self._shop, job, state, reason=reason))

    def _tell(self, *changed: Job) -> None:
        for job in changed:
            self._changed(job)


def stations(
    shop: Shop,
    tills: Sequence[Till],
    devices: Mapping[str, Attached],  # by name
    *,
    facts: Callable[[], Sequence[tuple[str, str]]],
    changed: Callable[[Job], None],
    alarmed: Callable[[str, str], None],
) -> list[Station]:
    """One for each printer with the drawers on its connector, one for each drawer on a relay: what is dead
    or busy holds up nothing that works without it."""
    printers = frozenset(name for name, each in devices.items() if each.driver.kind == "printer")
    found = []
    for name, device in devices.items():
        if device.driver.kind == "scanner" or device.parent:
            continue
        mine = {till.key: devices[till.drawer] for till in tills if till.drawer}
        here = {till: each for till, each in mine.items() if name in (each.name, each.parent)}
        lent = {
            till.key: till.printers[: till.printers.index(name)] for till in tills if name in till.spare
        }
        found.append(
            Station(
                shop,
                name,
                Work(
                    kicks=frozenset(here),
                    papers=frozenset(till.key for till in tills if till.printer == name),
                    labels=frozenset(till.key for till in tills if till.labeller == name),
                    lent=frozenset(lent),
                ),
                device if name in printers else None,
                here,
                before={till: [devices[each] for each in first] for till, first in lent.items()},
                others=printers - {name},
                facts=facts,
                changed=changed,
                alarmed=alarmed,
            )
        )
    return found


def _sprang_open(drawer: Drawer) -> bool | None:
    """What the sensor says shortly after the pulse; None where there is no sensor."""
    wait = threading.Event()
    for _ in range(SENSOR_TRIES):
        is_open = drawer.is_open()
        if is_open is not False:
            return is_open
        wait.wait(SENSOR_WAIT_S)
    return False
