"""Reports over the wire: figures as they are read, a picture without script, files without formulas."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from xml.etree import ElementTree

import pytest

from services.store import db
from services.store.db import LEDGER
from tests.shop import JEANS, TEE
from tests.web.conftest import Browser


@pytest.fixture
def sold(manager: Browser) -> Browser:
    for sku, minor in ((TEE, 100_00), (JEANS, 400_00), (TEE, 99_00)):
        manager.pay(manager.add(sku), minor)
    return manager


def test_the_list_names_every_report_in_the_asked_language(manager: Browser) -> None:
    zh = manager.get("/api/office/reports?lang=zh").json
    assert [each["key"] for each in zh][:3] == ["days", "hours", "styles"] and zh[0]["label"] == "每日销售"
    assert manager.get("/api/office/reports?lang=en").json[0]["label"] == "Sales by day"


def test_amounts_of_a_thousand_and_more_have_no_decimals(sold: Browser) -> None:
    view = sold.get("/api/office/reports/days?period=today").json
    assert [figure["value"] for figure in view["figures"]] == ["¥527.00", "3", "¥175.67", "1.00"]
    for _ in range(2):
        sold.pay(sold.add(JEANS), 400_00)
    view = sold.get("/api/office/reports/days?period=today").json
    assert view["figures"][0]["value"] == "¥1,185" and view["foot"][4] == "¥1,185"


def test_nothing_sold_is_told_as_such(manager: Browser) -> None:
    view = manager.get("/api/office/reports/days?period=last7").json
    assert view["empty"] and (view["first"], view["last"]) == ("2026-11-16", "2026-11-22")
    assert (view["before_first"], view["before_last"]) == ("2026-11-09", "2026-11-15")
    assert manager.get("/api/office/reports/styles").json["rows"] == []
    assert manager.get("/api/office/reports/days/chart").json["label"] == "销售额：没有数据"


def test_the_picture_holds_no_script_style_or_foreign_address(sold: Browser) -> None:
    for query in ("", "?narrow=true", "?period=month", "?period=own&first=2025-11-01&last=2026-11-22"):
        answer = sold.get(f"/api/office/reports/days/chart{query}").json
        tree = ElementTree.fromstring(answer["svg"])
        kinds = {node.tag.rpartition("}")[2] for node in tree.iter()}
        assert kinds <= {"svg", "g", "rect", "path", "text", "tspan"}, kinds
        assert not re.search(r"style=|onclick|href|url\(|http:(?!//www\.w3\.org/2000/svg)", answer["svg"])
        assert (tree.get("role"), tree.get("aria-label")) == ("img", answer["label"])
    assert answer["label"] == "销售额：11-22 最高，¥527.00"


def test_a_ranking_has_bars_and_no_picture(sold: Browser) -> None:
    bars = sold.get("/api/office/reports/styles").json["bars"]
    assert [(bar["text"], bar["permille"]) for bar in bars] == [("¥329.00", 1000), ("¥198.00", 601)]
    assert sold.get("/api/office/reports/styles/chart").json["code"] == "not_found"


@pytest.mark.parametrize(
    "query",
    [
        "period=own&first=2026-11-22&last=2026-11-21",
        "period=own&first=0001-01-01&last=0001-01-02",
        "period=own",
        "period=own&first=2026-02-30&last=2026-03-01",
        "period=decade",
        "lang=fr",
        "narrow=perhaps",
    ],
)
def test_a_strange_period_is_refused(manager: Browser, query: str) -> None:
    for part in ("", "/chart", "/csv", "/xlsx"):
        response = manager.get(f"/api/office/reports/days{part}?{query}")
        assert (response.status_code, response.json["code"]) == (400, "bad_request")


def test_a_report_that_is_not_there_is_not_found(manager: Browser) -> None:
    assert manager.get("/api/office/reports/none").json["code"] == "not_found"


def test_files_hold_exact_figures_and_names_stay_names(sold: Browser) -> None:
    with db.write():
        LEDGER.execute_sql("UPDATE style SET name = '=cmd|calc!A1' WHERE style = 'T1'")
    response = sold.get("/api/office/reports/styles/csv?period=today")
    assert (
        "filename*=UTF-8''%E7%95%85%E9%94%80%E6%AC%BE-2026-11-22-2026-11-22.csv"
        in response.headers["Content-Disposition"]
    )
    rows = list(csv.reader(io.StringIO(response.data.decode("utf-8-sig"), newline="")))
    assert rows[0] == ["商品", "款号", "件数", "销售额 (CNY)", "占比 %", "退回件数"]
    assert rows[2] == ["'=cmd|calc!A1", "T1", "2", "198.00", "37.57", "0"]
    assert rows[-1] == ["合计", "", "3", "527.00", "100.00", "0"]
    book = zipfile.ZipFile(io.BytesIO(sold.get("/api/office/reports/styles/xlsx?period=today").data))
    sheet = book.read("xl/worksheets/sheet1.xml").decode()
    assert "<f>" not in sheet and "=cmd|calc!A1" in sheet and "<v>198" in sheet
