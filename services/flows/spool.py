"""Print and drawer jobs on their way to the devices: what to send, and what became of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from services.domain import days, receipt
from services.domain.errors import DeviceAbsent, JobUnknown
from services.domain.events import DeviceTested
from services.domain.receipt import Paper
from services.flows import checkout, copies, park_tickets
from services.flows.record import record
from services.flows.shop import Shop
from services.store import db, jobs, journal, requests, staff
from services.store.jobs import Job
from services.store.sales import Sale

KICK_VALID_MS = 3_000  # a drawer that opens later surprises somebody
RECEIPT_VALID_MS = 2 * 3_600_000  # its customer has left: a later paper is printed only when asked for
LATE = "late"
COPIED = "copied"


@dataclass(frozen=True, slots=True)
class Work:
    """Tills whose drawer jobs, and tills whose papers, somebody works off."""

    kicks: frozenset[str] = frozenset()
    papers: frozenset[str] = frozenset()


def recover(shop: Shop, mine: Work) -> list[Job]:
    """After a start: what was being sent when the power went may have come out; only people know. What
    waits for a device that its till no longer has is not waited for. The changed jobs."""
    tills = frozenset(shop.tills)
    absent = Work(tills - shop.drawers, tills - shop.printers)
    with db.write():
        changed = _give_up(shop, mine, jobs.SENDING, "interrupted")
        return changed + _give_up(shop, absent, jobs.QUEUED, "nohardware")


def claim(shop: Shop, mine: Work, ready: Work) -> tuple[Job | None, list[Job]]:
    """The next job that its device, being `ready`, can do, now marked as being sent; and the jobs of `mine`
    that grew too old to be sent.

    Kicks go before papers, then the oldest goes first. A kick grows too old though its drawer be away, a
    paper only when its printer could print it: then people are asked whether it is still needed.
    """
    if not (jobs.waiting(mine.kicks, kicks=True) or jobs.waiting(ready.papers, kicks=False)):
        return None, []
    with db.write():
        late = _give_up(shop, Work(kicks=mine.kicks), jobs.QUEUED, "timeout", KICK_VALID_MS)
        late += _give_up(shop, Work(papers=ready.papers), jobs.QUEUED, LATE, RECEIPT_VALID_MS)
        now_ms = shop.now_ms()
        kick = jobs.claim(ready.kicks, now_ms, kicks=True)
        return kick or jobs.claim(ready.papers, now_ms, kicks=False), late


def _give_up(shop: Shop, work: Work, was: str, reason: str, fresh_ms: int = 0) -> list[Job]:
    """Inside a transaction: the jobs of `work` that `was` so and are no longer fresh."""
    now_ms = shop.now_ms()
    kicks = jobs.give_up(work.kicks, now_ms, kicks=True, was=was, reason=reason, fresh_ms=fresh_ms)
    return kicks + jobs.give_up(work.papers, now_ms, kicks=False, was=was, reason=reason, fresh_ms=fresh_ms)


def mark(shop: Shop, job: Job, state: str, *, reason: str = "") -> Job:
    """Record what became of `job`."""
    with db.write():
        jobs.mark(job.job_id, state, shop.now_ms(), reason=reason)
    after = jobs.by_id(job.job_id)
    assert after is not None, job.job_id
    return after


def answer(shop: Shop, job_id: str, *, came_out: bool, operator_id: str) -> Job:
    """Settle an unknown job with what people say: it came out, or a marked copy is printed instead.

    A late job was never sent: there `came_out` says that nobody needs it. Raises JobUnknown when the job is
    not waiting for this answer, so a repeat prints no second copy; DeviceAbsent when its till cannot print.
    """
    with db.write():
        job = jobs.by_id(job_id)
        if job is None or job.state != jobs.UNKNOWN:
            raise JobUnknown("this job is not waiting for an answer", job_id=job_id)
        if came_out or not job.sale_id:
            printed = came_out and job.reason != LATE
            jobs.mark(
                job_id, jobs.CONFIRMED if printed else jobs.CANCELLED, shop.now_ms(), reason=job.reason
            )
        else:
            jobs.mark(job_id, jobs.CANCELLED, shop.now_ms(), reason=COPIED)
            sale = checkout.find(job.sale_id)
            job_id = copies.queue_copy(shop, sale, operator_id=operator_id, till=job.till)
        after = jobs.by_id(job_id)
    assert after is not None, job_id
    return after


def self_test(shop: Shop, till: str, test: str, *, operator_id: str, request_id: str) -> Job:
    """Queue a technician's test ("ticket" or "drawer") and journal it. A repeat gives the first one's job.

    Raises DeviceAbsent for a till without such a device.
    """
    asked = requests.fingerprint("self_test", till, test)
    kind = jobs.DRAWER if test == "drawer" else jobs.SELF_TEST
    if till not in (shop.drawers if kind == jobs.DRAWER else shop.printers):
        raise DeviceAbsent("this till has no such device", till=till, test=test)
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
    if job.kind == jobs.PARK_TICKET:
        return park_tickets.ops(shop, job)
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
            rounding=sale.rounding,
            tenders=[(_label(shop, t.key), t) for t in sale.tenders],
            total=sale.total,
            footer=shop.receipt_footer,
            copy_number=copy_number,
            copied_at=days.minute(job.created_at_ms, shop.zone) if job is not None else "",
        )
    )


def _label(shop: Shop, tender: str) -> str:
    """The name on paper; the key of a tender that the shop takes no longer."""
    return shop.tenders[tender].label_zh if tender in shop.tenders else tender


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
