"""The gateway process: builds the shop, its devices and its pages, and keeps them running."""

from __future__ import annotations

import logging
import os
import sqlite3
import threading
from typing import Any
from zoneinfo import ZoneInfo

from device import health, identity
from device.attached import Attached
from device.clock import Clock
from device.config import Settings, Till
from device.lane import Lane
from device.leash import until_told
from device.notify import notify, watchdog_interval_s
from device.station import Station
from device.supervise import Supervisor
from device.twins import Counter
from drivers.contracts import Scan
from services.domain.barcodes import BarcodeRules
from services.domain.errors import ShopError
from services.flows import baskets
from services.flows.shop import Shop
from services.registry import discover
from services.store import box, db, jobs, journal, schema
from services.store.db import LEDGER
from services.store.jobs import Job
from services.uplink.inbox import Inbox
from web_console import views
from web_console.api import BoxView, DeviceView, HealthView, HqView, ScanView
from web_console.app import WebSettings, create_app
from web_console.live import Live
from web_console.server import Server

VERSION = "0.1.0"
IDLE_S = 3600.0

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
    """Implements web_console.box.Box. The database must be open for writing and migrated."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.clock = Clock(journal.newest_at_ms())
        self.shop = make_shop(settings, self.clock)
        self.started_ms = self.clock.now_ms()
        self.boot = _count_boot()
        self.notes = health.Notes(self.clock)
        self.check = health.JournalCheck()
        self.supervisor = Supervisor()
        self._devices = _attach(settings, self.clock)
        self.live = Live(self.health)
        self.inbox = Inbox(settings.socket, now_ms=self.clock.now_ms)
        self._stations = self._make_stations()
        self._lanes = [Lane(self._devices[name], self._taker(name)) for name in _scanners(settings)]
        twins = {n: (d.driver.kind, d.twin) for n, d in self._devices.items() if d.twin is not None}
        first = settings.till[0].key
        self._counter = (
            Counter(twins, self.inbox.cut, lambda: self.health(first)) if settings.twins else None
        )
        web = WebSettings(trusted_hosts=settings.web.trusted_hosts)
        self.app = create_app(self.shop, self, self.live, web)
        self.server = Server(self.app, host=settings.web.host, port=settings.web.port)

    def start(self) -> None:
        """Ready to sell when this returns."""
        self.inbox.start()
        for station in self._stations:
            self.supervisor.keep(f"station {'+'.join(station.tills)}", station.run)
        for n, lane in enumerate(self._lanes, 1):
            self.supervisor.keep(f"lane {n}", lane.run)
        self.live.start()
        self.server.start()
        self.supervisor.keep("journal check", self._check_once)
        self.notes.add("started", self.settings.store.id, VERSION)

    def stop(self) -> None:
        """Stop taking requests first, then the devices, then the line to the uplink."""
        self.live.close()
        self.server.stop()
        self.supervisor.stop()
        self.inbox.close()

    # What the pages ask (web_console.box.Box)

    @property
    def twins(self) -> Counter | None:
        return self._counter

    def health(self, till: str) -> HealthView:
        mine = next((t for t in self.settings.till if t.key == till), self.settings.till[0])
        open_jobs = jobs.open_jobs(till)
        return HealthView(
            devices=tuple(self._device_view(name, till) for name in _fitted(mine)),
            hq=self._hq_view(),
            jobs_waiting=sum(job.state == jobs.QUEUED for job in open_jobs),
            jobs_unknown=tuple(views.job_view(job) for job in open_jobs if job.state == jobs.UNKNOWN),
            storage=health.disk(self.settings.data_dir).level,
            now_ms=self.clock.now_ms(),
        )

    def view(self) -> BoxView:
        seq, head = journal.head()
        disk = health.disk(self.settings.data_dir)
        every = tuple(self._device_view(name, self._till_of(name)) for name in self._devices)
        mine = self.health(self.settings.till[0].key)
        return BoxView(
            store_id=self.shop.store_id,
            store_name=self.shop.store_name,
            gateway=os.uname().nodename,
            version=VERSION,
            epoch=int(box.get("epoch", "1")),
            up_s=(self.clock.now_ms() - self.started_ms) // 1000,
            boot=self.boot,
            health=HealthView(
                devices=every,
                hq=mine.hq,
                jobs_waiting=sum(self.health(t).jobs_waiting for t in self.shop.tills),
                jobs_unknown=mine.jobs_unknown,
                storage=mine.storage,
                now_ms=mine.now_ms,
            ),
            tills=self.shop.tills,
            disk_free_mb=disk.free_mb,
            disk_total_mb=disk.total_mb,
            database_mb=self.settings.database.stat().st_size // 2**20,
            clock_quality=self.clock.quality(),
            clock_utc_ms=self.clock.now_ms(),
            journal_seq=seq,
            journal_hash=head.hex(),
            journal_check=self.check.result,
            journal_checked_seq=self.check.checked_seq,
            sqlite_version=sqlite3.sqlite_version,
            memory_mb=health.memory_mb(),
            load_percent=health.load_percent(),
            notes=self.notes.newest(),
        )

    def check_journal(self) -> None:
        self.check.run()
        self.notes.add(f"journal_{self.check.result}", str(self.check.checked_seq))

    def wake_jobs(self, till: str) -> None:
        for station in self._stations:
            if till in station.tills:
                station.wake()

    def wake_uplink(self) -> None:
        self.inbox.wake(journal.head()[0])

    # Inside

    def _make_stations(self) -> list[Station]:
        """One for each printer (or lone drawer), with all the tills that share it."""
        groups: dict[tuple[str, str], list[str]] = {}
        for till in self.settings.till:
            if till.printer or till.drawer:
                groups.setdefault((till.printer, till.drawer), []).append(till.key)
        return [
            Station(
                self.shop,
                tills,
                self._devices.get(printer),
                self._devices.get(drawer),
                facts=self._facts,
                changed=self._job_changed,
            )
            for (printer, drawer), tills in groups.items()
        ]

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
        self.live.tell(till, "basket", views.basket_view(till, basket, line.line_id))
        self.live.tell(till, "scan", view)

    def _job_changed(self, job: Job) -> None:
        self.live.tell(job.till, "job", views.job_view(job))
        if job.state in (jobs.UNKNOWN, jobs.FAILED):
            self.notes.add(f"job_{job.state}", job.kind, job.reason)

    def _device_view(self, name: str, till: str) -> DeviceView:
        device = self._devices[name]
        return DeviceView(
            name=name,
            kind=device.driver.kind,
            driver=device.driver.key,
            till=till,
            code=device.health.code,
            level=device.health.level.value,
            detail=device.health.detail,
            hint=device.hint,
            since_ms=device.since_ms,
            twin=device.twin is not None,
        )

    def _hq_view(self) -> HqView:
        link = self.inbox.link
        acknowledged, at_ms = journal.cursor("uplink")
        return HqView(
            code=link.code,
            level="ok"
            if link.code == "online"
            else "bad"
            if link.code in ("refused", "rejected")
            else "warn",
            since_ms=link.since_ms,
            waiting=max(0, journal.head()[0] - acknowledged),
            acknowledged_seq=acknowledged,
            acknowledged_at_ms=at_ms,
            detail=link.detail,
        )

    def _till_of(self, name: str) -> str:
        return next((t.key for t in self.settings.till if name in _fitted(t)), "")

    def _facts(self) -> list[tuple[str, str]]:
        devices = [(d.name, f"{d.driver.key} {d.health.code}") for d in self._devices.values()]
        return [("网关", os.uname().nodename), ("版本", VERSION), *devices]

    def _check_once(self, stop: threading.Event) -> None:
        self.check_journal()
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


def _fitted(till: Till) -> list[str]:
    return [name for name in (till.scanner, till.printer, till.drawer) if name]


def _scanners(settings: Settings) -> list[str]:
    return list(dict.fromkeys(till.scanner for till in settings.till if till.scanner))
