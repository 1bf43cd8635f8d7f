"""The ticket of a parked basket: printed, and known again under the scanner."""

from __future__ import annotations

from services.domain import barcodes, days, receipt
from services.domain import parked as rules
from services.domain.errors import ParkedUnknown
from services.domain.money import Money
from services.domain.paper_words import Words
from services.domain.receipt import Paper
from services.flows.shop import Shop
from services.store import jobs, parked, staff
from services.store.jobs import Job


def number_in(shop: Shop, data: str) -> int | None:
    """The number of the park ticket that a scan or a typed code is, or None for any other code."""
    today = days.local(shop.now_ms(), shop.zone).date()
    found = barcodes.identify(data, shop.barcode_rules, today)
    return int(found.item) if found.namespace == rules.NAMESPACE else None


def queue(shop: Shop, till: str, parked_id: str) -> str:
    """Inside a transaction: one more ticket of a basket that waits; the job's id."""
    now_ms = shop.now_ms()
    job_id = f"{_prefix(parked_id)}{now_ms}"
    jobs.add(job_id, till, jobs.PARK_TICKET, "", 0, now_ms)
    return job_id


def cancel(parked_id: str, now_ms: int) -> None:
    """Inside a transaction: tickets that were not printed yet are no longer needed."""
    jobs.cancel_queued(_prefix(parked_id), now_ms)


def ops(shop: Shop, job: Job) -> Paper:
    """What a queued park ticket prints. Raises ParkedUnknown."""
    parked_id = job.job_id.split(".")[1]
    row = parked.by_id(parked_id)
    if row is None:
        raise ParkedUnknown("no parked basket has this id", parked_id=parked_id)
    return receipt.park_ticket(
        receipt.ParkTicket(
            store_name=shop.store_name,
            number=rules.ticket_number(row.ticket),
            code=rules.ticket_code(shop.barcode_rules, row.ticket),
            parked_at=days.minute(row.parked_at_ms, shop.zone),
            operator=staff.name_of(row.operator_id),
            reason=rules.REASONS[row.reason],
            note=row.note,
            pieces=row.pieces,
            total=Money(row.total_minor, row.currency),
            words=Words(shop.printing.language),
        )
    )


def _prefix(parked_id: str) -> str:
    return f"{jobs.PARK_TICKET}.{parked_id}."
