"""The cashier's API of what comes out of the printer."""

from __future__ import annotations

from services.domain.errors import BadRequest, JobUnknown
from services.flows import checkout, copies, labels, spool
from services.store import jobs
from services.store.jobs import Job
from web_console import views
from web_console.api import JobView
from web_console.api_papers import (
    CopyIn,
    GiftIn,
    JobAnswer,
    LabelJobView,
    LabelQuery,
    LabelsIn,
    LabelView,
    StockView,
)
from web_console.gate import Call
from web_console.routes import TILL, Routes

ROUTES = Routes()


@ROUTES.post(
    "/api/sales/<ident:sale_id>/copies",
    TILL,
    JobView,
    "Print a copy, marked as such",
    body=CopyIn,
    keyed=True,
)
def copy_receipt(call: Call, body: CopyIn, sale_id: str) -> JobView:
    job = copies.copy_receipt(
        call.shop,
        sale_id,
        operator_id=call.session.staff_id,
        till=call.till,
        request_id=call.key,
        reason=body.reason,
        language=body.language,
        approval=body.approval,
    )
    return _woken(call, job)


@ROUTES.post(
    "/api/sales/<ident:sale_id>/gift-receipts",
    TILL,
    JobView,
    "Print a receipt without prices; a repeat prints none",
    body=GiftIn,
    keyed=True,
)
def print_gift_receipt(call: Call, body: GiftIn, sale_id: str) -> JobView:
    job = copies.gift_receipt(
        call.shop,
        sale_id,
        operator_id=call.session.staff_id,
        till=call.till,
        request_id=call.key,
        language=body.language,
    )
    return _woken(call, job)


@ROUTES.get("/api/labels/stocks", TILL, tuple[StockView, ...], "What labels can be printed on here")
def label_stocks(call: Call) -> tuple[StockView, ...]:
    return tuple(
        StockView(key=each.key, width_mm=each.width_mm, height_mm=each.height_mm)
        for each in call.shop.printing.stocks
    )


@ROUTES.get(
    "/api/labels/preview", TILL, LabelView, "One label as it would be printed now", query=LabelQuery
)
def preview_label(call: Call, query: LabelQuery) -> LabelView:
    label = labels.preview(call.shop, query.sku, form=query.layout, stock_key=query.stock)
    return LabelView(svg=call.box.draw_label(call.till, label))


@ROUTES.get(
    "/api/labels/<ident:group>",
    TILL,
    tuple[LabelJobView, ...],
    "How far one request for labels is; `group` is what its jobs' ids begin with, before the dot",
)
def label_progress(call: Call, group: str) -> tuple[LabelJobView, ...]:
    found = labels.progress(group)
    return tuple(LabelJobView(job=views.job(job), pieces=labels.pieces(job)) for job in found)


@ROUTES.post(
    "/api/labels",
    TILL,
    tuple[JobView, ...],
    "Print labels for articles or for a stock document; a repeat prints none",
    body=LabelsIn,
    keyed=True,
)
def print_labels(call: Call, body: LabelsIn) -> tuple[JobView, ...]:
    if bool(body.items) == bool(body.document_id):
        raise BadRequest("either items or document_id")
    wanted = [(each.sku, each.copies) for each in body.items]
    queued = labels.print_labels(
        call.shop,
        call.till,
        labels.of_document(body.document_id) if body.document_id else wanted,
        form=body.layout,
        stock_key=body.stock,
        request_id=call.key,
    )
    call.box.wake_jobs(call.till)
    return tuple(views.job(job) for job in queued)


@ROUTES.post(
    "/api/jobs/<ident:job_id>/answer", TILL, JobView, "Say whether a paper came out", body=JobAnswer
)
def answer_job(call: Call, body: JobAnswer, job_id: str) -> JobView:
    """Needs no key: a repeat of the same answer gets the first result, another answer is refused."""
    try:
        job = spool.answer(call.shop, job_id, came_out=body.came_out, operator_id=call.session.staff_id)
    except JobUnknown:
        if (settled := _settled(job_id, body.came_out)) is None:
            raise
        job = settled
    return _woken(call, job)


def _woken(call: Call, job: Job) -> JobView:
    call.box.wake_jobs(job.till)
    call.box.wake_uplink()
    return views.job(job, checkout.find(job.sale_id).number if job.sale_id else "")


def _settled(job_id: str, came_out: bool) -> Job | None:
    """What this same answer about a paper led to before, or None when it was never given."""
    job = jobs.by_id(job_id)
    if job is None or job.state not in (jobs.CONFIRMED, jobs.CANCELLED):
        return None
    if job.state == jobs.CANCELLED and job.reason == spool.COPIED:
        return None if came_out else _stand_in(job)
    fine = job.state == jobs.CONFIRMED or job.reason == spool.LATE  # nobody needed the late one
    return job if came_out == fine else None


def _stand_in(job: Job) -> Job | None:
    """The paper that was printed instead of `job`."""
    if job.kind == jobs.LABEL:
        return jobs.by_id(spool.again_id(job.job_id))
    kind = jobs.COPY if job.kind == jobs.RECEIPT else job.kind
    group = job.sale_id or job.job_id.rpartition(".")[0]
    later = (each for each in jobs.of_sale(group) if each.created_at_ms >= job.changed_at_ms)
    return next((each for each in later if each.kind == kind), None)
