"""The papers of stored-value accounts: queued with the move, printed from what was stored."""

from __future__ import annotations

from services.domain import days, receipt_value
from services.domain.money import Money
from services.domain.paper_words import Words
from services.domain.receipt import Paper
from services.domain.stored_value import BONUS, RECHARGED
from services.domain.tender_errors import StoredValueUnknown
from services.flows import member_papers
from services.flows.shop import Shop
from services.store import jobs, staff, stored_value
from services.store.jobs import Job

_ORIGINAL = "original"


def queue(shop: Shop, till: str, move_id: str) -> None:
    """Inside a transaction: the paper of a move, where the till prints."""
    if till in shop.printers:
        jobs.add(f"{jobs.VALUE}.{move_id}.{_ORIGINAL}", till, jobs.VALUE, "", 0, shop.now_ms())


def of_move(move_id: str) -> Job | None:
    """None where the till had no printer."""
    return jobs.by_id(f"{jobs.VALUE}.{move_id}.{_ORIGINAL}")


def ops(shop: Shop, job: Job) -> Paper:
    """What a queued paper prints. Raises StoredValueUnknown."""
    move = stored_value.move(job.job_id.split(".")[1])
    if move is None:
        raise StoredValueUnknown("no move has this id")
    words = Words(job.language or shop.printing.language)
    tender = shop.tenders.get(move.tender)
    came = move.kind == RECHARGED
    ends = [lot.expires for lot in stored_value.lots_of(move.move_id) if lot.kind == BONUS]
    has_minor = move.principal_balance_minor + move.bonus_balance_minor

    def money(minor: int) -> Money:
        return Money(minor, shop.currency)

    return receipt_value.ops(
        receipt_value.ValuePaper(
            store_name=shop.store_name,
            title="recharge" if came else "value_paid_out",
            member=member_papers.named(move.member_id),
            moved_at=days.minute(move.at_ms, shop.zone),
            operator=staff.name_of(move.operator_id),
            principal=money(move.principal_minor),
            bonus=money(move.bonus_minor),
            paid=(
                words.pick(tender.label_zh, tender.label_en) if tender is not None else move.tender,
                money(move.principal_minor if came else -move.pays_minor),
            ),
            reference=move.reference,
            balance=money(has_minor),
            bonus_left=money(move.bonus_balance_minor),
            bonus_ends=ends[0] if came and ends else "",
            number=move.move_id,
            footer=tuple(words.lines(shop.receipt_footer, shop.printing.footer_en)),
            words=words,
        )
    )
