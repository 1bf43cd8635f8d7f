"""X and Z as paper: on the screen, from the printer, and printed again."""

from __future__ import annotations

from services.domain import days, z_paper
from services.domain.cash import stands
from services.domain.errors import DeviceAbsent, ShiftChanged
from services.domain.paper_words import Words
from services.domain.receipt import Paper
from services.domain.z import Z, expected
from services.flows.shop import Shop
from services.store import db, jobs, requests, shifts, staff
from services.store.jobs import Job


def x_ops(shop: Shop, x: Z) -> Paper:
    """A look at a shift that goes on. What would tell the drawer's content is kept back until it has been
    counted."""
    counted = any(stands(each.cash, expected(x.cash)) for each in shifts.counts_of(x.shift_id))
    return z_paper.ops(_paper(shop, x, numbered=False, blind=not counted))


def z_ops(shop: Shop, shift_id: str, copy_number: int = 0) -> Paper:
    """A closed shift's Z. Raises ShiftChanged where there is none."""
    found = shifts.z_of(shift_id)
    if found is None:
        raise ShiftChanged("this shift has no Z", shift_id=shift_id)
    z, hash_ = found
    return z_paper.ops(_paper(shop, z, z_hash=hash_.hex(), copy_number=copy_number))


def job_ops(shop: Shop, job: Job) -> Paper:
    """What a job of kind Z_REPORT prints."""
    return z_ops(shop, shift_of(job), job.copy_number)


def shift_of(job: Job) -> str:
    """The id of the shift whose Z this job prints."""
    return job.job_id.rpartition(".")[0]


def queue_original(shop: Shop, till: str, shift_id: str) -> None:
    """Inside a transaction: the Z of a shift that was just closed, where its till can print."""
    if till in shop.printers:
        jobs.add(f"{shift_id}.z", till, jobs.Z_REPORT, "", 0, shop.now_ms())


def print_again(shop: Shop, shift_id: str, till: str, *, request_id: str) -> Job:
    """Queue the next marked copy of a Z at `till`. A repeat gives the first one's job.

    Raises ShiftChanged where there is no Z, DeviceAbsent for a till without a printer.
    """
    if till not in shop.printers:
        raise DeviceAbsent("this till has no printer", till=till)
    asked = requests.fingerprint("z.copy", shift_id, till)
    with db.write():
        job_id = requests.answer(request_id, asked)
        if job_id is None:
            job_id = queue_copy(shop, shift_id, till)
            requests.remember(request_id, asked, job_id, shop.now_ms())
        job = jobs.by_id(job_id)
    assert job is not None, job_id
    return job


def queue_copy(shop: Shop, shift_id: str, till: str) -> str:
    """Inside a transaction: the job id of the Z's next marked copy. Raises ShiftChanged."""
    if shifts.z_of(shift_id) is None:
        raise ShiftChanged("this shift has no Z", shift_id=shift_id)
    number = max((job.copy_number for job in jobs.of_sale(shift_id)), default=0) + 1
    job_id = f"{shift_id}.z{number}"
    jobs.add(job_id, till, jobs.Z_REPORT, "", number, shop.now_ms())
    return job_id


def _paper(
    shop: Shop,
    z: Z,
    *,
    numbered: bool = True,
    blind: bool = False,
    z_hash: str = "",
    copy_number: int = 0,
) -> z_paper.ZPaper:
    people = {z.opened_by, z.closed_by, z.approver_id, *(each.operator_id for each in z.operators)}
    words = Words(shop.printing.language)
    return z_paper.ZPaper(
        z=z,
        store_name=shop.store_name,
        opened_at=days.minute(z.opened_at_ms, shop.zone),
        closed_at=days.minute(z.closed_at_ms, shop.zone),
        people={person: staff.name_of(person) for person in people if person},
        times={
            at_ms: days.minute(at_ms, shop.zone)[-5:]
            for turn in z.sub_shifts or ()
            for at_ms in (turn.first_at_ms, turn.last_at_ms)
        },
        tenders={key: words.pick(each.label_zh, each.label_en) for key, each in shop.tenders.items()},
        numbered=numbered,
        blind=blind,
        z_hash=z_hash,
        copy_number=copy_number,
        words=words,
    )
