"""Receipts printed again: copies, each numbered and marked as one, and gift receipts without prices."""

from __future__ import annotations

from services.domain import printing
from services.domain.errors import DeviceAbsent, ReasonNeeded
from services.domain.events import Event, GiftReceiptPrinted, ReceiptCopied
from services.flows import approvals, checkout
from services.flows.approvals import Approval
from services.flows.record import record
from services.flows.shop import Shop
from services.store import db, jobs, requests
from services.store.jobs import Job
from services.store.sales import Sale

RIGHT = "reprint_late"


def copy_receipt(
    shop: Shop,
    sale_id: str,
    *,
    operator_id: str,
    till: str,
    request_id: str,
    reason: str = "",
    language: str = "",
    approval: Approval | None = None,
) -> Job:
    """Queue the next copy, marked as such, and journal it. A repeat gives the first copy's job.

    `language` is of this copy alone; "" prints as the shop does. Raises DeviceAbsent for a till without a
    printer; ReasonNeeded (details: reasons) for a copy that is made late without one of COPY_REASONS; and
    where the shop wants late copies approved, what approvals.approve() raises.
    """
    asked = requests.fingerprint("copy", sale_id, language, reason)
    if (done := requests.answer(request_id, asked)) is not None:
        return _job(done)
    sale = checkout.find(sale_id)
    late = printing.is_late(sale.ended_at_ms, shop.now_ms())
    if reason not in printing.COPY_REASONS and (late or reason):
        raise ReasonNeeded("a copy this long after the sale needs a reason", reasons=printing.COPY_REASONS)
    _must_print(shop, till)
    four_eyes = late and shop.printing.late_copy_approval
    approver_id = approvals.approve(shop, RIGHT, approval, operator_id=operator_id) if four_eyes else ""
    with db.write():
        if (done := requests.answer(request_id, asked)) is not None:
            return _job(done)
        if four_eyes:
            approvals.granted(
                shop, RIGHT, approver_id, approval, operator_id=operator_id, subject=f"sale {sale_id}"
            )
        job_id = queue_copy(
            shop, sale, operator_id=operator_id, till=till, reason=reason, language=language
        )
        requests.remember(request_id, asked, job_id, shop.now_ms())
    return _job(job_id)


def gift_receipt(
    shop: Shop, sale_id: str, *, operator_id: str, till: str, request_id: str, language: str = ""
) -> Job:
    """Queue a paper that names what was bought and no price, and journal it. A repeat gives the first
    one's job.

    Raises DeviceAbsent for a till without a printer, SaleUnknown.
    """
    asked = requests.fingerprint("gift", sale_id, language)
    with db.write():
        if (done := requests.answer(request_id, asked)) is not None:
            return _job(done)
        sale = checkout.find(sale_id)
        job_id = queue_gift(shop, sale, operator_id=operator_id, till=till, language=language)
        requests.remember(request_id, asked, job_id, shop.now_ms())
    return _job(job_id)


def queue_copy(
    shop: Shop, sale: Sale, *, operator_id: str, till: str, reason: str, language: str = ""
) -> str:
    """Inside a transaction: the job id of the next marked copy, queued and journalled."""
    number = _next(sale, jobs.COPY)
    event = ReceiptCopied(
        sale_id=sale.sale_id,
        copy_number=number,
        operator_id=operator_id,
        reason=reason,
        language=language,
        workstation_id=till,
    )
    return _queue(shop, sale, jobs.COPY, number, till, language, event)


def queue_gift(shop: Shop, sale: Sale, *, operator_id: str, till: str, language: str = "") -> str:
    """Inside a transaction: the job id of the next gift receipt, queued and journalled."""
    number = _next(sale, jobs.GIFT)
    event = GiftReceiptPrinted(sale_id=sale.sale_id, gift_number=number, operator_id=operator_id)
    return _queue(shop, sale, jobs.GIFT, number, till, language, event)


def _queue(shop: Shop, sale: Sale, kind: str, number: int, till: str, language: str, event: Event) -> str:
    _must_print(shop, till)
    job_id = f"{sale.sale_id}.{kind}{number}"
    jobs.add(job_id, till, kind, sale.sale_id, number, shop.now_ms(), language=language)
    record(shop, event, shop.now_ms())
    return job_id


def _next(sale: Sale, kind: str) -> int:
    return max((job.copy_number for job in jobs.of_sale(sale.sale_id) if job.kind == kind), default=0) + 1


def _must_print(shop: Shop, till: str) -> None:
    if till not in shop.printers:
        raise DeviceAbsent("this till has no printer", till=till)


def _job(job_id: str) -> Job:
    job = jobs.by_id(job_id)
    assert job is not None, job_id
    return job
