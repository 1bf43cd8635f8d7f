"""Files over HTTP: previewed, taken over, and taken along so that they can come back."""

from __future__ import annotations

import csv
import io
import tempfile
import zipfile
from typing import Any

import msgspec
import pytest

from services.store import catalogue, db, journal, stock
from tests.domain.test_workbook import book
from tests.shop import JEANS, TEE
from tests.web.conftest import Browser, Told, new_key
from web_console.downloads import XLSX

FILE = (
    "款号,货号,名称,分类,颜色,尺码,价格,备注\n"
    "T1,T-W-S,纯棉基础 T 恤,上装,白,S,109.00,\n"
    "N1,N-1,'=1+1,tops,红,M,199,\n"
).encode("gb18030")


@pytest.fixture
def manager(browser: Browser) -> Browser:
    assert browser.sign_on("he").status_code == 200
    return browser


def upload(manager: Browser, path: str, data: bytes, key: str = "") -> Any:
    return manager.send(
        "POST", f"/api/imports/{path}", key=key or new_key(), data=data, content_type="text/csv"
    )


def test_an_excel_file_is_read_as_such(manager: Browser) -> None:
    data = book(["货号", "价格"], ["T-W-S", 109], ["J-B-27", "=1+1"])
    response = manager.send(
        "POST", "/api/imports/prices/preview", key=new_key(), data=data, content_type=XLSX
    )
    assert response.status_code == 200 and response.json["encoding"] == "xlsx"
    assert (response.json["changed"], response.json["bad_rows"][0]["reason"]) == (1, "formula")
    refused = manager.send(
        "POST", "/api/imports/prices/preview", key=new_key(), data=data, content_type="text/html"
    )
    assert refused.status_code == 400


def preview(manager: Browser, kind: str, data: bytes) -> Any:
    response = upload(manager, f"{kind}/preview", data)
    assert response.status_code == 200, response.json
    return response.json


def export(manager: Browser, kind: str) -> bytes:
    response = manager.get(f"/api/exports/{kind}.csv")
    assert response.status_code == 200 and response.mimetype == "text/csv"
    assert f"{kind}-S0001.csv" in response.headers["Content-Disposition"]
    return response.data


def test_every_answer_is_as_described(manager: Browser) -> None:
    document = manager.get("/api/openapi.json").json
    told = Told(document)
    csv_body = {"data": FILE, "content_type": "text/csv"}
    kind = {"values": {"kind": "articles"}}
    path = "/api/imports/{kind}"
    seen = told.send(manager, "POST", f"{path}/preview", **kind, **csv_body)
    assert (seen["created"], seen["changed"], seen["bad"], seen["encoding"]) == (1, 1, 0, "gb18030")
    assert seen["ignored"] == ["备注"]
    done = told.send(manager, "POST", path, query=f"?token={seen['token']}", **kind, **csv_body)
    assert (done["created"], done["changed"]) == (1, 1)
    stale = told.send(manager, "POST", path, query=f"?token={seen['token']}", **kind, **csv_body)
    assert stale["code"] == "import_stale"
    told.send(manager, "GET", "/api/imports/progress/{watch}", values={"watch": "none"})
    article = catalogue.by_sku("N-1")
    assert article is not None and article.name == "=1+1"
    described = {
        (method.upper(), path)
        for path, operations in document["paths"].items()
        for method in operations
        if path.startswith("/api/imports")
    }
    assert told.heard == described


def test_a_file_with_bad_rows_names_them_and_gives_no_token(manager: Browser) -> None:
    seen = preview(manager, "prices", "货号,价格\nT-W-S,-1\nNO,5\nJ-B-27,300\n".encode("utf-16"))
    assert (seen["rows"], seen["bad"], seen["changed"], seen["token"]) == (3, 2, 1, "")
    assert [(bad["line"], bad["column"], bad["reason"], bad["value"]) for bad in seen["bad_rows"]] == [
        (2, "price", "price_negative", "-1"),
        (3, "", "article_unknown", "NO"),
    ]


@pytest.mark.parametrize("kind", ["articles", "prices", "stock"])
def test_an_export_comes_back_as_nothing_new(manager: Browser, kind: str) -> None:
    token = preview(manager, "stock", b"sku,stock\nT-W-S,5\nJ-B-27,0\n")["token"]
    assert upload(manager, f"stock?token={token}", b"sku,stock\nT-W-S,5\nJ-B-27,0\n").status_code == 200
    token = preview(manager, "articles", FILE)["token"]
    assert upload(manager, f"articles?token={token}", FILE).status_code == 200
    with db.write():
        catalogue.put_style("T1", "纯棉基础 T 恤", "tops", "tee", "cmjctx", 1, 900)
    data = export(manager, kind)
    assert ("9%" in data.decode()) == (kind == "articles")
    assert data.startswith(b"\xef\xbb\xbf")  # or Excel takes it for another encoding
    rows = list(csv.reader(io.StringIO(data.decode("utf-8-sig"))))
    assert len(rows) == {"articles": 6, "prices": 6, "stock": 3}[kind]
    cells = [cell for row in rows[1:] for cell in row]
    assert not [cell for cell in cells if cell.startswith(("=", "+", "-", "@", "\t"))]
    seen = preview(manager, kind, data)
    assert (seen["created"], seen["changed"], seen["bad"], seen["unchanged"]) == (0, 0, 0, len(rows) - 1)


def test_a_stock_file_becomes_a_count_that_can_be_taken_back(manager: Browser) -> None:
    data = b"sku,stock\nT-W-S,5\nJ-B-27,2\n"
    token = preview(manager, "stock", data)["token"]
    done = upload(manager, f"stock?token={token}", data).json
    assert stock.on_hand([TEE, JEANS]) == {TEE: 5, JEANS: 2}
    back = f"/api/stock/documents/{done['document_id']}/take-back"
    assert manager.send("POST", back, {}, key=new_key()).status_code == 200
    assert stock.on_hand([TEE, JEANS]) == {TEE: 0, JEANS: 0}


def test_a_repeat_with_the_same_key_answers_the_first_result(manager: Browser) -> None:
    token = preview(manager, "articles", FILE)["token"]
    first = upload(manager, f"articles?token={token}", FILE, key="the-import")
    again = upload(manager, f"articles?token={token}", FILE, key="the-import")
    assert (first.status_code, again.status_code) == (200, 200) and first.json == again.json


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "empty"),
        (b"sku,price\nT,\0", "nul"),
        (b'sku,price\n"T', "quote"),
        (b"sku,price\n" + b"x" * 1_000_000, "cell"),
        (b"sku,price\n" + b"T,1\n" * 200_000, "rows"),
    ],
)
def test_what_is_no_table_says_why(manager: Browser, data: bytes, reason: str) -> None:
    response = upload(manager, "prices/preview", data)
    assert (response.status_code, response.json["code"]) == (422, "import_unreadable")
    assert response.json["details"]["reason"] == reason


def test_an_unknown_kind_and_another_type_of_body_are_refused(manager: Browser) -> None:
    assert upload(manager, "people/preview", FILE).status_code == 404
    assert manager.get("/api/exports/members.csv").status_code == 404
    answer = manager.send("POST", "/api/imports/articles/preview", {"file": "x"})
    assert (answer.status_code, answer.json["code"]) == (400, "bad_request")


def test_progress_is_asked_for_by_the_page_s_own_name(
    manager: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    from services.flows import imports as flow
    from web_console import imports

    heard: list[tuple[str, int]] = []
    real = flow.preview

    def watching(shop: Any, kind: str, data: bytes, told: Any, columns: Any) -> Any:
        told("reading", 2_000)
        heard.append(imports._PROGRESS.of("mine"))
        return real(shop, kind, data, told, columns)

    monkeypatch.setattr(flow, "preview", watching)
    upload(manager, "articles/preview?watch=mine", FILE)
    assert heard == [("reading", 2_000)]
    assert manager.get("/api/imports/progress/mine").json == {"doing": "", "rows": 0}
    for n in range(imports.WATCHED_MAX + 5):
        imports._PROGRESS.watched(f"w{n}")("reading", n)
    assert len(imports._PROGRESS._known) == imports.WATCHED_MAX


def test_members_are_previewed_masked_and_taken_over_without_the_bad_rows(
    told: Told, manager: Browser
) -> None:
    data = "手机,姓名,生日\n13812345620,王芳,1990-05-21\n12,李雷,\n".encode()
    send = {"values": {"kind": "members"}, "data": data, "content_type": "text/csv"}
    seen = told.send(manager, "POST", "/api/imports/{kind}/preview", **send)
    assert (seen["created"], seen["bad"], seen["doubtful"]) == (1, 1, 0)
    assert seen["people"][0]["fields"] == {"phone": "138****5620", "name": "王*", "birthday": "****-05-21"}
    assert [(bad["line"], bad["column"], bad["value"]) for bad in seen["bad_rows"]] == [(3, "phone", "")]
    done = told.send(manager, "POST", "/api/imports/{kind}", query=f"?token={seen['token']}", **send)
    assert (done["created"], done["bad"]) == (1, 1)
    hits = manager.send("POST", "/api/recognition", {"text": "5620"}, key=new_key()).json["hits"]
    assert len(hits) == 1
    assert manager.get("/api/exports/members.csv").status_code == 404  # not without saying why


def test_all_members_are_taken_along_masked_or_in_clear_and_it_is_journalled(
    told: Told, manager: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = "手机,姓名,备注\n13812345620,王芳,=1+1\n".encode()
    token = preview(manager, "members", data)["token"]
    assert upload(manager, f"members?token={token}", data).status_code == 200
    monkeypatch.setattr(tempfile, "tempdir", "/nowhere")  # no copy lies about on the way
    texts = {}
    for clear in (False, True):
        body = {"reason": "核对", "clear": clear}
        answer = manager.send("POST", "/api/exports/members/csv", body, key=f"members-{clear}")
        assert answer.status_code == 200 and answer.data.startswith(b"\xef\xbb\xbf")
        again = manager.send("POST", "/api/exports/members/csv", body, key=f"members-{clear}")
        assert again.data == answer.data
        book = manager.send("POST", "/api/exports/members/xlsx", body, key=f"book-{clear}")
        parts = zipfile.ZipFile(io.BytesIO(book.data))
        strings = parts.read("xl/sharedStrings.xml").decode()
        assert "<f>" not in parts.read("xl/worksheets/sheet1.xml").decode()
        texts[clear] = answer.data.decode("utf-8-sig"), strings
    for text in texts[False]:
        assert "138****5620" in text and "王*" in text and "1+1" not in text and "王芳" not in text
    for text in texts[True]:
        assert "13812345620" in text and "王芳" in text
    assert ",'=1+1" in texts[True][0]
    events = [msgspec.json.decode(each.body) for each in journal.after(0, 20)]
    exported = [each["data"] for each in events if each["type"] == "members.exported"]
    assert [(e["members"], e["clear"], e["form"]) for e in exported] == [
        (1, False, "csv"),
        (1, False, "xlsx"),
        (1, True, "csv"),
        (1, True, "xlsx"),
    ]
    assert preview(manager, "members", texts[True][0].encode())["unchanged"] == 1
    assert told.send(manager, "POST", "/api/exports/members/csv", {"reason": ""})["code"] == "bad_request"
