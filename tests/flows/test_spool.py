"""Jobs between the sale and the devices: who gets which, what grows old, what people are asked."""

from __future__ import annotations

import threading
from dataclasses import replace

import pytest

from services.domain.errors import DeviceAbsent, JobUnknown
from services.flows import checkout, copies, spool
from services.flows.shop import Shop
from services.flows.spool import Work
from services.store import db, jobs
from services.store.db import LEDGER
from services.store.jobs import Job
from tests.flows.test_checkout import fill, pay
from tests.shop import START_MS, TEE, Clock

BOTH = Work(frozenset("12"), frozenset("12"))
KICKS = Work(kicks=BOTH.kicks)
NOTHING = Work()


def add(job_id: str, kind: str, at_ms: int = START_MS, till: str = "1") -> None:
    with db.write():
        jobs.add(job_id, till, kind, "", 0, at_ms)


def states() -> dict[str, tuple[str, str]]:
    rows = LEDGER.execute_sql("SELECT job_id, state, reason FROM job ORDER BY job_id")
    return {job_id: (state, reason) for job_id, state, reason in rows}


def claimed(shop: Shop, ready: Work = BOTH) -> str:
    job, _ = spool.claim(shop, BOTH, ready)
    return job.job_id if job is not None else ""


def test_kicks_go_first_then_the_oldest_paper_of_all_tills(shop: Shop, clock: Clock) -> None:
    add("b", jobs.RECEIPT, clock.at_ms - 2, "2")
    add("a", jobs.RECEIPT, clock.at_ms - 3, "1")
    add("c", jobs.COPY, clock.at_ms - 2, "1")
    add("kick", jobs.DRAWER, clock.at_ms, "2")
    assert [claimed(shop) for _ in range(5)] == ["kick", "a", "b", "c", ""]
    assert {state for state, _ in states().values()} == {jobs.SENDING}


def test_what_no_ready_device_can_do_stays_queued(shop: Shop, clock: Clock) -> None:
    add("kick", jobs.DRAWER, clock.at_ms, "2")
    add("paper", jobs.RECEIPT, clock.at_ms, "1")
    assert claimed(shop, NOTHING) == ""
    assert claimed(shop, Work(frozenset("1"), frozenset("2"))) == ""
    assert claimed(shop, KICKS) == "kick"
    assert states()["paper"] == (jobs.QUEUED, "")


def test_a_job_is_claimed_by_one_of_eight_who_ask_at_once(shop: Shop, clock: Clock) -> None:
    for n in range(40):
        add(f"job-{n:02d}", jobs.DRAWER, clock.at_ms)
    got: list[str] = []
    start = threading.Barrier(8)

    def take() -> None:
        start.wait()
        while job_id := claimed(shop):
            got.append(job_id)

    threads = [threading.Thread(target=take) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(got) == [f"job-{n:02d}" for n in range(40)]
    assert LEDGER.execute_sql("SELECT MIN(attempts), MAX(attempts) FROM job").fetchone() == (1, 1)


def test_a_kick_grows_old_though_its_drawer_is_away_and_a_paper_only_at_a_ready_printer(
    shop: Shop, clock: Clock
) -> None:
    add("kick", jobs.DRAWER, clock.at_ms)
    for kind in (jobs.RECEIPT, jobs.COPY, jobs.SELF_TEST):
        add(kind, kind, clock.at_ms)
    clock.at_ms += spool.RECEIPT_VALID_MS
    _, late = spool.claim(shop, BOTH, NOTHING)
    assert [(job.job_id, job.state, job.reason) for job in late] == [("kick", jobs.FAILED, "timeout")]
    assert claimed(shop, NOTHING) == "" and states()["receipt"] == (jobs.QUEUED, "")
    none, late = spool.claim(shop, BOTH, BOTH)
    assert none is None
    assert {(job.job_id, job.state, job.reason) for job in late} == {
        (kind, jobs.UNKNOWN, "late") for kind in ("receipt", "copy", "self_test")
    }


@pytest.mark.parametrize(
    ("kind", "valid_ms"), [(jobs.DRAWER, spool.KICK_VALID_MS), (jobs.RECEIPT, spool.RECEIPT_VALID_MS)]
)
def test_a_job_just_within_its_time_is_sent_and_one_from_a_clock_set_back_is_not(
    shop: Shop, clock: Clock, kind: str, valid_ms: int
) -> None:
    add("in time", kind, clock.at_ms - valid_ms + 10)
    assert claimed(shop) == "in time"
    add("future", kind, clock.at_ms + valid_ms)
    assert claimed(shop) == ""
    assert states()["future"][0] == (jobs.FAILED if kind == jobs.DRAWER else jobs.UNKNOWN)


def test_after_a_start_only_the_stations_own_jobs_are_recovered(shop: Shop, clock: Clock) -> None:
    for job_id, kind, till in (
        ("kick", jobs.DRAWER, "1"),
        ("a", jobs.RECEIPT, "1"),
        ("b", jobs.RECEIPT, "2"),
    ):
        add(job_id, kind, clock.at_ms, till)
        assert claimed(shop) == job_id
    changed = spool.recover(shop, Work(frozenset("1"), frozenset("2")))
    assert [job.job_id for job in changed] == ["kick", "b"]
    assert states() == {
        "kick": (jobs.FAILED, "interrupted"),
        "a": (jobs.SENDING, ""),
        "b": (jobs.UNKNOWN, "interrupted"),
    }


def test_after_a_start_nothing_waits_for_a_device_that_its_till_no_longer_has(
    shop: Shop, clock: Clock
) -> None:
    add("kick", jobs.DRAWER, clock.at_ms)
    add("paper", jobs.RECEIPT, clock.at_ms)
    add("other", jobs.RECEIPT, clock.at_ms, "2")
    bare = replace(shop, printers=frozenset("2"), drawers=frozenset("2"))
    spool.recover(bare, Work(frozenset("2"), frozenset("2")))
    assert states() == {
        "kick": (jobs.FAILED, "nohardware"),
        "paper": (jobs.UNKNOWN, "nohardware"),
        "other": (jobs.QUEUED, ""),
    }


@pytest.mark.parametrize("state", jobs.OPEN_STATES)
def test_after_a_start_the_jobs_of_a_till_that_is_gone_are_given_up_or_asked_about_elsewhere(
    shop: Shop, clock: Clock, state: str
) -> None:
    for kind in (jobs.DRAWER, jobs.SELF_TEST, jobs.LABEL, jobs.RECEIPT, jobs.COPY, jobs.GIFT):
        add(kind, kind, clock.at_ms, "9")
    add("mine", jobs.RECEIPT, clock.at_ms, "2")
    add("old", jobs.RECEIPT, clock.at_ms, "9")
    with db.write():
        for kind in (jobs.DRAWER, jobs.SELF_TEST, jobs.LABEL, jobs.RECEIPT, jobs.COPY, jobs.GIFT):
            jobs.mark(kind, state, clock.at_ms)
        jobs.mark("old", jobs.CONFIRMED, clock.at_ms)
    only = replace(shop, printers=frozenset("2"))
    mine = Work(frozenset("1"), frozenset("1"))
    assert len(spool.recover(only, mine)) == 6 and spool.recover(only, mine) == []
    for kind in (jobs.DRAWER, jobs.SELF_TEST, jobs.LABEL):
        assert states()[kind] == (jobs.FAILED, "till_gone")
    for kind in (jobs.RECEIPT, jobs.COPY, jobs.GIFT):
        assert states()[kind] == (jobs.UNKNOWN, "till_gone")
    asked = [job.job_id for job in jobs.open_jobs("2")]
    assert sorted(asked) == sorted(["mine", jobs.RECEIPT, jobs.COPY, jobs.GIFT])
    assert states()["mine"] == (jobs.QUEUED, "") and states()["old"] == (jobs.CONFIRMED, "")


def test_where_no_till_prints_the_papers_of_one_that_is_gone_have_failed(shop: Shop, clock: Clock) -> None:
    add("paper", jobs.RECEIPT, clock.at_ms, "9")
    changed = spool.recover(replace(shop, printers=frozenset()), Work())
    assert [(job.till, job.state, job.reason) for job in changed] == [("9", jobs.FAILED, "till_gone")]


@pytest.mark.parametrize("reason", ["late", "interrupted"])
def test_a_test_ticket_that_did_not_come_is_printed_when_people_say_so(
    shop: Shop, clock: Clock, reason: str
) -> None:
    job = spool.self_test(shop, "1", "ticket", operator_id="tech", request_id="test-1")
    spool.mark(shop, job, jobs.UNKNOWN, reason=reason)
    with pytest.raises(DeviceAbsent):
        spool.answer(replace(shop, printers=frozenset()), job.job_id, came_out=False, operator_id="tech")
    again = spool.answer(shop, job.job_id, came_out=False, operator_id="tech")
    assert (again.job_id, again.kind) == (f"{job.job_id}:2", jobs.SELF_TEST)
    assert again.state == jobs.QUEUED and states()[job.job_id] == (jobs.CANCELLED, "copied")
    with pytest.raises(JobUnknown):
        spool.answer(shop, job.job_id, came_out=False, operator_id="tech")
    spool.mark(shop, again, jobs.UNKNOWN, reason=reason)
    done = spool.answer(shop, again.job_id, came_out=True, operator_id="tech")
    assert done.state == (jobs.CANCELLED if reason == "late" else jobs.CONFIRMED)


def late_receipt(shop: Shop, clock: Clock) -> Job:
    sale_id = pay(shop, fill(shop))
    clock.at_ms += spool.RECEIPT_VALID_MS
    spool.claim(shop, BOTH, BOTH)
    (unknown,) = [job for job in jobs.open_jobs("1") if job.state == jobs.UNKNOWN]
    assert (unknown.sale_id, unknown.reason) == (sale_id, "late")
    return unknown


def test_a_late_receipt_nobody_needs_is_cancelled_and_one_that_is_missed_comes_as_a_copy(
    shop: Shop, clock: Clock
) -> None:
    job = late_receipt(shop, clock)
    done = spool.answer(shop, job.job_id, came_out=True, operator_id="zhou")
    assert (done.job_id, done.state, done.reason) == (job.job_id, jobs.CANCELLED, "late")
    with pytest.raises(JobUnknown):
        spool.answer(shop, job.job_id, came_out=False, operator_id="zhou")
    with db.write():
        jobs.mark(job.job_id, jobs.UNKNOWN, clock.now_ms(), reason="late")
    copy = spool.answer(shop, job.job_id, came_out=False, operator_id="zhou")
    assert (copy.kind, copy.state, copy.copy_number) == (jobs.COPY, jobs.QUEUED, 1)


def test_a_question_stands_while_its_till_cannot_print_the_copy(shop: Shop, clock: Clock) -> None:
    job = late_receipt(shop, clock)
    bare = replace(shop, printers=frozenset("2"))
    with pytest.raises(DeviceAbsent):
        spool.answer(bare, job.job_id, came_out=False, operator_id="zhou")
    assert states()[job.job_id] == (jobs.UNKNOWN, "late")


@pytest.mark.parametrize(
    ("printers", "drawers", "kinds"),
    [
        ("1", "1", ["drawer", "receipt"]),
        ("1", "2", ["receipt"]),
        ("2", "1", ["drawer"]),
        ("2", "2", []),
    ],
)
def test_a_sale_queues_jobs_only_for_what_its_till_has(
    shop: Shop, printers: str, drawers: str, kinds: list[str]
) -> None:
    shop = replace(shop, printers=frozenset(printers), drawers=frozenset(drawers))
    sale_id = pay(shop, fill(shop, "1", TEE))
    assert [job.kind for job in jobs.of_sale(sale_id)] == kinds


def test_tests_and_copies_are_refused_where_the_till_has_no_such_device(shop: Shop) -> None:
    bare = replace(shop, printers=frozenset("2"), drawers=frozenset("2"))
    sale_id = pay(bare, fill(bare))
    for test in ("ticket", "drawer"):
        with pytest.raises(DeviceAbsent):
            spool.self_test(bare, "1", test, operator_id="tech", request_id=f"r-{test}")
        assert spool.self_test(bare, "2", test, operator_id="tech", request_id=f"r-{test}").till == "2"
    with pytest.raises(DeviceAbsent):
        copies.copy_receipt(bare, sale_id, operator_id="zhou", till="1", request_id="copy")
    assert copies.copy_receipt(bare, sale_id, operator_id="zhou", till="2", request_id="copy").till == "2"


def test_a_receipt_names_a_tender_by_its_key_when_its_file_is_gone(shop: Shop) -> None:
    sale = checkout.find(pay(shop, fill(shop)))
    before, after = spool.receipt_ops(shop, sale), spool.receipt_ops(replace(shop, tenders={}), sale)
    assert [op for op in after if op not in before] == [
        replace(op, left="cash") for op in before if getattr(op, "left", "") == "现金"
    ]
