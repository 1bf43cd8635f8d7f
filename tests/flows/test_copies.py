"""Copies and gift receipts: numbered, journalled, with a reason when they come late, one per request."""

from __future__ import annotations

import json
import threading
from dataclasses import replace
from pathlib import Path

import pytest

from drivers.contracts import Barcode, Op, Row, Text
from services.domain.errors import (
    ApprovalNeeded,
    DeviceAbsent,
    PinRefused,
    ReasonNeeded,
    RequestReused,
    SaleUnknown,
)
from services.domain.printing import COPY_REASONS, LATE_COPY_MS, Printing
from services.flows import checkout, copies, spool
from services.flows.approvals import Approval
from services.flows.shop import Shop
from services.store import db, jobs, journal
from services.store.db import LEDGER
from services.store.jobs import Job
from tests.faults import each_failure
from tests.flows.test_checkout import fill, pay
from tests.shop import TEE, Clock, make_shop

BY_HE = Approval(approver_id="he", pin="735290", reason="expenses")


def copy(shop: Shop, sale_id: str, key: str = "c1", **more: object) -> Job:
    return copies.copy_receipt(shop, sale_id, operator_id="zhou", till="1", request_id=key, **more)  # type: ignore[arg-type]


def gift(shop: Shop, sale_id: str, key: str = "g1", language: str = "") -> Job:
    return copies.gift_receipt(
        shop, sale_id, operator_id="zhou", till="1", request_id=key, language=language
    )


def told(kind: str) -> list[dict[str, object]]:
    return [json.loads(row.body)["data"] for row in journal.after(0, 100) if row.type == kind]


def texts(ops: list[Op]) -> list[str]:
    return [" ".join((op.left, op.right)) if isinstance(op, Row) else op.text
            for op in ops if isinstance(op, Row | Text)]  # fmt: skip


def test_a_copy_soon_after_the_sale_needs_no_reason(shop: Shop, clock: Clock) -> None:
    sale_id = pay(shop, fill(shop))
    clock.at_ms += LATE_COPY_MS - 100
    assert copy(shop, sale_id).copy_number == 1
    assert told("receipt.copied") == [
        {
            "sale_id": sale_id,
            "copy_number": 1,
            "operator_id": "zhou",
            "reason": "",
            "language": "",
            "workstation_id": "1",
        }
    ]


@pytest.mark.parametrize("ahead_ms", [LATE_COPY_MS, -3_600_000], ids=["late", "a clock set back"])
def test_a_late_copy_is_made_for_one_of_the_reasons_only(shop: Shop, clock: Clock, ahead_ms: int) -> None:
    sale_id = pay(shop, fill(shop))
    clock.at_ms += ahead_ms
    for reason in ("", "because", "not_printed"):
        with pytest.raises(ReasonNeeded) as refused:
            copy(shop, sale_id, reason=reason)
        assert refused.value.details["reasons"] == COPY_REASONS
    assert not told("receipt.copied")
    assert copy(shop, sale_id, reason="lost").state == jobs.QUEUED
    assert [event["reason"] for event in told("receipt.copied")] == ["lost"]


def test_an_invented_reason_is_refused_soon_after_the_sale_too(shop: Shop) -> None:
    sale_id = pay(shop, fill(shop))
    with pytest.raises(ReasonNeeded):
        copy(shop, sale_id, reason="because")


def test_a_shop_may_want_late_copies_approved(shop: Shop, clock: Clock) -> None:
    shop = replace(shop, printing=Printing(late_copy_approval=True))
    sale_id = pay(shop, fill(shop))
    assert copy(shop, sale_id, "early").copy_number == 1
    clock.at_ms += LATE_COPY_MS
    with pytest.raises(ApprovalNeeded) as needed:
        copy(shop, sale_id, reason="lost")
    assert needed.value.details["right"] == "reprint_late"
    wrong = Approval(approver_id="he", pin="000000", reason="lost")
    with pytest.raises(PinRefused):
        copy(shop, sale_id, reason="lost", approval=wrong)
    assert copy(shop, sale_id, reason="lost", approval=BY_HE).copy_number == 2
    assert copy(shop, sale_id, reason="lost", approval=BY_HE).copy_number == 2
    (granted,) = told("approval.granted")
    assert (granted["approver_id"], granted["subject"]) == ("he", f"sale {sale_id}")
    manager = copies.copy_receipt(shop, sale_id, operator_id="he", till="1", request_id="m", reason="lost")
    assert manager.copy_number == 3 and len(told("approval.granted")) == 1


def test_a_repeat_prints_nothing_again_and_another_wish_needs_another_key(shop: Shop) -> None:
    sale_id = pay(shop, fill(shop))
    assert copy(shop, sale_id).job_id == copy(shop, sale_id).job_id
    assert gift(shop, sale_id).job_id == gift(shop, sale_id).job_id
    for other in (lambda: copy(shop, sale_id, language="en"), lambda: gift(shop, sale_id, "c1")):
        with pytest.raises(RequestReused):
            other()
    assert [job.kind for job in jobs.of_sale(sale_id)] == ["drawer", "receipt", "copy", "gift"]


def test_papers_are_refused_for_no_sale_and_no_printer(shop: Shop) -> None:
    sale_id = pay(shop, fill(shop))
    for make in (copy, gift):
        with pytest.raises(SaleUnknown):
            make(shop, "nothing", f"x-{make.__name__}")
        with pytest.raises(DeviceAbsent):
            make(replace(shop, printers=frozenset("2")), sale_id, f"y-{make.__name__}")
    assert len(jobs.of_sale(sale_id)) == 2


def test_a_gift_receipt_names_goods_and_number_and_no_amount(shop: Shop) -> None:
    sale = checkout.find(pay(shop, fill(shop)))
    printed = spool.paper(shop, gift(shop, sale.sale_id), ())
    lines = texts(printed)
    assert "礼品小票" in lines and any("纯棉基础 T 恤" in line for line in lines)
    assert [op.data for op in printed if isinstance(op, Barcode)] == [sale.number]
    amounts = {f"{line.line.unit_price.minor // 100}." for line in sale.lines} | {"527", "600", "¥"}
    assert not [line for line in lines for amount in amounts if amount in line]
    assert told("receipt.gift_printed") == [
        {"sale_id": sale.sale_id, "gift_number": 1, "operator_id": "zhou"}
    ]


def test_a_gift_receipt_that_did_not_come_out_is_printed_again_as_one(shop: Shop) -> None:
    sale_id = pay(shop, fill(shop))
    job = gift(shop, sale_id, language="en")
    with db.write():
        jobs.mark(job.job_id, jobs.UNKNOWN, shop.now_ms())
    again = spool.answer(shop, job.job_id, came_out=False, operator_id="zhou")
    assert (again.kind, again.copy_number, again.language) == (jobs.GIFT, 2, "en")


def test_a_copy_for_a_paper_that_did_not_come_out_says_so_in_the_journal(shop: Shop, clock: Clock) -> None:
    sale_id = pay(shop, fill(shop))
    with db.write():
        jobs.mark(f"{sale_id}.receipt", jobs.UNKNOWN, shop.now_ms())
    clock.at_ms += LATE_COPY_MS
    spool.answer(shop, f"{sale_id}.receipt", came_out=False, operator_id="zhou")
    assert [event["reason"] for event in told("receipt.copied")] == ["not_printed"]


@pytest.mark.parametrize(
    ("language", "total"), [("zh", "合计"), ("en", "TOTAL"), ("both", "合计 TOTAL"), ("", "合计")]
)
def test_a_copy_is_in_the_language_asked_for(shop: Shop, language: str, total: str) -> None:
    sale = checkout.find(pay(shop, fill(shop)))
    ops = spool.paper(shop, copy(shop, sale.sale_id, language=language), ())
    assert f"{total} ¥527.00" in texts(ops)
    assert "副本 COPY 1" in texts(ops)


def test_the_shops_language_is_that_of_its_receipts(shop: Shop) -> None:
    sale = checkout.find(pay(shop, fill(shop)))
    shop = replace(shop, printing=Printing(language="en", footer_en="Thank you"))
    lines = texts(spool.receipt_ops(shop, sale))
    assert "TOTAL ¥527.00" in lines and "Thank you" in lines and "Cash 600.00" in lines


@pytest.mark.parametrize("paper", ["copy", "gift"])
def test_a_paper_is_queued_and_journalled_or_neither(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, paper: str
) -> None:
    shop = make_shop()
    make = {"copy": copy, "gift": gift}[paper]
    each_failure(
        monkeypatch,
        tmp_path,
        prepare=lambda n: (pay(shop, fill(shop, "1", TEE), key=f"sale-{n}"), f"key-{n}"),
        step=lambda case: make(shop, *case),
        look=lambda: [
            LEDGER.execute_sql(f"SELECT COUNT(*) FROM {table}").fetchone()[0]
            for table in ("job", "journal", "request")
        ],
    )


def test_one_key_from_eight_threads_at_once_makes_one_copy(shop: Shop) -> None:
    sale_id = pay(shop, fill(shop))
    got: list[str] = []
    start = threading.Barrier(8)

    def press() -> None:
        start.wait()
        got.append(copy(shop, sale_id).job_id)

    threads = [threading.Thread(target=press) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert got == [f"{sale_id}.copy1"] * 8 and len(told("receipt.copied")) == 1


@pytest.mark.parametrize(
    ("policy", "tender", "kicks"),
    [("cash", "cash", 1), ("cash", "card", 0), ("always", "card", 1), ("never", "cash", 0)],
)
def test_the_drawer_opens_as_the_shop_says(shop: Shop, policy: str, tender: str, kicks: int) -> None:
    shop = replace(shop, printing=Printing(drawer_opens=policy))  # type: ignore[arg-type]
    played = replace(
        shop.tenders["cash"], key=tender, opens_drawer=tender == "cash", gives_change=True, rounds=False
    )
    shop = replace(shop, tenders={"cash": played})
    sale_id = pay(shop, fill(shop))
    assert [job.kind for job in jobs.of_sale(sale_id)].count(jobs.DRAWER) == kicks
