"""An import is what its preview has shown, the whole of it or nothing."""

from __future__ import annotations

import sqlite3
import threading
from pathlib import Path

import msgspec
import pytest

from services.domain.errors import (
    ImportRefused,
    ImportStale,
    ImportUnreadable,
    OutcomeUnknown,
    RequestReused,
)
from services.flows import imports as flow
from services.flows import stock as shelf
from services.flows.shop import Shop
from services.store import books, catalogue, db, journal, stock
from services.store.db import LEDGER
from tests.flows.test_checkout import STATEMENTS_MAX, FailingConnection, fill, pay
from tests.shop import JEANS, TEE, open_store

FILE = (
    "款号,货号,名称,分类,颜色,尺码,价格\n"
    "T1,T-W-S,纯棉基础 T 恤,上装,白,S,109.00\n"
    "N1,N-1,新款衬衫,上装,红,M,199\n"
    "N1,N-2,新款衬衫,上装,红,L,199\n"
).encode()
TABLES = ("style", "article", "stock", "stock_document", "stock_line", "journal", "request")


def take(shop: Shop, kind: str, data: bytes, token: str = "", key: str = "") -> flow.Imported:
    return flow.take_over(
        shop,
        kind,
        data,
        token=token or flow.preview(shop, kind, data).token,
        operator_id="he",
        request_id=key or shop.new_id(),
    )


def contents() -> list[list[object]]:
    return [LEDGER.execute_sql(f"SELECT * FROM {table}").fetchall() for table in TABLES]


def test_a_preview_changes_nothing_and_the_import_is_what_it_has_shown(shop: Shop) -> None:
    before = contents()
    seen = flow.preview(shop, "articles", FILE)
    assert contents() == before
    assert [each.sku for each in seen.plan.created] == ["N-1", "N-2"]
    assert [(c.sku, c.old, c.new) for c in seen.plan.changed] == [(TEE, "99.00", "109.00")]
    done = take(shop, "articles", FILE, seen.token)
    assert (done.rows, done.created, done.changed, done.unchanged) == (3, 2, 1, 0)
    found = {sku: catalogue.by_sku(sku) for sku in (TEE, "N-1")}
    assert [article.price_minor for article in found.values() if article] == [109_00, 199_00]
    (event,) = [msgspec.json.decode(row.body) for row in journal.after(0, 10)]
    assert event["type"] == "catalogue.imported"
    assert (event["data"]["created"], event["data"]["changed"]) == (2, 1)
    assert flow.preview(shop, "articles", FILE).plan.unchanged == 3


def test_a_repeat_imports_once_and_another_file_with_its_key_is_refused(shop: Shop) -> None:
    token = flow.preview(shop, "articles", FILE).token
    first = take(shop, "articles", FILE, token, key="import-1")
    assert take(shop, "articles", FILE, token, key="import-1") == first
    assert len(journal.after(0, 10)) == 1
    with pytest.raises(RequestReused):
        take(shop, "articles", FILE.replace(b"199", b"299"), token, key="import-1")


def test_one_bad_row_stops_the_whole_file(shop: Shop) -> None:
    data = FILE + "N1,N-3,新款衬衫,没有的分类,红,XL,199\n".encode()
    before = contents()
    with pytest.raises(ImportRefused) as refusal:
        take(shop, "articles", data)
    assert refusal.value.details == {"bad_rows": 1}
    assert contents() == before


def test_a_preview_is_good_for_its_file_and_its_catalogue_alone(shop: Shop) -> None:
    token = flow.preview(shop, "articles", FILE).token
    for kind, data in (("articles", FILE + b"\n"), ("prices", FILE)):
        with pytest.raises(ImportStale):
            take(shop, kind, data, token)
    with db.write():
        catalogue.put_category("gifts", "礼品", 99)
    with pytest.raises(ImportStale):
        take(shop, "articles", FILE, token)
    take(shop, "articles", FILE)


def test_a_sale_between_preview_and_import_makes_nothing_stale(shop: Shop) -> None:
    take(shop, "stock", b"sku,stock\nT-W-S,5\n")
    data = b"sku,stock\nT-W-S,9\nJ-B-27,2\n"
    token = flow.preview(shop, "stock", data).token
    pay(shop, fill(shop, "1", TEE))
    done = take(shop, "stock", data, token)
    assert stock.on_hand([TEE, JEANS]) == {TEE: 9, JEANS: 2}
    assert books.differences() == []
    counter = shelf.take_back(shop, done.document_id, operator_id="he", request_id="back")
    assert counter.reverses == done.document_id
    assert stock.on_hand([TEE, JEANS]) == {TEE: 4, JEANS: 0}
    assert books.differences() == []


def test_the_catalogue_that_changes_during_the_import_is_noticed(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = flow.preview(shop, "articles", FILE).token

    def meanwhile(what: str, rows: int) -> None:
        if what == flow.WRITING:
            with db.write():
                catalogue.put_category("gifts", "礼品", 99)

    before = journal.head()
    with pytest.raises(ImportStale):
        flow.take_over(
            shop, "articles", FILE, token=token, operator_id="he", request_id="k", told=meanwhile
        )
    assert journal.head() == before and catalogue.by_sku("N-1") is None


def test_two_managers_with_one_preview_import_once(shop: Shop) -> None:
    token = flow.preview(shop, "articles", FILE).token
    ends: list[object] = []
    start = threading.Barrier(2)

    def press(key: str) -> None:
        start.wait()
        try:
            ends.append(take(shop, "articles", FILE, token, key=key))
        except ImportStale as error:
            ends.append(error)

    threads = [threading.Thread(target=press, args=(f"key-{n}",)) for n in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(type(end).__name__ for end in ends) == ["ImportStale", "Imported"]
    assert len(journal.after(0, 10)) == 1


def test_an_import_is_whole_or_absent_wherever_storage_fails(
    shop: Shop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = sqlite3.connect
    monkeypatch.setattr(sqlite3, "connect", lambda *a, **k: real(*a, **{"factory": FailingConnection, **k}))
    open_store(tmp_path / "faulty.db")
    take(shop, "stock", b"sku,stock\nT-W-S,1\n")
    for n in range(1, STATEMENTS_MAX):
        kind = "stock" if n % 2 else "articles"
        data = (
            f"sku,stock\nT-W-S,{n + 1}\nJ-B-27,{n}\n".encode()
            if n % 2
            else FILE.replace(b"N-", f"N{n}-".encode()).replace(b"N1,", f"N{n},".encode())
        )
        token = flow.preview(shop, kind, data).token
        before = contents()
        FailingConnection.fail_at, FailingConnection.seen = n, []
        try:
            take(shop, kind, data, token, key=f"key{n}")
            failed = False
        except (OutcomeUnknown, sqlite3.OperationalError):
            failed = True
        FailingConnection.fail_at = 0
        after = contents()
        absent, told = after == before, len(after[5]) - len(before[5])
        assert absent or told >= 1, n
        if absent:
            take(shop, kind, data, token, key=f"key{n}")
        assert flow.preview(shop, kind, data).plan.changed == []
        assert books.differences() == []
        if not failed:
            return
    pytest.fail("the fault loop never reached a clean run")


@pytest.mark.parametrize("kind", ["articles", "prices", "stock"])
def test_a_file_that_is_no_table_changes_nothing(shop: Shop, kind: str) -> None:
    before = contents()
    for data in (b"", b"\0" * 50, b'"', b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 4):
        with pytest.raises(ImportUnreadable):
            flow.preview(shop, kind, data)
    assert contents() == before
