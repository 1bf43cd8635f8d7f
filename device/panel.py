"""What the pages may ask of this box: health, jobs, journal, twins."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Mapping, Sequence
from typing import Literal

from device import VERSION, health
from device.attached import Attached
from device.clock import Clock
from device.config import Settings, Till
from device.health import Level, Verdict
from device.station import Station
from device.storage import Storage
from device.twins import Counter
from drivers import contracts
from services.domain.errors import DeviceAbsent, LabelTooSmall
from services.domain.receipt import Paper
from services.flows.shop import Shop
from services.store import box, copies, jobs, journal, sales
from services.store.sealed import VAULT
from services.uplink.inbox import Inbox
from services.uplink.link import READER
from web_console import views
from web_console.api import DeviceView, HealthView, HqView, PrinterView
from web_console.api_box import BoxView


class Panel:
    """Implements web_console.box.Box over the parts the gateway was built of."""

    def __init__(
        self,
        settings: Settings,
        shop: Shop,
        clock: Clock,
        devices: Mapping[str, Attached],
        stations: Sequence[Station],
        inbox: Inbox,
        storage: Storage,
        boot: int,
    ) -> None:
        self._settings, self._shop, self._clock = settings, shop, clock
        self._devices, self._stations, self._inbox = devices, stations, inbox
        self._storage, self._boot = storage, boot
        self._started_ms = clock.now_ms()
        self.notes = health.Notes(clock)
        self.journal_check = health.JournalCheck(self._checked)
        twins = {n: (d.driver.kind, d.twin) for n, d in devices.items() if d.twin is not None}
        self.twins = (
            Counter(twins, inbox.cut, lambda: self._health(list(devices), shop.tills))
            if settings.twins
            else None
        )

    def health(self, till: str) -> HealthView:
        mine = next((t for t in self._settings.till if t.key == till), self._settings.till[0])
        return self._health(fitted(mine), (till,), mine.printers)

    def view(self) -> BoxView:
        seq, head = self.journal_check.head()
        disk, copied_ms = health.disk(self._settings.data_dir), int(box.get(copies.MADE, "0"))
        return BoxView(
            store_id=self._shop.store_id,
            store_name=self._shop.store_name,
            gateway=os.uname().nodename,
            version=VERSION,
            epoch=int(box.get("epoch", "1")),
            up_s=(self._clock.now_ms() - self._started_ms) // 1000,
            boot=self._boot,
            health=self._health(list(self._devices), self._shop.tills),
            tills=self._shop.tills,
            disk_free_mb=disk.free_mb,
            disk_total_mb=disk.total_mb,
            copy=health.copy_state(
                self._settings.member_keys_copy, copied_ms, self._clock.now_ms(), behind=VAULT.behind
            ),
            copied_ms=copied_ms,
            database_mb=self._settings.database.stat().st_size // 2**20,
            clock_quality=self._clock.quality(),
            clock_utc_ms=self._clock.now_ms(),
            journal_seq=seq,
            journal_hash=head.hex(),
            journal_check="checking" if self.journal_check.checking else self.journal_check.verdict,
            journal_checked_seq=self.journal_check.checked_seq,
            sqlite_version=sqlite3.sqlite_version,
            memory_mb=health.memory_mb(),
            load_percent=health.load_percent(),
            notes=self.notes.newest(),
        )

    def draw_label(self, till: str, label: Paper) -> str:
        mine = next((each for each in self._settings.till if each.key == till), None)
        printer = self._devices.get(mine.labeller) if mine is not None else None
        if printer is None or printer.driver.draw is None:
            raise DeviceAbsent("this till has no printer for labels", till=till)
        try:
            return str(printer.driver.draw(printer.settings, label))
        except contracts.DriverError as error:
            raise LabelTooSmall(str(error), hint=error.hint) from error

    def check_journal(self) -> None:
        self.journal_check.ask()

    def wake_jobs(self, till: str) -> None:
        for station in self._stations:
            if till in station.tills:
                station.wake()

    def wake_uplink(self) -> None:
        self._inbox.wake(self.journal_check.head()[0])

    def _health(
        self, names: Sequence[str], tills: Sequence[str], printers: Sequence[str] = ()
    ) -> HealthView:
        open_jobs = [job for till in tills for job in jobs.open_jobs(till)]
        return HealthView(
            devices=tuple(self._device(name) for name in names),
            hq=self._hq(),
            jobs_waiting=sum(job.state == jobs.QUEUED for job in open_jobs),
            jobs_unknown=tuple(
                views.job(job, sales.number_of(job.sale_id))
                for job in open_jobs
                if job.state == jobs.UNKNOWN
            ),
            storage=storage_level(self._storage.failing, health.disk(self._settings.data_dir).level),
            now_ms=self._clock.now_ms(),
            journal=self.journal_check.verdict,
            printers=tuple(self._printer(name) for name in printers),
        )

    def _printer(self, name: str) -> PrinterView:
        printer = self._devices[name]
        prints = printer.device is not None and printer.health.level is not contracts.Level.BAD
        return PrinterView(name=name, label=printer.label, prints=prints)

    def _checked(self, verdict: Verdict, seq: int) -> None:
        self.notes.add(f"journal_{verdict}", str(seq))

    def _device(self, name: str) -> DeviceView:
        device = self._devices[name]
        return DeviceView(
            name=name,
            label=device.label,
            kind=device.driver.kind,
            driver=device.driver.key,
            till=next((t.key for t in self._settings.till if name in t.devices), ""),
            code=device.health.code,
            level=device.health.level.value,
            detail=device.health.detail,
            hint=device.hint,
            since_ms=device.since_ms,
            twin=device.twin is not None,
        )

    def _hq(self) -> HqView:
        link = self._inbox.link
        acknowledged, at_ms = journal.cursor(READER)
        return HqView(
            code=link.code,
            level=_level(link.code),
            since_ms=link.since_ms,
            waiting=max(0, self.journal_check.head()[0] - acknowledged),
            acknowledged_seq=acknowledged,
            acknowledged_at_ms=at_ms,
            detail=link.detail,
        )


def storage_level(failing: str, disk: Level) -> Level:
    """Bad stops the tills: the ledger cannot be written. A disk that fills up still takes sales."""
    if failing:
        return "bad"
    return "ok" if disk == "ok" else "warn"


def fitted(till: Till) -> list[str]:
    """The names of the devices `till` has."""
    return [name for name in (till.scanner, till.printer, till.drawer) if name]


def _level(code: str) -> Literal["ok", "warn", "bad"]:
    """HQ away is a state in which the store sells on; being refused is a fault somebody must mend."""
    if code == "online":
        return "ok"
    return "bad" if code in ("refused", "rejected") else "warn"
