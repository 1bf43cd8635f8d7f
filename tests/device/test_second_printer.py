"""A second printer stands in for one that cannot print: every receipt once, and labels stay at home."""

from __future__ import annotations

import pytest

from device import station
from device.config import DeviceEntry, Till
from services.flows import checkout, labels, spool
from services.store import db, jobs
from services.store.jobs import Job, Work
from tests.device.conftest import SetUp
from tests.device.counter import CONNECTOR, PRINTER, Counter
from tests.device.test_station import originals, replace_name
from tests.shop import GTINS, SOCKS, Clock
from tests.waits import until

SECOND = replace_name(PRINTER, "printer-2")
TILLS = (
    Till(key="1", printer="printer-1", printer_fallback=("printer-2",), drawer="drawer-1"),
    Till(key="2", printer="printer-2"),
)


@pytest.fixture
def two(counter: SetUp, monkeypatch: pytest.MonkeyPatch) -> Counter:
    monkeypatch.setattr(station, "LENT_AFTER_MS", 200)
    monkeypatch.setattr(station, "POLL_S", 0.05)
    return counter(TILLS, PRINTER, SECOND, CONNECTOR)


def numbers(sales: list[str]) -> list[str]:
    return [checkout.find(sale).number for sale in sales]


def all_originals(two: Counter) -> list[str]:
    return originals(two, "printer-1") + originals(two, "printer-2")


@pytest.mark.parametrize("fault", ["paper_out", "cover_open", "cable_out"])
def test_receipts_come_out_of_the_second_printer_while_the_first_cannot_print(
    two: Counter, fault: str
) -> None:
    two.twin("printer-1").set_fault(fault, True)
    two.start()
    sales = [two.sell() for _ in range(3)]
    for sale in sales:
        assert two.settled(sale, "receipt", jobs.CONFIRMED).printer == "printer-2"
    two.twin("printer-1").set_fault(fault, False)
    two.health("printer-1", "ready")
    back = two.sell()
    assert two.settled(back, "receipt", jobs.CONFIRMED).printer == "printer-1"
    assert originals(two, "printer-2") == numbers(sales)
    assert originals(two, "printer-1") == numbers([back])


def test_a_receipt_that_the_first_printer_began_never_moves(two: Counter) -> None:
    two.start().health("printer-1", "ready")
    printer = two.twin("printer-1")

    def pull_the_plug(job: Job) -> None:
        if (job.kind, job.state) == (jobs.RECEIPT, jobs.SENDING):
            printer.set_fault("dies_midway", True)

    two.then = pull_the_plug
    begun = two.sell()
    job = two.settled(begun, "receipt", jobs.UNKNOWN)
    two.then = lambda job: None
    next_one = two.sell()
    assert two.settled(next_one, "receipt", jobs.CONFIRMED).printer == "printer-2"
    assert two.job(begun, "receipt").state == jobs.UNKNOWN and job.printer == "printer-1"
    spool.answer(two.shop, job.job_id, came_out=False, operator_id="zhou")
    two.wake()
    assert two.settled(begun, "copy", jobs.CONFIRMED).printer == "printer-2"
    assert "COPY 1" in two.papers("printer-2")[-1]
    assert all_originals(two).count(*numbers([begun])) <= 1


def test_a_short_fault_moves_nothing(two: Counter, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(station, "LENT_AFTER_MS", 60_000)
    two.twin("printer-1").set_fault("cover_open", True)
    two.start().health("printer-1", "cover_open")
    two.health("printer-2", "ready")
    sale, other = two.sell(), two.sell("2")
    two.settled(other, "receipt", jobs.CONFIRMED)
    assert two.job(sale, "receipt").state == jobs.QUEUED
    two.twin("printer-1").set_fault("cover_open", False)
    assert two.settled(sale, "receipt", jobs.CONFIRMED).printer == "printer-1"


def test_labels_and_self_tests_wait_for_their_own_printer(two: Counter, clock: Clock) -> None:
    two.twin("printer-1").set_fault("paper_out", True)
    two.start().health("printer-1", "paper_end")
    with db.write():
        jobs.add("test-1", "1", jobs.SELF_TEST, "", 0, clock.now_ms())
    sale = two.sell()
    two.settled(sale, "receipt", jobs.CONFIRMED)
    waiting = jobs.by_id("test-1")
    assert waiting is not None and waiting.state == jobs.QUEUED
    two.twin("printer-1").set_fault("paper_out", False)
    two.wake()
    two.health("printer-1", "ready")


def test_a_flapping_printer_prints_no_original_twice(two: Counter) -> None:
    """The cable comes out and goes back in again and again while twelve sales are made."""
    two.start()
    sales = []
    for turn in range(12):
        two.twin("printer-1").set_fault("cable_out", turn % 3 != 2)
        sales.append(two.sell())
        two.settled(sales[-1], "receipt", jobs.CONFIRMED, jobs.UNKNOWN)
    found = all_originals(two)
    assert len(found) == len(set(found)), found
    confirmed = [sale for sale in sales if two.job(sale, "receipt").state == jobs.CONFIRMED]
    assert set(numbers(confirmed)) <= set(found)


def test_what_another_printer_is_sending_is_left_to_it_when_a_station_starts_again(
    two: Counter, clock: Clock
) -> None:
    with db.write():
        jobs.add("lent", "1", jobs.RECEIPT, "s", 0, clock.now_ms())
    claimed, _ = spool.claim(two.shop, Work(), Work(lent=frozenset("1")), printer="printer-2")
    assert claimed is not None and claimed.printer == "printer-2"
    first = Work(papers=frozenset("1"))
    assert spool.recover(two.shop, first, others=frozenset({"printer-2"})) == []
    second = Work(papers=frozenset("2"), lent=frozenset("1"))
    changed = spool.recover(two.shop, second, others=frozenset({"printer-1"}))
    assert [(job.job_id, job.state, job.reason) for job in changed] == [
        ("lent", jobs.UNKNOWN, "interrupted")
    ]


def test_a_printer_that_left_the_settings_leaves_its_jobs_to_the_till_s_own(
    two: Counter, clock: Clock
) -> None:
    with db.write():
        jobs.add("old", "1", jobs.RECEIPT, "s", 0, clock.now_ms())
    spool.claim(two.shop, Work(), Work(papers=frozenset("1")), printer="printer-9")
    changed = spool.recover(two.shop, Work(papers=frozenset("1")), others=frozenset({"printer-2"}))
    assert [job.job_id for job in changed] == ["old"]


def test_a_label_printer_takes_labels_alone(counter: SetUp, clock: Clock) -> None:
    tills = [Till(key="1", printer="printer-1", label_printer="printer-2")]
    shop = counter(tills, PRINTER, DeviceEntry(name="printer-2", driver="printer.escpos"))
    assert spool.claim(shop.shop, Work(), Work(labels=frozenset("1")))[0] is None
    shop.start().health("printer-2", "ready")
    assert shop.settled(shop.sell(), "receipt", jobs.CONFIRMED).printer == "printer-1"
    assert not shop.papers("printer-2")


def test_labels_come_out_of_the_label_printer_one_below_the_other(counter: SetUp) -> None:
    tills = [Till(key="1", printer="printer-1", label_printer="printer-2")]
    labeller = DeviceEntry(name="printer-2", driver="printer.escpos", settings={"width": 26})
    shop = counter(tills, PRINTER, labeller).start()
    shop.health("printer-2", "ready")
    (job,) = labels.print_labels(
        shop.shop, "1", [(SOCKS, 3)], form="price", stock_key="40x30", request_id="labels"
    )
    shop.wake()
    until(lambda: state_of(job.job_id) == jobs.CONFIRMED, "the labels")
    assert shop.current("printer-2").count(GTINS[SOCKS][1:]) == 6, "three times as bars and as figures"
    assert not shop.papers("printer-1")


def state_of(job_id: str) -> str:
    job = jobs.by_id(job_id)
    assert job is not None
    return job.state
