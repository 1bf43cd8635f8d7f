"""The pages and their files: right language, small, cached for as long as they are the same."""

from __future__ import annotations

import gzip
import re
from pathlib import Path

import pytest
from flask import Flask
from rjsmin import jsmin

from tests.web.conftest import Browser, PlayedBox
from web_console.assets import Assets

STATIC = Path(__file__).parents[2] / "web_console" / "static"


@pytest.fixture
def assets(app: Flask) -> Assets:
    found = app.extensions["assets"]
    assert isinstance(found, Assets)
    return found


def test_the_start_leads_to_the_first_till(browser: Browser) -> None:
    response = browser.get("/")
    assert (response.status_code, response.headers["Location"]) == (302, "/till/1")


@pytest.mark.parametrize("path", ["/till/1", "/till/2", "/technician", "/counter", "/office"])
def test_a_page_is_html_in_our_shell(browser: Browser, path: str) -> None:
    response = browser.get(path)
    assert response.status_code == 200 and response.mimetype == "text/html"
    assert response.headers["Cache-Control"] == "no-store"
    assert (
        "<script>" not in response.text
        and " style=" not in response.text
        and "onclick=" not in response.text
    )
    packed = browser.get(path, headers={"Accept-Encoding": "gzip"})
    assert gzip.decompress(packed.data) == response.data and len(packed.data) < 15_000


def test_a_till_that_the_shop_has_not_is_not_found(browser: Browser) -> None:
    assert browser.get("/till/9").json["code"] == "not_found"


@pytest.mark.parametrize(
    ("cookie", "accepted", "lang"),
    [
        ("", "", "zh"),
        ("", "en-US,en;q=0.9", "en"),
        ("", "fr", "zh"),
        ("", "zh-CN,zh;q=0.9,en;q=0.8", "zh"),
        ("en", "zh-CN", "en"),
        ("zh", "en", "zh"),
        ("xx", "en", "en"),
    ],
)
def test_the_language_is_the_chosen_one_or_the_browsers(
    browser: Browser, cookie: str, accepted: str, lang: str
) -> None:
    browser.client.set_cookie("lang", cookie)
    page = browser.get("/till/1", headers={"Accept-Language": accepted}).text
    assert f'lang="{lang}' in page[:200], page[:200]


def test_every_file_is_served_whole_and_kept_for_a_year(browser: Browser, assets: Assets) -> None:
    files = [path for path in STATIC.rglob("*") if path.is_file()]
    assert files
    for path in files:
        url = assets.url(path.relative_to(STATIC).as_posix())
        plain = browser.get(url)
        whole = jsmin(path.read_text()).encode() if path.suffix == ".js" else path.read_bytes()
        assert plain.data == whole, url
        assert plain.headers["Cache-Control"] == "public, max-age=31536000, immutable"
        packed = browser.get(url, headers={"Accept-Encoding": "gzip, br"})
        if packed.headers.get("Content-Encoding") == "gzip":
            assert gzip.decompress(packed.data) == plain.data and len(packed.data) < len(plain.data)
    assert browser.get(assets.url("js/api.js")).mimetype == "text/javascript"
    refused = browser.get(assets.url("js/api.js"), headers={"Accept-Encoding": "gzip;q=0"})
    assert "Content-Encoding" not in refused.headers


def test_a_file_of_another_version_is_not_kept(browser: Browser) -> None:
    response = browser.get("/static/0123456789abcdef/js/api.js")
    assert (response.status_code, response.headers["Cache-Control"]) == (200, "no-store")
    assert browser.get("/static/0123456789abcdef/js/none.js").json["code"] == "not_found"


def test_the_version_is_that_of_the_content(tmp_path: Path) -> None:
    (tmp_path / "words").mkdir()
    (tmp_path / "words" / "zh.json").write_text('{"a.b": "甲"}')
    before = Assets(tmp_path)
    assert Assets(tmp_path).version == before.version and before.words() == {"zh": {"a.b": "甲"}}
    (tmp_path / "words" / "zh.json").write_text('{"a.b": "乙"}')
    assert Assets(tmp_path).version != before.version


def test_without_twins_the_pages_do_not_mention_the_counter(browser: Browser, box: PlayedBox) -> None:
    box.twins = None
    assert "/counter" not in browser.get("/technician").text


@pytest.mark.parametrize("path", ["/till/1", "/technician", "/counter", "/office"])
def test_a_page_names_no_file_that_is_not_there(browser: Browser, path: str) -> None:
    linked = re.findall(r"\"(/static/[0-9a-f]+/[\w/.-]+)\"", browser.get(path).text)
    assert len(linked) == 4, "theme, styles, words, script"
    assert [browser.get(url).status_code for url in linked] == [200] * 4
    styles = next(browser.get(url).text for url in linked if url.endswith(".css"))
    assert "--accent:" in styles and ".btn" in styles and "/*" not in styles
