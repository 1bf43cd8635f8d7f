"""Stations on a real database and the real twins, run in threads of their own as the gateway does."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from device import station
from device.attached import Attached
from device.clock import Clock as BoxClock
from device.config import DeviceEntry, Settings, Till
from device.station import Station
from device.supervise import Supervisor
from drivers import paper
from services.flows import baskets, checkout
from services.flows.shop import Shop
from services.store import jobs
from services.store.db import LEDGER
from services.store.jobs import Job
from tests.shop import SOCKS
from tests.waits import until

PRINTER = DeviceEntry(name="printer-1", driver="printer.escpos")
CONNECTOR = DeviceEntry(name="drawer-1", driver="drawer.printer", parent="printer-1")
RELAY = DeviceEntry(name="drawer-1", driver="drawer.gpio", settings={"sensor_pin": 27})
SHARED = tuple(Till(key=key, printer="printer-1", drawer="drawer-1") for key in "12")
LONE_DRAWER = (Till(key="1", drawer="drawer-1"),)


class Counter:
    """The counter of a shop: its twins, its stations, and a cashier who sells socks for cash."""

    def __init__(self, shop: Shop, tills: Sequence[Till], *entries: DeviceEntry) -> None:
        self.settings = Settings(till=tuple(tills), device=entries)
        self.shop = replace(
            shop,
            tills=tuple(till.key for till in tills),
            printers=frozenset(till.key for till in tills if till.printer),
            label_printers=frozenset(till.key for till in tills if till.labeller),
            drawers=frozenset(till.key for till in tills if till.drawer),
        )
        self.devices = {entry.name: Attached(entry, None, BoxClock(0)) for entry in entries}
        for device in self.devices.values():
            device.twin = device.driver.twin(device.settings)
        self.heard: list[Job] = []
        self.alarms: list[tuple[str, str]] = []
        self.then: Callable[[Job], None] = lambda job: (
            None
        )  # called in the station's thread, at each change
        self.stations: list[Station] = []
        self._sales = 0
        self._supervisor = Supervisor()

    def twin(self, name: str) -> Any:
        return self.devices[name].twin

    def start(self) -> Counter:
        """Bring the stations up, as a boot of the gateway does."""
        self._supervisor = Supervisor()
        self.stations = station.stations(
            self.shop,
            self.settings.till,
            self.devices,
            facts=lambda: (),
            changed=self._hear,
            alarmed=lambda *what: self.alarms.append(what),
        )
        for n, each in enumerate(self.stations):
            self._supervisor.keep(f"station {n}", each.run)
        return self

    def _hear(self, job: Job) -> None:
        self.heard.append(job)
        self.then(job)

    def stop(self) -> None:
        self._supervisor.stop()

    def sell(self, till: str = "1", *, tender: str = "cash") -> str:
        self._sales += 1
        baskets.add(self.shop, till, sku=SOCKS, code="", quantity=1, request_id=f"add-{self._sales}")
        basket = baskets.current(self.shop, till)
        sale = checkout.settle(
            self.shop,
            till,
            basket_id=basket.basket_id,
            version=basket.version,
            tendered=[(tender, basket.gross.minor)],
            operator_id="zhou",
            request_id=f"sale-{self._sales}",
        )
        self.wake()
        return sale.sale_id

    def wake(self) -> None:
        for each in self.stations:
            each.wake()

    def job(self, sale_id: str, kind: str) -> Job:
        return next(job for job in jobs.of_sale(sale_id) if job.kind == kind)

    def settled(self, sale_id: str, kind: str, *states: str, within_s: float = 10.0) -> Job:
        """The job once it has left the queue, which must be in one of `states`."""
        over = ("queued", "sending")
        until(lambda: self.job(sale_id, kind).state not in over, f"{kind} of {sale_id}", within_s)
        job = self.job(sale_id, kind)
        assert job.state in states, job
        return job

    def health(self, name: str, code: str, within_s: float = 10.0) -> None:
        until(lambda: self.devices[name].health.code == code, f"{name} is {code}", within_s)

    def papers(self, name: str = "printer-1") -> list[str]:
        return ["\n".join(paper.plain_text(each)) for each in self.twin(name).papers]

    def current(self, name: str = "printer-1") -> str:
        """What hangs out of the printer, not cut."""
        return "\n".join(paper.plain_text(self.twin(name).current))


def stuff(till: str, kind: str, count: int, at_ms: int) -> None:
    """`count` queued jobs that were there before, in one statement."""
    rows = ", ".join(f"('old-{n:04d}', '{till}', '{kind}', '', 0, 'queued', 0, '', {at_ms}, {at_ms})"
                     for n in range(count))  # fmt: skip
    with LEDGER.write():
        LEDGER.execute_sql(
            "INSERT INTO job (job_id, till, kind, sale_id, copy_number, state, attempts, reason,"
            f" created_at_ms, changed_at_ms) VALUES {rows}"
        )
