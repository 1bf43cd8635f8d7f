"""Receipts printed again: each copy is numbered, marked as one and journalled."""

from __future__ import annotations

from services.domain.errors import DeviceAbsent
from services.domain.events import ReceiptCopied
from services.flows import checkout
from services.flows.record import record
from services.flows.shop import Shop
from services.store import db, jobs, requests
from services.store.jobs import Job
from services.store.sales import Sale


def copy_receipt(shop: Shop, sale_id: str, *, operator_id: str, till: str, request_id: str) -> Job:
    """Queue the next copy, marked as such, and journal it. A repeat gives the first copy's job.

    Raises DeviceAbsent for a till without a printer.
    """
    asked = requests.fingerprint("copy", sale_id)
    with db.write():
        done = requests.answer(request_id, asked)
        job_id = (
            done
            if done is not None
            else queue_copy(shop, checkout.find(sale_id), operator_id=operator_id, till=till)
        )
        if done is None:
            requests.remember(request_id, asked, job_id, shop.now_ms())
        job = jobs.by_id(job_id)
    assert job is not None, job_id
    return job


def queue_copy(shop: Shop, sale: Sale, *, operator_id: str, till: str) -> str:
    """Inside a transaction: the job id of the next marked copy, queued and journalled."""
    if till not in shop.printers:
        raise DeviceAbsent("this till has no printer", till=till)
    copies = [job.copy_number for job in jobs.of_sale(sale.sale_id) if job.kind == jobs.COPY]
    number = max(copies, default=0) + 1
    job_id = f"{sale.sale_id}.copy{number}"
    jobs.add(job_id, till, jobs.COPY, sale.sale_id, number, shop.now_ms())
    event = ReceiptCopied(sale_id=sale.sale_id, copy_number=number, operator_id=operator_id)
    record(shop, event, shop.now_ms())
    return job_id
