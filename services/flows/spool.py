"""Print and drawer jobs on their way to the devices: what to send, and what became of it."""

from __future__ import annotations

from collections.abc import Sequence

from services.domain import days, receipt
from services.domain.errors import JobUnknown
from services.domain.events import DeviceTested
from services.domain.receipt import Paper
from services.flows import checkout
from services.flows.record import record
from services.flows.shop import Shop
from services.store import db, jobs, journal, requests, staff
from services.store.jobs import Job
from services.store.sales import Sale

KICK_VALID_MS = 3_000  # a drawer that opens later surprises somebody


def recover(shop: Shop, till: str) -> None:
    """After a start: what was being sent when the power went may have come out; only people know."""
    with db.write():
        for job in jobs.open_jobs(till):
            if job.state == jobs.SENDING:
                state = jobs.FAILED if job.kind == jobs.DRAWER else jobs.UNKNOWN
                jobs.mark(job.job_id, state, shop.now_ms(), reason="interrupted")


def queued(till: str) -> list[Job]:
    """The jobs to send, in order."""
    return [job for job in jobs.open_jobs(till) if job.state == jobs.QUEUED]


def too_late(shop: Shop, job: Job) -> bool:
    return job.kind == jobs.DRAWER and shop.now_ms() - job.created_at_ms > KICK_VALID_MS


def mark(shop: Shop, job: Job, state: str, *, reason: str = "") -> Job:
    """Record the next state of `job`, durably before the device is touched."""
    with db.write():
        jobs.mark(job.job_id, state, shop.now_ms(), reason=reason, tried=state == jobs.SENDING)
    after = jobs.by_id(job.job_id)
    assert after is not None, job.job_id
    return after


def answer(shop: Shop, job_id: str, *, came_out: bool, operator_id: str) -> Job:
    """Settle an unknown job with what people saw: it came out, or a marked copy is printed instead.

    Raises JobUnknown when the job is not waiting for this answer. A repeat therefore prints no second copy.
    """
    with db.write():
        job = jobs.by_id(job_id)
        if job is None or job.state != jobs.UNKNOWN:
            raise JobUnknown("this job is not waiting for an answer", job_id=job_id)
        if came_out or not job.sale_id:
            jobs.mark(job_id, jobs.CONFIRMED if came_out else jobs.CANCELLED, shop.now_ms())
        else:
            jobs.mark(job_id, jobs.CANCELLED, shop.now_ms(), reason="copied")
            sale = checkout.find(job.sale_id)
            job_id = checkout.queue_copy(shop, sale, operator_id=operator_id, till=job.till)
        after = jobs.by_id(job_id)
    assert after is not None, job_id
    return after


def self_test(shop: Shop, till: str, test: str, *, operator_id: str, request_id: str) -> Job:
    """Queue a technician's test ("ticket" or "drawer") and journal it. A repeat gives the first one's job."""
    asked = requests.fingerprint("self_test", till, test)
    kind = jobs.DRAWER if test == "drawer" else jobs.SELF_TEST
    now_ms = shop.now_ms()
    with db.write():
        done = requests.answer(request_id, asked)
        job_id = done if done is not None else f"test-{shop.new_id()}"
        if done is None:
            jobs.add(job_id, till, kind, "", 0, now_ms)
            record(shop, DeviceTested(workstation_id=till, test=test, operator_id=operator_id), now_ms)
            requests.remember(request_id, asked, job_id, now_ms)
        job = jobs.by_id(job_id)
    assert job is not None, job_id
    return job


def paper(shop: Shop, job: Job, facts: Sequence[tuple[str, str]]) -> Paper:
    """What `job` prints. `facts` are the box's own lines for the self-test ticket."""
    if job.kind == jobs.SELF_TEST:
        return _self_test_ticket(shop, facts)
    return receipt_ops(shop, checkout.find(job.sale_id), job)


def receipt_ops(shop: Shop, sale: Sale, job: Job | None = None) -> Paper:
    """The receipt of a stored sale, or the copy that `job` asks for."""
    copy_number = job.copy_number if job is not None else 0
    return receipt.ops(
        receipt.Receipt(
            store_name=shop.store_name,
            number=sale.number,
            sold_at=days.minute(sale.ended_at_ms, shop.zone),
            operator=staff.name_of(sale.operator_id),
            lines=sale.lines,
            tenders=[(shop.tenders[t.key].label_zh, t) for t in sale.tenders],
            total=sale.total,
            footer=shop.receipt_footer,
            copy_number=copy_number,
            copied_at=days.minute(job.created_at_ms, shop.zone) if job is not None else "",
        )
    )


def _self_test_ticket(shop: Shop, facts: Sequence[tuple[str, str]]) -> Paper:
    seq, head = journal.head()
    return receipt.self_test(
        receipt.SelfTest(
            store_id=shop.store_id,
            store_name=shop.store_name,
            printed_at=days.minute(shop.now_ms(), shop.zone),
            facts=[fact for fact in facts if fact[0] != receipt.CONSOLE_FACT],
            console_url=dict(facts).get(receipt.CONSOLE_FACT, ""),
            journal_seq=seq,
            journal_hash=head.hex(),
        )
    )
