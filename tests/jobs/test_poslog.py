"""The POSLog job: a whole file or none, the same document as the download, in bounded memory."""

from __future__ import annotations

import gc
import tracemalloc
from pathlib import Path
from xml.etree import ElementTree

import pytest

from services.domain.poslog import NAMESPACE
from services.flows import poslog
from services.flows.shop import Shop
from services.jobs.contract import Arguments, Refused
from services.jobs.poslog import JOB
from services.store import db, journal
from services.store.db import LEDGER
from tests.flows.test_checkout import fill, pay
from tests.shop import TEE, make_shop

DAY = "2026-11-22"
LOOK_AT = 300  # transactions


def run(folder: Path, *words: str) -> str:
    return JOB.run(Arguments(words, str, lambda: 0, make_shop, folder))


def test_the_file_holds_the_day_s_sales_in_order(shop: Shop, tmp_path: Path) -> None:
    for n in range(3):
        pay(shop, fill(shop, "1", TEE), 100_00, key=f"key-{n}")
    assert run(tmp_path, DAY).startswith("wrote 3 transactions to ")
    root = ElementTree.parse(tmp_path / f"poslog-S0001-{DAY}.xml").getroot()
    assert root.tag == f"{{{NAMESPACE}}}POSLog"
    numbers = [node.text for node in root.iter(f"{{{NAMESPACE}}}ReceiptNumber")]
    assert numbers == [f"S0001-1-{n:06}" for n in (1, 2, 3)]
    assert list(tmp_path.glob("*.part")) == []
    run(tmp_path, DAY)  # again: the same file


def test_a_day_without_sales_is_an_empty_document(shop: Shop, tmp_path: Path) -> None:
    pay(shop, fill(shop, "1", TEE), 100_00)
    assert run(tmp_path, "2026-11-21").startswith("wrote 0 transactions")
    assert len(ElementTree.parse(tmp_path / "poslog-S0001-2026-11-21.xml").getroot()) == 0


@pytest.mark.parametrize(
    "words", [(), ("yesterday",), ("2026-13-01",), ("../../etc",), (DAY, DAY), ("9999-12-31",)]
)
def test_anything_but_one_day_is_refused(shop: Shop, tmp_path: Path, words: tuple[str, ...]) -> None:
    with pytest.raises(Refused, match="YYYY-MM-DD"):
        run(tmp_path, *words)
    assert list(tmp_path.glob("poslog*")) == []


def test_a_long_day_takes_no_more_memory_than_a_short_one(shop: Shop) -> None:
    pay(shop, fill(shop, "1", TEE), 100_00)
    (row,) = [row for row in journal.after(0, 10) if row.type == "sale.completed"]

    def peak() -> int:
        """Of what is held on to: when Python looks for circles hangs on the tests before this one."""
        gc.collect()
        tracemalloc.start()
        count = 0
        for piece in poslog.export("S0001", "CNY", DAY):
            count += piece.startswith("<Transaction>")
            if count % LOOK_AT == 0:
                gc.collect()
        high = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert count == LEDGER.execute_sql("SELECT COUNT(*) FROM journal").fetchone()[0]
        return high

    def grow(rows: int) -> None:
        with db.write():
            for _ in range(rows):
                seq, before = journal.head()
                journal.append(seq + 1, row.type, row.at_ms, row.body, before)

    grow(600)
    short = peak()
    grow(3_000)
    assert peak() < 1.5 * short
