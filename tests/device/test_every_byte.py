"""A printer that dies at any byte of a receipt with discounts: one original at most, and none is lost."""

from __future__ import annotations

from device.attached import Attached
from device.clock import Clock as BoxClock
from device.station import Station
from drivers import paper
from drivers.escpos_encoder import Encoder, Sheet
from drivers.escpos_status import QUERY
from services.flows import checkout, spool
from services.flows.shop import Shop
from services.store import db, jobs
from services.store.db import LEDGER
from services.store.jobs import Job, Work
from tests.device.counter import PRINTER
from tests.flows.test_checkout import fill, pay

END_BYTES = 3  # GS r 1, which asks whether all was printed


def discounted(shop: Shop) -> str:
    """A sale of which every line was reduced twice, one of them with hostile words."""
    sale_id = pay(shop, fill(shop))
    with db.write():
        for n, (line, layer, label) in enumerate(
            ((1, 2, "第二件半价"), (1, 4, "满 500 减 60"), (2, 4, "满 500 减 60"), (2, 5, "券\x1bp\x00\n"))
        ):
            LEDGER.execute_sql(
                "INSERT INTO adjustment (sale_id, n, line_number, layer, source, source_version,"
                " amount_minor, label_zh, label_en) VALUES (?, ?, ?, ?, 'p', 1, -1000, ?, '')",
                (sale_id, n + 1, line, layer, label),
            )
    return sale_id


def test_a_printer_that_dies_at_any_byte_prints_no_original_twice(shop: Shop) -> None:
    sale_id = discounted(shop)
    sale = checkout.find(sale_id)
    assert sum(len(line.adjustments) for line in sale.lines) == 4
    document = Encoder(Sheet()).encode(spool.receipt_ops(shop, sale))
    heard: list[Job] = []
    attached = Attached(PRINTER, None, BoxClock(0))
    attached.twin = attached.driver.twin(attached.settings)
    twin = attached.twin
    station = Station(
        shop,
        "printer-1",
        Work(papers=frozenset("1")),
        attached,
        {},
        before={},
        others=frozenset(),
        facts=lambda: (),
        changed=heard.append,
        alarmed=lambda *_: None,
    )
    before = len(QUERY)  # the printer is asked before the first byte
    last = before + len(document) + END_BYTES + len(QUERY)
    ends: set[str] = set()
    for n in range(before, last + 30):
        twin.tear()
        seen = len(twin.papers)
        job_id = f"{sale_id}.try{n}"
        with db.write():
            jobs.add(job_id, "1", jobs.RECEIPT, sale_id, 0, shop.now_ms())
        station._look()
        twin.dies_after = n
        twin.set_fault("dies_midway", True)
        station._work()
        job = jobs.by_id(job_id)
        assert job is not None and job.state in (jobs.QUEUED, jobs.UNKNOWN, jobs.CONFIRMED), job
        ends.add(job.state)
        twin.set_fault("dies_midway", False)
        station._look()
        if job.state == jobs.UNKNOWN:
            with db.write():
                jobs.mark(job_id, jobs.CANCELLED, shop.now_ms())
        elif job.state == jobs.QUEUED:
            assert station._work(), "what was not begun is printed when the printer is back"
        twin.tear()
        pieces = ["\n".join(paper.plain_text(each)) for each in list(twin.papers)[seen:]]
        assert sum(sale.number in piece for piece in pieces) <= 1, n
        if job.state == jobs.QUEUED:
            assert sum("合计" in piece for piece in pieces) == 1, n
    assert ends == {jobs.QUEUED, jobs.UNKNOWN, jobs.CONFIRMED}
    attached.close()


def test_the_receipt_of_the_test_above_says_every_reduction_once(shop: Shop) -> None:
    sale = checkout.find(discounted(shop))
    lines = "\n".join(paper.plain_text(Encoder(Sheet()).encode(spool.receipt_ops(shop, sale))))
    for label in ("第二件半价", "满 500 减 60", "券p"):
        assert lines.count(label) == 1, label
