"""What a station does with its jobs when its devices fail: each kick once, each original once, in order."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from msgspec import structs

from device.config import DeviceEntry, Till
from drivers.escpos_status import QUERY
from services.flows import checkout, spool
from services.store import db, jobs
from services.store.jobs import Job
from tests.device.conftest import SetUp
from tests.device.counter import CONNECTOR, PRINTER, RELAY, SHARED, Counter, stuff
from tests.shop import START_MS, Clock
from tests.waits import until

KICK_BYTES = 5
WITHOUT_REAL_TIME = structs.replace(PRINTER, settings={"kick_offline": False})
HOUR_MS = 3_600_000


def originals(counter: Counter, printer: str = "printer-1") -> list[str]:
    """The receipt number on each paper, or piece of paper, that is not marked as a copy."""
    pieces = [*counter.papers(printer), counter.current(printer)]
    found = [re.search(r"S0001-\w+-\d{6}", piece) for piece in pieces if "COPY" not in piece]
    return [number[0] for number in found if number]


def test_a_drawer_on_a_relay_opens_while_the_printer_is_unplugged(counter: SetUp) -> None:
    shop = counter(SHARED, PRINTER, RELAY)
    shop.twin("printer-1").set_fault("cable_out", True)
    shop.start().health("printer-1", "nohardware")
    sale = shop.sell()
    shop.settled(sale, "drawer", jobs.CONFIRMED)
    assert shop.twin("drawer-1").opened_count == 1
    assert shop.job(sale, "receipt").state == jobs.QUEUED
    shop.twin("printer-1").set_fault("cable_out", False)
    shop.settled(sale, "receipt", jobs.CONFIRMED)


def test_a_drawer_on_a_relay_opens_while_a_receipt_waits_for_paper(counter: SetUp) -> None:
    shop = counter(SHARED, PRINTER, RELAY)
    shop.twin("printer-1").set_fault("paper_out", True)
    shop.start().health("printer-1", "paper_end")
    shop.settled(shop.sell(), "drawer", jobs.CONFIRMED)
    until(lambda: not shop.twin("drawer-1").powered, "the end of the pulse")
    shop.twin("drawer-1").push_closed()
    second = shop.sell()
    shop.settled(second, "drawer", jobs.CONFIRMED)
    assert shop.twin("drawer-1").opened_count == 2
    assert shop.job(second, "receipt").state == jobs.QUEUED


@pytest.mark.parametrize("fault", ["paper_out", "cover_open"])
def test_a_drawer_on_a_printer_without_paper_opens_for_each_sale(counter: SetUp, fault: str) -> None:
    shop = counter(SHARED, PRINTER, CONNECTOR)
    printer = shop.twin("printer-1")
    printer.set_fault(fault, True)
    shop.start().health("drawer-1", "ready")
    for n in (1, 2):
        sale = shop.sell()
        shop.settled(sale, "drawer", jobs.CONFIRMED)
        assert printer.drawer.is_open and printer.drawer.opened_count == n
        assert shop.job(sale, "receipt").state == jobs.QUEUED
        printer.drawer.push_closed()
    printer.set_fault(fault, False)
    shop.settled(sale, "receipt", jobs.CONFIRMED)
    assert printer.drawer.opened_count == 2 and not printer.drawer.is_open


def test_a_drawer_on_a_printer_that_cannot_kick_without_paper_is_refused_at_once(counter: SetUp) -> None:
    shop = counter(SHARED, WITHOUT_REAL_TIME, CONNECTOR)
    shop.twin("printer-1").set_fault("paper_out", True)
    shop.start().health("printer-1", "paper_end")
    for sale in (shop.sell(), shop.sell()):
        assert shop.settled(sale, "drawer", jobs.FAILED).reason == "paper_end"
    shop.twin("printer-1").set_fault("paper_out", False)
    shop.settled(sale, "receipt", jobs.CONFIRMED)
    assert shop.twin("drawer-1").opened_count == 0


@pytest.mark.parametrize("drawer", [CONNECTOR, RELAY], ids=["connector", "relay"])
def test_a_kick_is_found_behind_five_hundred_stuck_papers(counter: SetUp, drawer: DeviceEntry) -> None:
    shop = counter(SHARED, PRINTER, drawer)
    stuff("1", jobs.SELF_TEST, jobs.OPEN_MAX + 20, START_MS)
    shop.twin("printer-1").set_fault("cover_open", True)
    shop.start().health("printer-1", "cover_open")
    shop.settled(shop.sell(), "drawer", jobs.CONFIRMED, jobs.FAILED)


def test_a_dead_drawer_stops_no_paper_and_is_the_only_one_marked(counter: SetUp) -> None:
    shop = counter(SHARED, PRINTER, RELAY)
    shop.twin("drawer-1").set_fault("unplugged", True)
    shop.start().health("drawer-1", "nohardware")
    shop.settled(shop.sell(), "receipt", jobs.CONFIRMED)
    assert shop.devices["printer-1"].health.code == "ready"
    shop.twin("drawer-1").set_fault("unplugged", False)
    shop.health("drawer-1", "ready")
    shop.settled(shop.sell(), "drawer", jobs.CONFIRMED)


def test_a_drawer_that_dies_under_the_pulse_takes_nothing_with_it(counter: SetUp) -> None:
    shop = counter(SHARED, PRINTER, RELAY).start()
    shop.health("drawer-1", "ready")

    def unplug(job: Job) -> None:
        if (job.kind, job.state) == (jobs.DRAWER, jobs.SENDING):
            shop.twin("drawer-1").set_fault("unplugged", True)

    shop.then = unplug
    sale = shop.sell()
    assert shop.settled(sale, "drawer", jobs.FAILED).reason == "nohardware"
    shop.settled(sale, "receipt", jobs.CONFIRMED)
    assert shop.devices["printer-1"].health.code == "ready"


def test_a_drawer_on_the_connector_goes_and_comes_with_its_printer(counter: SetUp) -> None:
    shop = counter(SHARED, PRINTER, CONNECTOR).start()
    shop.health("drawer-1", "ready")
    shop.twin("printer-1").set_fault("cable_out", True)
    shop.health("drawer-1", "nohardware")
    shop.health("printer-1", "nohardware")
    shop.twin("printer-1").set_fault("cable_out", False)
    shop.health("drawer-1", "ready")
    shop.settled(shop.sell(), "drawer", jobs.CONFIRMED)


def test_a_kick_nobody_could_send_is_dropped_after_three_seconds(counter: SetUp, clock: Clock) -> None:
    shop = counter(SHARED, PRINTER, RELAY)
    shop.twin("drawer-1").set_fault("unplugged", True)
    shop.start().health("drawer-1", "nohardware")
    sale = shop.sell()
    shop.settled(sale, "receipt", jobs.CONFIRMED)
    assert shop.job(sale, "drawer").state == jobs.QUEUED
    clock.at_ms += spool.KICK_VALID_MS
    assert shop.settled(sale, "drawer", jobs.FAILED).reason == "timeout"
    shop.twin("drawer-1").set_fault("unplugged", False)
    shop.health("drawer-1", "ready")
    assert shop.twin("drawer-1").opened_count == 0


def test_a_kick_waits_for_one_document_and_not_for_the_queue(counter: SetUp) -> None:
    shop = counter(SHARED, PRINTER, CONNECTOR)
    shop.twin("printer-1").set_fault("paper_out", True)
    waiting = [shop.sell("1", tender="cash") for _ in range(3)]
    for sale in waiting:
        spool.mark(shop.shop, shop.job(sale, "drawer"), jobs.CANCELLED)
    shop.start().health("printer-1", "paper_end")
    new: list[str] = []

    def sell_at_the_other_till(job: Job) -> None:
        if job.state == jobs.SENDING and not new:
            new.append(shop.sell("2"))

    shop.then = sell_at_the_other_till
    shop.twin("printer-1").set_fault("paper_out", False)
    shop.settled(waiting[-1], "receipt", jobs.CONFIRMED)
    shop.settled(new[0], "receipt", jobs.CONFIRMED)
    sent = [(job.kind, job.sale_id) for job in shop.heard if job.state == jobs.SENDING]
    assert sent == [
        ("receipt", waiting[0]),
        ("drawer", new[0]),
        ("receipt", waiting[1]),
        ("receipt", waiting[2]),
        ("receipt", new[0]),
    ]


def test_twenty_queued_receipts_of_two_tills_come_out_in_order_after_a_reboot(counter: SetUp) -> None:
    shop = counter(SHARED, PRINTER, RELAY)
    shop.twin("printer-1").set_fault("paper_out", True)
    shop.then = lambda job: push_shut(shop, job)
    shop.start().health("printer-1", "paper_end")
    sales = []
    for n in range(20):
        sales.append(shop.sell("12"[n % 3 == 0]))
        shop.settled(sales[-1], "drawer", jobs.CONFIRMED)
        until(lambda: not shop.twin("drawer-1").powered, "the end of the pulse")
    shop.stop()
    shop.twin("printer-1").set_fault("paper_out", False)
    shop.start()
    shop.settled(sales[-1], "receipt", jobs.CONFIRMED)
    numbers = [checkout.find(sale).number for sale in sales]
    assert originals(shop) == numbers
    assert shop.twin("drawer-1").opened_count == 20


def push_shut(shop: Counter, job: Job) -> None:
    """What a cashier does with an open drawer."""
    if (job.kind, job.state) == (jobs.DRAWER, jobs.CONFIRMED):
        shop.twin("drawer-1").push_closed()


@pytest.mark.parametrize("drawer", [CONNECTOR, RELAY], ids=["connector", "relay"])
@pytest.mark.parametrize("point", [1, 13, 40, 150, 400, 700, 1200, 100_000])
def test_wherever_the_printer_dies_there_is_one_original_and_one_kick(
    counter: SetUp, drawer: DeviceEntry, point: int
) -> None:
    """Death at a byte of the receipt, a reboot, power again, and the cashier asks for what is missing."""
    shop = counter(SHARED, PRINTER, drawer).start()
    shop.health("drawer-1", "ready")
    printer = shop.twin("printer-1")
    printer.dies_after = point

    def pull_the_plug(job: Job) -> None:
        push_shut(shop, job)
        if (job.kind, job.state) == (jobs.RECEIPT, jobs.SENDING):
            printer.set_fault("dies_midway", True)

    shop.then = pull_the_plug
    first = shop.sell()
    until(lambda: any(j.kind == jobs.RECEIPT and j.state != jobs.SENDING for j in shop.heard), "an end")
    shop.then = lambda job: push_shut(shop, job)
    shop.settled(first, "drawer", jobs.CONFIRMED)
    shop.stop()
    printer.set_fault("dies_midway", False)
    shop.start()
    receipt = shop.settled(first, "receipt", jobs.CONFIRMED, jobs.UNKNOWN)
    if receipt.state == jobs.UNKNOWN:
        spool.answer(shop.shop, receipt.job_id, came_out=False, operator_id="zhou")
        shop.wake()
        shop.settled(first, "copy", jobs.CONFIRMED)
    second = shop.sell("2")
    shop.settled(second, "receipt", jobs.CONFIRMED)
    shop.settled(second, "drawer", jobs.CONFIRMED)
    numbers = originals(shop)
    assert len(numbers) == len(set(numbers)), numbers
    assert checkout.find(second).number in numbers
    assert shop.twin("drawer-1").opened_count == 2
    kicks = [j for j in shop.heard if (j.kind, j.state) == (jobs.DRAWER, jobs.SENDING)]
    assert len(kicks) == 2 and all(job.attempts == 1 for job in kicks)


def test_receipts_of_hours_ago_are_asked_about_and_not_printed(counter: SetUp, clock: Clock) -> None:
    shop = counter(SHARED, PRINTER, CONNECTOR)
    shop.twin("printer-1").set_fault("cable_out", True)
    shop.start().health("printer-1", "nohardware")
    old = [shop.sell(), shop.sell("2")]
    clock.at_ms += spool.RECEIPT_VALID_MS
    new = shop.sell()
    assert {shop.job(sale, "receipt").state for sale in old} == {jobs.QUEUED}
    shop.twin("printer-1").set_fault("cable_out", False)
    shop.settled(new, "receipt", jobs.CONFIRMED)
    assert [shop.settled(sale, "receipt", jobs.UNKNOWN).reason for sale in old] == ["late", "late"]
    assert {j.sale_id for j in shop.heard if j.state == jobs.UNKNOWN} == set(old)
    assert originals(shop) == [checkout.find(new).number]
    spool.answer(shop.shop, f"{old[0]}.receipt", came_out=False, operator_id="zhou")
    shop.wake()
    shop.settled(old[0], "copy", jobs.CONFIRMED)
    assert "COPY 1" in shop.papers()[-1]


def test_a_printer_that_dies_before_the_answer_of_the_drawer_leaves_the_kick_unverified(
    counter: SetUp,
) -> None:
    shop = counter(SHARED, PRINTER, CONNECTOR).start()
    shop.health("drawer-1", "ready")
    printer = shop.twin("printer-1")
    printer.dies_after = len(QUERY) + KICK_BYTES + 1

    def die(job: Job) -> None:
        if (job.kind, job.state) == (jobs.DRAWER, jobs.SENDING):
            printer.set_fault("dies_midway", True)

    shop.then = die
    sale = shop.sell()
    assert shop.settled(sale, "drawer", jobs.SENT, within_s=3).reason == "unverified"
    assert shop.twin("drawer-1").opened_count == 1
    assert shop.job(sale, "receipt").state == jobs.QUEUED
    printer.set_fault("dies_midway", False)
    shop.settled(sale, "receipt", jobs.CONFIRMED)


def test_a_paper_that_cannot_be_composed_fails_and_lets_the_next_one_through(counter: SetUp) -> None:
    shop = counter(SHARED, PRINTER, CONNECTOR)
    job_id = "poison.receipt"
    with db.write():
        jobs.add(job_id, "1", jobs.RECEIPT, "no-such-sale", 0, START_MS)
    shop.start()
    sale = shop.sell()
    shop.settled(sale, "receipt", jobs.CONFIRMED)
    poison = jobs.by_id(job_id)
    assert poison is not None and (poison.state, poison.reason) == (jobs.FAILED, "unprintable")


def test_a_receipt_comes_out_though_its_tender_is_no_longer_in_the_shop(counter: SetUp) -> None:
    shop = counter(SHARED, PRINTER, CONNECTOR)
    sale = shop.sell()
    shop.shop = replace(shop.shop, tenders={})
    shop.start()
    shop.settled(sale, "receipt", jobs.CONFIRMED)
    assert any(line.startswith("cash ") for line in shop.papers()[-1].splitlines())


def test_one_relay_drawer_between_two_printers_is_opened_by_both_tills(counter: SetUp) -> None:
    tills = [Till(key=key, printer=f"printer-{key}", drawer="drawer-1") for key in "12"]
    shop = counter(tills, PRINTER, replace_name(PRINTER, "printer-2"), RELAY)
    shop.then = lambda job: push_shut(shop, job)
    shop.start().health("drawer-1", "ready")
    for till in "12":
        sale = shop.sell(till)
        shop.settled(sale, "drawer", jobs.CONFIRMED)
        shop.settled(sale, "receipt", jobs.CONFIRMED)
        assert len(shop.papers(f"printer-{till}")) == 1
        until(lambda: not shop.twin("drawer-1").is_open, "somebody has pushed it shut")
        until(lambda: not shop.twin("drawer-1").powered, "the end of the pulse")
    assert shop.twin("drawer-1").opened_count == 2


def test_a_till_with_a_drawer_alone_opens_it_and_queues_no_paper(counter: SetUp) -> None:
    shop = counter([Till(key="1", drawer="drawer-1")], RELAY).start()
    sale = shop.sell()
    shop.settled(sale, "drawer", jobs.CONFIRMED)
    assert [job.kind for job in jobs.of_sale(sale)] == ["drawer"]


def replace_name(entry: DeviceEntry, name: str) -> DeviceEntry:
    return DeviceEntry(name=name, driver=entry.driver, parent=entry.parent, settings=entry.settings)
