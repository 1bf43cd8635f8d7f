"""The gateway process: builds the shop, its devices and its pages, and keeps them running."""

from __future__ import annotations

import gc
import logging
import os
import sqlite3
from typing import Any

import msgspec

from device import VERSION, cores
from device.attached import Attached
from device.clock import Clock
from device.config import Settings
from device.day_end import DayEnd
from device.lane import Lane
from device.leash import CannotStart, until_told
from device.notify import notify, watchdog_interval_s
from device.panel import Panel
from device.processes import close_ledger, open_ledger
from device.rollover import Rollover
from device.rounds import Rounds
from device.shop import make_shop
from device.station import stations
from device.storage import Reserve, Storage
from device.supervise import Supervisor
from drivers.contracts import Scan
from services.domain import parked
from services.domain.errors import OutcomeUnknown, ShopError
from services.domain.member_errors import MemberScanned
from services.domain.receipt import CONSOLE_FACT
from services.flows import baskets, customers, member_privacy, park_tickets, parking
from services.flows.shop import Shop
from services.store import box, db, jobs, journal
from services.store.jobs import Job
from services.uplink.inbox import Inbox
from web_console import views
from web_console.api import ScanView
from web_console.app import WebSettings, create_app
from web_console.live import Live
from web_console.parked import tell_resumed
from web_console.server import Server

IDLE_S = 3600.0
CIRCLES_MAX = 10_000  # objects that were made and not yet let go, before any are looked at
LOOPBACK = ("localhost", "127.0.0.1", "[::1]")  # no tablet reaches the box by these

_log = logging.getLogger(__name__)


class Gateway:
    """The parts and who calls whom. The database must be open for writing and migrated."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.clock = Clock(journal.newest_at_ms())
        self.shop = make_shop(settings, self.clock)
        _settle_members(self.shop)
        self.supervisor = Supervisor()
        self._devices = _attach(settings, self.clock)
        self._stations = stations(
            self.shop,
            settings.till,
            self._devices,
            facts=self._facts,
            changed=self._job_changed,
            alarmed=self._alarmed,
        )
        self._lanes = [Lane(self._devices[name], self._taker(name)) for name in _scanners(settings)]
        self.inbox = Inbox(settings.socket, now_ms=self.clock.now_ms)
        self.storage = Storage(_reserve(settings), watchdog_interval_s())
        self.panel = Panel(
            settings,
            self.shop,
            self.clock,
            self._devices,
            self._stations,
            self.inbox,
            self.storage,
            _count_boot(),
        )
        web = WebSettings(trusted_hosts=settings.web.trusted_hosts)
        self.live = Live(self.shop, self.panel, streams_max=web.streams_max)
        app = create_app(self.shop, self.panel, self.live, web)
        self.server = Server(
            app, self.live, streams_max=web.streams_max, host=settings.web.host, port=settings.web.port
        )

    def start(self) -> None:
        """Ready to sell when this returns. Raises CannotStart before anything was touched."""
        web = self.settings.web
        try:
            self.server.bind()
        except OSError as error:
            raise CannotStart(f"the till cannot be served at {web.host}:{web.port}: {error}") from error
        self.supervisor.keep("inbox", self.inbox.run)
        for station in self._stations:
            self.supervisor.keep(f"station {station.name}", station.run)
        for n, lane in enumerate(self._lanes, 1):
            self.supervisor.keep(f"lane {n}", lane.run)
        self.supervisor.keep("health", self.live.run)
        self.supervisor.keep("day end", DayEnd(self.shop, self._shift_changed).run)
        self.supervisor.keep("storage", self.storage.run)
        self.supervisor.keep("journal check", self.panel.journal_check.run)
        self.supervisor.keep("rollover", Rollover(self.shop).run)
        self.supervisor.keep("rounds", Rounds(self.shop).run)
        _settle_memory()
        self.server.start()
        self.panel.notes.add("started", self.settings.store.id, VERSION)

    def stop(self) -> bool:
        """Stop taking requests first, then devices and all other parts; whether all have ended.

        A paper that is being printed is finished, if that takes no longer than the supervisor waits. Then
        its job stays "sending" and the ledger must stay open under it: the next start asks people.
        """
        answered = self.server.stop()
        self.supervisor.stopping.set()
        for station in self._stations:
            station.wake()
        ended = self.supervisor.stop()
        if ended:
            self.inbox.close()
        return answered and ended

    @property
    def well(self) -> bool:
        """Whether a restart would mend nothing: every part runs, and writes to the ledger come back."""
        return self.supervisor.alive() and not self.storage.stuck

    def _taker(self, scanner: str) -> Any:
        till = next(till.key for till in self.settings.till if till.scanner == scanner)

        def take(scan: Scan) -> None:
            self.take_scan(till, scan.data)

        return take

    def take_scan(self, till: str, data: str) -> None:
        """One scan into the basket of `till`, and onto its pages: what was added, or why it was not."""
        view = ScanView(seq=self.live.next_scan_seq(till), at_ms=self.clock.now_ms(), data=data, code="")
        try:
            ticket = park_tickets.number_in(self.shop, data)
            view = self._added(till, view) if ticket is None else self._resumed(till, view, ticket)
        except (ShopError, sqlite3.Error) as error:
            if isinstance(error, journal.TROUBLE):
                _log.error("a scan at till %s: %s", till, error.__cause__ or error)
            refusal = error if isinstance(error, ShopError) else OutcomeUnknown(str(error))
            parked_id = str(refusal.details.get("parked_id", ""))
            view = msgspec.structs.replace(view, code=refusal.code, parked_id=parked_id)
        self.live.tell(till, "scan", view)

    def _added(self, till: str, view: ScanView) -> ScanView:
        """An article goes into the basket, or a member is who buys it."""
        try:
            basket, line = baskets.scan(self.shop, till, view.data)
        except MemberScanned as scanned:
            return self._named(till, view, str(scanned.details["member_id"]))
        self.live.tell(till, "basket", views.basket(self.shop, till, basket, line.line_id))
        return msgspec.structs.replace(
            view, code="added", name=line.name, variant=line.variant, line_id=line.line_id
        )

    def _named(self, till: str, view: ScanView, member_id: str) -> ScanView:
        """Who has shown their code buys what is in the bag; the code itself is shown to nobody."""
        held = baskets.current(self.shop, till)
        basket = customers.name(self.shop, till, member_id, basket_id=held.basket_id)
        shown = views.basket(self.shop, till, basket)
        self.live.tell(till, "basket", shown)
        name = shown.customer.name or shown.customer.phone if shown.customer is not None else ""
        return msgspec.structs.replace(view, code="member", data="", name=name)

    def _resumed(self, till: str, view: ScanView, ticket: int) -> ScanView:
        """A park ticket brings its basket to this till."""
        resumed = parking.resume_ticket(self.shop, till, ticket)
        tell_resumed(self.shop, self.live, self.panel, till, resumed)
        return msgspec.structs.replace(
            view, code="resumed", name=parked.ticket_number(ticket), parked_id=resumed.parked.parked_id
        )

    def _shift_changed(self, till: str) -> None:
        self.panel.notes.add("shift_changed", till)
        self.panel.wake_uplink()

    def _alarmed(self, what: str, subject: str) -> None:
        self.panel.notes.add(what, subject)

    def _job_changed(self, job: Job) -> None:
        self.live.tell(job.till, "job", views.job(job))
        if job.state in (jobs.UNKNOWN, jobs.FAILED):
            self.panel.notes.add(f"job_{job.state}", job.kind, job.reason)

    def _facts(self) -> list[tuple[str, str]]:
        devices = [(d.name, f"{d.driver.key} {d.health.code}") for d in self._devices.values()]
        names = self.settings.web.trusted_hosts
        outside = [name for name in names if name not in LOOPBACK] or names
        return [
            ("gateway", os.uname().nodename),
            ("version", VERSION),
            ("addresses", " ".join(outside)),
            (CONSOLE_FACT, f"http://{outside[0]}:{self.settings.web.port}/technician"),
            *devices,
        ]


def run(settings: Settings) -> None:
    """Run until SIGTERM or SIGINT. Raises CannotStart when this is no place for a gateway."""
    stop = until_told()
    cores.keep_to_one()
    os.environ.setdefault("ESCPOS_CAPABILITIES_PICKLE_DIR", str(settings.data_dir))
    _open(settings)
    ended = True
    try:
        gateway = Gateway(settings)
        try:
            gateway.start()
            notify("READY=1")
            _log.info("ready to sell on port %d", settings.web.port)
            interval_s = watchdog_interval_s()
            while not stop.wait(interval_s or IDLE_S):
                if gateway.well:
                    notify("WATCHDOG=1")
        finally:
            notify("STOPPING=1")
            ended = gateway.stop()
    finally:
        if ended:
            close_ledger()


def _open(settings: Settings) -> None:
    """On a disk without a free byte SQLite cannot open the ledger at all: then what was kept back goes."""
    try:
        open_ledger(settings)
    except sqlite3.OperationalError:
        if not _reserve(settings).release():
            raise
        open_ledger(settings)


def _settle_memory() -> None:
    """What the program itself is made of stays for good, and few requests leave circles behind. Looking at
    all of it anew, as Python does every second or two under load, stopped every till for 65 ms here."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(CIRCLES_MAX)


def _settle_members(shop: Shop) -> None:
    """Erased members stay erased. Where their keys cannot be opened the shop sells without members."""
    try:
        if settled := member_privacy.settle(shop):
            _log.warning("%d members were erased again", settled)
    except (ShopError, sqlite3.Error) as error:
        _log.error("members' data: %s", error)


def _reserve(settings: Settings) -> Reserve:
    return Reserve(settings.data_dir / "reserve")


def _count_boot() -> int:
    """The number of this boot. On a disk in trouble nothing is counted and the last number goes on:
    the gateway must come up to say what is the matter, and nobody sees a boot that could sell nothing."""
    boot = int(box.get("boot", "0"))
    try:
        with db.write():
            box.put("boot", str(boot + 1))
            if not box.get("epoch"):
                box.put("epoch", "1")
    except journal.TROUBLE as error:
        _log.error("this boot could not be counted: %s", error.__cause__ or error)
        return boot
    return boot + 1


def _attach(settings: Settings, clock: Clock) -> dict[str, Attached]:
    devices = {}
    for entry in settings.device:
        device = Attached(entry, None, clock)
        if settings.twins:
            device.twin = device.driver.twin(device.settings)
        devices[entry.name] = device
    return devices


def _scanners(settings: Settings) -> list[str]:
    return list(dict.fromkeys(till.scanner for till in settings.till if till.scanner))
