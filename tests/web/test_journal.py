"""The audit trail: filters, pages, readable fields, and a file that no spreadsheet calculates."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from services.domain.events import EVENTS, DeviceTested
from services.flows.record import record
from services.flows.shop import Shop
from services.store import db, trail
from services.store.trail import Filter
from tests.shop import TEE
from tests.web.conftest import Browser

STATIC = Path(__file__).parents[2] / "web_console" / "static"


def tested(shop: Shop, test: str = "ticket", who: str = "tech", till: str = "1") -> None:
    with db.write():
        record(shop, DeviceTested(workstation_id=till, test=test, operator_id=who), shop.now_ms())


def test_every_event_has_words_in_both_languages() -> None:
    for lang in ("zh", "en"):
        words = json.loads((STATIC / f"words/{lang}.json").read_text("utf-8"))
        missing = [event.type for event in EVENTS if f"event_type.{event.type}" not in words]
        assert not missing, f"words/{lang}.json lacks event_type.<type> of {missing}"


def test_a_sale_is_found_with_its_number_and_amount(manager: Browser) -> None:
    basket = manager.add(TEE)
    manager.pay(basket, 100_00)
    page = manager.get("/api/office/journal?type=sale.completed").json
    (row,) = page["rows"]
    assert [fact["text"] for fact in row["brief"]] == ["S0001-1-000001", "¥99.00"]
    assert (row["who"], row["till"]) == ("何敏", "1")
    facts = manager.get(f"/api/office/journal/{row['seq']}").json["facts"]
    told = {(fact["part"], fact["group"], fact["name"]): fact["text"] for fact in facts}
    assert told["", 0, "operator_id"] == "何敏"
    assert told["line_items", 1, "description"] == "纯棉基础 T 恤"
    assert told["tenders", 1, "change_minor"] == "¥1.00"


def test_the_filters_leave_out_what_they_say(manager: Browser, shop: Shop) -> None:
    tested(shop, "ticket", "tech", "1")
    tested(shop, "drawer", "zhou", "2")

    def found(query: str) -> list[list[str]]:
        rows = manager.get(f"/api/office/journal?{query}").json["rows"]
        return [[fact["text"] for fact in row["brief"]] for row in rows]

    assert found("type=device.tested") == [["drawer"], ["ticket"]]
    assert found("who=zhou") == [["drawer"]]
    assert found("type=device.tested&till=1") == [["ticket"]]
    assert found("type=device.tested&day=2026-11-22") == [["drawer"], ["ticket"]]
    assert found("type=device.tested&day=2026-11-21") == []


def test_pages_hold_every_row_once_whatever_is_filtered(
    shop: Shop, manager: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    for n in range(137):
        tested(shop, "ticket" if n % 10 else "drawer", "tech" if n % 3 else "zhou")
    monkeypatch.setattr(trail, "SCAN_MAX", 40)
    for wanted in (Filter(), Filter(who="zhou"), Filter(type="device.tested"), Filter(who="nobody")):
        seqs, before = [], 0
        for _ in range(20):
            rows, before = trail.page(wanted, None, before)
            seqs += [row.seq for row in rows]
            if not before:
                break
        assert seqs == [row.seq for row in trail.every(wanted, None, 1_000)]
        assert seqs == sorted(seqs, reverse=True)
        assert seqs == [row.seq for row in trail.forward(wanted, None)][::-1]


def test_a_day_is_found_without_reading_the_others(
    shop: Shop, manager: Browser, later: Callable[[float], None]
) -> None:
    for day in range(5):
        for _ in range(3):
            tested(shop)
        later(86_400 if day < 4 else 0)
    manager.sign_on("he")
    rows = manager.get("/api/office/journal?day=2026-11-24&type=device.tested").json["rows"]
    assert [row["day"] for row in rows] == ["2026-11-24"] * 3


@pytest.mark.parametrize(
    "query",
    ["day=2026-13-01", "day=yesterday", "before=-1", "type=a%20b", "who=" + "x" * 65, "day=20261122"],
)
def test_a_strange_filter_is_refused_by_name(manager: Browser, query: str) -> None:
    response = manager.get(f"/api/office/journal?{query}")
    assert (response.status_code, response.json["code"]) == (400, "bad_request")


def test_a_row_that_is_not_there_is_not_found(manager: Browser) -> None:
    assert manager.get("/api/office/journal/99999").json["code"] == "not_found"


def test_no_cell_of_the_export_is_a_formula(manager: Browser, shop: Shop) -> None:
    for evil in ("=1+1", "+1", "-1", "@SUM(A1)", "\t=1", " =1", "＝1"):
        tested(shop, evil)
    response = manager.get("/api/office/journal.csv?type=device.tested")
    assert response.data.startswith(b"\xef\xbb\xbf")
    assert response.headers["Content-Disposition"].startswith(
        'attachment; filename="journal-2026-11-22.csv"'
    )
    rows = list(csv.reader(io.StringIO(response.data.decode("utf-8-sig"), newline="")))
    values: list[Any] = [row[7] for row in rows[1:] if row[6] == "test"]
    assert values == ["'＝1", "' =1", "'\t=1", "'@SUM(A1)", "'-1", "'+1", "'=1+1"]
