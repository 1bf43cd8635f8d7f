"""The gateway process: builds the shop, its devices and its pages, and keeps them running."""

from __future__ import annotations

import logging
import os
import threading
from typing import Any
from zoneinfo import ZoneInfo

from device import identity
from device.attached import Attached
from device.clock import Clock
from device.config import Settings
from device.lane import Lane
from device.leash import until_told
from device.notify import notify, watchdog_interval_s
from device.panel import VERSION, Panel
from device.station import stations
from device.supervise import Supervisor
from drivers.contracts import Scan
from services.domain.barcodes import BarcodeRules
from services.domain.errors import ShopError
from services.domain.receipt import CONSOLE_FACT
from services.flows import baskets
from services.flows.shop import Shop
from services.registry import discover
from services.store import box, db, jobs, journal, schema
from services.store.db import LEDGER
from services.store.jobs import Job
from services.uplink.inbox import Inbox
from web_console import views
from web_console.api import ScanView
from web_console.app import WebSettings, create_app
from web_console.live import Live
from web_console.server import Server

IDLE_S = 3600.0
LOOPBACK = ("localhost", "127.0.0.1", "[::1]")  # no tablet reaches the box by these

_log = logging.getLogger(__name__)


def make_shop(settings: Settings, clock: Clock) -> Shop:
    """The argument of every flow, from the settings."""
    store = settings.store
    return Shop(
        store_id=store.id,
        store_name=store.name,
        currency=store.currency,
        zone=ZoneInfo(store.timezone),
        rollover_hour=store.rollover_hour,
        tills=tuple(till.key for till in settings.till),
        printers=frozenset(till.key for till in settings.till if till.printer),
        drawers=frozenset(till.key for till in settings.till if till.drawer),
        barcode_rules=BarcodeRules(),
        tenders=discover("services.tenders", "TENDER"),
        receipt_footer=store.receipt_footer,
        now_ms=clock.now_ms,
        clock_quality=clock.quality,
        new_id=identity.new_id,
        hash_pin=identity.hash_pin,
        check_pin=identity.check_pin,
    )


class Gateway:
    """The parts and who calls whom. The database must be open for writing and migrated."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.clock = Clock(journal.newest_at_ms())
        self.shop = make_shop(settings, self.clock)
        self.supervisor = Supervisor()
        self._devices = _attach(settings, self.clock)
        self._stations = stations(
            self.shop, settings.till, self._devices, facts=self._facts, changed=self._job_changed
        )
        self._lanes = [Lane(self._devices[name], self._taker(name)) for name in _scanners(settings)]
        self.inbox = Inbox(settings.socket, now_ms=self.clock.now_ms)
        self.panel = Panel(
            settings, self.shop, self.clock, self._devices, self._stations, self.inbox, _count_boot()
        )
        web = WebSettings(trusted_hosts=settings.web.trusted_hosts)
        self.live = Live(self.shop, self.panel, streams_max=web.streams_max)
        app = create_app(self.shop, self.panel, self.live, web)
        self.server = Server(
            app, self.live, streams_max=web.streams_max, host=settings.web.host, port=settings.web.port
        )

    def start(self) -> None:
        """Ready to sell when this returns."""
        self.inbox.start()
        for station in self._stations:
            self.supervisor.keep(f"station {'+'.join(station.tills)}", station.run)
        for n, lane in enumerate(self._lanes, 1):
            self.supervisor.keep(f"lane {n}", lane.run)
        self.server.start()
        self.supervisor.keep("journal check", self._check_once)
        self.panel.notes.add("started", self.settings.store.id, VERSION)

    def stop(self) -> None:
        """Stop taking requests first, then the devices, then the line to the uplink."""
        self.live.close()
        self.server.stop()
        self.supervisor.stop()
        self.inbox.close()

    def _taker(self, scanner: str) -> Any:
        till = next(till.key for till in self.settings.till if till.scanner == scanner)

        def take(scan: Scan) -> None:
            self.take_scan(till, scan.data)

        return take

    def take_scan(self, till: str, data: str) -> None:
        """One scan into the basket of `till`, and onto its pages: what was added, or why it was not."""
        seq = self.live.next_scan_seq(till)
        try:
            basket, line = baskets.scan(self.shop, till, data)
        except ShopError as refused:
            view = ScanView(seq=seq, at_ms=self.clock.now_ms(), data=data, code=refused.code)
            self.live.tell(till, "scan", view)
            return
        view = ScanView(
            seq=seq,
            at_ms=self.clock.now_ms(),
            data=data,
            code="added",
            name=line.name,
            variant=line.variant,
            line_id=line.line_id,
        )
        self.live.tell(till, "basket", views.basket(self.shop, till, basket, line.line_id))
        self.live.tell(till, "scan", view)

    def _job_changed(self, job: Job) -> None:
        self.live.tell(job.till, "job", views.job(job))
        if job.state in (jobs.UNKNOWN, jobs.FAILED):
            self.panel.notes.add(f"job_{job.state}", job.kind, job.reason)

    def _facts(self) -> list[tuple[str, str]]:
        devices = [(d.name, f"{d.driver.key} {d.health.code}") for d in self._devices.values()]
        names = self.settings.web.trusted_hosts
        outside = [name for name in names if name not in LOOPBACK] or names
        return [
            ("网关", os.uname().nodename),
            ("版本", VERSION),
            ("地址", " ".join(outside)),
            (CONSOLE_FACT, f"http://{outside[0]}:{self.settings.web.port}/technician"),
            *devices,
        ]

    def _check_once(self, stop: threading.Event) -> None:
        self.panel.check_journal()
        stop.wait()


def run(settings: Settings) -> None:
    """Run until SIGTERM or SIGINT."""
    stop = until_told()
    os.environ.setdefault("ESCPOS_CAPABILITIES_PICKLE_DIR", str(settings.data_dir))
    LEDGER.open(settings.database)
    schema.migrate()
    gateway = Gateway(settings)
    gateway.start()
    notify("READY=1")
    _log.info("ready to sell on port %d", settings.web.port)
    interval_s = watchdog_interval_s()
    while not stop.wait(interval_s or IDLE_S):
        if gateway.supervisor.alive() and _can_write():
            notify("WATCHDOG=1")
    notify("STOPPING=1")
    gateway.stop()
    LEDGER.shut()


def _can_write() -> bool:
    """A real write: a hung disk or a stuck writer must stop the watchdog's pings."""
    with db.write():
        box.put("alive", "1")
    return True


def _count_boot() -> int:
    with db.write():
        boot = int(box.get("boot", "0")) + 1
        box.put("boot", str(boot))
        if not box.get("epoch"):
            box.put("epoch", "1")
    return boot


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
