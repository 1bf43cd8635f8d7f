"""Print and drawer jobs on their way to the devices: what to send, and what became of it."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from services.domain import days, printing, receipt
from services.domain.errors import DeviceAbsent, JobUnknown
from services.domain.events import DeviceTested
from services.domain.gift_cards import ISSUED
from services.domain.money import Money
from services.domain.paper_words import Words
from services.domain.receipt import CardOnPaper, Paper
from services.domain.receipt_member import MemberOnPaper
from services.flows import checkout, copies, labels, member_papers, park_tickets, value_papers, z_papers
from services.flows.record import record
from services.flows.shop import Shop
from services.store import db, gift_cards, instalments, jobs, journal, requests, staff
from services.store.jobs import Job, Work
from services.store.sales import Sale

KICK_VALID_MS = 3_000  # a drawer that opens later surprises somebody
RECEIPT_VALID_MS = 2 * 3_600_000  # its customer has left: a later paper is printed only when asked for
LATE = "late"
COPIED = "copied"
CAME_OUT = (jobs.SENT, jobs.CONFIRMED)


def recover(shop: Shop, mine: Work, *, others: Collection[str] = ()) -> list[Job]:
    """After a start: what was being sent when the power went may have come out; only people know. What
    one of the `others` (printers) is sending is left to it. What waits for a device that its till no
    longer has is not waited for; what a till has left that is no longer there is asked about at the first
    one that prints. The changed jobs."""
    tills = frozenset(shop.tills)
    now_ms = shop.now_ms()
    with db.write():
        heir = next((till for till in shop.tills if till in shop.printers), "")
        changed = jobs.give_up_gone(tills, heir, now_ms)
        changed += jobs.give_up_kicks(mine.kicks, now_ms, was=jobs.SENDING, reason="interrupted")
        changed += jobs.give_up_papers(
            mine, now_ms, was=jobs.SENDING, reason="interrupted", except_at=others
        )
        absent = Work(papers=tills - shop.printers, labels=tills - shop.label_printers)
        changed += jobs.give_up_kicks(tills - shop.drawers, now_ms, was=jobs.QUEUED, reason="nohardware")
        return changed + jobs.give_up_papers(absent, now_ms, was=jobs.QUEUED, reason="nohardware")


def claim(shop: Shop, mine: Work, ready: Work, *, printer: str = "") -> tuple[Job | None, list[Job]]:
    """The next job that its device, being `ready`, can do, now marked as being sent (a paper: by
    `printer`); and the jobs of `mine` that grew too old to be sent.

    Kicks go before papers, then the oldest goes first. A kick grows too old though its drawer be away, a
    paper only when its printer could print it: then people are asked whether it is still needed.
    """
    if not jobs.waiting(mine.kicks, ready):
        return None, []
    with db.write():
        now_ms = shop.now_ms()
        late = jobs.give_up_kicks(
            mine.kicks, now_ms, was=jobs.QUEUED, reason="timeout", fresh_ms=KICK_VALID_MS
        )
        late += jobs.give_up_papers(ready, now_ms, was=jobs.QUEUED, reason=LATE, fresh_ms=RECEIPT_VALID_MS)
        return jobs.claim_kick(ready.kicks, now_ms) or jobs.claim_paper(ready, now_ms, printer), late


def mark(shop: Shop, job: Job, state: str, *, reason: str = "") -> Job:
    """Record what became of `job`."""
    with db.write():
        jobs.mark(job.job_id, state, shop.now_ms(), reason=reason)
    after = jobs.by_id(job.job_id)
    assert after is not None, job.job_id
    return after


def answer(shop: Shop, job_id: str, *, came_out: bool, operator_id: str) -> Job:
    """Settle an unknown job with what people say: it came out, or it is printed again: a receipt as a
    marked copy, anything else as it was.

    A late job was never sent: there `came_out` says that nobody needs it. Raises JobUnknown when the job is
    not waiting for this answer, so a repeat prints no second copy; DeviceAbsent when its till cannot print.
    """
    with db.write():
        job = jobs.by_id(job_id)
        if job is None or job.state != jobs.UNKNOWN:
            raise JobUnknown("this job is not waiting for an answer", job_id=job_id)
        if came_out:
            state = jobs.CANCELLED if job.reason == LATE else jobs.CONFIRMED
            jobs.mark(job_id, state, shop.now_ms(), reason=job.reason)
        else:
            jobs.mark(job_id, jobs.CANCELLED, shop.now_ms(), reason=COPIED)
            job_id = _again(shop, job, operator_id)
        after = jobs.by_id(job_id)
    assert after is not None, job_id
    return after


def _again(shop: Shop, job: Job, operator_id: str) -> str:
    """Inside a transaction: the job id of the paper that stands in for `job`."""
    if job.kind == jobs.Z_REPORT:
        return z_papers.queue_copy(shop, z_papers.shift_of(job), job.till)
    if not job.sale_id:
        if job.till not in (shop.label_printers if job.kind == jobs.LABEL else shop.printers):
            raise DeviceAbsent("this till has no such device", till=job.till, test=job.kind)
        job_id = again_id(job.job_id)
        jobs.add(
            job_id,
            job.till,
            job.kind,
            "",
            job.copy_number,
            shop.now_ms(),
            language=job.language,
            document=job.document,
        )
        return job_id
    sale = checkout.find(job.sale_id)
    if job.kind == jobs.GIFT:
        return copies.queue_gift(shop, sale, operator_id=operator_id, till=job.till, language=job.language)
    return copies.queue_copy(
        shop,
        sale,
        operator_id=operator_id,
        till=job.till,
        reason=printing.NOT_PRINTED,
        language=job.language,
    )


def again_id(job_id: str) -> str:
    """The id of the next job for the same paper, where no sale counts its copies: "x", "x:2", "x:3"."""
    root, _, turn = job_id.partition(":")
    return f"{root}:{int(turn or 1) + 1}"


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
    if job.kind == jobs.LABEL:
        return labels.paper(job)
    if job.kind == jobs.Z_REPORT:
        return z_papers.job_ops(shop, job)
    if job.kind == jobs.PARK_TICKET:
        return park_tickets.ops(shop, job)
    if job.kind == jobs.VALUE:
        return value_papers.ops(shop, job)
    return receipt_ops(shop, checkout.find(job.sale_id), job)


def receipt_ops(
    shop: Shop, sale: Sale, job: Job | None = None, member: MemberOnPaper | None = None
) -> Paper:
    """The receipt of a stored sale, or the copy or gift receipt that `job` asks for. `member` is its buyer
    as on_paper() tells of them, where the caller has asked already."""
    words = Words(job.language if job is not None and job.language else shop.printing.language)
    printed = receipt.Receipt(
        store_name=shop.store_name,
        number=sale.number,
        sold_at=days.minute(sale.ended_at_ms, shop.zone),
        operator=staff.name_of(sale.operator_id),
        lines=sale.lines,
        rounding=sale.rounding,
        tenders=[(_label(shop, t.key, words), t) for t in sale.tenders],
        total=sale.total,
        footer=words.lines(shop.receipt_footer, shop.printing.footer_en),
        kind=sale.kind,
        words=words,
        copy_number=job.copy_number if job is not None else 0,
        cards=_cards(sale, job),
        member=member or member_papers.on_paper(sale),
        coupons=member_papers.coupons_of(sale),
        dues=[
            (row.day, Money(row.amount_minor, plan.currency))
            for plan in instalments.agreed(sale.sale_id)
            for row in plan.rows
        ],
        invoice=_invoice(shop, sale),
        copied_at=days.minute(job.created_at_ms, shop.zone) if job is not None else "",
    )
    return receipt.gift(printed) if job is not None and job.kind == jobs.GIFT else receipt.ops(printed)


def _invoice(shop: Shop, sale: Sale) -> str:
    """Where its customer asks for a tax invoice of what was paid. Not of what a gift card paid: that was
    invoiced when the card was sold. What comes back changes an invoice that headquarters has issued."""
    if sale.kind != "sale":
        return ""
    stored = {key for key, tender in shop.tenders.items() if tender.outcome == "stored"}
    paid = sum(each.amount.minor for each in sale.tenders if each.key not in stored)
    return shop.invoicing.address(shop.store_id, sale.number, paid, sale.business_day)


def _cards(sale: Sale, job: Job | None) -> list[CardOnPaper]:
    """The gift cards of a sale. Codes are printed once: by a copy only where no paper before it came out,
    and never on a screen."""
    first = job is not None and not any(
        before.state in CAME_OUT and before.copy_number < job.copy_number
        for before in jobs.of_sale(sale.sale_id)
        if before.kind in (jobs.RECEIPT, jobs.COPY)
    )
    currency = sale.total.currency
    return [
        CardOnPaper(
            kind=move.kind,
            code=move.code,
            amount=Money(move.amount_minor, currency),
            balance=Money(move.balance_minor, currency),
            hands_over=first and move.kind == ISSUED,
        )
        for move in gift_cards.moves(sale.sale_id)
    ]


def _label(shop: Shop, tender: str, words: Words) -> str:
    """The name on paper; the key of a tender that the shop takes no longer."""
    known = shop.tenders.get(tender)
    return words.pick(known.label_zh, known.label_en) if known is not None else tender


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
            words=Words(shop.printing.language),
        )
    )
